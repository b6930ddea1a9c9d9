import { describe, expect, it } from 'vitest';
import type { OdooSettings } from '../../src/applications/odoo/odoo.js';
import type { RejectNote } from '../../src/intake/take-file.js';
import type { Outcome } from '../../src/session.js';
import { journeyOf, PICKLE, PICKLE_WITH_SET, textOf } from '../support/memory-store.js';
import { flat, hashed, hex40, jsonSession, NOW, odooOf, urlsafe84 } from '../support/samples.js';

describe('the value at the end', () => {
  /** The value that such a reader gets from a file. */
  function valueFor(reader: Partial<OdooSettings['reader']>, content: string | Buffer): string {
    const path = flat(hex40(1));
    const settings = { application: { odoo: odooOf({ reader: { ...odooOf().reader, ...reader } }) } };
    const journey = journeyOf({ [path]: content }, settings);
    expect(journey.take(0, path, true, NOW)).toBeNull();
    return textOf(journey);
  }

  it('is the file, byte for byte, where the reader takes it', () => {
    const json = '{"uid":7,  "f": 1.0, "f": NaN, "big": 123456789012345678901}';
    const pickle = PICKLE.toString('latin1');
    expect(valueFor({}, json)).toBe(json);
    expect(valueFor({ encoding: 'json' }, json)).toBe(json);
    expect(valueFor({ encoding: 'verbatim' }, json)).toBe(json);
    expect(valueFor({ encoding: 'verbatim', pickleProtocol: 2 }, PICKLE)).toBe(pickle);
    expect(valueFor({ encoding: 'pickle', pickleProtocol: 4 }, PICKLE)).toBe(pickle);
    expect(valueFor({ encoding: 'pickle', pickleProtocol: 5, oldestVerbatimProtocol: 3 }, PICKLE)).toBe(pickle);
  });

  it('is what json.dumps would make of a pickle, for a reader of JSON', () => {
    expect(valueFor({}, PICKLE)).toBe('{"uid": 7}');
    expect(valueFor({}, PICKLE_WITH_SET)).toBe('{"uid": 7, "s": {"_type": "set", "value": [1]}}');
  });

  it('is none where the decoder of the reader would fail at a wrapper, which only camptocamp has', () => {
    const broken = ['{"_type": "set"}', '{"_type":"set","value":[[1]]}', '{"_type": "date_isoformat", "value": "x"}'];
    for (const wrapper of broken) {
      const json = `{"uid": 7, "a": [{"b": ${wrapper}}]}`;
      const path = flat(hex40(1));
      expect(journeyOf({ [path]: json }).take(0, path, true, NOW), json).toBe('unsupported');
      expect(valueFor({ encoding: 'json' }, json)).toBe(json);
    }
    for (const fine of ['{"_type": "set", "value": [1]}', '{"_type": "other"}', '"_type"']) {
      const json = `{"uid": 7, "a": ${fine}}`;
      expect(valueFor({}, json)).toBe(json);
    }
  });

  it('is a pickle made anew of JSON, and of a pickle that the reader is too old or too new for', () => {
    const python2 = Buffer.from('\x80\x02}U\x03uidK\x07s.', 'latin1');
    expect(valueFor({ encoding: 'pickle', pickleProtocol: 2 }, '{"uid": 7}').slice(0, 2)).toBe('\x80\x02');
    expect(valueFor({ encoding: 'pickle', pickleProtocol: 2 }, PICKLE).slice(0, 2)).toBe('\x80\x02');
    expect(valueFor({ encoding: 'pickle', pickleProtocol: 5, oldestVerbatimProtocol: 3 }, python2).slice(0, 2)).toBe(
      '\x80\x04',
    );
    expect(valueFor({ encoding: 'pickle', pickleProtocol: 4 }, python2)).toBe(python2.toString('latin1'));
  });
});

describe('the note on a reject', () => {
  function noteOn(
    path: string,
    content: string | Buffer,
    settings: Partial<Parameters<typeof journeyOf>[1]> = {},
  ): RejectNote {
    const journey = journeyOf({ [path]: content }, settings);
    const outcome = journey.take(0, path, true, NOW);
    return journey.note(0, path, outcome as Outcome);
  }

  it('names the file without giving its sid away, the reason and the byte', () => {
    const sid = urlsafe84(1);
    const note = noteOn(hashed(sid), '{"uid": 7, "login": "secret"');
    expect(note).toEqual({
      source: 0,
      path: `${sid.slice(0, 2)}/${sid.slice(0, 8)}*`,
      fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
      outcome: 'malformed',
      reason: 'the text ends in the middle',
      offset: 28,
    });
    expect(JSON.stringify(note)).not.toContain(sid.slice(9));
    expect(JSON.stringify(note)).not.toContain('secret');
  });

  it('names what no byte can be blamed for', () => {
    expect(noteOn(flat(hex40(1)), jsonSession(), { maxFileBytes: 20 })).toMatchObject({
      path: `werkzeug_${hex40(1).slice(0, 8)}*.sess`,
      outcome: 'too-large',
      reason: 'larger than 20 bytes',
      offset: -1,
    });
  });
});
