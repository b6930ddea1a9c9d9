import { describe, expect, it } from 'vitest';
import { arrangeWords, checkArguments, usageOf } from '../../src/cli/command.js';
import { COMMANDS } from '../../src/cli/commands.js';

const arrange = (line: string) => arrangeWords(line === '' ? [] : line.split(' '), COMMANDS);

describe('a command line', () => {
  it.each([
    ['migrate /s --to u', 'migrate /s --to u'],
    ['--to u migrate /s', 'migrate /s --to u'],
    ['--json migrate /s --to u', 'migrate /s --json --to u'],
    ['migrate --odoo-db a --odoo-db b /s', 'migrate /s --odoo-db a --odoo-db b'],
    ['--prefix audit migrate /s', 'migrate /s --prefix audit'],
    ['migrate /s --rate -5', 'migrate /s --rate -5'],
    ['migrate /s --json false --dry-run', 'migrate /s --json false --dry-run'],
    ['migrate --rate=5 /s', 'migrate /s --rate=5'],
    ['migrate --json -- -s --to', 'migrate ./-s ./--to --json'],
    ['explain -', 'explain -'],
    [`explain -${'a'.repeat(83)}`, `explain -${'a'.repeat(83)}`],
    [`explain -- -${'a'.repeat(83)}`, `explain -${'a'.repeat(83)}`],
  ])('reads %j as %j, wherever options stand', (line, wanted) => {
    const { command, words, options, wantsHelp, wantsVersion } = arrange(line);
    expect([command?.name, ...words, ...options].join(' ')).toBe(wanted);
    expect([wantsHelp, wantsVersion]).toEqual([false, false]);
  });

  it.each([
    ['migrate --help', 'migrate'],
    ['-h migrate', 'migrate'],
    ['help migrate', 'migrate'],
    ['migrate /s --tu x --help', 'migrate'],
    ['--help', undefined],
    ['help', undefined],
  ])('asks for help: %j', (line, wanted) => {
    const { command, wantsHelp } = arrange(line);
    expect(wantsHelp).toBe(true);
    expect(command?.name).toBe(wanted);
  });

  it('asks for the version, or for nothing', () => {
    expect(arrange('--version')).toMatchObject({ command: null, wantsVersion: true });
    expect(arrange('')).toMatchObject({ command: null, wantsHelp: false, wantsVersion: false });
  });

  it.each([
    ['migrat /s', 'unknown command migrat: did you mean migrate?'],
    ['adit /s', 'unknown command adit: did you mean audit?'],
    ['/srv/sessions --to u', 'unknown command /srv/sessions: see sess2redis --help'],
    ['migrate --prefx shop /s', 'unknown option --prefx: did you mean --prefix?'],
    ['migrate --prefx=shop /s', 'unknown option --prefx: did you mean --prefix?'],
    ['migrate --dryrun /s', 'unknown option --dryrun: did you mean --dry-run?'],
    ['migrate /s -rate 5', 'unknown option -rate: did you mean --rate?'],
    ['migrate /s -q', 'unknown option -q: see sess2redis migrate --help'],
    ['migrate /s --constructor', 'unknown option --constructor: see sess2redis migrate --help'],
    ['audit /s --conflict keep', '--conflict is no option of audit: see sess2redis audit --help'],
    ['migrate /s --lane 2 --rat 5', '--lane: did you mean --lanes?; unknown option --rat: did you mean --rate?'],
    ['migrate /s --prefix --rate 5', '--prefix has no value: write one behind it: see sess2redis migrate --help'],
    ['migrate /s --to', '--to has no value: write one behind it'],
    ['migrate /s --confg c', 'unknown option --confg: did you mean --config?'],
  ])('is refused with the nearest word: %j', (line, fault) => {
    expect(() => arrange(line)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(fault) }),
    );
  });
});

describe('the words of a command', () => {
  const check = (line: string) => () => {
    const { command, words } = arrange(line);
    if (command !== null) checkArguments(command, words, false);
  };

  it.each(['migrate a', 'migrate a b', 'explain a', 'ledger', 'ledger a b', 'completion', 'completion zsh', 'detect'])(
    'may be as many as in %j',
    (line) => {
      expect(check(line)).not.toThrow();
    },
  );

  it.each([
    ['migrate', 'name the source of migrate: see sess2redis migrate --help'],
    ['explain a b c', 'explain takes one session, so leave out b, c: see sess2redis explain --help'],
    ['detect a', 'detect takes no words beside its options, so leave out a'],
  ])('are refused where there are too few or too many: %j', (line, fault) => {
    expect(check(line)).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringContaining(fault) }));
  });

  it('are shown in brackets that say how many there may be', () => {
    const usages = COMMANDS.map(usageOf);
    expect(usages).toEqual(expect.arrayContaining(['migrate <source...>', 'ledger [source...]', 'explain <session>']));
    expect(usages).toEqual(expect.arrayContaining(['completion [shell]', 'detect']));
  });
});
