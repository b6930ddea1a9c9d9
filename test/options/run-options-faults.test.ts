import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { optionsOfLine, type RawOptions } from '../support/options.js';

/** The one message about options that are wrong. */
function faultOf(raw: RawOptions): string {
  try {
    optionsOfLine({ to: 'redis://localhost', ...raw });
  } catch (error) {
    expect(error).toMatchObject({ name: 'OperatorError', exitCode: EXIT.usage });
    return (error as Error).message;
  }
  return 'no fault';
}

describe('options that are wrong', () => {
  it.each<[RawOptions, string]>([
    [{ profile: 'camptocmp' }, '--profile is "camptocmp": choose one of camptocamp'],
    [{ lifetime: '7' }, '--lifetime is "7": write a time'],
    [{ lifetime: '0d' }, '--lifetime is "0d"'],
    [{ lifetime: '999ms' }, '--lifetime is "999ms"'],
    [{ 'anonymous-lifetime': 'never' }, '--anonymous-lifetime is "never"'],
    [{ 'max-age': '0s' }, '--max-age is "0s"'],
    [{ anonymous: 'drop' }, '--anonymous is "drop": choose keep or skip'],
    [{ conflict: 'Overwrite' }, '--conflict is "Overwrite": choose keep or overwrite'],
    [{ rate: '0' }, '--rate is "0"'],
    [{ rate: '-5' }, '--rate is "-5"'],
    [{ rate: '5k/s' }, '--rate is "5k/s": write sessions per second'],
    [{ rate: 'Mon-Fri 08:00;2k' }, '--rate has the entry "Mon-Fri 08:00": write [days ]HH:MM,rate'],
    [{ rate: 'pause' }, '--rate is "pause": write sessions per second, as in 5k, or a timetable'],
    [{ throttle: 'on' }, '--throttle is "on": choose auto or off'],
    [{ 'max-io-pressure': '0' }, '--max-io-pressure is "0": write a share of the time from 1% to 100%'],
    [{ 'max-io-pressure': '101%' }, '--max-io-pressure is "101%"'],
    [{ 'give-up-after': '10' }, '--give-up-after is "10": write a time, as in 10m'],
    [{ lanes: '0' }, '--lanes is "0": write auto or a number from 1 to 128'],
    [{ lanes: '129' }, '--lanes is "129"'],
    [{ lanes: '1.5' }, '--lanes is "1.5"'],
    [{ lanes: 'many' }, '--lanes is "many"'],
    [{ limit: '0' }, '--limit is "0"'],
    [{ limit: '1.5' }, '--limit is "1.5"'],
    [{ 'max-rejects': '-1' }, '--max-rejects is "-1"'],
    [{ 'max-file-size': '100' }, '--max-file-size is "100": write a size'],
    [{ 'max-file-size': '513MiB' }, '--max-file-size is over 512MiB'],
    [{ shard: '4/3' }, '--shard is "4/3": write part/parts, as in 1/3'],
    [{ shard: '0/0' }, '--shard is "0/0"'],
    [{ shard: '1' }, '--shard is "1"'],
    [{ shard: '-1/3' }, '--shard is "-1/3"'],
    [{ 'pool-server': '1/2' }, '--pool-server is "1/2": write which server it is and all weights, as in 2/1,1,3'],
    [{ sids: '41' }, '--sids is "41": write lengths out of 40, 84 and 86'],
    [{ sids: '40,' }, '--sids is "40,"'],
    [{ sids: '' }, '--sids is ""'],
    [{ sids: 'constructor' }, '--sids is "constructor"'],
    [{ 'log-level': 'trace' }, '--log-level is "trace": choose error or warn or info or debug'],
    [{ 'key-template': '{sid}' }, '--key-template, --encoding and --honour-expiration go with --profile generic'],
    [{ encoding: 'json' }, '--key-template, --encoding and --honour-expiration go with --profile generic'],
    [{ profile: 'generic', encoding: 'xml' }, '--encoding is "xml": choose json or c2c-json or pickle or verbatim'],
    [{ profile: 'generic', 'key-template': 'session:' }, 'name {sid} in it once'],
    [{ profile: 'generic', 'key-template': '{sid}{sid}' }, 'name {sid} in it once'],
    [{ profile: 'generic', 'key-template': '{sid}', prefix: 'p' }, 'put {prefix} into --key-template'],
    [{ profile: 'keerati', prefix: 'p' }, '--prefix has no place in the keys of keerati: leave it out'],
    [{ to: 'http://h' }, 'the target starts with http://'],
    [{ 'password-file': '/nowhere' }, '--password-file: /nowhere cannot be read (ENOENT)'],
    [{ 'tls-ca': '/nowhere' }, '--tls-ca: /nowhere cannot be read (ENOENT)'],
    [{ rate: ['1', '2'] }, '--rate is given more than once'],
  ])('are named with what to write instead: %j', (raw, message) => {
    expect(faultOf(raw)).toContain(message);
  });

  it('include a user without a password', () => {
    expect(faultOf({ user: 'odoo' })).toContain('a user is named without a password');
    expect(faultOf({ to: 'redis://odoo@h' })).toContain('a user is named without a password');
  });

  it('are all named at once', () => {
    const message = faultOf({ rate: 'x', lanes: 'y', anonymous: 'z', profile: 'p', to: 'q' });
    for (const name of ['--rate', '--lanes', '--anonymous', '--profile', 'the target']) expect(message).toContain(name);
  });

  it('include a target that is missing', () => {
    expect(() => optionsOfLine({})).toThrow('--to is missing: name the target');
  });

  it('are quoted at a length that a message can bear', () => {
    expect(faultOf({ rate: 'x'.repeat(10_000) }).length).toBeLessThan(200);
  });
});
