import { MalformedSession, UnsupportedSession } from '../errors.js';
import { pickleProtocolOf, SessionParser } from '../parse/parse.js';
import { PyDict } from '../python.js';
import { newFacts, resetFacts } from '../session.js';

/** What the sampled values of a template are. */
export interface ValueFormats {
  /** Values that could be read at all. */
  seen: number;
  /** Those that are sessions in JSON, and in pickle. */
  json: number;
  pickle: number;
  /** The lowest and the highest protocol of the pickles; -1 without any. 1 stands for 0 as well. */
  lowestProtocol: number;
  highestProtocol: number;
}

/** Keys of which every Odoo puts some into each session. */
const SESSION_KEYS = ['uid', 'db', 'login', 'context', 'session_token'];

/** Tells sessions among values, by the same parser that reads session files. */
export function formatsOf(values: readonly (Uint8Array | null)[]): ValueFormats {
  const formats: ValueFormats = { seen: 0, json: 0, pickle: 0, lowestProtocol: -1, highestProtocol: -1 };
  const parser = new SessionParser();
  const facts = newFacts();
  for (const value of values) {
    if (value === null) continue;
    formats.seen++;
    try {
      const root = parser.parse(value, value.length, resetFacts(facts));
      if (facts.format === 'json') {
        if (hasSessionKey(value)) formats.json++;
      } else if (root instanceof PyDict && SESSION_KEYS.some((key) => root.has(key))) {
        const protocol = pickleProtocolOf(value);
        formats.pickle++;
        formats.lowestProtocol = formats.lowestProtocol < 0 ? protocol : Math.min(formats.lowestProtocol, protocol);
        formats.highestProtocol = Math.max(formats.highestProtocol, protocol);
      }
    } catch (error) {
      if (!(error instanceof MalformedSession || error instanceof UnsupportedSession)) throw error;
    }
  }
  return formats;
}

function hasSessionKey(json: Uint8Array): boolean {
  const text = Buffer.from(json.buffer, json.byteOffset, json.length);
  return SESSION_KEYS.some((key) => text.includes(`"${key}"`));
}
