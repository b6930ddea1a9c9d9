import { MalformedSession, UnsupportedSession } from '../errors.js';
import { pickleProtocolOf, SessionParser } from '../parse/parse.js';
import { PyDict } from '../python.js';
import { newFacts, resetFacts, type SessionFacts } from '../session.js';

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
  /** What was left of the lives of logins and of visitors. */
  logins: Lives;
  visitors: Lives;
}

/** Some keys' remaining lives: how many are known, and the longest of them in milliseconds. */
export interface Lives {
  known: number;
  longestMs: number;
}

/** Keys of which every Odoo puts some into each session. */
const SESSION_KEYS = ['uid', 'db', 'login', 'context', 'session_token'];

/**
 * Tells sessions among values, by the same parser that reads session files.
 *
 * @param livesMs what is left of each value's life, below zero where that is unknown
 */
export function formatsOf(values: readonly (Uint8Array | null)[], livesMs: readonly number[] = []): ValueFormats {
  const lives = () => ({ known: 0, longestMs: 0 });
  const formats: ValueFormats = {
    ...{ seen: 0, json: 0, pickle: 0, lowestProtocol: -1, highestProtocol: -1 },
    ...{ logins: lives(), visitors: lives() },
  };
  const parser = new SessionParser();
  const facts = newFacts();
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    formats.seen++;
    const found = formats.json + formats.pickle;
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
      if (formats.json + formats.pickle > found) noteLife(formats, facts, livesMs[i] ?? -1);
    } catch (error) {
      if (!(error instanceof MalformedSession || error instanceof UnsupportedSession)) throw error;
    }
  }
  return formats;
}

/** A session's own `expiration` says nothing about the lifetimes of its reader. */
function noteLife(formats: ValueFormats, { isAuthenticated, expirationSeconds }: SessionFacts, lifeMs: number): void {
  if (lifeMs < 0 || !Number.isNaN(expirationSeconds)) return;
  const lives = isAuthenticated ? formats.logins : formats.visitors;
  lives.known++;
  lives.longestMs = Math.max(lives.longestMs, lifeMs);
}

function hasSessionKey(json: Uint8Array): boolean {
  const text = Buffer.from(json.buffer, json.byteOffset, json.length);
  return SESSION_KEYS.some((key) => text.includes(`"${key}"`));
}
