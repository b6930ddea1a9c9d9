/** sess2redis itself, run as an operator would, with every count checked: a fast wrong migration is no result. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { timed } from './child.mjs';
import { jsonText } from './fake-session.mjs';
import { sampleOf } from './store.mjs';

const SAMPLE = 50;
/** Our clock, redis-cli's start and the server's own TTL rounding lie between an expiry and our reading of it. */
const EXPIRY_TOLERANCE_MS = 1000;

export function migrate(cli, passedOn = []) {
  return {
    name: 'sess2redis migrate',
    needsRedis: true,
    run({ store, server, temporary }) {
      const to = `unix://${server.socket}`;
      return sess2redis(cli, ['migrate', store.path, '--to', to, '--json', ...passedOn], store, temporary);
    },
    check({ summary }, { store, server, otherKeys = 0 }) {
      if (summary.listed !== store.sessions || !isDeepStrictEqual(summary.outcomes, { written: store.sessions })) {
        throw new Error(`migrate: not ${store.sessions} written: ${JSON.stringify(summary)}`);
      }
      const [held] = server.ask('DBSIZE');
      if (Number(held) !== store.sessions + otherKeys) throw new Error(`migrate: ${held} of ${store.sessions} keys`);
      checkSample(store, server);
    },
  };
}

export function audit(cli) {
  return {
    name: 'sess2redis audit',
    run: ({ store, temporary }) => sess2redis(cli, ['audit', store.path, '--json'], store, temporary),
    check({ summary }, { store }) {
      const counts = Object.values(summary.outcomes);
      // One outcome for all: the store holds nothing but live logins.
      if (summary.listed === store.sessions && counts.length === 1 && counts[0] === store.sessions) return;
      throw new Error(`audit: not ${store.sessions} of one outcome: ${JSON.stringify(summary)}`);
    },
  };
}

async function sess2redis(cli, args, { sessions }, temporary) {
  // A state directory of its own, or the second run would resume the first and write nothing.
  const state = mkdtempSync(join(temporary, 'state-'));
  try {
    return await run(cli, args, sessions, state);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

/** One of several runs that share what they record in `state`. */
export async function run(cli, args, sessions, state, expectedCode = 0) {
  const env = cleared(state);
  const { seconds, peakRssBytes, stdout } = await timed(process.execPath, [cli, ...args], { env, expectedCode });
  return { seconds, sessions, peakRssBytes, summary: summaryIn(stdout) };
}

/** The operator's own settings must not decide what the bench measures. */
function cleared(state) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('SESS2REDIS_'));
  return { ...Object.fromEntries(kept), XDG_STATE_HOME: state };
}

function summaryIn(stdout) {
  const last = stdout.slice(stdout.lastIndexOf('\n') + 1);
  const summary = last.startsWith('{') ? JSON.parse(last) : {};
  if (summary.type !== 'summary') throw new Error(`no summary in the last line of stdout: ${last}`);
  return summary;
}

/** Keys, values and expiries are those that the peers write: otherwise the rows compare different work. */
function checkSample(store, server) {
  const sample = [...sampleOf(store, SAMPLE)];
  const replies = server.ask(...sample.flatMap(({ key }) => [`GET ${key}`, `PTTL ${key}`]));
  const now = Date.now();
  for (const [i, session] of sample.entries()) {
    const [value, left] = replies.slice(2 * i, 2 * i + 2);
    const drift = now + Number(left) - session.expiresAtMs;
    if (!isSameValue(store, value, jsonText(session))) throw new Error(`session ${i} of the sample has value ${value}`);
    if (Math.abs(drift) > EXPIRY_TOLERANCE_MS) throw new Error(`session ${i} of the sample expires ${drift} ms off`);
  }
}

/** JSON is copied byte for byte; a pickle becomes JSON of the same meaning. */
function isSameValue(store, value, expected) {
  if (store.format === 'json') return value === expected;
  return value.startsWith('{') && isDeepStrictEqual(JSON.parse(value), JSON.parse(expected));
}
