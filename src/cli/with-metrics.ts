import { resolve } from 'node:path';
import { type ExitCode, exitCodeOfError } from '../errors.js';
import type { RunOptions } from '../options/run-options.js';
import type { Metrics } from '../report/metrics.js';

/**
 * Does `work` while Prometheus is kept informed, where the operator asked for that; `work` gets null otherwise. A run
 * that is refused before its first pass is told of as well.
 */
export async function withMetrics(
  command: string,
  options: RunOptions,
  work: (metrics: Metrics | null) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { metrics: outlets, patterns, isDryRun, pass } = options;
  if (outlets.file === null && outlets.listen === null) return work(null);
  const { Metrics } = await import('../report/metrics.js');
  const { shard } = pass.lanes;
  const title = {
    command,
    source: patterns.map((pattern) => resolve(pattern)).join(' '),
    isDryRun: isDryRun && command !== 'audit',
    shard: shard === null ? '' : `${shard.index || shard.of}/${shard.of}`,
  };
  const metrics = await Metrics.open(title, outlets);
  try {
    return await work(metrics);
  } catch (error) {
    await metrics.failed(exitCodeOfError(error));
    throw error;
  } finally {
    await metrics.close();
    if (metrics.fault !== null) process.stderr.write(`warning: ${metrics.fault.message}\n`);
  }
}
