import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isOurs } from '../../src/verify/own-versions.js';
import { NOW } from '../samples.js';

const value = Buffer.from('{"uid": 7}');
const digest = createHash('sha1').update(value).digest('hex').slice(0, 16);
const ours = { expiryMs: NOW, digest };

describe('a value of ours', () => {
  it.each([
    ['is known by its digest and its expiry', [ours], NOW, 0, true],
    ['may be any of several', [{ expiryMs: NOW, digest: '0'.repeat(16) }, ours], NOW, 0, true],
    ['is none with another digest', [{ expiryMs: NOW, digest: '0'.repeat(16) }], NOW, 0, false],
    ['is none with an expiry a millisecond later', [ours], NOW + 1, 0, false],
    ['is none with one a millisecond earlier', [ours], NOW - 1, 0, false],
    ['is none without an expiry', [ours], Number.POSITIVE_INFINITY, 0, false],
    ['is one within what the server leaves open', [ours], NOW + 5, 5, true],
    ['is none beyond it', [ours], NOW + 8, 5, false],
    ['is none where the target holds nothing of ours', [], NOW, 0, false],
    ['is none without a record', null, NOW, 0, false],
  ])('%s', (_, versions, expiryMs, slackMs, expected) => {
    expect(isOurs(versions, value, expiryMs, slackMs)).toBe(expected);
  });

  it('is never a list or a hash', () => {
    expect(isOurs([ours], null, NOW, 0)).toBe(false);
  });
});
