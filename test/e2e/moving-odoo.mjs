// Saves, renews and drops sessions the way Odoo 16 and later do, without a pause, until SIGTERM; then tells on stdout the
// last version of each sid as JSON. Started by moving-store.test.ts: node moving-odoo.mjs <session directory>
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const store = process.argv[2];
/** The last version of every sid that ever was, and the sids whose files are there. */
const versions = {};
const live = [];

// A generator of its own (mulberry32), so that every run makes the same moves.
let state = 0xfa4e;
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

function text(sid, version) {
  const pad = String.fromCharCode(97 + (version % 26)).repeat(random(20_000));
  const checksum = createHash('sha256').update(`${sid} ${version} ${pad}`).digest('hex');
  return `{"db": "shop", "uid": 7, "version": ${version}, "pad": "${pad}", "checksum": "${checksum}"}`;
}

/** A temporary file in the store, renamed into its shard. */
function save(sid) {
  versions[sid] = (versions[sid] ?? 0) + 1;
  const temporary = join(store, `tmp${random(1e9)}.__wz_sess`);
  writeFileSync(temporary, text(sid, versions[sid]), { mode: 0o600 });
  const shard = join(store, sid.slice(0, 2));
  if (!existsSync(shard)) mkdirSync(shard);
  renameSync(temporary, join(shard, sid));
  chmodSync(join(shard, sid), 0o644);
}

function login() {
  const n = Object.keys(versions).length;
  const sid = n.toString(16).padStart(8, '0').split('').reverse().join('') + 'fa4e'.repeat(8);
  live.push(sid);
  save(sid);
}

function logout() {
  const [sid] = live.splice(random(live.length), 1);
  unlinkSync(join(store, sid.slice(0, 2), sid));
}

while (live.length < 300) login();
process.stdout.write('ready\n');
process.on('SIGTERM', () => {
  process.stdout.write(`${JSON.stringify({ versions, live })}\n`);
  process.exit(0);
});
setInterval(() => {
  for (let i = 0; i < 20; i++) {
    const dice = random(10);
    if (dice === 0) login();
    else if (dice === 1) logout();
    else save(live[random(live.length)]);
  }
}, 1);
