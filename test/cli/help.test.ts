import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { usageOf } from '../../src/cli/command.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { commandHelp, programHelp } from '../../src/cli/help.js';
import { manPage } from '../../src/cli/man-page.js';
import { EXIT, EXIT_CODE_HELP } from '../../src/errors.js';
import { type OptionName, optionsOf, ROWS, rowOf } from '../../src/options/table.js';
import { optionsOfLine, type RawOptions } from '../support/options.js';

const WIDTHS = [80, 100];
const rooted = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe.each(COMMANDS.map((command) => [command.name, command] as const))('the help of %s', (name, command) => {
  it.each(WIDTHS)('fits a terminal of %i columns', (columns) => {
    const tooLong = commandHelp(command, columns)
      .split('\n')
      // A word can't be broken.
      .filter((line) => line.length > columns && line.trim().includes(' '));
    expect(tooLong).toEqual([]);
  });

  it('starts with examples of the command, and says where the exit codes are', () => {
    const [heading, , , examples, ...rest] = commandHelp(command, 80).split('\n');
    expect(heading).toBe(`sess2redis ${usageOf(command)}`);
    expect(examples).toBe('Examples:');
    expect(rest.filter((line) => line.includes(`sess2redis ${name}`)).length).toBeGreaterThan(0);
    expect(commandHelp(command, 80).endsWith('\n\nExit codes: see sess2redis --help')).toBe(true);
    expect(commandHelp(command, 80)).not.toContain(EXIT_CODE_HELP.split('\n')[1]);
  });

  it('lists every option under its heading, and every argument', () => {
    const text = commandHelp(command, 80);
    for (const { name: option, group } of optionsOf(name)) {
      const part = text.slice(text.indexOf(`\n${group}:\n`)).split('\n\n', 1)[0];
      expect(part, option).toMatch(new RegExp(`^  --${option}( \\S+)?(  |$)`, 'm'));
    }
    if (command.argument !== undefined)
      expect(text).toMatch(new RegExp(`^Arguments:\\n  ${command.argument.name} `, 'm'));
  });

  it('gives examples that can be pasted: each is a command line that this program knows', () => {
    for (const [line] of command.examples) {
      const options = [...line.matchAll(/ --([\w-]+)/g)].map(([, option]) => option);
      const known = optionsOf(name).map((option) => option.name);
      for (const option of options) expect(known, line).toContain(option);
      expect(line).toContain(`sess2redis ${name}`);
    }
  });
});

describe('the help of the program', () => {
  it('starts with examples, names every command, and ends with the exit codes', () => {
    const text = programHelp(COMMANDS, 80);
    expect(text.split('\n')[2]).toBe('Examples:');
    for (const command of COMMANDS) expect(text).toMatch(new RegExp(`^  ${command.name} +\\S`, 'm'));
    expect(text.endsWith(EXIT_CODE_HELP)).toBe(true);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});

describe('what is known of values', () => {
  it('is said of every option that takes one', () => {
    expect(ROWS.filter(({ kind, word }) => (kind === 'switch') !== (word === ''))).toEqual([]);
  });

  it.each(['conflict', 'anonymous', 'encoding', 'log-level', 'profile'] as const)(
    'of --%s are the choices that there are',
    (name: OptionName) => {
      const parse = (value: string) => {
        const raw: RawOptions = { to: 'redis://h', [name]: value };
        if (name === 'encoding' || value === 'generic')
          Object.assign(raw, { profile: 'generic', 'key-template': '{sid}' });
        optionsOfLine(raw);
      };
      const choices = rowOf(name).choices ?? [];
      for (const choice of choices) expect(() => parse(choice), choice).not.toThrow();
      let message = '';
      try {
        parse('wrong');
      } catch (error) {
        message = (error as Error).message;
      }
      const told = /choose (?:one of )?(.*)$/.exec(message)?.[1] as string;
      expect(told.split(/, | or /)).toEqual(choices);
    },
  );
});

describe('the manual page', () => {
  const { version } = JSON.parse(readFileSync(rooted('package.json'), 'utf8')) as { version: string };
  const page = manPage(COMMANDS, version);

  it('is the one that the table of options makes: run npm run man', () => {
    expect(readFileSync(rooted('man/sess2redis.1'), 'utf8')).toBe(page);
  });

  it('names every command, every option and every exit code', () => {
    const plain = page.replaceAll('\\-', '-').replaceAll('\\fB', '').replaceAll('\\fR', '');
    for (const command of COMMANDS) expect(plain).toContain(`.SS ${usageOf(command)}`);
    for (const { name } of ROWS) expect(plain, name).toMatch(new RegExp(`^--${name}\\b`, 'm'));
    for (const code of Object.values(EXIT)) expect(plain).toMatch(new RegExp(`\\b${code}\\b`));
  });

  it('is installed by the package', () => {
    const packed = JSON.parse(readFileSync(rooted('package.json'), 'utf8')) as { man: string[]; files: string[] };
    expect(packed.man).toEqual(['man/sess2redis.1']);
    expect(packed.files).toEqual(expect.arrayContaining(['man', 'schema', 'examples']));
  });
});
