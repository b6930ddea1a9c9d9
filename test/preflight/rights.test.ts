import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import {
  escapePattern,
  judgeRights,
  needOf,
  PROBES,
  type ProbeAnswer,
  type Right,
  rightsOf,
  type Work,
} from '../../src/preflight/rights.js';

const WORKS: Work[] = ['migrate', 'sync', 'verify', 'export', 'detect'];

/** Judges a user who may do everything but what `denied` says. */
function judge(work: Work, denied: Partial<Record<Right, ProbeAnswer>>, version = '7.0.15', keyPattern = 'session:*') {
  const answers = new Map((Object.keys(PROBES) as Right[]).map((right) => [right, denied[right] ?? 'allowed']));
  return judgeRights(work, needOf(work, version), { answers, user: 'mover', keyPattern });
}

describe('the rights of a user', () => {
  it('are enough when nothing is denied', () => {
    for (const work of WORKS) expect(judge(work, {})).toEqual({ refusal: null, warnings: [] });
  });

  it.each<[Work, Partial<Record<Right, ProbeAnswer>>, string]>([
    ['migrate', { set: 'no command' }, 'migrate needs set: ACL SETUSER mover +set'],
    ['migrate', { set: 'no key', get: 'no key' }, 'migrate needs set, get: ACL SETUSER mover ~session:*'],
    ['migrate', { info: 'no command' }, 'migrate needs info: ACL SETUSER mover +info'],
    [
      'migrate',
      { get: 'no command', evalsha: 'no command', eval: 'no command' },
      'migrate needs get: ACL SETUSER mover +get +evalsha +eval',
    ],
    ['sync', { evalsha: 'no command' }, 'sync needs evalsha: ACL SETUSER mover +evalsha'],
    ['sync', { del: 'no command', eval: 'no key' }, 'sync needs eval, del: ACL SETUSER mover +del ~session:*'],
    ['verify', { pexpiretime: 'no command' }, 'verify needs pexpiretime: ACL SETUSER mover +pexpiretime'],
    ['verify', { scan: 'no command' }, 'verify needs scan: ACL SETUSER mover +scan'],
    ['export', { scan: 'no command' }, 'export needs scan: ACL SETUSER mover +scan'],
    ['migrate', { set: 'unknown' }, 'migrate needs set; the server does not know set (renamed, or a proxy)'],
    [
      'sync',
      { set: 'no command', evalsha: 'unknown' },
      'sync needs set, evalsha: ACL SETUSER mover +set; the server does not know evalsha (renamed, or a proxy)',
    ],
  ])('are refused for %s without %j, with the line that grants them', (work, denied, sentence) => {
    const { refusal, warnings } = judge(work, denied);
    expect(refusal).toMatchObject({ exitCode: EXIT.permission });
    expect(refusal?.message).toBe(`the user mover may not do this, ${sentence}`);
    expect(warnings).toEqual([]);
  });

  it.each<[Work, Partial<Record<Right, ProbeAnswer>>, RegExp]>([
    ['migrate', { evalsha: 'no command' }, /may not run evalsha, so .*sync is refused: ACL SETUSER mover \+evalsha$/],
    [
      'migrate',
      { del: 'no command', pexpiretime: 'no command' },
      /may not run del, pexpiretime, so changes and logouts/,
    ],
    ['migrate', { eval: 'unknown' }, /the server does not know eval/],
    ['detect', { get: 'no key' }, /so the values behind the keys can not be told/],
  ])('are enough for %s without %j, with a warning', (work, denied, sentence) => {
    expect(judge(work, denied)).toEqual({ refusal: null, warnings: [expect.stringMatching(sentence)] });
  });

  it('are asked of an older Redis for what it has instead of PEXPIRETIME', () => {
    expect(rightsOf(needOf('sync', '6.2.14'))).toEqual(expect.arrayContaining(['pttl', 'time']));
    for (const work of WORKS) expect(rightsOf(needOf(work, '6.2.14')), work).not.toContain('pexpiretime');
    for (const version of ['7.0.0', '10.1', 'unknown']) {
      expect(rightsOf(needOf('sync', version))).toEqual(expect.arrayContaining(['pexpiretime']));
    }
    expect(judge('sync', { pexpiretime: 'unknown' }, '6.2.14').refusal).toBeNull();
    expect(judge('sync', { time: 'no command' }, '6.2.14').refusal?.message).toMatch(/\+time$/);
  });

  it('name a pattern that redis-cli takes as it is meant', () => {
    const { refusal } = judge('migrate', { set: 'no key' }, '7.0.15', `${escapePattern("my shop's [1]*")}*`);
    expect(refusal?.message).toMatch(/mover "~my shop's \\\\\[1\\\\\]\\\\\*\*"$/);
  });
});
