import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import type { Endpoint } from '../../src/redis/endpoint.js';
import { tlsOptions, unreachable } from '../../src/redis/socket.js';
import { encodeCommand, Wire } from '../../src/redis/wire.js';
import { ScriptedServer } from '../support/scripted-server.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const directory = temporaryDirectory();
const wires: Wire[] = [];
const servers: ScriptedServer[] = [];

async function start(script: Parameters<typeof ScriptedServer.start>[0]): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script);
  servers.push(server);
  return server;
}

async function connect(endpoint: Endpoint): Promise<Wire> {
  const wire = await Wire.connect(endpoint);
  wires.push(wire);
  return wire;
}

afterEach(async () => {
  for (const wire of wires.splice(0)) wire.close();
  for (const server of servers.splice(0)) await server.stop();
});

describe('connecting', () => {
  it('logs in and selects the database before anything else', async () => {
    const server = await start((socket) => socket.write('+OK\r\n'));
    await connect({ ...server.endpoint, username: 'odoo', password: 'pässword', databaseIndex: 3 });
    expect(server.received.map(String)).toEqual([
      String(encodeCommand(['AUTH', 'odoo', 'pässword'])),
      String(encodeCommand(['SELECT', '3'])),
    ]);
  });

  it('asks for nothing where there is no password and the database is the first', async () => {
    const server = await start((socket) => socket.write('+PONG\r\n'));
    const wire = await connect(server.endpoint);
    await wire.request(encodeCommand(['PING']), 1);
    expect(server.text).toBe(String(encodeCommand(['PING'])));
  });

  it.each([
    ['-WRONGPASS invalid username-password pair\r\n', EXIT.permission, 'does not accept this user and password'],
    ['-NOAUTH Authentication required.\r\n', EXIT.permission, 'asks for a password'],
    ['-ERR no such thing as hunter2\r\n', EXIT.permission, 'the server answered: ERR (to AUTH)'],
  ])('fails with the sentence for %j, and leaves', async (reply, exitCode, message) => {
    let left: Promise<unknown> = Promise.resolve();
    const server = await start((socket) => {
      left = once(socket, 'close');
      socket.write(reply);
    });
    const connected = Wire.connect({ ...server.endpoint, password: 'hunter2' });
    await expect(connected).rejects.toMatchObject({ name: 'OperatorError', exitCode });
    await expect(connected).rejects.toThrow(message);
    await expect(connected).rejects.not.toThrow('hunter2');
    await left;
  });

  it('fails with a sentence where nobody listens', async () => {
    const server = await ScriptedServer.start(() => {});
    await server.stop();
    for (const endpoint of [
      server.endpoint,
      { ...server.endpoint, kind: 'unix' as const, address: `${directory}/none.sock` },
      { ...server.endpoint, kind: 'tls' as const },
    ]) {
      const connected = Wire.connect(endpoint);
      await expect(connected).rejects.toMatchObject({ name: 'OperatorError', exitCode: EXIT.temporary });
      await expect(connected).rejects.toThrow(/ECONNREFUSED|ENOENT/);
    }
  });

  it('fails with a sentence where TLS meets a server without it', async () => {
    const server = await start((socket) => socket.end('-ERR Protocol error\r\n'));
    const connected = Wire.connect({ ...server.endpoint, kind: 'tls' });
    await expect(connected).rejects.toMatchObject({ name: 'OperatorError', exitCode: EXIT.usage });
    await expect(connected).rejects.toThrow(/^rediss:\/\/127.*it speaks no TLS: write redis:/);
  });
});

describe('the sentence for a target that is out of reach', () => {
  const endpoint = { kind: 'tls' as const, address: 'redis.internal', port: 6380, tls: { isVerified: true } };
  const withCode = (code: string) => Object.assign(new Error(`it failed: ${code}`), { code });

  it.each([
    ['ECONNREFUSED', EXIT.temporary, 'check the address and that Redis runs'],
    ['EACCES', EXIT.permission, 'this user may not open the socket'],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      EXIT.permission,
      'is not trusted (SELF_SIGNED_CERT_IN_CHAIN): name its authority by --tls-ca',
    ],
    ['ERR_TLS_CERT_ALTNAME_INVALID', EXIT.permission, 'is not trusted'],
    ['CERT_HAS_EXPIRED', EXIT.permission, 'is not trusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', EXIT.permission, 'is not trusted'],
  ])('names the target and what to do about %s', (code, exitCode, message) => {
    const error = unreachable(endpoint, withCode(code));
    expect(error.exitCode).toBe(exitCode);
    expect(error.message).toMatch(/^rediss:\/\/redis\.internal:6380\/0: /);
    expect(error.message).toContain(message);
  });
});

describe('the options of TLS', () => {
  it('verify the name unless the operator says otherwise, and give no IP address as a name', () => {
    const endpoint = { kind: 'tls' as const, address: 'h', port: 1, tls: { isVerified: true, ca: 'CA' } };
    expect(tlsOptions(endpoint)).toEqual({ host: 'h', port: 1, servername: 'h', ca: 'CA', rejectUnauthorized: true });
    const other = { ...endpoint, address: '::1', tls: { isVerified: false, cert: 'C', key: 'K' } };
    expect(tlsOptions(other)).toEqual({ host: '::1', port: 1, cert: 'C', key: 'K', rejectUnauthorized: false });
  });
});
