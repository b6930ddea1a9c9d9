/**
 * The table of the design, "What it must reach", as data. `ours` and `peer` name the measurements that `run.mjs` takes;
 * a ratio is ours to the peer's wall time ("at most"), or the peer's to ours ("at least").
 */

const slow = true;

const ratios = [
  {
    group: 'warm',
    measure: 'migrate, warm cache, against `tar cf - store \\| cat >/dev/null`',
    ours: 'warm sess2redis migrate',
    peer: 'warm tar',
    sense: 'at most',
    first: 1.8,
    goal: 1.0,
  },
  {
    group: 'cold',
    slow,
    measure: 'migrate, cold cache, against the same tar',
    ours: 'cold sess2redis migrate',
    peer: 'cold tar',
    sense: 'at most',
    first: 0.5,
    goal: 0.2,
  },
  {
    group: 'pipe',
    measure: 'migrate against `redis-cli --pipe`, same commands ready-made',
    ours: 'warm sess2redis migrate',
    peer: 'warm redis-cli --pipe',
    sense: 'at most',
    first: 3.5,
    goal: 2.0,
  },
  {
    group: 'python',
    slow,
    measure: 'migrate against the camptocamp-style loop',
    ours: 'warm sess2redis migrate',
    peer: 'warm camptocamp-style loop',
    sense: 'at least',
    first: 35,
    goal: 60,
  },
  {
    group: 'python',
    slow,
    measure: 'migrate against a pipelined Python script',
    ours: 'warm sess2redis migrate',
    peer: 'warm pipelined Python script',
    sense: 'at least',
    first: 10,
    goal: 18,
  },
  {
    group: 'audit',
    measure: 'audit (no Redis) against a C open+fstat+read+close loop',
    ours: 'warm sess2redis audit',
    peer: 'warm read loop in C',
    sense: 'at most',
    first: 2.0,
    goal: 1.2,
  },
];

const cutover = [
  {
    measure: 'sync pass, hashed store, 0.1 % changed, against the first pass',
    ours: 'hashed sync',
    peer: 'hashed first pass',
    first: 0.1,
    goal: 0.01,
  },
  {
    measure: 'sync pass, flat store, 0.1 % changed, against the first pass',
    ours: 'flat sync',
    peer: 'flat first pass',
    first: 0.8,
    goal: 0.4,
  },
  {
    measure: 'resume of a migrate that was ended half-way, against the first pass',
    ours: 'flat resume',
    peer: 'flat first pass',
    first: 0.8,
    goal: 0.6,
  },
  {
    measure: 'the ledger: first pass against one that records nothing (pass alone)',
    ours: 'flat recorded pass',
    peer: 'flat unrecorded pass',
    first: 1.15,
    goal: 1.05,
  },
].map((row) => ({ group: 'cutover', sense: 'at most', ...row }));

/** The same number of files as Odoo's, and no fewer a second; hashes are set by a script. */
const applications = [
  ['php', "PHP's sessions", 1.2],
  ['laravel', "Laravel's sessions", 1.2],
  ['express', "Express's sessions", 1.2],
  ['magento', "Magento's sessions, as hashes", 1.6],
].map(([name, whose, bound]) => ({
  group: 'applications',
  measure: `${whose} against as many of Odoo (pass alone)`,
  ours: `applications ${name}`,
  peer: 'applications odoo',
  sense: 'at most',
  first: bound,
  goal: bound,
}));

export const goals = [
  ...[...ratios, ...cutover, ...applications].map((row) => ({ kind: 'ratio', ...row })),
  {
    group: 'rss',
    kind: 'memory',
    measure: 'peak RSS, whole process',
    ours: 'warm sess2redis migrate',
    first: 350e6,
    goal: 200e6,
  },
  {
    group: 'growth',
    slow,
    kind: 'growth',
    measure: 'peak RSS, growth on a larger store',
    ours: 'growth sess2redis migrate',
    peer: 'warm sess2redis migrate',
    first: 0.1,
    // "Growth 0", as far as two medians of a garbage-collected process can tell.
    goal: 0.02,
  },
  {
    group: 'latency',
    kind: 'latency',
    measure: 'added p99 latency for another client while a governed migrate runs',
    ours: 'latency',
    first: 2,
    goal: 0.5,
  },
];

export const groups = [...new Set(goals.map((row) => row.group))];
