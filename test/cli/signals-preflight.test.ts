import { expect, it } from 'vitest';
import { unlessAborted } from '../../src/cli/signals.js';

it('what waits for a silent server ends with the reason of the signal, other work with what it comes to', async () => {
  const controller = new AbortController();
  expect(await unlessAborted(Promise.resolve(7), controller.signal)).toBe(7);
  await expect(unlessAborted(Promise.reject(new Error('no')), controller.signal)).rejects.toThrow('no');
  const waiting = unlessAborted(new Promise(() => {}), controller.signal);
  controller.abort(new Error('interrupted'));
  await expect(waiting).rejects.toThrow('interrupted');
});
