import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsOf, ORDER, RULES, roomOf, type SourceFile, WHOLE_RULES } from './architecture.js';

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

  it.each(Object.keys(WHOLE_RULES))('keeps the rule of the whole: %s', (rule) => {
    expect(WHOLE_RULES[rule]?.(FILES)).toEqual([]);
  });
});

describe('the check of the source', () => {
  const [oneWay, door, pure, process, seam, name, length, tag, width] = Object.keys(RULES) as string[] as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];

  it.each([
    [oneWay, 'source/new.ts', "import { x } from '../intake/settings.js';", 'imports intake/settings.ts'],
    [oneWay, 'source/new.ts', "import type { X } from '../redis/batch.js';", 'imports redis/batch.ts'],
    [oneWay, 'applications/new.ts', "import {\n  x,\n} from '../lane/pool.js';", 'imports lane/pool.ts'],
    [oneWay, 'applications/new.ts', "export * from '../intake/take-file.js';", 'imports intake/take-file.ts'],
    [oneWay, 'lane/new.ts', "import '../run.js';", 'imports run.ts'],
    [oneWay, 'lane/new.ts', "const x = await import('../report/text.js');", 'imports report/text.ts'],
    [oneWay, 'redis/new.ts', "new Worker(new URL('../lane/lane.js', import.meta.url));", 'imports lane/lane.ts'],
    [oneWay, 'lane/new.ts', "import type { PassResult } from '../run.js';", 'imports run.ts'],
    [oneWay, 'run.ts', "import { x } from './cli/main.js';", 'imports cli/main.ts'],
    [oneWay, 'session.ts', "import { x } from './source/walk.js';", 'imports source/walk.ts'],
    [oneWay, 'new.ts', '', 'is in no known room'],
    [oneWay, 'new/new.ts', '', 'is in no known room'],
    [door, 'lane/new.ts', "import { Redis } from 'ioredis';", 'imports ioredis, whose door is redis'],
    [door, 'run.ts', "import type { Logger } from 'pino';", 'imports pino, whose door is report'],
    [door, 'source/new.ts', "import lodash from 'lodash';", 'imports lodash, whose door is nowhere'],
    [pure, 'applications/new.ts', "import fs from 'node:fs';", 'imports node:fs'],
    [pure, 'python/pickle/new.ts', "import { readFileSync } from 'node:fs';", 'imports node:fs'],
    [pure, 'applications/new.ts', 'const now = Date.now();', 'uses Date.now'],
    [pure, 'applications/new.ts', 'const now = performance.now();', 'uses performance.now'],
    [process, 'run.ts', 'process.exit(1);', 'uses process.exit'],
    [process, 'redis/new.ts', 'const x = process.env.X;', 'uses process.env'],
    [process, 'lane/new.ts', "console.log('x');", 'uses console.'],
    [seam, 'lane/new.ts', "import '../applications/odoo/plan.js';", 'imports ../applications/odoo/plan.js'],
    [seam, 'lane/new.ts', '// as Odoo saves it', 'names Odoo'],
    [name, 'source/utils.ts', '', 'says nothing'],
    [name, 'index.ts', '', 'says nothing'],
    [length, 'source/new.ts', 'x;\n'.repeat(251), 'has 251 lines'],
    [tag, 'source/new.ts', '/** Reads it. @throws {Error} */', 'has a tag inside line 1'],
    [tag, 'source/new.ts', '/**\n * Reads it. @param x a file\n */', 'has a tag inside line 2'],
    [width, 'source/new.ts', `// ${'x'.repeat(120)}`, 'is too wide in line 1'],
  ])('finds a breach of "%s" in %s: %j', (rule, path, text, fault) => {
    expect(faultsOf(rule, [{ path, text }])).toEqual([expect.stringContaining(`${path} ${fault}`)]);
  });

  it.each([
    [oneWay, 'lane/new.ts', "import { x } from '../source/walk.js';\nimport { y } from '../errors.js';"],
    [oneWay, 'report/new.ts', "import type { X } from '../lane/pool.js';"],
    [oneWay, 'cli/new.ts', "import { x } from '../run.js';"],
    [door, 'redis/new.ts', "import { Redis } from 'ioredis';\nimport net from 'node:net';"],
    [pure, 'applications/new.ts', '// Date.now() would make this impure.\n/* import fs from "node:fs"; */'],
    [process, 'cli/new.ts', 'process.exit(process.env.X);'],
    [process, 'options/new.ts', 'const x = process.env.X;'],
    [seam, 'lane/new.ts', "import '../applications/application.js'; // as it is saved"],
    [seam, 'applications/new.ts', "import './odoo/plan.js'; // as Odoo saves it"],
    [length, 'source/new.ts', 'x;\n'.repeat(250)],
  ])('finds no breach of "%s" in %s: %j', (rule, path, text) => {
    expect(faultsOf(rule, [{ path, text }])).toEqual([]);
  });

  it.each([
    [
      'no files import each other in a circle',
      { 'a/x.ts': "import './y.js';", 'a/y.ts': "import type { X } from './x.js';" },
    ],
    ['a large folder says where to begin', Object.fromEntries([...'123456789'].map((n) => [`a/${n}.ts`, '']))],
    ['no exported name has two meanings', { 'a/x.ts': 'export const one = 1;', 'b/y.ts': 'export function one() {}' }],
  ])('finds a breach of "%s"', (rule, files) => {
    const sources = Object.entries(files).map(([path, text]) => ({ path, text }));
    expect(WHOLE_RULES[rule]?.(sources)).toHaveLength(1);
    expect(WHOLE_RULES[rule]?.(sources.slice(1))).toEqual([]);
  });

  it('is the list that docs/architecture.md shows', () => {
    const page = readFileSync(fileURLToPath(new URL('../docs/architecture.md', import.meta.url)), 'utf8');
    const shown = /<!-- order -->\n\n?```\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    expect(shown.trim().split('\n')).toEqual(ORDER.map((rooms) => rooms.join('  ')));
  });

  it('reads every file of the source, and every import in it', () => {
    expect(FILES.length).toBeGreaterThan(60);
    expect(new Set(FILES.map(({ path }) => roomOf(path)))).toEqual(new Set(ORDER.flat()));
    // As many as there are lines that end in a module's name, which is how the formatter leaves them.
    for (const file of FILES) {
      const ends = file.text.split('\n').filter((line) => /^(import|export|\}).* from '[^']+';$/.test(line)).length;
      expect(importsOf(file).length, file.path).toBeGreaterThanOrEqual(ends);
    }
  });
});
