import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { parseMappedHost } from '../../src/options/target.js';
import { announcedHost, announcedServer } from '../../src/redis/cluster.js';
import { type Endpoint, parseTarget } from '../../src/redis/endpoint.js';
import { tlsOptions, unreachable } from '../../src/redis/socket.js';

const mapped = (pairs: readonly string[], kind: Endpoint['kind'] = 'tcp'): Endpoint => ({
  ...parseTarget('sentinel://s/shop'),
  kind,
  addressMap: pairs.map(parseMappedHost),
});

describe('the map of addresses', () => {
  it.each([
    ['10.0.0.4:6379=localhost:7001', { address: 'localhost', port: 7001 }],
    ['10.0.0.4=localhost', { address: 'localhost', port: 6379 }],
    ['10.0.0.5=localhost', { address: '10.0.0.4', port: 6379 }],
    ['10.0.0.4:6380=localhost:7001', { address: '10.0.0.4', port: 6379 }],
    ['10.0.0.4:6379=[::1]:7001', { address: '::1', port: 7001 }],
  ])('leads by %s to %j', (pair, way) => {
    const server = announcedServer(mapped([pair]), { address: '10.0.0.4', port: 6379 }, 'sentinel s:26379');
    expect(server).toMatchObject(way);
  });

  it('prefers the way of the very port', () => {
    const endpoint = mapped(['h=a', 'h:2=b:3']);
    expect(announcedServer(endpoint, { address: 'H', port: 2 }, 'x')).toMatchObject({ address: 'b', port: 3 });
    expect(announcedServer(endpoint, { address: 'h', port: 1 }, 'x')).toMatchObject({ address: 'a', port: 1 });
  });

  it.each(['', 'a', 'a=b=c', 'a=', '=b', 'a=b:0', 'a=b:70000', 'a=b:7001', 'redis://a=b', 'u@a=b'])(
    'is no %j',
    (pair) => {
      expect(() => parseMappedHost(pair)).toThrow(
        expect.objectContaining({ exitCode: EXIT.usage, message: expect.stringContaining('write --address-map') }),
      );
    },
  );

  it('lets a certificate be made out to the announced name or to the way, whichever has a name', () => {
    const announced = { address: 'redis-0.internal', port: 6379 };
    const byName = announcedServer(mapped(['redis-0.internal=10.9.9.9'], 'tls'), announced, 'x');
    expect(tlsOptions(byName)).toMatchObject({ host: '10.9.9.9', servername: 'redis-0.internal' });
    const byWay = announcedServer(mapped(['10.0.0.4=gate.example'], 'tls'), { address: '10.0.0.4', port: 1 }, 'x');
    const { servername, checkServerIdentity } = tlsOptions(byWay);
    expect(servername).toBe('gate.example');
    const certificateOf = (name: string) => ({ subjectaltname: name }) as never;
    expect(checkServerIdentity?.('', certificateOf('DNS:gate.example'))).toBeUndefined();
    expect(checkServerIdentity?.('', certificateOf('IP Address:10.0.0.4'))).toBeUndefined();
    expect(checkServerIdentity?.('', certificateOf('DNS:other.example'))).toBeInstanceOf(Error);
  });
});

describe('an announced address', () => {
  it('that leads nowhere is told with who announced it, and what to do', () => {
    const server = announcedServer(mapped([]), { address: '172.17.0.4', port: 6379 }, 'sentinel s:26379');
    const refused = Object.assign(new Error('connect ECONNREFUSED 172.17.0.4:6379'), { code: 'ECONNREFUSED' });
    const { exitCode, message } = unreachable(server, refused);
    expect(exitCode).toBe(EXIT.temporary);
    expect(message).toMatch(/sentinel s:26379 says that this server is 172\.17\.0\.4:6379.*--address-map from=to/);
    // Once it was reached, its end is an end like any other.
    expect(unreachable(server, new Error('the connection was closed')).message).not.toContain('--address-map');
  });

  it.each(['', 'a b', '\x1b[2J', 'h\nx', 'x'.repeat(300)])('is none: %j', (address) => {
    expect(announcedHost(address, 6379)).toBeNull();
  });

  it.each([0, -1, 70_000, Number.NaN, 1.5])('has no port %j', (port) => {
    expect(announcedHost('h', port)).toBeNull();
  });
});
