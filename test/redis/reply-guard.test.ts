import { describe, expect, it } from 'vitest';
import type { Reply } from '../../src/redis/replies.js';
import { ReplyIntake } from '../../src/redis/reply-guard.js';

describe('what is taken of a connection', () => {
  it('waits for no reply that comes in drops', () => {
    let nowMs = 0;
    const intake = new ReplyIntake(1000, () => nowMs);
    intake.expect(2);
    const replies: Reply[] = [];
    const failures = [...'+OK\r\n+OK'].map((drop) => {
      nowMs += 300;
      return intake.take(Buffer.from(drop), replies)?.message ?? null;
    });
    // The first took 1.5 s. The second has a time of its own, which is over after 2 s.
    expect(replies).toEqual([true]);
    expect(failures).toEqual(Array(8).fill(null));
    nowMs += 1200;
    expect(intake.take(Buffer.from('x'), [])?.message).toBe('no whole reply within 2 s');
  });

  it('is no more than was asked for', () => {
    const intake = new ReplyIntake(1000);
    const replies: Reply[] = [];
    intake.expect(1);
    expect(intake.take(Buffer.from(':1\r\n:2\r\n:3\r\n'), replies)?.message).toContain('more than it was asked');
    expect(replies).toEqual([1]);
  });

  it('is an error reply without what a terminal obeys, or what may be an id', () => {
    const intake = new ReplyIntake(1000);
    const replies: Reply[] = [];
    intake.expect(1);
    intake.take(Buffer.from(`-ERR \x1b[31m\x9b2J ${'a1'.repeat(20)} ${'b-'.repeat(42)}\r\n`, 'latin1'), replies);
    expect(replies).toEqual([{ text: 'ERR \\x1b[31m\\x9b2J a1a1a1a1* b-b-b-b-*' }]);
  });
});
