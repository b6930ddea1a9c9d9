import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../src/redis/endpoint.js';

const SHARE = 'the target names several servers, which share the sessions: make one run for each, with ';

describe('a session.save_path of phpredis as the target', () => {
  it.each([
    [
      'tcp://a:6379?weight=1,tcp://b:6380?weight=2&database=3',
      `${SHARE}--to redis://a:6379/0 --pool-server 1/1,2, then --to redis://b:6380/3 --pool-server 2/1,2`,
    ],
    [
      'tcp://a, tls://b:6380',
      `${SHARE}--to redis://a:6379/0 --pool-server 1/1,1, then --to rediss://b:6380/0 --pool-server 2/1,1`,
    ],
    [
      'unix:///run/a.sock?weight=2 unix:///run/b.sock?database=1',
      `${SHARE}--to unix:///run/a.sock --pool-server 1/2,1, then --to unix:///run/b.sock?db=1 --pool-server 2/2,1`,
    ],
    [
      'redis://a:1/0,redis://b:2/0',
      `${SHARE}--to redis://a:1/0 --pool-server 1/1,1, then --to redis://b:2/0 --pool-server 2/1,1`,
    ],
    ['tcp://h:6379?database=2&prefix=p:', 'the target is written as in session.save_path: write --to redis://h:6379/2'],
  ])('%s is answered with the lines to write', (text, sentence) => {
    expect(() => parseTarget(text)).toThrow(expect.objectContaining({ exitCode: 2, message: sentence }));
  });

  it('is answered without its password', () => {
    expect(() => parseTarget('tcp://u:geheim@a:6379?auth=geheim,tcp://b:6379?auth=geheim')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('geheim') }),
    );
  });

  it('is none where it is a target', () => {
    for (const text of ['redis://a:6379/1', 'unix:///run/a.sock?db=1', 'sentinel://a,b/m']) {
      expect(() => parseTarget(text)).not.toThrow();
    }
  });
});
