import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PauseSwitch } from '../../src/governor/pause-switch.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const file = join(temporaryDirectory(), 'pause');

describe('a pause', () => {
  it('lasts as long as the file is there', () => {
    const pauses = new PauseSwitch(file);
    expect(pauses.pausedBy()).toBe('');
    writeFileSync(file, '');
    expect(pauses.pausedBy()).toBe(`${file} exists (--pause-file)`);
    rmSync(file);
    expect(pauses.pausedBy()).toBe('');
  });

  it('by hand lasts until it is resumed by hand, and tells at once', () => {
    const pauses = new PauseSwitch(null);
    const seen: string[] = [];
    pauses.onTurn = () => seen.push(pauses.pausedBy());
    pauses.pause('SIGUSR1');
    pauses.pause('SIGUSR1');
    pauses.resume();
    expect(seen).toEqual(['SIGUSR1', 'SIGUSR1', '']);
  });

  it('by a file outlasts a resume by hand', () => {
    const pauses = new PauseSwitch(file);
    writeFileSync(file, '');
    pauses.pause('SIGUSR1');
    expect(pauses.pausedBy()).toBe('SIGUSR1');
    pauses.resume();
    expect(pauses.pausedBy()).toContain('--pause-file');
    rmSync(file);
  });
});

it('a pause file that cannot be looked at is told once, and what was seen last holds', () => {
  const directory = temporaryDirectory();
  // A loop of links: the system can't say whether there is a file.
  const file = join(directory, 'loop');
  const pauses = new PauseSwitch(file);
  const told: string[] = [];
  pauses.onBlind = (why) => told.push(why);
  writeFileSync(file, '');
  expect(pauses.pausedBy()).not.toBe('');
  rmSync(file);
  symlinkSync('loop', file);
  expect(pauses.pausedBy()).not.toBe('');
  expect(pauses.pausedBy()).not.toBe('');
  expect(told).toEqual([expect.stringMatching(/^the pause file .*loop cannot be looked at \(ELOOP\)/)]);
  rmSync(file);
  expect(pauses.pausedBy()).toBe('');
});
