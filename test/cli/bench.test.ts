import { describe, expect, it } from 'vitest';
import { migrateSetup } from '../../src/cli/bench.js';
import { parseOptions } from '../../src/options/run-options.js';
import { settleWith } from '../../src/options/settle.js';

const ENVIRONMENT = { PATH: '/bin', SESS2REDIS_PASSWORD: 'hunter2', SESS2REDIS_PREFIX: 'prod' };

function environmentOf(to: string | undefined): Readonly<Record<string, string | undefined>> {
  const settled = settleWith('bench', to === undefined ? {} : { to }, ENVIRONMENT);
  return migrateSetup(['sess2redis'], parseOptions(settled, []), settled, ENVIRONMENT).migrate.environment;
}

describe('the environment of the migrate that is measured', () => {
  it("has no password for a server of the benchmark's own, which has none", () => {
    expect(environmentOf(undefined)).toEqual({ PATH: '/bin' });
  });

  it('has the password of the server that is named', () => {
    expect(environmentOf('redis://h')).toEqual({ PATH: '/bin', SESS2REDIS_PASSWORD: 'hunter2' });
  });
});
