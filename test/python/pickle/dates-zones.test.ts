import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { encodeValue } from '../../../src/applications/odoo/encode-value.js';
import { SessionParser } from '../../../src/applications/odoo/parse.js';
import { UnsupportedSession } from '../../../src/errors.js';
import { ByteSink } from '../../../src/python/sink.js';
import { newFacts } from '../../../src/session.js';

const READER = { encoding: 'c2c-json', pickleProtocol: 4, oldestVerbatimProtocol: 0 } as const;

/** Local times around changes of clocks, skipped and repeated ones, and `isoformat()` of each as CPython has it. */
const SCRIPT = `
import datetime, json, pickle, sys, zoneinfo
out = []
for zone in ['Europe/Brussels', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'UTC', 'Etc/GMT+5',
             'Africa/Casablanca', 'Asia/Kathmandu', 'Pacific/Apia', 'Europe/Dublin']:
    info = zoneinfo.ZoneInfo(zone)
    for day in [(2024, 1, 15), (2024, 3, 10), (2024, 3, 31), (2024, 7, 1), (2024, 10, 27), (2024, 11, 3), (2024, 4, 7), (2011, 12, 30),
                (1972, 4, 30), (2060, 2, 29)]:
        for minute in range(0, 240, 15):
            for fold in (0, 1):
                at = datetime.datetime(*day, minute // 60, minute % 60, 7, 5, tzinfo=info, fold=fold)
                for protocol in (4, 3):
                    data = pickle.dumps({'x': at}, protocol)  # below protocol 4 fold is lost
                    out.append([data.hex(), pickle.loads(data)['x'].isoformat()])
json.dump(out, sys.stdout)
`;
const asked = spawnSync('python3', ['-c', SCRIPT], { encoding: 'utf8', maxBuffer: 2 ** 28 });

const jsonOf = (bytes: Buffer): string => {
  const root = new SessionParser().parse(bytes, bytes.length, newFacts());
  const sink = new ByteSink(4096, 2 ** 20);
  encodeValue(READER, bytes, bytes[1] as number, root, sink);
  return sink.buffer.toString('utf8', 0, sink.length);
};

const zoneNamed = (name: string) =>
  Buffer.from(
    `\x80\x04}\x8c\x01xcdatetime\ndatetime\nC\n\x07\xea\x0b\x1a\x0c\0\0\0\0\0cbuiltins\ngetattr\nczoneinfo\nZoneInfo\n` +
      `\x8c\x09_unpickle\x86R\x8c${String.fromCharCode(name.length)}${name}K\x01\x86R\x86Rs.`,
    'latin1',
  );

describe('a datetime of a zone of the tz database', () => {
  it.skipIf(asked.status !== 0)('becomes what isoformat() of CPython tells, around every change of clocks', () => {
    const cases = JSON.parse(asked.stdout) as [string, string][];
    const differences = cases
      .map(([hex, iso]) => [jsonOf(Buffer.from(hex, 'hex')), JSON.stringify(iso)] as const)
      .filter(([json, iso]) => !json.includes(iso));
    expect(differences.slice(0, 5)).toEqual([]);
    expect(cases.length).toBeGreaterThan(5000);
  });

  it('is as far ahead as its zone', () => {
    expect(jsonOf(zoneNamed('Europe/Brussels'))).toContain('2026-11-26T12:00:00+01:00');
    expect(jsonOf(zoneNamed('America/New_York'))).toContain('2026-11-26T12:00:00-05:00');
  });

  it.each(['Europe/Nowhere', '+02:00', '../../etc/passwd', ''])('is refused where its zone is %j', (name) => {
    expect(() => jsonOf(zoneNamed(name))).toThrow(UnsupportedSession);
  });

  it('is the only use of getattr that is read', () => {
    const other = zoneNamed('UTC').toString('latin1').replace('czoneinfo\nZoneInfo\n', 'cdatetime\ndatetime\n');
    expect(() => jsonOf(Buffer.from(other, 'latin1'))).toThrow('builtins.getattr with unexpected arguments');
  });
});
