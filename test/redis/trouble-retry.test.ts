import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EXIT, OperatorError } from '../../src/errors.js';
import { lostConnection, Retry, type Trouble } from '../../src/redis/trouble.js';

const TROUBLE = lostConnection(new OperatorError(EXIT.temporary, 'redis://h is gone'));
const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Moves the clock until a promise settles; returns by how much. */
async function settle(pause: Promise<void>): Promise<number> {
  const startMs = Date.now();
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  pause.then(end, end);
  while (!isOver) await vi.advanceTimersByTimeAsync(10);
  return Date.now() - startMs;
}

function retryOf(limitMs: number, heard: (string | null)[] = [], random = 1): Retry {
  const listener = (trouble: Trouble | null) => heard.push(trouble?.reason ?? null);
  return new Retry(
    limitMs,
    listener,
    () => Date.now(),
    () => random,
  );
}

describe('retry with a target in trouble', () => {
  it('waits twice as long each time, up to five seconds', async () => {
    const retry = retryOf(MINUTE);
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) waits.push(await settle(retry.pause(TROUBLE)));
    const wanted = [200, 400, 800, 1600, 3200, 5000, 5000];
    for (const [i, ms] of waits.entries()) expect(Math.abs(ms - (wanted[i] as number))).toBeLessThanOrEqual(20);
  });

  it('waits half as long where chance wants it so, so that lanes come back one by one', async () => {
    const wait = await settle(retryOf(MINUTE, [], 0).pause(TROUBLE));
    expect(Math.abs(wait - 100)).toBeLessThanOrEqual(20);
  });

  it('ends when its time is up, with the reason, the option and the exit code', async () => {
    const retry = retryOf(MINUTE);
    const startMs = Date.now();
    let error: unknown = null;
    while (error === null) {
      const pause = retry.pause(TROUBLE);
      await settle(pause);
      error = await pause.then(
        () => null,
        (reason: unknown) => reason,
      );
    }
    expect(error).toMatchObject({ exitCode: EXIT.temporary });
    expect(String(error)).toContain(
      'redis://h is gone (gave up after 1 min, as --give-up-after says; progress is kept)',
    );
    // The last try is made at the end of the time, and not a wait earlier.
    expect(Math.abs(Date.now() - startMs - MINUTE)).toBeLessThanOrEqual(200);
  });

  it('of no length ends with the trouble itself', async () => {
    await expect(retryOf(0).pause(TROUBLE)).rejects.toBe(TROUBLE.error);
  });

  it('begins anew after a success', async () => {
    const heard: (string | null)[] = [];
    const retry = retryOf(MINUTE, heard);
    for (let i = 0; i < 4; i++) await settle(retry.pause(TROUBLE));
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    retry.success();
    retry.success();
    expect(Math.abs((await settle(retry.pause(TROUBLE))) - 200)).toBeLessThanOrEqual(20);
    expect(heard).toEqual([...new Array(4).fill('reconnecting'), null, 'reconnecting']);
  });

  it('ends at once when it is interrupted, and never waits again', async () => {
    const retry = retryOf(MINUTE);
    for (let i = 0; i < 5; i++) await settle(retry.pause(TROUBLE));
    const pause = retry.pause(TROUBLE);
    const stop = new OperatorError(EXIT.interrupted, 'interrupted');
    retry.interrupt(stop);
    retry.interrupt(new OperatorError(EXIT.terminated, 'too late'));
    await expect(pause).rejects.toBe(stop);
    await expect(retry.pause(TROUBLE)).rejects.toBe(stop);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('lets what is under way finish after an interruption, unless it takes longer than some seconds', async () => {
    const retry = retryOf(MINUTE);
    retry.interrupt(new OperatorError(EXIT.interrupted, 'interrupted'));
    expect(await retry.orInterrupted(Promise.resolve('done'))).toBe('done');
    const endless = retry.orInterrupted(new Promise(() => {}));
    const seen = endless.catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await seen).toBe('interrupted');
  });
});
