import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsOf, partOf, RULES, type SourceFile } from './architecture.js';

const ROOT = fileURLToPath(new URL('../src', import.meta.url));

const FILES: SourceFile[] = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => ({ path, text: readFileSync(`${ROOT}/${path}`, 'utf8') }));

const faultsOf = (rule: string, files: readonly SourceFile[]): string[] =>
  files.flatMap((file) =>
    (RULES[rule] as (file: SourceFile) => string[])(file).map((fault) => `${file.path} ${fault}`),
  );

describe('the source', () => {
  it.each(Object.keys(RULES))('keeps the rule: %s', (rule) => {
    expect(faultsOf(rule, FILES)).toEqual([]);
  });
});

describe('the check of the source', () => {
  const [oneWay, door, pure, process, name, length] = Object.keys(RULES) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];

  it.each([
    [oneWay, 'source/new.ts', "import { x } from '../parse/json.js';", 'imports parse/json.ts'],
    [oneWay, 'source/new.ts', "import type { X } from '../target/batch.js';", 'imports target/batch.ts'],
    [oneWay, 'parse/pickle/new.ts', "import {\n  x,\n} from '../../plan/plan.js';", 'imports plan/plan.ts'],
    [oneWay, 'plan/new.ts', "export * from '../lane/journey.js';", 'imports lane/journey.ts'],
    [oneWay, 'lane/new.ts', "import '../run.js';", 'imports run.ts'],
    [oneWay, 'lane/new.ts', "const x = await import('../report/text.js');", 'imports report/text.ts'],
    [oneWay, 'target/new.ts', "new Worker(new URL('../lane/lane.js', import.meta.url));", 'imports lane/lane.ts'],
    [oneWay, 'report/new.ts', "import type { PassResult } from '../run.js';", 'imports run.ts'],
    [oneWay, 'run.ts', "import { x } from './cli/main.js';", 'imports cli/main.ts'],
    [oneWay, 'session.ts', "import { x } from './source/walk.js';", 'imports source/walk.ts'],
    [oneWay, 'new.ts', '', 'is in no known part'],
    [oneWay, 'new/new.ts', '', 'is in no known part'],
    [door, 'lane/new.ts', "import { Redis } from 'ioredis';", 'imports ioredis, whose door is target'],
    [door, 'run.ts', "import type { Logger } from 'pino';", 'imports pino, whose door is report'],
    [door, 'source/new.ts', "import lodash from 'lodash';", 'imports lodash, whose door is nowhere'],
    [pure, 'parse/new.ts', "import fs from 'node:fs';", 'imports node:fs'],
    [pure, 'profiles/encodings/new.ts', "import { readFileSync } from 'node:fs';", 'imports node:fs'],
    [pure, 'plan/new.ts', 'const now = Date.now();', 'uses Date.now'],
    [pure, 'plan/new.ts', 'const now = performance.now();', 'uses performance.now'],
    [process, 'run.ts', 'process.exit(1);', 'uses process.exit'],
    [process, 'target/new.ts', 'const x = process.env.X;', 'uses process.env'],
    [process, 'lane/new.ts', "console.log('x');", 'uses console.'],
    [name, 'source/utils.ts', '', 'says nothing'],
    [name, 'index.ts', '', 'says nothing'],
    [length, 'source/new.ts', 'x;\n'.repeat(251), 'has 251 lines'],
  ])('finds a breach of "%s" in %s: %j', (rule, path, text, fault) => {
    expect(faultsOf(rule, [{ path, text }])).toEqual([expect.stringContaining(`${path} ${fault}`)]);
  });

  it.each([
    [oneWay, 'lane/new.ts', "import { x } from '../source/walk.js';\nimport { y } from '../errors.js';"],
    [oneWay, 'report/new.ts', "import type { X } from '../lane/journey.js';"],
    [oneWay, 'cli/new.ts', "import { x } from '../run.js';"],
    [door, 'target/new.ts', "import { Redis } from 'ioredis';\nimport net from 'node:net';"],
    [pure, 'parse/new.ts', '// Date.now() would make this impure.\n/* import fs from "node:fs"; */'],
    [process, 'cli/new.ts', 'process.exit(process.env.X);'],
    [process, 'options-new.ts', 'const x = process.env.X;'],
    [length, 'source/new.ts', 'x;\n'.repeat(250)],
  ])('finds no breach of "%s" in %s: %j', (rule, path, text) => {
    expect(faultsOf(rule, [{ path, text }])).toEqual([]);
  });

  it('reads every file of the source, and every import in it', () => {
    expect(FILES.length).toBeGreaterThan(60);
    const parts = new Set(FILES.map(({ path }) => partOf(path)));
    for (const part of [
      'cli',
      'source',
      'parse',
      'plan',
      'profiles',
      'target',
      'governor',
      'lane',
      'report',
      'nouns',
    ]) {
      expect(parts, part).toContain(part);
    }
    // As many as there are lines that end in a module's name, which is how the formatter leaves them.
    for (const file of FILES) {
      const ends = file.text.split('\n').filter((line) => /^(import|export|\}).* from '[^']+';$/.test(line)).length;
      expect(importsOf(file).length, file.path).toBeGreaterThanOrEqual(ends);
    }
  });
});
