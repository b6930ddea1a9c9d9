import { MalformedSession } from '../errors.js';
import type { PyValue } from '../python.js';
import type { SessionFacts } from '../session.js';
import { JsonScanner } from './json.js';
import { pickleFacts } from './pickle/facts.js';
import { unpickle } from './pickle/machine.js';

/** PROTO, with which every pickle of protocol 2 and later starts. */
const PROTO = 0x80;
/** What a dict starts with in protocols 0 and 1: MARK, EMPTY_DICT, or the class of a dict subclass. */
const OLD_PICKLE_STARTS = [0x28, 0x7d, 0x63];

/**
 * Reads session files of any Odoo version. The format is told from the first byte, never from the name: a data
 * directory that was upgraded holds both.
 */
export class SessionParser {
  readonly #json = new JsonScanner();

  /**
   * Fills `facts` from `bytes[0, length)` and returns the decoded session of a pickle, or null for JSON, whose bytes are
   * checked and stay as they are. @throws {MalformedSession} @throws {UnsupportedSession}
   */
  parse(bytes: Uint8Array, length: number, facts: SessionFacts): PyValue {
    const first = bytes[0] as number;
    if (first === PROTO || OLD_PICKLE_STARTS.includes(first)) {
      facts.format = 'pickle';
      const root = unpickle(bytes, 0, length);
      pickleFacts(root, facts);
      return root;
    }
    if (first !== 0x7b && first !== 0x20 && first !== 0x0a && first !== 0x0d && first !== 0x09) {
      throw new MalformedSession('neither a pickle nor a JSON object starts like this', 0);
    }
    this.#json.scan(bytes, 0, length, facts);
    return null;
  }
}

/** The protocol of a pickle's bytes; 0 and 1 don't say which of the two they are. */
export function pickleProtocolOf(bytes: Uint8Array): number {
  return bytes[0] === PROTO ? (bytes[1] as number) : 1;
}
