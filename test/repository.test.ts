import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { builtInNames, builtInTemplate } from '../src/applications/built-in.js';
import { COMMAND_NAMES, type CommandName } from '../src/option-entry.js';
import { optionsOf } from '../src/options/table.js';

/** Options that the templates of applications declare. */
const PARAMETERS = builtInNames().flatMap((name) => builtInTemplate(name).parameters.map((one) => one.name));

const rooted = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const textOf = (path: string) => readFileSync(rooted(path), 'utf8');

interface Manifest {
  repository: { url: string };
  bugs: { url: string };
  homepage: string;
  files: string[];
  scripts: Record<string, string>;
  engines: { node: string };
}

interface Field {
  type: string;
  id?: string;
  attributes: { label?: string; value?: string; options?: { required?: boolean }[] };
  validations?: { required: boolean };
}

const manifest = JSON.parse(textOf('package.json')) as Manifest;

describe('the package', () => {
  it('names one repository, and that is the one of the issue forms', () => {
    const [, address] = /^git\+(https:.*)\.git$/.exec(manifest.repository.url) as unknown as [string, string];
    expect([manifest.bugs.url, manifest.homepage]).toEqual([`${address}/issues`, `${address}#readme`]);
    expect(textOf('.github/ISSUE_TEMPLATE/config.yml')).toContain(`${address}/security`);
  });

  it('holds every directory that it says it does', () => {
    for (const name of manifest.files.filter((each) => each !== 'dist'))
      expect(existsSync(rooted(name)), name).toBe(true);
  });
});

describe('the workflow', () => {
  const workflow = parse(textOf('.github/workflows/ci.yml')) as {
    jobs: { run: { strategy: { matrix: { node: number[] } }; steps: { run?: string }[] } };
  };

  it('runs what .ci/run does on every Node that is promised', () => {
    const { strategy, steps } = workflow.jobs.run;
    expect(steps.at(-1)?.run).toBe('.ci/run');
    expect(strategy.matrix.node).toEqual([20, 22, 24]);
    expect(manifest.engines.node).toBe('>=20.19');
  });
});

describe('the documents', () => {
  const documents = ['MIGRATION.md', 'CONTRIBUTING.md', 'SECURITY.md', '.github/pull_request_template.md', ...docs()];

  const written = documents.filter((path) => path !== 'docs/templates.md');

  it.each(documents)('%s names no npm script that there is not', (path) => {
    const named = [...textOf(path).matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string);
    for (const name of named) expect(Object.keys(manifest.scripts)).toContain(name);
  });

  // The page on templates is ahead of the program: its commands are not there yet.
  it.each([...written, 'README.md'])('%s names no command or option that there is not', (path) => {
    const text = textOf(path).replace(/\\\n\s*/g, '');
    for (const [, command, rest] of text.matchAll(/(?:^\$ |`)(?:env -u \w+ )?sess2redis ([a-z]+)\b([^`\n#]*)/gm)) {
      expect(COMMAND_NAMES).toContain(command);
      const declared = (rest as string).includes('--app') ? PARAMETERS : [];
      const known = [...optionsOf(command as CommandName).map(({ name }) => name as string), ...declared];
      const named = [...(rest as string).matchAll(/(?<=\s)--([\w-]+)/g)].map(([, option]) => option as string);
      for (const option of named) expect(known, command).toContain(option);
    }
  });

  it.each([...documents, 'README.md'])('%s has no link that leads nowhere', (path) => {
    const text = textOf(path);
    for (const [, target, anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
      const file = fileURLToPath(new URL(target as string, new URL(`../${path}`, import.meta.url)));
      expect(existsSync(file), target).toBe(true);
      if (anchor === undefined) continue;
      expect(anchorsOf(target === '' ? text : textOf(relative(rooted(''), file)))).toContain(anchor);
    }
  });

  it.each(written)('%s has no line of prose over 120 columns', (path) => {
    const prose = textOf(path)
      .replace(/^```[\s\S]*?^```/gm, '')
      .replace(/^\|.*/gm, '');
    expect(prose.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });
});

describe.each(['fault', 'missing'])('the issue form "%s"', (name) => {
  const { body } = parse(textOf(`.github/ISSUE_TEMPLATE/${name}.yml`)) as { body: Field[] };

  it('asks for version, server and audit, and warns against pasting a session id before anything else', () => {
    const ids = body.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['version', 'server', 'audit', 'what']));
    expect(new Set(ids).size).toBe(ids.length);
    expect(body[0]?.attributes.value).toMatch(/\*\*Never paste a session id/);
    expect(body.find(({ id }) => id === 'secrets')?.attributes.options?.[0]?.required).toBe(true);
  });
});

function docs(): string[] {
  return readdirSync(rooted('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading as string);
  return headings.map((each) =>
    each
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
