// Plays an Odoo with users: on files until SIGUSR2, which is the freeze, and then, from the word `switch` on stdin, on Redis as
// camptocamp's module does (SET, then EXPIRE). On SIGTERM it tells as JSON which sid each user has, and until when (epoch
// milliseconds) each sid of the past may let somebody in. Says `busy` once more than 50 sids are of the past.
// Started by rehearsal.test.ts: node rehearsed-odoo.mjs <session directory> <redis socket>
import { mkdirSync, readdirSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';

const [store, socket] = process.argv.slice(2);
const USERS = 150;
const LIFETIME_S = 604_800;
const GRACE_S = 2;

/** Per user: the sid of the browser, or null while logged out. */
const sidOf = new Map();
/** Sids of the past, and until when each may let somebody in: 0 where its session is over, its time of deletion where it was rotated. */
const ended = new Map();
/** Rotated files that are still to be collected. */
const collections = new Set();
let made = 0;
let turn = 0;
let redis = null;

let state = 0x0d00;
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

const newSid = () => (Math.imul(++made, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0') + 'fa4e'.repeat(8);
const pathOf = (sid) => join(store, sid.slice(0, 2), sid);
const textOf = (uid, more = {}) =>
  JSON.stringify({ db: 'shop', uid, login: uid && `fake-${uid}`, turn: turn++, ...more });

async function save(sid, text) {
  if (redis !== null) {
    await redis.set(`session:${sid}`, text);
    await redis.expire(`session:${sid}`, LIFETIME_S);
    return;
  }
  const temporary = join(store, `tmp${random(1e9)}.__wz_sess`);
  writeFileSync(temporary, text, { mode: 0o600 });
  mkdirSync(join(store, sid.slice(0, 2)), { recursive: true });
  renameSync(temporary, pathOf(sid));
}

function end(sid, untilMs = 0) {
  ended.set(sid, untilMs);
  if (ended.size === 51) process.stdout.write('busy\n');
}

async function remove(sid) {
  end(sid);
  if (redis !== null) await redis.del(`session:${sid}`);
  else unlinkSync(pathOf(sid));
}

const moves = {
  async login(user) {
    if (sidOf.get(user)) return moves.save(user);
    const sid = newSid();
    sidOf.set(user, sid);
    await save(sid, textOf(user));
  },
  async logout(user) {
    const sid = sidOf.get(user);
    if (!sid) return;
    sidOf.set(user, null);
    await remove(sid);
    // A visitor's session under a new sid takes its place.
    await save(newSid(), textOf(null));
  },
  async save(user) {
    const sid = sidOf.get(user);
    if (sid) await save(sid, textOf(user));
  },
  // Odoo 19: the old file gets two minutes (here seconds), the new sid is what counts.
  async rotate(user) {
    const sid = sidOf.get(user);
    if (!sid || redis !== null) return;
    const next = newSid();
    const deletionTime = Date.now() / 1000 + GRACE_S;
    await save(sid, textOf(user, { next_sid: next, deletion_time: deletionTime }));
    sidOf.set(user, next);
    await save(next, textOf(user, { gc_previous_sessions: true }));
    end(sid, deletionTime * 1000);
    const collection = setTimeout(() => {
      collections.delete(collection);
      try {
        unlinkSync(pathOf(sid));
      } catch {
        // Collected meanwhile.
      }
    }, GRACE_S * 1000);
    collections.add(collection);
  },
  // Files of visitors are made to look a week old, and collected.
  async collect() {
    if (redis !== null) return;
    for (const shard of readdirSync(store, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .slice(0, 3)) {
      for (const name of readdirSync(join(store, shard.name))) {
        const path = join(store, shard.name, name);
        if ([...sidOf.values()].includes(name) || random(2) === 0) continue;
        utimesSync(path, 1, 1);
        if (statSync(path).mtimeMs < Date.now() - LIFETIME_S * 1000) unlinkSync(path);
        end(name);
      }
    }
  },
};
const DICE = ['login', 'login', 'save', 'save', 'save', 'save', 'save', 'save', 'logout', 'rotate', 'collect'];

let isFrozen = false;
let underWay = Promise.resolve();
const tick = () => {
  underWay = underWay.then(async () => {
    for (let i = 0; i < 4 && !isFrozen; i++) await moves[DICE[random(DICE.length)]](1 + random(USERS));
  });
};

for (let user = 1; user <= USERS; user += 2) await moves.login(user);
process.stdout.write('ready\n');
let timer = setInterval(tick, 20);
process.on('SIGUSR2', async () => {
  isFrozen = true;
  clearInterval(timer);
  for (const collection of collections) clearTimeout(collection);
  await underWay;
  process.stdout.write('frozen\n');
});
process.stdin.on('data', () => {
  redis = new Redis({ path: socket });
  isFrozen = false;
  timer = setInterval(tick, 20);
  process.stdout.write('switched\n');
});
process.on('SIGTERM', async () => {
  isFrozen = true;
  clearInterval(timer);
  await underWay;
  process.stdout.write(`${JSON.stringify({ users: [...sidOf], ended: [...ended] })}\n`, () => process.exit(0));
});
