import { MalformedSession, UnsupportedSession } from '../../errors.js';
import { jsonToPython } from '../../python/json-read.js';
import { baseOf, PyDict, type PyValue } from '../../python/values.js';
import { newFacts, resetFacts, type SessionFacts } from '../../session.js';
import type { StoredValues, ValueRelation, ValueState } from '../application.js';
import { unwrapC2c } from './c2c-types.js';
import type { ReaderEncoding } from './encode-value.js';
import { pickleProtocolOf, SessionParser } from './parse.js';
import { lifetimeOf, type Policy } from './plan.js';
import { VALUE_FORMATS } from './profile.js';
import { describeDiff, diffSessions, Incomparable } from './session-diff.js';

/**
 * What a reader makes of a value. `broken`: it makes nothing of it, so no reader wrote it. `unknown`: a sound pickle of
 * types that this program does not know, which the reader may.
 */
export type Decoded =
  | { state: 'read'; session: PyDict; format: SessionFacts['format'] }
  | { state: 'broken'; reason: string }
  | { state: 'unknown'; reason: string };

/** Decodes values of Redis by the rules of the module that reads them. */
export class ValueDecoder {
  /** Facts of the value decoded last; meaningful where it could be read. */
  readonly facts = newFacts();
  readonly #parser = new SessionParser();

  constructor(readonly reader: ReaderEncoding) {}

  decode(bytes: Buffer): Decoded {
    const { facts, reader } = this;
    if (bytes.length === 0) return { state: 'broken', reason: 'it is empty' };
    try {
      const root = this.#parser.parse(bytes, bytes.length, resetFacts(facts));
      const { format } = facts;
      // Null for a reader of whatever was in the file.
      const wanted = VALUE_FORMATS[reader.encoding];
      if (wanted !== null && format !== wanted) {
        return { state: 'broken', reason: `it is ${nameOf(format)}, and the reader takes ${nameOf(wanted)}` };
      }
      if (format === 'json') {
        const decoded = jsonToPython(bytes);
        return {
          state: 'read',
          session: asDict(reader.encoding === 'c2c-json' ? unwrapC2c(decoded) : decoded),
          format,
        };
      }
      const protocol = pickleProtocolOf(bytes);
      if (wanted !== null && protocol > reader.pickleProtocol) {
        const reason = `it is of pickle protocol ${protocol}, and the reader takes ${reader.pickleProtocol} at most`;
        return { state: 'broken', reason };
      }
      return { state: 'read', session: asDict(root), format };
    } catch (error) {
      if (error instanceof MalformedSession) return { state: 'broken', reason: error.message };
      if (error instanceof UnsupportedSession) return { state: 'unknown', reason: error.message };
      throw error;
    }
  }
}

function nameOf(format: SessionFacts['format']): string {
  return format === 'json' ? 'JSON' : 'a pickle';
}

function asDict(value: PyValue): PyDict {
  const dict = baseOf(value);
  if (dict instanceof PyDict) return dict;
  throw new MalformedSession('a session is a dict', 0);
}

/** Values of the modules for Odoo. */
export class OdooValues implements StoredValues {
  readonly #decoder: ValueDecoder;

  constructor(readonly settings: { policy: Policy; reader: ReaderEncoding }) {
    this.#decoder = new ValueDecoder(settings.reader);
  }

  get isLogin(): boolean {
    return this.#decoder.facts.isAuthenticated;
  }

  get isInScope(): boolean {
    const { databases } = this.settings.policy;
    const { db } = this.#decoder.facts;
    return databases.length === 0 || (db !== null && databases.includes(db));
  }

  get lifetimeMs(): number {
    return lifetimeOf(this.#decoder.facts, this.settings.policy);
  }

  get hasOwnLifetime(): boolean {
    return !Number.isNaN(this.#decoder.facts.expirationSeconds);
  }

  get mayBeCutShort(): boolean {
    return !Number.isNaN(this.#decoder.facts.deletionTimeSeconds);
  }

  read(value: Buffer): ValueState {
    return this.#decoder.decode(value).state;
  }

  compare(fromFile: Buffer, inRedis: Buffer): readonly [ValueRelation, string] {
    const held = this.#decoder.decode(inRedis);
    if (held.state === 'broken') return ['broken', `the reader cannot read it: ${held.reason}`];
    if (held.state === 'unknown') return ['other', `cannot be compared: ${held.reason}`];
    const own = this.#decoder.decode(fromFile);
    if (own.state !== 'read') return ['other', `cannot be compared: ${own.reason}`];
    if (own.format !== held.format) return ['other', `is ${held.format}, the file is ${own.format}`];
    try {
      const found = diffSessions(own.session, held.session);
      return found === null ? ['same', ''] : ['other', describeDiff(found)];
    } catch (error) {
      if (error instanceof Incomparable) return ['other', error.message];
      throw error;
    }
  }
}
