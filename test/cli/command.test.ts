import { describe, expect, it } from 'vitest';
import { arrangeWords, nameOf } from '../../src/cli/command.js';
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
    ['migrate /s --prefix --rate 5', 'migrate /s --prefix --rate 5'],
    ['migrate --json -- -s --to', 'migrate ./-s ./--to --json'],
    ['explain -', 'explain -'],
    [`explain -${'a'.repeat(83)}`, `explain sid:-${'a'.repeat(83)}`],
    [`explain -- -${'a'.repeat(83)}`, `explain sid:-${'a'.repeat(83)}`],
  ])('reads %j as %j, wherever options stand', (line, wanted) => {
    const { command, words, wantsHelp, wantsVersion } = arrange(line);
    expect(words.join(' ')).toBe(wanted);
    expect(command && nameOf(command)).toBe(wanted.split(' ', 1)[0]);
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
    expect(command?.usage.split(' ', 1)[0]).toBe(wanted);
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
    ['migrate /s --confg c', 'unknown option --confg: did you mean --config?'],
  ])('is refused with the nearest word: %j', (line, fault) => {
    expect(() => arrange(line)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(fault) }),
    );
  });
});
