import { describe, expect, it } from 'vitest';
import { arrangeWords } from '../../src/cli/command.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { optionsOf, ROWS } from '../../src/options/table.js';

const ALL = ['config', 'print-config', 'json'];
const TARGET =
  'user password-file sentinel-user sentinel-password-file tls-ca tls-cert tls-key tls-insecure address-map';
const KEY = 'app profile odoo prefix key-template encoding';
const VALUE = 'honour-expiration lifetime anonymous-lifetime anonymous odoo-db max-age max-file-size';
/** Whose files are read, and what becomes of those over their age. */
const FILES = 'owner grace';
const PACE =
  'rate max-io-pressure pause-file limit max-rejects shard pool-server log-level log-file metrics-file metrics-listen quiet verbose';
const PASS = `to ${TARGET} ${KEY} ${VALUE} ${PACE} no-color sids lanes report`;
const WRITING =
  'conflict accept-eviction skip-capacity-check dry-run state-dir throttle give-up-after max-delete fail-if-empty';

/**
 * What each command reads, looked up in its code: an option of the table belongs here only where the command does something
 * with it, and whatever is not here is refused.
 */
const READ: Readonly<Record<string, string>> = {
  migrate: `${PASS} ${FILES} ${WRITING}`,
  sync: `${PASS} ${FILES} ${WRITING} every final repair cutover-done`,
  // The rate is that of the migration which the verdict is about; whether that would be refused is asked as well.
  audit: `${PASS} ${FILES} accept-eviction skip-capacity-check fail-if-empty`,
  // The ledger in the state directory says what is ours; whose reads wait for a busy target.
  verify: `${PASS} ${FILES} state-dir throttle give-up-after sample expiry-tolerance`,
  // Rejects are listed in the state directory.
  export: `from ${TARGET} ${KEY} ${VALUE} ${PACE} no-color owner force dry-run state-dir throttle give-up-after fail-if-empty`,
  explain: `to ${TARGET} ${KEY} ${VALUE} ${FILES} sids source`,
  // Those that the default state directory follows from.
  ledger: `state-dir to ${KEY} odoo-db shard pool-server`,
  detect: `to ${TARGET} fail-if-empty`,
  bench: `to ${TARGET} ${KEY} sids lanes report quiet no-color sessions seed files no-files drop-caches yes`,
  generate: 'app sessions odoo junk odoo-db seed',
  profiles: '',
  apps: '',
  completion: '',
};

describe.each(COMMANDS.map(({ name }) => name))('%s', (name) => {
  const accepted = optionsOf(name).map((option) => option.name);

  it('takes the options that it does something with', () => {
    const reviewed = [
      ...ALL.filter((option) => name !== 'completion' || option !== 'json'),
      ...(READ[name] ?? '').split(' '),
    ];
    expect(accepted.toSorted()).toEqual(reviewed.filter((option) => option !== '').toSorted());
  });

  it('refuses every other one, and says so', () => {
    for (const option of ROWS.map((row) => row.name).filter((known) => !accepted.includes(known))) {
      const refused = expect.objectContaining({
        exitCode: 2,
        message: expect.stringContaining(`--${option} is no option of ${name}`),
      });
      expect(() => arrangeWords([name, `--${option}`, '1'], COMMANDS), option).toThrow(refused);
    }
  });
});
