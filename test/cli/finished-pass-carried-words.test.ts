import { expect, it } from 'vitest';
import { carriedWords } from '../../src/cli/finished-pass.js';
import { parseTarget } from '../../src/redis/endpoint.js';
import { adviceFor } from '../../src/report/advice.js';
import { noteSentence } from '../../src/report/section.js';
import { summaryOf } from '../support/end-samples.js';

const TYPED = {
  to: 'redis://user:fake-password@r:6379/0',
  prefix: '',
  profile: 'generic',
  'key-template': 's:{sid}',
  sids: '40,84',
  user: 'odoo',
  'password-file': '/etc/pass word',
  'state-dir': '-state',
  lifetime: '7d',
  'odoo-db': ['shop', "it's"],
  'tls-insecure': true,
  config: 'run.yaml',
  conflict: 'overwrite',
  rate: '5k',
  'dry-run': true,
  limit: '10',
  json: true,
};

it('the next line repeats every option that decides about keys, server and ledger, and nothing of this one run', () => {
  const words = carriedWords('verify', TYPED).join(' ');
  for (const option of ['--profile generic', '--key-template s:{sid}', '--sids 40,84', '--user odoo', '--lifetime 7d'])
    expect(words).toContain(option);
  expect(words).toMatch(/--state-dir=-state .*--odoo-db shop --odoo-db it's --tls-insecure --config run.yaml/);
  for (const word of ['fake-password', 'overwrite', 'dry-run', 'limit', 'json']) expect(words).not.toContain(word);
});

it('a user in the URL becomes an option, and its password is never repeated', () => {
  const endpoint = parseTarget('redis://odoo%20app:fake-password@r:6379/0');
  const words = carriedWords('sync', { to: 'redis://odoo%20app:fake-password@r:6379/0' }, endpoint);
  expect(words).toEqual(['--user', 'odoo app']);
  expect(carriedWords('sync', { user: 'other' }, endpoint)).toEqual(['--user', 'other']);
});

it('a pace for a live shop is repeated for verify, and not for the syncs of the freeze', () => {
  expect(carriedWords('verify', TYPED).join(' ')).toContain('--rate 5k');
  expect(carriedWords('sync', TYPED)).not.toContain('--rate');
});

it('the line that explains one session asks the same server for the same key', () => {
  const summary = summaryOf({ listed: 5, outcomes: { malformed: 1 }, exitCode: 3 });
  const carried = (next: string) => carriedWords(next, TYPED);
  const advice = adviceFor({ summary, sources: ['/s'], target: 'redis://r:6379/0', rejectList: null, carried }).map(
    noteSentence,
  );
  expect(advice[0]).toMatch(/explain <path> --to redis:\/\/r:6379\/0 --prefix '' --profile generic .*--sids 40,84/);
  expect(advice[0]).not.toMatch(/state-dir|rate/);
});

it('the next line is one that a shell reads back as it is meant', () => {
  const summary = summaryOf({ listed: 5, outcomes: { written: 5 } });
  const carried = (next: string) => carriedWords(next, TYPED);
  const advice = adviceFor({ summary, sources: ['/s'], target: 'redis://r:6379/0', rejectList: null, carried }).map(
    noteSentence,
  );
  expect(advice[0]).toMatch(/^check it: sess2redis verify \/s --to redis:\/\/r:6379\/0 --prefix '' --profile generic/);
  expect(advice[0]).toContain("--password-file '/etc/pass word'");
  expect(advice[0]).toContain(`--odoo-db 'it'\\''s'`);
  expect(advice[1]).toMatch(/sync .*--prefix '' .* --final, and start the application/);
});
