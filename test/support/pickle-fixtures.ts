import { readdirSync, readFileSync } from 'node:fs';
import type { Notation } from './python-notation.js';

const ROOT = new URL('../../fixtures/pickle/', import.meta.url);

/** One pickle that fixtures/pickle/generate.py has made, with what has to come of it. */
export interface PickleFixture {
  name: string;
  case: string;
  protocol: number;
  bytes: Buffer;
  expected: { value: Notation; plain: string | null; c2c: string | null };
}

function readCase(name: string): PickleFixture[] {
  const directory = new URL(`${name}/`, ROOT);
  const expected = JSON.parse(readFileSync(new URL('expected.json', directory), 'utf8'));
  const pickles = readdirSync(directory).filter((file) => file.endsWith('.pickle'));
  return pickles.map((file) => ({
    name: `${name}/${file}`,
    case: name,
    protocol: Number(file[1]),
    bytes: readFileSync(new URL(file, directory)),
    expected,
  }));
}

export const PICKLE_FIXTURES: PickleFixture[] = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
  .flatMap((entry) => readCase(entry.name));

/** The bytes of one fixture. */
export function pickleOf(name: string, protocol: number): Buffer {
  const found = PICKLE_FIXTURES.find((fixture) => fixture.case === name && fixture.protocol === protocol);
  if (found === undefined) throw new Error(`no fixture ${name} of protocol ${protocol}`);
  return found.bytes;
}
