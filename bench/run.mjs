/**
 * `npm run bench`: sess2redis beside its peers in one run on this machine, and the design's table filled in.
 * READ FIRST: what is measured is in `goals.mjs`, how it is taken in `measure.mjs`, and the peers are in `peers/`.
 */
import { writeFileSync } from 'node:fs';
import { applicationContenders } from './applications.mjs';
import { argumentsOrExit } from './arguments.mjs';
import { fitsInMemory, mayDropCaches, warmUp } from './cache.mjs';
import { measureCutover } from './cutover.mjs';
import { goals, groups } from './goals.mjs';
import { machine, machineLine } from './machine.mjs';
import { interleaved, measure, measureCold } from './measure.mjs';
import { camptocampLoop, pipelinedScript, pythonVersions } from './peers/python.mjs';
import { readLoop } from './peers/read-loop.mjs';
import { redisPipe } from './peers/redis-pipe.mjs';
import { tar } from './peers/tar.mjs';
import { latencyTable, measureLatency } from './second-client.mjs';
import { audit, migrate } from './sess2redis.mjs';
import { prepareStore } from './store.mjs';
import { count, markdown, tableRows } from './table.mjs';
import { openWorkspace } from './workspace.mjs';
import '../scripts/project-path.mjs';

const TINY = 64;
/** A share of the CPUs; below it is the noise of a quiet machine and of the last run's leftovers. */
const BUSY = 0.1;

const options = argumentsOrExit('run.mjs', groups);
const { temporary, stores } = openWorkspace(options.directory);
const host = machine(stores);
const ours = migrate(options.cli, options.passedOn);
const contenders = [tar, readLoop, redisPipe, camptocampLoop, pipelinedScript, ours, audit(options.cli)];

const rows = goals.filter(({ group, slow }) => options.only?.includes(group) ?? !(slow && options.skipSlow));
const needed = new Set(rows.flatMap(({ ours, peer }) => [ours, peer]));
const taken = new Map();
const unavailable = new Map();
const notes = [];

await warmRounds();
if (needed.has('flat first pass')) await cutoverRounds();
if (needed.has('applications odoo')) await applicationRounds();
if (needed.has('latency')) await latencyRound();
if (needed.has('growth sess2redis migrate')) await growthRounds();
// Last: the passes after a drop of the caches are slower for everybody.
await coldRounds();

noteOtherLoad();
const filled = tableRows(rows, taken, unavailable);
process.stdout.write(`${[machineLine(host), '', markdown(filled), ...notes].join('\n')}\n`);
if (options.json) {
  const runs = Object.fromEntries(taken);
  const skipped = Object.fromEntries(unavailable);
  writeFileSync(options.json, `${JSON.stringify({ machine: host, options, rows: filled, runs, skipped }, null, 2)}\n`);
}

async function warmRounds() {
  const present = contendersFor('warm');
  if (present.length === 0) return;
  const store = await storeOf(options.sessions);
  for (const contender of present) await contender.prepare?.(store);
  await warm(store);
  note(`Warm rows: ${count(store.sessions)} ${store.format} files, medians of ${options.runs}.`);
  await rounds('warm', present, options.runs, (contender) => measure(contender, store, temporary));
  for (const { name } of present) {
    const { measured } = taken.get(`warm ${name}`)[0];
    if (measured)
      note(`${name}: measured on ${count(measured.sessions)} files, scaled by its rate (${pythonVersions()}).`);
  }
}

async function cutoverRounds() {
  for (const layout of ['flat', 'hashed']) {
    const store = await prepareStore(stores, { sessions: options.sessions, format: 'json', layout }, say);
    await warm(store);
    say(`passes over a ${layout} store`);
    for (let run = 1; run <= options.runs; run++) {
      for (const [name, result] of await measureCutover(store, temporary, options.cli, () => warmUp(store))) {
        taken.set(`${layout} ${name}`, [...(taken.get(`${layout} ${name}`) ?? []), result]);
        say(`  ${run}/${options.runs} ${name}: ${result.seconds.toFixed(2)} s`);
      }
    }
  }
}

async function applicationRounds() {
  const present = applicationContenders(options.cli, options.applicationSessions, temporary, say);
  note(`Rows of applications: ${count(options.applicationSessions)} files each, medians of ${options.runs}.`);
  await rounds('applications', present, options.runs, (contender) => measure(contender, null, temporary));
}

async function latencyRound() {
  const store = await storeOf(options.latencySessions);
  await warm(store);
  say('latency of a second client');
  const latency = await measureLatency({ store, temporary, cli: options.cli, passedOn: options.passedOn });
  taken.set('latency', latency);
  note(`\n${latencyTable(latency, store.sessions)}`);
}

async function growthRounds() {
  if (!options.growthSessions) {
    unavailable.set('growth sess2redis migrate', 'ask for it with --growth-sessions 8M');
    return;
  }
  const store = await storeOf(options.growthSessions);
  await rounds('growth', [ours], 1, (contender) => measure(contender, store, temporary));
}

async function coldRounds() {
  const present = contendersFor('cold');
  if (present.length === 0) return;
  if (!mayDropCaches()) {
    for (const { name } of present) unavailable.set(`cold ${name}`, 'may not write /proc/sys/vm/drop_caches');
    return;
  }
  const store = await storeOf(options.coldSessions);
  const tiny = await storeOf(TINY);
  await warm(store); // so that no cold run has to write atimes
  note(`Cold rows: ${count(store.sessions)} files, medians of ${options.runs}, caches dropped before each run.`);
  await rounds('cold', present, options.runs, (contender) => measureCold(contender, store, tiny, temporary));
}

function contendersFor(state) {
  return contenders.filter((contender) => {
    const name = `${state} ${contender.name}`;
    if (!needed.has(name)) return false;
    const reason = contender.unavailable?.();
    if (reason) unavailable.set(name, reason);
    return !reason;
  });
}

async function rounds(state, present, runs, take) {
  say(`${state} runs`);
  const results = await interleaved(present, runs, take, say);
  for (const [name, list] of results) taken.set(`${state} ${name}`, list);
}

function storeOf(sessions) {
  return prepareStore(stores, { sessions, format: options.format }, say);
}

async function warm(store) {
  say(`reading ${count(store.sessions)} files until they are warm`);
  await warmUp(store);
  if (!fitsInMemory(store)) note(`${count(store.sessions)} files do not fit in memory: these are no warm runs.`);
}

function noteOtherLoad() {
  const most = Math.max(0, ...[...taken.values()].flat().map((run) => run.otherLoad));
  if (most < BUSY) return;
  note(`**The machine was not ours**: others used up to ${Math.round(most * 100)} % of its CPUs. Measure again.`);
}

function note(text) {
  notes.push('', text);
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
