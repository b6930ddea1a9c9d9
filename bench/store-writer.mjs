/** One thread of the store's building: every `step`-th session, by synchronous calls (several times `fs.promises`). */
import { closeSync, futimesSync, mkdirSync, openSync, utimesSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { workerData } from 'node:worker_threads';
import { fakeSession, jsonText, pickleBytes } from './fake-session.mjs';

const { store, task, first, step } = workerData;
const bytesOf = store.format === 'pickle' ? pickleBytes : (session) => Buffer.from(jsonText(session), 'latin1');
const now = Date.now() / 1000;

for (let index = first; index < store.sessions; index += step) {
  const session = fakeSession(index, store);
  const path = `${store.path}/${session.name}`;
  if (task === 'stamp') {
    utimesSync(path, now, session.mtimeSeconds);
    continue;
  }
  if (store.layout === 'hashed') mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, 'wx', 0o644);
  writeSync(fd, bytesOf(session));
  futimesSync(fd, now, session.mtimeSeconds);
  closeSync(fd);
}
