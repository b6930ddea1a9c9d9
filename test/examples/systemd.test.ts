import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { isOnPath } from '../support/on-path.js';

const UNITS = fileURLToPath(new URL('../../examples/systemd/', import.meta.url));
const NAMES = ['sess2redis-sync.service', 'sess2redis-sync.timer'];
const work = mkdtempSync(join(tmpdir(), 'sess2redis-units-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The units in a directory of their own, with a program that this machine has. */
function install(change: (text: string) => string = (text) => text): string[] {
  return NAMES.map((name) => {
    const path = join(work, name);
    const text = readFileSync(join(UNITS, name), 'utf8').replaceAll('/usr/bin/sess2redis', process.execPath);
    writeFileSync(path, change(text));
    return path;
  });
}

const analyze = (...words: string[]) => spawnSync('systemd-analyze', words, { encoding: 'utf8' });

describe.skipIf(!isOnPath('systemd-analyze'))('the systemd units', () => {
  it('are sound, and systemd has nothing to say about them', () => {
    const { status, stdout, stderr } = analyze('verify', '--man=no', ...install());
    expect(`${stdout}${stderr}`).toBe('');
    expect(status).toBe(0);
  });

  it('are looked at closely enough for a slip to show', () => {
    const { stderr } = analyze('verify', '--man=no', ...install((text) => text.replace('Type=oneshot', 'Typ=oneshot')));
    expect(stderr).toMatch(/Unknown key/i);
  });

  it('expose little: below 2 on the scale of systemd-analyze security, where 10 is everything', () => {
    const [service] = install() as [string];
    const { status, stdout, stderr } = analyze('security', '--offline=yes', '--threshold=20', '--no-pager', service);
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});

describe('the systemd service', () => {
  const text = readFileSync(join(UNITS, 'sess2redis-sync.service'), 'utf8');

  it('takes a pass with rejects for a success, and no other code', () => {
    expect(text).toMatch(new RegExp(`^SuccessExitStatus=${EXIT.rejects}$`, 'm'));
  });

  it('hands the password over as a credential, never as a word or a variable', () => {
    expect(text).toMatch(/^LoadCredential=redis-password:/m);
    expect(text).toMatch(/--password-file %d\/redis-password/);
    expect(text).not.toMatch(/^Environment/m);
  });

  it('uses the configuration and the state directory of the cutover', () => {
    const config = readFileSync(fileURLToPath(new URL('../../examples/config.yaml', import.meta.url)), 'utf8');
    const [, state] = /--state-dir %S\/(\S+)/.exec(text) ?? [];
    expect(config).toMatch(new RegExp(`^state-dir: /var/lib/${state}$`, 'm'));
    expect(config).toMatch(/^password-file: \/etc\/sess2redis\/redis-password$/m);
    expect(text).toMatch(/^LoadCredential=redis-password:\/etc\/sess2redis\/redis-password$/m);
    expect(text).toContain('--config /etc/sess2redis/config.yaml');
  });
});
