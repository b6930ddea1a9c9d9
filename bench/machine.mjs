/** The line above the table: numbers without their machine say nothing. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';

export function machine(directory) {
  const [, filesystem, device] = printed('df', ['--output=fstype,source', directory]).split(/\s+/).slice(-3);
  return {
    cpu: cpus()[0].model.trim(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    disk: `${filesystem ?? '?'} on ${device ?? '?'}`,
    kernel: release(),
    node: process.versions.node,
    redis: /v=(\S+)/.exec(printed('redis-server', ['--version']))?.[1],
    tar: printed('tar', ['--version']).split('\n')[0],
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  };
}

export function machineLine({ cpu, cores, memoryGiB, disk, kernel, node, redis, tar, date }) {
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${disk}, Linux ${kernel}, Node ${node}, Redis ${redis}, ${tar}, ${date} UTC`;
}

function printed(command, args) {
  return execFileSync(command, args, { encoding: 'utf8' }).trim();
}
