import { workerData } from 'node:worker_threads';
import { Recorder } from '../ledger/recorder.js';
import { ReceiptWriter } from '../redis/receipt-keys.js';
import type { Trouble } from '../redis/trouble.js';
import { dryRunWriter, openWriter } from '../redis/writer.js';
import { Lane } from './lane.js';
import { send, serve } from './serve.js';
import type { LaneSettings } from './settings.js';

const LISTENERS = {
  onWait: (trouble: Trouble | null) => {
    if (trouble === null) send({ type: 'going-on' });
    else send({ type: 'waiting', reason: trouble.reason, message: trouble.error.message });
  },
  onReplaced: (message: string) => send({ type: 'replaced', message }),
};

serve(async () => {
  const settings = workerData as LaneSettings;
  const { target, conflict, giveUpAfterMs, ledger } = settings;
  const sender = target === null ? null : openWriter(target, { conflict, giveUpAfterMs, ...LISTENERS });
  const share = ledger?.receipts ?? null;
  const receipts = target && sender && share && new ReceiptWriter(sender, target, share);
  const recorder = ledger === null ? null : await Recorder.open(ledger, receipts);
  return new Lane(settings, sender ?? dryRunWriter, recorder);
});
