import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { ask, connectControl } from '../../src/redis/control.js';
import { RedisServer } from '../support/redis-server.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(async () => {
  await redis.stop();
});

describe('a connection for questions', () => {
  it('refuses a database that the server does not have', async () => {
    const connected = connectControl({ ...redis.endpoint, databaseIndex: 99 });
    await expect(connected).rejects.toMatchObject({ exitCode: EXIT.usage });
    await expect(connected).rejects.toThrow('the server has no database 99');
  });

  it('refuses a wrong password, and one where none is asked for, and leaves no connection', async () => {
    await redis.run(['ACL', 'SETUSER', 'odoo', 'on', '>right', '+@all', '~*']);
    for (const credentials of [{ username: 'odoo', password: 'wrong' }, { password: 'unasked' }]) {
      const connected = connectControl({ ...redis.endpoint, ...credentials });
      await expect(connected).rejects.toMatchObject({ name: 'OperatorError', exitCode: EXIT.permission });
      await expect(connected).rejects.not.toThrow(credentials.password);
    }
    const client = await connectControl({ ...redis.endpoint, username: 'odoo', password: 'right', databaseIndex: 3 });
    expect(await ask(client, 'CLIENT', 'INFO')).toMatch(/ db=3 .* user=odoo /);
    client.disconnect();
    expect(
      String(await redis.run(['CLIENT', 'LIST']))
        .trim()
        .split('\n').length,
    ).toBe(1);
  });

  it('needs no right to SELECT for the first database', async () => {
    await redis.run(['ACL', 'SETUSER', 'small', 'on', '>right', '+ping']);
    const client = await connectControl({ ...redis.endpoint, username: 'small', password: 'right' });
    expect(await ask(client, 'PING')).toBe('PONG');
    await expect(ask(client, 'GET', 'session:x')).rejects.toMatchObject({ exitCode: EXIT.permission });
    client.disconnect();
  });

  it('fails with a sentence where nobody listens', async () => {
    const connected = connectControl({ ...redis.endpoint, address: '/nowhere/redis.sock' });
    await expect(connected).rejects.toMatchObject({ name: 'OperatorError', exitCode: EXIT.temporary });
  });
});
