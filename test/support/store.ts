import { chmodSync, mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const HOUR_S = 3600;
export const DAY_S = 24 * HOUR_S;

/** 40 hex characters that spell fa4e; the first eight are different for every `n`. */
export function hexSid(n: number): string {
  const head = (Math.imul(n + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return head + 'fa4e'.repeat(8);
}

const ALPHABET = '-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 84 or 86 characters that spell FAKE; each `n` below 4096 has a shard of its own, the first is `--`. */
export function urlsafeSid(n: number, length: 84 | 86 = 84): string {
  const shard = `${ALPHABET[n % 64]}${ALPHABET[Math.floor(n / 64) % 64]}`;
  return (shard + n.toString(36).padStart(6, '0') + 'FAKE_sid-'.repeat(10)).slice(0, length);
}

/** What a session holds, in the words of Odoo 18's `json.dump`. `more` is further members, each with a comma before it. */
export function jsonText(uid: number | null, db = 'shop', more = ''): string {
  const user = uid === null ? 'null' : String(uid);
  const login = uid === null ? 'null' : '"fake-login@example.com"';
  const token = uid === null ? 'null' : '"fake-token-0123456789abcdef0123456789abcdef"';
  return (
    `{"context": {"lang": "en_US"}, "db": "${db}", "debug": "", "login": ${login}, "uid": ${user}, ` +
    `"session_token": ${token}${more}}`
  );
}

/** What a session of Odoo 19 always carries. */
export const CREATE_TIME = ', "create_time": 1700000000.5';

/** A protocol 2 pickle of a dict of texts, integers and None, opcode by opcode (Lib/pickletools.py). */
export function pickleOf(entries: Readonly<Record<string, string | number | null>>): Buffer {
  const parts: Buffer[] = [Buffer.from([0x80, 2]), Buffer.from('}(')];
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    parts.push(Buffer.from('X'), length, bytes);
  };
  for (const [key, value] of Object.entries(entries)) {
    text(key);
    if (value === null) parts.push(Buffer.from('N'));
    else if (typeof value === 'string') text(value);
    else {
      const int = Buffer.alloc(4);
      int.writeInt32LE(value);
      parts.push(Buffer.from('J'), int);
    }
  }
  parts.push(Buffer.from('u.'));
  return Buffer.concat(parts);
}

/** What a login of Odoo 12 comes to. */
export function pickledLogin(uid: number, db = 'shop'): Buffer {
  return pickleOf({ db, uid, login: 'fake-login@example.com', session_token: 'fake-token-0123456789abcdef' });
}

/** A session directory, filled file by file. */
export class SessionStore {
  readonly directory: string;
  /** Entries put in; a shard directory is none. */
  entries = 0;

  constructor(workspace: string) {
    this.directory = mkdtempSync(join(workspace, 'sessions-'));
    chmodSync(this.directory, 0o755);
  }

  /** `werkzeug_<sid>.sess` */
  flat(sid: string, bytes: Buffer | string, ageSeconds = HOUR_S): string {
    return this.file(`werkzeug_${sid}.sess`, bytes, ageSeconds);
  }

  /** `<sid[:2]>/<sid>` */
  hashed(sid: string, bytes: Buffer | string, ageSeconds = HOUR_S): string {
    return this.file(`${sid.slice(0, 2)}/${sid}`, bytes, ageSeconds);
  }

  file(path: string, bytes: Buffer | string, ageSeconds = HOUR_S): string {
    const full = this.entry(path);
    writeFileSync(full, bytes, { mode: 0o644 });
    const mtime = Date.now() / 1000 - ageSeconds;
    utimesSync(full, mtime, mtime);
    return full;
  }

  /** Counts an entry that the test makes by itself; its parent is there when this returns. */
  entry(path: string): string {
    const full = `${this.directory}/${path}`;
    mkdirSync(dirname(full), { recursive: true, mode: 0o755 });
    this.entries++;
    return full;
  }
}
