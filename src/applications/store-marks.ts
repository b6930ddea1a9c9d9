/** A store that no template describes: by its names and first bytes, and what an operator can do with it. */
export interface StoreMark {
  name: string;
  title: string;
  /** Whether a path and the first bytes of its file are of such a store. */
  isOf: (path: string, head: Uint8Array) => boolean;
  /** A sentence; empty for Odoo, which is code of its own. */
  advice: string;
}

const ODOO_FLAT = /^werkzeug_[\w-]{40,86}\.sess$/;
const ODOO_HASHED = /^([\w-]{2})\/\1[\w-]{38,84}$/;
const SHA1 = /^(?:[0-9a-f]\/)?(?:[0-9a-f]{2}\/)?[0-9a-f]{40}\.cache$/;
/** Java's object stream: STREAM_MAGIC and version 5. */
const JAVA = [0xac, 0xed, 0x00, 0x05];

const fileOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

export const STORE_MARKS: readonly StoreMark[] = [
  {
    name: 'odoo',
    title: 'Odoo',
    isOf: (path) => ODOO_FLAT.test(path) || ODOO_HASHED.test(path),
    advice: '',
  },
  {
    name: 'tomcat',
    title: 'Tomcat FileStore',
    isOf: (path, head) => fileOf(path).endsWith('.session') && JAVA.every((byte, i) => head[i] === byte),
    advice:
      'these are objects that only the application itself can read, and only its idle sessions: let them run out beside a Redis session manager such as Redisson',
  },
  {
    name: 'beaker',
    title: 'Beaker',
    isOf: (path) => SHA1.test(path),
    advice: 'a name is a digest of the id, which stands nowhere in the file: all users log in again',
  },
];
