/** The very commands of a migrate, ready-made for `redis-cli --pipe`: `SET key value NX PXAT ms` in Redis' protocol. */
import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fakeSession, jsonText } from './fake-session.mjs';

const FLUSH_AT = 1 << 20;

/** Made outside of any timing, and kept beside the store as long as the store keeps its mtimes. */
export function commandFile(store) {
  const path = `${store.path}.${store.stampedAt}.resp`;
  if (existsSync(path)) return path;
  removeOutdated(store);
  const unfinished = `${path}.part`;
  const fd = openSync(unfinished, 'w');
  let text = '';
  for (let index = 0; index < store.sessions; index++) {
    const session = fakeSession(index, store);
    text += protocolText(['SET', session.key, jsonText(session), 'NX', 'PXAT', String(session.expiresAtMs)]);
    if (text.length < FLUSH_AT) continue;
    writeSync(fd, text, null, 'latin1');
    text = '';
  }
  writeSync(fd, text, null, 'latin1');
  closeSync(fd);
  renameSync(unfinished, path);
  return path;
}

function removeOutdated(store) {
  const directory = dirname(store.path);
  const prefix = `${basename(store.path)}.`;
  for (const name of readdirSync(directory)) {
    if (name.startsWith(prefix) && /\.resp(\.part)?$/.test(name)) rmSync(join(directory, name));
  }
}

function protocolText(words) {
  // All ASCII, so that the length in characters is the length in bytes.
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}
