import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { describeEndpoint, parseTarget } from '../../src/redis/endpoint.js';

const VERIFIED = { tls: { isVerified: true } };

describe('a target', () => {
  it.each([
    ['redis://localhost', { kind: 'tcp', address: 'localhost', port: 6379 }],
    ['redis://localhost/', { kind: 'tcp', address: 'localhost', port: 6379 }],
    ['redis://10.0.0.5:7000/3', { kind: 'tcp', address: '10.0.0.5', port: 7000, databaseIndex: 3 }],
    ['redis://h/0', { kind: 'tcp', address: 'h', port: 6379, databaseIndex: 0 }],
    ['redis://h/15/', { kind: 'tcp', address: 'h', port: 6379, databaseIndex: 15 }],
    ['rediss://redis.internal:6380/1', { kind: 'tls', address: 'redis.internal', port: 6380, databaseIndex: 1 }],
    ['redis://[::1]:6380/2', { kind: 'tcp', address: '::1', port: 6380, databaseIndex: 2 }],
    ['redis://:secret@h', { kind: 'tcp', address: 'h', port: 6379, password: 'secret' }],
    [
      'redis://odoo:p%40ss%3Aword@h',
      { kind: 'tcp', address: 'h', port: 6379, username: 'odoo', password: 'p@ss:word' },
    ],
    ['unix:///run/redis/redis.sock', { kind: 'unix', address: '/run/redis/redis.sock', port: 0 }],
    ['unix:///run/redis.sock?db=2', { kind: 'unix', address: '/run/redis.sock', port: 0, databaseIndex: 2 }],
    ['unix:///run/my%20redis/a%25b.sock', { kind: 'unix', address: '/run/my redis/a%b.sock', port: 0 }],
  ])('is read from %s', (url, endpoint) => {
    expect(parseTarget(url)).toEqual({ ...endpoint, ...VERIFIED });
  });

  it.each([
    ['', 'the target is not a URL'],
    ['10.0.0.5:6379', 'it has no scheme, write redis://10.0.0.5:6379'],
    ['cache.example:6380/0', 'it has no scheme, write redis://cache.example:6380/0'],
    ['cache.example', 'it has no scheme, write redis://cache.example'],
    ['odoo:pa/ss@cache.example:6380', 'it has no scheme, write redis:// before it'],
    ['redis:cache.example', 'write redis://'],
    ['redis://:pa#ss@h:6379/0', 'the password in the target has a /, ? or #: write %2F'],
    ['redis://:pa/ss@h:6379/0', 'the password in the target has a /'],
    ['redis://odoo:12/34@h:6379/0', 'the password in the target has a /'],
    ['rediss://:aB+/c=@h/0', 'the password in the target has a /'],
    ['sentinel://odoo:pa?ss@a,b/shop', 'the password in the target has a /'],
    ['cluster://:pa#ss@a,b', 'the password in the target has a /'],
    ['localhost:', 'localhost://, which is no Redis'],
    ['/run/redis.sock', 'the target is not a URL'],
    ['http://localhost:6379', 'starts with http://, which is no Redis'],
    ['redis://', 'names no host'],
    ['redis:///0', 'names no host'],
    ['redis://h:99999', 'is not a URL'],
    ['redis://h/shop', 'the database in the target is not a number'],
    ['redis://h/-1', 'the database in the target is not a number'],
    ['redis://h/1/2', 'the database in the target is not a number'],
    ['redis://h/123456', 'the database in the target is not a number'],
    ['redis://h?db=1', 'a part that means nothing here'],
    ['redis://h/0#x', 'a part that means nothing here'],
    ['redis://:100%@h', 'a % that is not followed by two hex digits'],
    ['unix://run/redis.sock', 'needs an absolute path'],
    ['unix://odoo:pw@/run/redis.sock', 'takes no password'],
    ['unix://', 'needs an absolute path'],
    ['unix:///', 'needs an absolute path'],
    ['unix:///run/redis.sock?db=x', 'the database in the target is not a number'],
    ['unix:///run/redis.sock?dbb=1', 'a part that means nothing here'],
    ['unix:///run/redis.sock#1', 'a part that means nothing here'],
    ['sentinel://a,b', 'the target names no master'],
    ['sentinel://a,b/', 'the target names no master'],
    ['sentinel:///mymaster', 'the target names no host'],
    ['sentinel://a,,b/mymaster', 'the target names no host'],
    ['sentinel://a:0/mymaster', 'a host that is none'],
    ['sentinel://a:99999/mymaster', 'a host that is none'],
    ['sentinel://a:b:c/mymaster', 'a host that is none'],
    ['sentinel://a b/mymaster', 'a host that is none'],
    ['sentinel://a/my/master', 'a part that means nothing here'],
    ['sentinel://a/mymaster?tls=1', 'a part that means nothing here'],
    ['sentinel://a/mymaster?db=x', 'the database in the target is not a number'],
    ['sentinel://a/my%master', 'a % that is not followed by two hex digits'],
    ['sentinel:a', 'the target is not a URL'],
    ['cluster://', 'the target names no host'],
    ['cluster://a,b/1', 'a cluster has the database 0 only'],
    ['cluster://a,b?db=1', 'a cluster has the database 0 only'],
    ['cluster://a/x', 'a cluster has the database 0 only'],
  ])('is not %s', (url, message) => {
    const parse = () => parseTarget(url);
    expect(parse).toThrow(expect.objectContaining({ name: 'OperatorError', exitCode: EXIT.usage }));
    expect(parse).toThrow(message);
  });

  it.each([
    'redis://u:hunter2@h/x',
    'http://u:hunter2@h',
    'redis://u:hunter2@h:x',
    'redis://u:hunter2%@h',
    'unix://u:hunter2@/x',
    'sentinel://u:hunter2@a',
    'sentinel://u:hunter2@a:b:c/m',
    'cluster://u:hunter2@a/7',
    'cluster://u:hunter2%@a',
  ])('is never repeated with its password when it is wrong: %s', (url) => {
    let message = '';
    try {
      parseTarget(url);
    } catch (error) {
      message = String(error);
    }
    expect(message).not.toBe('');
    expect(message).not.toContain('hunter2');
  });

  it.each([
    ['redis://localhost', 'redis://localhost:6379/0'],
    ['redis://odoo:hunter2@localhost:6380/2', 'redis://localhost:6380/2'],
    ['rediss://:hunter2@h', 'rediss://h:6379/0'],
    ['redis://[::1]/1', 'redis://[::1]:6379/1'],
    ['unix:///run/redis.sock?db=3', 'unix:///run/redis.sock?db=3'],
    ['sentinel://odoo:hunter2@a,[::1]:7/my%20m?db=3', 'sentinel://a:26379,[::1]:7/my%20m?db=3'],
    ['sentinels://a:1/m', 'sentinels://a:1/m?db=0'],
    ['cluster://odoo:hunter2@a,b:7000', 'cluster://a:6379,b:7000'],
    ['clusters://a', 'clusters://a:6379'],
  ])('%s is shown as %s', (url, shown) => {
    expect(describeEndpoint(parseTarget(url))).toBe(shown);
  });

  it('may be found by sentinels, with a login for the master and none for them', () => {
    expect(parseTarget('sentinel://odoo:p%40ss@a,b:7,[::1]/mymaster?db=2')).toEqual({
      kind: 'tcp',
      ...{ address: 'a', port: 26_379, username: 'odoo', password: 'p@ss', databaseIndex: 2, ...VERIFIED },
      discovery: {
        by: 'sentinel',
        master: 'mymaster',
        hosts: [
          { address: 'a', port: 26_379 },
          { address: 'b', port: 7 },
          { address: '::1', port: 26_379 },
        ],
      },
    });
  });

  it('may be a cluster, which has the database 0 whatever the profile says', () => {
    expect(parseTarget('clusters://:secret@a,b:7000/0')).toEqual({
      kind: 'tls',
      ...{ address: 'a', port: 6379, password: 'secret', databaseIndex: 0, ...VERIFIED },
      discovery: {
        by: 'cluster',
        hosts: [
          { address: 'a', port: 6379 },
          { address: 'b', port: 7000 },
        ],
      },
    });
  });
});
