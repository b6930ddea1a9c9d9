import { describe, expect, it } from 'vitest';
import { odooReaderOf } from '../support/odoo-settings.js';
import { optionsOfLine, type RawOptions } from '../support/options.js';

const parse = (raw: RawOptions) => optionsOfLine({ to: 'redis://r', ...raw });

describe('a prefix that repeats what the key has around it', () => {
  it.each<[string, string, string]>([
    ['camptocamp', 'prod:', 'write --prefix prod,'],
    ['camptocamp', 'prod::', 'write --prefix prod,'],
    ['camptocamp', 'session:prod', 'write --prefix prod,'],
    ['camptocamp-19', 'session::prod:', 'write --prefix prod,'],
    ['mangono', ':', 'leave --prefix out'],
    ['sidecar', 'odoo_session:', 'write --prefix odoo_session,'],
    ['odoo_redis_session', 'prod:session:', 'write --prefix prod,'],
    ['odoo_redis_session', 'prod:', 'write --prefix prod,'],
  ])('is questioned: %s %j', (profile, prefix, advice) => {
    const fault = expect.objectContaining({ exitCode: 2, message: expect.stringContaining(advice) });
    expect(() => parse({ profile, prefix })).toThrow(fault);
  });

  it.each<[RawOptions]>([
    [{ prefix: 'prod' }],
    [{ prefix: 'a:b' }],
    [{ prefix: 'sessions' }],
    [{ profile: 'muk', prefix: 'prod:' }],
    [{ profile: 'smile', prefix: 'session:' }],
    [{ profile: 'generic', 'key-template': '{prefix}{sid}', prefix: 'prod:' }],
    [{ profile: 'generic', 'key-template': 's:{sid}:{prefix}', prefix: 'prod:' }],
  ])('is none, and taken as it is: %j', (raw) => {
    expect(odooReaderOf(parse(raw).reader).settled.named.prefix).toBe(raw.prefix);
  });
});
