import { mkdirSync } from 'node:fs';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { formatBytes, formatCount } from '../quantities.js';
import { BenchThreads, type RangeOptions } from './crew.js';
import { takeCensus } from './file-census.js';
import type { FileStep } from './findings.js';
import type { Observer } from './observer.js';
import { type DiskState, diskReserve, filesThatFit } from './room.js';
import type { ThreadSettings } from './task.js';

/** A block of most file systems, and a share of the directory: the guess before the first files are measured. */
const FIRST_BYTES_PER_FILE = 4096 + 256;

export interface FilePlan {
  settings: ThreadSettings;
  /** Ascending. */
  sessions: readonly number[];
  /** How it stands with the disk that holds a path. */
  diskOf: (path: string) => DiskState;
}

/** A disk that was filled to its last byte may lack files before the last ones. */
interface WrittenFiles {
  present: number;
  below: number;
}

/**
 * Writes the sessions as files step by step and measures each step, as far as the disk goes. The files stay. Resolves to how
 * many there are, and below which number their sessions are.
 */
export async function measureFiles(plan: FilePlan, { tell, progress, signal }: Observer): Promise<WrittenFiles> {
  const { directory } = plan.settings;
  mkdirSync(directory, { mode: 0o700 });
  const crew = new BenchThreads(plan.settings);
  let present = 0;
  let below = 0;
  let bytesPerFile = FIRST_BYTES_PER_FILE;
  let writeMs = 0;
  try {
    for (const wanted of plan.sessions) {
      const from = present;
      const to = Math.min(wanted, from + filesThatFit(plan.diskOf(directory), bytesPerFile));
      const startMs = performance.now();
      const isFull = await write(crew, from, to, {
        mayGoOn: () => !signal.aborted && filesThatFit(plan.diskOf(directory), bytesPerFile) > 0,
        begins: (number) => {
          below = number;
        },
        progress: (count) => progress('writing files', from + count, to),
      });
      writeMs += performance.now() - startMs;
      if (signal.aborted) break;
      progress('listing, reading files', 0, to);
      const census = await takeCensus(directory, signal);
      if (census === null) break;
      present = census.files;
      if (present > from) {
        const { files: sessions, directories, ...measured } = census;
        const allocatedPerSession = census.allocatedBytes / sessions;
        bytesPerFile = allocatedPerSession;
        const step: FileStep = {
          type: 'files',
          sessions,
          inodes: sessions + directories,
          allocatedPerSession,
          writeMs,
          ...measured,
        };
        tell(step);
      }
      if (isFull || present < wanted) {
        tell({ type: 'warning', message: endOfDisk(plan, present, wanted) });
        break;
      }
    }
  } finally {
    await crew.end();
  }
  return { present, below };
}

/** Resolves to whether the disk was full; some of the files are there then. */
async function write(crew: BenchThreads, from: number, to: number, options: Partial<RangeOptions>): Promise<boolean> {
  try {
    await crew.run('write', from, to, options);
    return false;
  } catch (error) {
    if (error instanceof OperatorError && error.exitCode === EXIT.limit) return true;
    throw error;
  }
}

function endOfDisk({ settings, diskOf }: FilePlan, present: number, wanted: number): string {
  const reserve = formatBytes(diskReserve(diskOf(settings.directory)));
  return (
    `the disk holds ${formatCount(present)} of ${formatCount(wanted)} files with ${reserve} and a tenth of its inodes left ` +
    'free: the file half ends there'
  );
}
