import { describe, expect, it } from 'vitest';
import { Examples } from '../../src/counts/statistics.js';
import { fingerprintOf } from '../../src/masking.js';
import { codeOf, UNSETTLED } from '../../src/session.js';
import { ChunkPacker } from '../../src/source/chunk.js';
import { flat, hashed, hex40, ODOO, urlsafe84 } from '../support/samples.js';

function chunkOf(paths: readonly string[], source = 0) {
  const packer = new ChunkPacker();
  for (const path of paths) packer.add(path, true);
  return packer.take(source);
}

const [KEPT, EXPIRED, FOREIGN] = [codeOf('kept'), codeOf('expired'), codeOf('foreign')];

describe('the examples of a run', () => {
  it('are the first entries of each outcome, with fingerprint and a path without its sid', () => {
    const examples = new Examples();
    const paths = [hashed(urlsafe84(1)), hashed(urlsafe84(2)), flat(hex40(3)), 'README'];
    examples.collect(chunkOf(paths, 7), Uint8Array.of(EXPIRED, EXPIRED, KEPT, FOREIGN), ODOO);
    examples.collect(chunkOf([flat(hex40(9))]), Uint8Array.of(KEPT), ODOO);
    const sid = urlsafe84(1);
    expect(examples.first[EXPIRED]).toEqual({
      source: 7,
      path: `${sid.slice(0, 2)}/${sid.slice(0, 8)}*`,
      fingerprint: fingerprintOf(sid),
    });
    expect(examples.first[KEPT]).toEqual({
      source: 7,
      path: `werkzeug_${hex40(3).slice(0, 8)}*.sess`,
      fingerprint: fingerprintOf(hex40(3)),
    });
    expect(examples.first[FOREIGN]).toEqual({ source: 7, path: 'README', fingerprint: '' });
    expect(examples.first.filter((example) => example !== null)).toHaveLength(3);
  });

  it('are none for what has no outcome yet', () => {
    const examples = new Examples();
    examples.collect(chunkOf(['a', 'b']), Uint8Array.of(UNSETTLED, 254), ODOO);
    expect(examples.first.every((example) => example === null)).toBe(true);
  });

  it('show nothing of a name that a terminal would take for a command', () => {
    const examples = new Examples();
    examples.collect(chunkOf(['\x1b]0;evil\x07\xff']), Uint8Array.of(FOREIGN), ODOO);
    expect(examples.first[FOREIGN]?.path).toBe('\\x1b]0;evil\\x07\\xff');
  });
});
