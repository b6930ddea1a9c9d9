import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ioPressureMeter } from '../../src/governor/control-loop.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const file = join(temporaryDirectory(), 'io');
const waited = (someMs: number, fullMs: number) =>
  writeFileSync(
    file,
    `some avg10=9.99 avg60=9.99 avg300=9.99 total=${someMs * 1000}\nfull avg10=9.99 avg60=9.99 avg300=9.99 total=${fullMs * 1000}\n`,
  );

describe('the pressure on the disks', () => {
  it('is the share of the time since the last look in which somebody waited', () => {
    let nowMs = 5000;
    waited(1000, 999);
    const pressure = ioPressureMeter(() => nowMs, file);
    nowMs += 500;
    waited(1200, 999);
    expect(pressure()).toBeCloseTo(0.4);
    nowMs += 500;
    expect(pressure()).toBe(0);
    nowMs += 1000;
    waited(2200, 999);
    expect(pressure()).toBe(1);
  });

  it('is unknown where the kernel does not tell', () => {
    expect(ioPressureMeter(() => 0, '/nowhere/io')()).toBeNull();
    writeFileSync(file, 'nonsense');
    expect(ioPressureMeter(() => 0, file)()).toBeNull();
  });
});
