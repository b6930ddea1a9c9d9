import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { Faults } from '../../src/errors.js';
import { COMMAND_NAMES, type CommandName } from '../../src/option-entry.js';
import { readConfig } from '../../src/options/config-file.js';
import { ROWS } from '../../src/options/table.js';

function read(text: string, command: CommandName = 'migrate'): Record<string, unknown> {
  const faults = new Faults();
  const found = readConfig('c.yaml', text, command, faults);
  faults.throwIfAny();
  return Object.fromEntries([...found].map(([name, { value }]) => [name, value]));
}

describe('a configuration file', () => {
  it('holds options by their long names, as YAML or as JSON', () => {
    const wanted = { to: 'redis://h', rate: '5k', 'odoo-db': ['shop', 'test'], 'dry-run': true };
    expect(read('to: redis://h\nrate: 5k\nodoo-db:\n  - shop\n  - test\ndry-run: true\n')).toEqual(wanted);
    expect(read('{"to": "redis://h", "rate": "5k", "odoo-db": ["shop", "test"], "dry-run": true}')).toEqual(wanted);
    expect(read('{\n\t"rate": "5k"\n}')).toEqual({ rate: '5k' });
  });

  it('keeps values as they are written', () => {
    const text = "prefix: 007\nlimit: 1_000\nrate: 1e3\nshard: 1/3\nlifetime: '7d'\nto: unix:///a b\nodoo-db: 1.10\n";
    expect(read(text)).toEqual({
      prefix: '007',
      limit: '1_000',
      rate: '1e3',
      shard: '1/3',
      lifetime: '7d',
      to: 'unix:///a b',
      'odoo-db': ['1.10'],
    });
  });

  it('takes ~ for the home directory where the value is a path', () => {
    const text = 'log-file: ~/run.log\nprefix: ~/x\n';
    const found = readConfig('c', text, 'migrate', new Faults());
    expect(found.get('log-file')?.value).toBe(`${homedir()}/run.log`);
    expect(found.get('prefix')?.value).toBe('~/x');
  });

  it('says on which line each value stands', () => {
    const found = readConfig('c', '# c\n\nrate: 1\nmigrate:\n\n  limit: 5\n', 'migrate', new Faults());
    expect(Object.fromEntries([...found].map(([name, { line }]) => [name, line]))).toEqual({ rate: 3, limit: 6 });
  });

  it('may be empty', () => {
    expect(read('')).toEqual({});
    expect(read('# nothing yet\n')).toEqual({});
    expect(read('{}')).toEqual({});
  });

  it.each(['rate: 1\nmigrate:\n  rate: 2\n', 'migrate:\n  rate: 2\nrate: 1\n'])(
    'puts options of a command before those of all, wherever they stand: %j',
    (text) => {
      expect(read(text, 'migrate')).toEqual({ rate: '2' });
      expect(read(text, 'sync')).toEqual({ rate: '1' });
    },
  );

  it('passes over what only other commands know', () => {
    const text = 'sessions: 5\nrate: 5\nmigrate: {limit: 2}\n';
    expect(read(text, 'generate')).toEqual({ sessions: '5' });
    expect(read(text, 'profiles')).toEqual({});
  });

  it('may repeat itself by reference', () => {
    expect(read('migrate: &all\n  rate: 5\nsync: *all\n', 'sync')).toEqual({ rate: '5' });
  });

  it.each([
    ['rat: 5', 'c.yaml:1: "rat" is no option: did you mean rate?'],
    ['a: 1\nmax-reject: 5', 'c.yaml:2: "max-reject" is no option: did you mean max-rejects?'],
    ['migarte: {}', 'c.yaml:1: "migarte" is no option: did you mean migrate?'],
    ['loudness: 5', 'c.yaml:1: "loudness" is no option: see sess2redis --help'],
    ['constructor: 5', '"constructor" is no option'],
    ['password: x', 'c.yaml:1: a password has no place here: put it into a file and name that by password-file'],
    ['config: x', 'c.yaml:1: config goes on the command line'],
    ['print-config: true', 'c.yaml:1: print-config goes on the command line'],
    ['migrate:\n  sessions: 5', 'c.yaml:2: "sessions" is no option'],
    ['generate:\n  rate: 5', 'c.yaml:2: "rate" is no option'],
    ['migrate: 5', 'c.yaml:1: migrate holds no options: write them as name: value'],
    ['- rate', 'c.yaml:1: the file holds no options: write them as name: value'],
    ['rate', 'the file holds no options'],
    ['rate:', 'c.yaml:1: rate has no value: write one, or leave the line out'],
    ['rate: {a: 1}', 'rate has no value'],
    ['rate: [1, 2]', 'c.yaml:1: rate takes one value: write it without a list'],
    ['odoo-db: [a, [b]]', 'c.yaml:1: odoo-db lists something that is no text'],
    ['json: yes', 'c.yaml:1: json is on or off: write true or false'],
    ['json: "true"', 'json is on or off'],
    ['rate: 1\nrate: 2', 'c.yaml:2: Map keys must be unique'],
    ['rate: "5', 'c.yaml:1: '],
    ['rate: 1\n---\nrate: 2', 'c.yaml:'],
  ])('is refused with file, line and advice: %j', (text, fault) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringContaining(fault) }));
  });

  it('has all its faults named at once', () => {
    expect(() => read('rat: 5\njson: maybe\nsync: {lane: 2}\n')).toThrow(
      /:1: "rat".*; .*:2: json.*; .*:3: "lane" .*lanes\?/,
    );
  });
});

describe('the words of a configuration', () => {
  it('can be told apart: no option is named like a command', () => {
    expect(ROWS.filter(({ name }) => COMMAND_NAMES.some((command) => command === (name as string)))).toEqual([]);
  });
});
