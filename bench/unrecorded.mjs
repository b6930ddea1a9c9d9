/** `node unrecorded.mjs <store> <url>`: the pass of a migrate without a ledger, to tell what recording costs. */
import { PauseSwitch } from '../dist/governor/pause-switch.js';
import { parseOptions } from '../dist/options/run-options.js';
import { settleWith } from '../dist/options/settle.js';
import { runPass } from '../dist/run.js';

const [store, to] = process.argv.slice(2);
const { pass } = parseOptions(settleWith('migrate', { to }, {}), [store]);
const ignore = () => {};
const observer = { begin: ignore, reject: ignore, waiting: ignore, governor: ignore, warn: ignore };
const lanes = { ...pass.lanes, sources: [store] };
const options = { ...pass, lanes, record: null, pauses: new PauseSwitch(null) };
const { tally, elapsedMs } = await runPass(options, observer, new AbortController().signal);
process.stdout.write(`${JSON.stringify({ type: 'summary', outcomes: tally.outcomes(), elapsedMs })}\n`);
