import { parentPort, workerData } from 'node:worker_threads';
import { OperatorError } from '../errors.js';
import type { LaneSettings } from '../intake/settings.js';
import { Recorder } from '../ledger/recorder.js';
import { ReceiptWriter } from '../redis/receipt-keys.js';
import type { Trouble } from '../redis/trouble.js';
import { dryRunWriter, openWriter } from '../redis/writer.js';
import { letOthersGoFirst } from '../system/process.js';
import { Lane, reportFailure, send } from './lane.js';
import type { ToLane } from './messages.js';

const LISTENERS = {
  onWait: (trouble: Trouble | null) => {
    if (trouble === null) send({ type: 'going-on' });
    else send({ type: 'waiting', reason: trouble.reason, message: trouble.error.message });
  },
  onReplaced: (message: string) => send({ type: 'replaced', message }),
};

async function main(settings: LaneSettings): Promise<void> {
  letOthersGoFirst();
  // An exception per vanished or broken file needs no stack.
  Error.stackTraceLimit = 0;
  const { target, conflict, giveUpAfterMs, ledger } = settings;
  const sender = target === null ? null : openWriter(target, { conflict, giveUpAfterMs, ...LISTENERS });
  const writer = sender ?? dryRunWriter;
  const share = ledger?.receipts ?? null;
  const receipts = target && sender && share && new ReceiptWriter(sender, target, share);
  const recorder = ledger === null ? null : await Recorder.open(ledger, receipts);
  const lane = new Lane(settings, writer, recorder);
  let carrying = Promise.resolve();
  parentPort?.on('message', (message: ToLane) => {
    if (message.type === 'give-up') {
      writer.interrupt(new OperatorError(message.exitCode, message.message));
      return;
    }
    if (message.type === 'chunk') {
      const { chunk } = message;
      const recalling = lane.recall(chunk);
      // A failure is told when its turn comes.
      recalling.catch(() => {});
      carrying = carrying.then(() => lane.carry(chunk, recalling));
      return;
    }
    carrying = carrying.then(async () => {
      send({ type: 'bye', statistics: await lane.end() });
      parentPort?.close();
    });
  });
  send({ type: 'ready' });
}

main(workerData as LaneSettings).catch(reportFailure);
