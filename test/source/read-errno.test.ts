import type { Dir } from 'node:fs';
import fs, { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EXIT, OperatorError } from '../../src/errors.js';
import { FileIntake } from '../../src/intake/take-file.js';
import { maskSid } from '../../src/masking.js';
import { codeOf, type Outcome } from '../../src/session.js';
import { ChunkCursor } from '../../src/source/chunk.js';
import { DirectoryCensus } from '../../src/source/directories.js';
import { surveyStores } from '../../src/source/survey.js';
import { walk } from '../../src/source/walk.js';
import { explained } from '../../src/system/errno.js';
import { type FileSystem, realFileSystem } from '../../src/system/file-system.js';
import { atOnce } from '../support/at-once.js';
import { flat, hashed, hex40, jsonSession, ODOO, settingsOf } from '../support/samples.js';
import { SYSTEM_ERRORS, systemError } from '../support/system-errors.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const CALLS = [
  ...['opendirSync', 'Dir.readSync', 'Dir.closeSync', 'openSync', 'fstatSync', 'readSync', 'closeSync'],
  ...['statSync', 'lstatSync', 'readlinkSync', 'realpathSync'],
] as const;

const store = temporaryDirectory();
for (const path of [flat(hex40(1)), hashed(hex40(2)), hashed(hex40(3))]) {
  mkdirSync(`${store}/${path}`.replace(/\/[^/]*$/, ''), { recursive: true });
  writeFileSync(`${store}/${path}`, jsonSession());
}
// Others may write here, so what is opened is looked at more closely.
chmodSync(store, 0o777);

/** Which call fails, how, and from which time on. */
const plan = { call: '', error: '', nth: 1, times: 0 };

function check(call: string, path: unknown): void {
  if (call === plan.call && ++plan.times >= plan.nth)
    throw systemError(plan.error, call.replace('Sync', ''), String(path));
}

beforeAll(() => {
  for (const call of CALLS) {
    if (call.startsWith('Dir.')) continue;
    const real = fs[call as 'statSync'] as (...all: unknown[]) => unknown;
    vi.spyOn(fs, call as 'statSync').mockImplementation(((...all: unknown[]) => {
      // What is open is closed all the same.
      if (call === 'closeSync') real(...all);
      check(call, all[0]);
      if (call === 'closeSync') return undefined;
      const result = real(...all);
      return call === 'opendirSync' ? watched(result as Dir) : result;
    }) as never);
  }
});

afterAll(() => vi.restoreAllMocks());

function watched(directory: Dir): Dir {
  const read = directory.readSync.bind(directory);
  const close = directory.closeSync.bind(directory);
  directory.readSync = () => {
    check('Dir.readSync', directory.path);
    return read();
  };
  directory.closeSync = () => {
    close();
    check('Dir.closeSync', directory.path);
  };
  return directory;
}

/** What a pass makes of the store: an outcome for each entry, or the sentence that ends it. */
function pass(fileSystem: FileSystem): { outcomes: (Outcome | null)[]; stopped: unknown } {
  const outcomes: (Outcome | null)[] = [];
  try {
    atOnce(surveyStores([store], ODOO, fileSystem, { maxNames: 100, sampleSize: 2, random: () => 0 }));
    const census = new DirectoryCensus([store], fileSystem, { mask: maskSid });
    const journey = new FileIntake(fileSystem, settingsOf({ sources: [store] }));
    const onUnreadable = () => outcomes.push('unreadable');
    const chunks = walk([store], {
      ...{ application: ODOO, fileSystem, maxEntries: () => 2, shards: null, onUnreadable },
      onListed: (directory) => census.add(directory),
    });
    for (const chunk of chunks) {
      const cursor = new ChunkCursor(chunk);
      while (cursor.next()) {
        journey.reader.mark(`${store}/${cursor.path}`);
        outcomes.push(journey.take(0, cursor.path, cursor.mayBeFile, Date.now()));
        journey.weigh(0, cursor.path);
      }
    }
    return { outcomes, stopped: null };
  } catch (error) {
    return { outcomes, stopped: explained(error) };
  }
}

/** With descriptors that have names, as on Linux, and without. */
const FILE_SYSTEMS = [
  ['as it is', () => realFileSystem],
  ['without /proc', () => ({ ...realFileSystem })],
] as const;

describe.each(CALLS.flatMap((call) => FILE_SYSTEMS.map(([name, of]) => [call, name, of] as const)))(
  '%s that fails, the system %s',
  (call, _name, fileSystem) => {
    it(`becomes an outcome or a sentence, whichever of ${SYSTEM_ERRORS.length} errors it is and whenever it comes`, () => {
      for (const error of SYSTEM_ERRORS) {
        for (const nth of [1, 2, 3, 4]) {
          Object.assign(plan, { call, error, nth, times: 0 });
          const { outcomes, stopped } = pass(fileSystem());
          plan.call = '';
          for (const outcome of outcomes)
            if (outcome !== null) expect(codeOf(outcome), error).toBeGreaterThanOrEqual(0);
          if (stopped === null) continue;
          expect(stopped, `${call} ${error} ${nth}`).toBeInstanceOf(OperatorError);
          expect((stopped as OperatorError).exitCode).not.toBe(EXIT.unexpected);
          expect((stopped as OperatorError).message).toMatch(/E[A-Z]{2}/);
        }
      }
    });
  },
);

describe('one directory that cannot be read', () => {
  it.each(['EIO', 'EUCLEAN', 'EBADMSG', 'EACCES'])('is one unreadable, and the pass goes on: %s', (error) => {
    const { outcomes, stopped } = pass(unreadableAt(hex40(2).slice(0, 2), error));
    expect(stopped).toBeNull();
    expect(outcomes.filter((outcome) => outcome === 'unreadable')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === null)).toHaveLength(2);
  });
});

function unreadableAt(shard: string, error: string): FileSystem {
  const opendirSync = (...all: Parameters<FileSystem['opendirSync']>): Dir => {
    const directory = realFileSystem.opendirSync(...all);
    if (String(all[0]).endsWith(`/${shard}`)) {
      directory.readSync = () => {
        throw systemError(error, 'scandir', String(all[0]));
      };
    }
    return directory;
  };
  return { ...realFileSystem, opendirSync } as FileSystem;
}
