import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KNOWN_PROFILES } from '../../src/applications/odoo/profiles.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { bashCompletion, fishCompletion, zshCompletion } from '../../src/cli/completion.js';
import { optionsOf } from '../../src/options/table.js';
import { isOnPath } from '../support/on-path.js';

const work = mkdtempSync(join(tmpdir(), 'sess2redis-completion-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
mkdirSync(join(work, 'sessions one'));
mkdirSync(join(work, 'sessions-two'));
for (const name of ['secret.txt', 'migrate']) writeFileSync(join(work, name), '');
const COMMAND_NAMES = [...COMMANDS.map(({ name }) => name), 'help'];

/** What bash offers for the last of these words. */
function bash(...words: string[]): string[] {
  const script = `${bashCompletion(COMMANDS)}
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _sess2redis; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', 'sess2redis', ...words], {
    cwd: work,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  it('offers the commands', () => {
    expect(bash('').sort()).toEqual([...COMMAND_NAMES].sort());
    expect(bash('mig')).toEqual(['migrate']);
    expect(bash('--json', 'mig')).toEqual(['migrate']);
    expect(bash('--')).toEqual(['--help', '--version']);
  });

  it('offers applications, releases and the beginnings of addresses', () => {
    expect(bash('migrate', '/s', '--app', 'lara')).toEqual(['laravel']);
    expect(bash('migrate', '/s', '--odoo', '1')).toContain('17');
    expect(bash('migrate', '/s', '--to', 're')).toEqual(['redis://', 'rediss://']);
    expect(bash('export', '/s', '--from', 'clu')).toEqual(['cluster://', 'clusters://']);
  });

  it('offers the options of the command, and no others', () => {
    for (const command of COMMANDS) {
      const options = optionsOf(command.name).map(({ name }) => `--${name}`);
      expect(bash(command.name, '--').sort()).toEqual([...options, '--help'].sort());
    }
  });

  it('offers the values that an option takes, behind a space and behind =', () => {
    expect(bash('migrate', '/s', '--conflict', '')).toEqual(['keep', 'overwrite']);
    // bash hands --conflict=k over as three words.
    expect(bash('migrate', '/s', '--conflict', '=', 'k')).toEqual(['keep']);
    expect(bash('migrate', '/s', '--conflict', '=')).toEqual(['keep', 'overwrite']);
    expect(bash('audit', '--profile', '')).toEqual(KNOWN_PROFILES.map(({ name }) => name));
    expect(bash('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(bash('migrate', '--rate', '')).toEqual([]);
  });

  it('offers directories for sources, and files for files', () => {
    expect(bash('migrate', 's').sort()).toEqual(['sessions one', 'sessions-two']);
    expect(bash('migrate', 'sessions-two', '--dry-run', 's').sort()).toEqual(['sessions one', 'sessions-two']);
    expect(bash('migrate', '--password-file', 'se').sort()).toEqual(['secret.txt', 'sessions one', 'sessions-two']);
    expect(bash('profiles', '')).toEqual([]);
  });
});

describe.skipIf(!isOnPath('zsh'))('completion in zsh', () => {
  it('is a script that zsh reads, and defines the completion', () => {
    const script = `autoload -U compinit && compinit -u -D\n${zshCompletion(COMMANDS)}\nprint -r -- $_comps[sess2redis]`;
    const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', script], { encoding: 'utf8', cwd: work });
    expect({ stdout, stderr }).toEqual({ stdout: '_sess2redis\n', stderr: '' });
  });

  /** What a zsh shows after Tab was pressed at the end of a line, up to what is expected. */
  function zsh(line: string, expected: string): string {
    writeFileSync(join(work, 'c.zsh'), zshCompletion(COMMANDS));
    const script = `zmodload zsh/zpty
zpty z 'PS1= TERM=dumb zsh -f -i'
zpty -w z 'autoload -U compinit && compinit -u -D; source c.zsh; zstyle ":completion:*" insert-tab false; echo REA""DY'
zpty -r z out '*READY*'
zpty -w -n z ${JSON.stringify(line)}$'\\t'
zpty -r z out ${JSON.stringify(`*${expected}*`)}
print -r -- "$out"`;
    return spawnSync('zsh', ['-f', '-c', script], { encoding: 'utf8', cwd: work, timeout: 60_000 }).stdout;
  }

  it.each([
    ['sess2redis mig', 'sess2redis migrate '],
    ['sess2redis --', '--version'],
    ['sess2redis migrate --app lara', '--app laravel '],
    ['sess2redis migrate --to ', 'clusters://'],
    ['sess2redis migrate --to uni', '--to unix://'],
  ])('makes of "%s" and Tab "%s"', (line, expected) => {
    expect(zsh(line, expected)).toContain(expected);
  });
});

describe.skipIf(!isOnPath('fish'))('completion in fish', () => {
  /** What fish offers at the end of this line. */
  function fish(line: string): string[] {
    writeFileSync(join(work, 'c.fish'), fishCompletion(COMMANDS));
    const words = ['--no-config', '-c', `source c.fish; complete -C ${JSON.stringify(line)}`];
    const { stdout, stderr } = spawnSync('fish', words, {
      cwd: work,
      encoding: 'utf8',
      env: { ...process.env, HOME: work },
    });
    expect(stderr).toBe('');
    return stdout.split('\n').flatMap((each) => (each === '' ? [] : [each.split('\t', 1)[0] as string]));
  }

  it('offers commands, options, values, directories and files', () => {
    expect(fish('sess2redis mig')).toEqual(['migrate']);
    expect(fish('sess2redis --').sort()).toEqual(['--help', '--version']);
    expect(fish('sess2redis migrate --to redi').sort()).toEqual(['redis://', 'rediss://']);
    expect(fish('sess2redis migrate --conf').sort()).toEqual(['--config', '--conflict']);
    expect(fish('sess2redis migrate --conflict ')).toEqual(['keep', 'overwrite']);
    expect(fish('sess2redis migrate s')).toEqual(['sessions one/', 'sessions-two/']);
    expect(fish('sess2redis audit --password-file sec')).toEqual(['secret.txt']);
  });
});

describe('every completion script', () => {
  it.each([
    ['bash', bashCompletion],
    ['zsh', zshCompletion],
    ['fish', fishCompletion],
  ] as const)('names every command and every option: %s', (_, scriptOf) => {
    const script = scriptOf(COMMANDS);
    for (const command of COMMANDS) {
      expect(script).toContain(command.name);
      for (const { name } of optionsOf(command.name)) expect(script).toMatch(new RegExp(`(--|-l )${name}\\b`));
    }
  });
});
