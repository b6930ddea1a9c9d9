import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedSession, UnsupportedSession } from '../../../src/errors.js';
import { Op } from '../../../src/python/pickle/opcodes.js';
import { unpickle } from '../../../src/python/pickle/read.js';
import { PICKLE_FIXTURES, pickleOf } from '../../support/pickle-fixtures.js';

type Outcome = 'value' | MalformedSession | UnsupportedSession;

/** What becomes of the bytes; anything but a value or one of our two errors fails the test. */
function outcomeOf(bytes: Uint8Array): Outcome {
  try {
    unpickle(bytes);
    return 'value';
  } catch (error) {
    if (error instanceof MalformedSession || error instanceof UnsupportedSession) return error;
    throw error;
  }
}

const OPCODES = Object.values(Op).filter((op): op is Op => typeof op === 'number');

/** Arguments that opcodes may find useful, so that chance gets further than the first few bytes. */
const ARGUMENTS = [
  '',
  '\0',
  '\x01',
  '\x02ab',
  '\x01\0\0\0a',
  '7\n',
  "'a'\n",
  'datetime\ndatetime\n',
  '__builtin__\nset\n',
];

describe('a damaged pickle', () => {
  it.each(PICKLE_FIXTURES)('is malformed, wherever $name is cut off', ({ bytes }) => {
    const lengths = Array.from({ length: bytes.length }, (_, length) => length);
    const others = lengths.filter((length) => !(outcomeOf(bytes.subarray(0, length)) instanceof MalformedSession));
    expect(others).toEqual([]);
    expect(outcomeOf(bytes)).toBe('value');
  });

  it.each(['odoo-8', 'odoo-16', 'datetime', 'bytearray', 'python2-odoo-8', 'python2-types', 'werkzeug-MultiDict'])(
    'is a value, malformed or unsupported, whichever bit of %s has flipped',
    (name) => {
      const seen = new Set<string>();
      for (const { bytes } of PICKLE_FIXTURES.filter((fixture) => fixture.case === name)) {
        const flipped = Buffer.from(bytes);
        for (let i = 0; i < bytes.length; i++) {
          for (let bit = 0; bit < 8; bit++) {
            flipped[i] = (bytes[i] as number) ^ (1 << bit);
            const outcome = outcomeOf(flipped);
            seen.add(outcome === 'value' ? outcome : outcome.name);
          }
          flipped[i] = bytes[i] as number;
        }
      }
      expect(seen).toContain('value');
      expect(seen).toContain('MalformedSession');
    },
  );

  it('is a value, malformed or unsupported, whichever byte of a session is whatever', () => {
    const outcomes = new Set<unknown>();
    for (const protocol of [0, 2, 4]) {
      const bytes = pickleOf('odoo-15', protocol);
      const changed = Buffer.from(bytes);
      for (let i = 0; i < bytes.length; i++) {
        for (let byte = 0; byte < 256; byte++) {
          changed[i] = byte;
          outcomes.add(outcomeOf(changed));
        }
        changed[i] = bytes[i] as number;
      }
    }
    expect(outcomes.size).toBeGreaterThan(1);
  });

  it('never has its values in the reason', () => {
    const secrets = ['fake', '00000000', 'example', 'Brussels', '808464432'];
    const reasons = new Set<string>();
    for (const protocol of [0, 1, 2, 3, 4, 5]) {
      const bytes = pickleOf('odoo-10', protocol);
      const changed = Buffer.from(bytes);
      for (let i = 0; i < bytes.length; i++) {
        for (const op of OPCODES) {
          changed[i] = op;
          const outcome = outcomeOf(changed);
          if (outcome !== 'value') reasons.add(outcome.reason);
        }
        changed[i] = bytes[i] as number;
      }
    }
    expect([...reasons].filter((reason) => secrets.some((secret) => reason.includes(secret)))).toEqual([]);
    // Control: there is something to be seen, and all of it is words of ours.
    expect(reasons.size).toBeGreaterThan(10);
    expect([...reasons].filter((reason) => /[^ -~]/.test(reason))).toEqual([]);
  });

  it('of random bytes is a value, malformed or unsupported', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        outcomeOf(bytes);
      }),
      { numRuns: 20_000 },
    );
  });

  it('of random opcodes is a value, malformed or unsupported', () => {
    const step = fc.tuple(fc.constantFrom(...OPCODES), fc.constantFrom(...ARGUMENTS));
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const latin1 = steps.map(([op, argument]) => String.fromCharCode(op) + argument).join('');
        const outcome = outcomeOf(Buffer.from(`](}N(KaK\x01q\x01${latin1}.`, 'latin1'));
        const name = outcome === 'value' ? outcome : outcome.name;
        seen.set(name, (seen.get(name) ?? 0) + 1);
      }),
      { numRuns: 50_000 },
    );
    // Control: chance does reach each of the three ends.
    expect([...seen.keys()].sort()).toEqual(['MalformedSession', 'UnsupportedSession', 'value']);
  });
});
