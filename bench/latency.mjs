/** `node bench/latency.mjs [-- --rate 20k]`: what a migrate, governed or not, does to another client of the same Redis. */
import { argumentsOrExit } from './arguments.mjs';
import { warmUp } from './cache.mjs';
import { machine, machineLine } from './machine.mjs';
import { latencyTable, measureLatency } from './second-client.mjs';
import { prepareStore } from './store.mjs';
import { openWorkspace } from './workspace.mjs';

const { directory, format, latencySessions: sessions, cli, passedOn } = argumentsOrExit('latency.mjs', []);
const { temporary, stores } = openWorkspace(directory);
const store = await prepareStore(stores, { sessions, format }, (line) => process.stderr.write(`${line}\n`));
await warmUp(store);
const latency = await measureLatency({ store, temporary, cli, passedOn });
const others = `Others used ${Math.round(latency.otherLoad * 100)} % of the CPUs before it began.`;
process.stdout.write(`${[machineLine(machine(stores)), '', latencyTable(latency, sessions), '', others].join('\n')}\n`);
