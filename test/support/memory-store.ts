import { createFsFromVolume, Volume } from 'memfs';
import { FileIntake } from '../../src/intake/take-file.js';
import type { LaneSettings } from '../../src/lane/settings.js';
import type { FileSystem } from '../../src/system/file-system.js';
import { HOUR, NOW, settingsOf } from './samples.js';

type Memory = FileSystem & typeof import('node:fs');

/** A store with these files, all saved an hour ago. */
function storeOf(files: Record<string, string | Buffer>): Memory {
  const fs = createFsFromVolume(new Volume()) as unknown as Memory;
  fs.mkdirSync('/store');
  for (const [path, content] of Object.entries(files)) {
    if (path.includes('/')) fs.mkdirSync(`/store/${path.slice(0, 2)}`, { recursive: true });
    fs.writeFileSync(`/store/${path}`, content);
    fs.utimesSync(`/store/${path}`, 1, (NOW - HOUR) / 1000);
  }
  return fs;
}

export function journeyOf(
  files: Record<string, string | Buffer>,
  settings: Partial<LaneSettings> = {},
  clock?: () => number,
): FileIntake {
  return new FileIntake(storeOf(files), settingsOf(settings), clock);
}

/** The value at the journey's end. */
export const textOf = (journey: FileIntake): string => journey.value.toString('latin1', 0, journey.valueLength);

/** {"uid": 7} as Python 3 pickles it in protocol 4, and a set that plain JSON has no shape for. */
export const PICKLE = Buffer.from('\x80\x04\x95\x0b\0\0\0\0\0\0\0}\x94\x8c\x03uid\x94K\x07s.', 'latin1');
export const PICKLE_WITH_SET = Buffer.from('\x80\x04}(\x8c\x03uidK\x07\x8c\x01s\x8f(K\x01\x90u.', 'latin1');
export const PICKLE_WITH_BYTES = Buffer.from('\x80\x04}(\x8c\x03uidK\x07\x8c\x01bC\x01\xffu.', 'latin1');
