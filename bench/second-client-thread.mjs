/**
 * Another client of the same Redis, in a thread of its own so that nothing the bench does delays it: PING and GET by
 * turns, every millisecond. It does not wait for an answer before the next question, so that a stall counts in full.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Redis } from 'ioredis';

/** The asking code itself gets compiled first. */
const REHEARSAL_MS = 1000;

const client = new Redis(workerData.socket);
let samples = [];
let open = new Set();
let timer;
let turn = 0;

function ask() {
  const asked = performance.now();
  const answer = (turn++ % 2 ? client.get(workerData.key) : client.ping()).then(() => {
    samples.push(performance.now() - asked);
    open.delete(answer);
  });
  open.add(answer); // a lost connection rejects it, which ends this thread and with it the bench
}

function begin() {
  samples = [];
  open = new Set();
  timer = setInterval(ask, 1);
}

async function end() {
  clearInterval(timer);
  await Promise.all(open);
  return samples;
}

parentPort.on('message', async (message) => {
  if (message === 'begin') begin();
  else parentPort.postMessage(await end());
});

await client.set(workerData.key, 'x'.repeat(300));
begin();
await sleep(REHEARSAL_MS);
await end();
parentPort.postMessage('ready');
