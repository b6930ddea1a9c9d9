import { describe, expect, it } from 'vitest';
import { EXIT, OperatorError } from '../../src/errors.js';
import { parseBenchChoices } from '../../src/options/command-options.js';
import { parseOptions } from '../../src/options/run-options.js';
import { settleWith, type TypedOptions } from '../../src/options/settle.js';

function parse(line: TypedOptions) {
  const settled = settleWith('bench', line, {});
  return parseBenchChoices(settled, parseOptions(settled, []));
}

function faultsOf(line: TypedOptions): string {
  try {
    parse(line);
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorError);
    expect((error as OperatorError).exitCode).toBe(EXIT.usage);
    return (error as OperatorError).message;
  }
  return '';
}

describe('the options of bench', () => {
  it('have defaults', () => {
    expect(parse({})).toMatchObject({
      sessions: [100_000, 200_000, 500_000, 1_000_000],
      generation: { title: 'Odoo 19', release: '19' },
      seed: 1,
      filesIn: process.cwd(),
      isYes: false,
      mayDropCaches: false,
    });
  });

  it.each([
    ['1M', [1e6]],
    ['100k,1M,8M', [1e5, 1e6, 8e6]],
    ['2k, 1k,2000', [1000, 2000]],
    ['1', [1]],
  ])('take --sessions %s as steps in order, each once', (sessions, steps) => {
    expect(parse({ sessions }).sessions).toEqual(steps);
  });

  it.each(['', '0', '-1', '1.5', '1k,', 'many', '1k;2k', '101M', '1e6'])('refuse --sessions "%s"', (sessions) => {
    expect(faultsOf({ sessions })).toMatch(/^--sessions is .*write numbers of sessions up to 100M, as in 100k,1M,8M$/);
  });

  it('say no to files, or where', () => {
    expect(parse({ 'no-files': true }).filesIn).toBeNull();
    expect(parse({ files: '/tmp' }).filesIn).toBe('/tmp');
    expect(faultsOf({ files: '/tmp', 'no-files': true })).toMatch(/--files and --no-files say the opposite/);
    expect(faultsOf({ files: '/nowhere' })).toMatch(/--files \/nowhere is no directory/);
    expect(faultsOf({ files: '/etc/passwd' })).toMatch(/is no directory/);
  });

  it.each([
    ['7', /--odoo is "7": choose 8, 9, .*20 or mixed/],
    ['master', /camptocamp accepts no ids of 86 characters, as Odoo 20 makes them/],
  ])('refuse --odoo %s, of which there are no sessions for this reader', (odoo, sentence) => {
    expect(faultsOf({ odoo, sids: '40,84' })).toMatch(sentence);
  });

  it('tell all faults at once', () => {
    expect(faultsOf({ sessions: 'x', odoo: 'x', seed: 'x' }).split('; ')).toHaveLength(3);
  });
});
