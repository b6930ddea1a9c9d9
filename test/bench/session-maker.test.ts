import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bindTemplate, placeholdersFor } from '../../src/applications/bind-template.js';
import { builtInTemplate } from '../../src/applications/built-in.js';
import type { Profile } from '../../src/applications/odoo/profile.js';
import { KNOWN_PROFILES } from '../../src/applications/odoo/profiles.js';
import { SERIES, seriesNamed } from '../../src/applications/odoo/series.js';
import type { TemplateSettings } from '../../src/applications/template.js';
import { SessionMaker } from '../../src/bench/session-maker.js';
import { FileIntake } from '../../src/intake/take-file.js';
import { realFileSystem } from '../../src/system/file-system.js';
import { HOUR, NOW, odooOf, settingsOf } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const root = temporaryDirectory();
const SESSIONS = 30;

const makerOf = (series: string, reader: Profile, seed = 1) =>
  new SessionMaker(
    {
      generator: {
        odoo: { series: seriesNamed(series), databases: ['shop'] },
        ...{ seed, movesAll: true, lifetimeMs: null },
      },
      application: { odoo: odooOf({ reader }) },
    },
    NOW,
  );

/** Name, file and value of sessions. */
const madeBy = (maker: SessionMaker, indices: readonly number[]) =>
  indices.map((index) => {
    maker.make(index);
    return [maker.sid, maker.path, maker.file.toString('latin1'), maker.value.toString('latin1'), maker.savedSeconds];
  });
const numbers = Array.from({ length: SESSIONS }, (_, i) => i);

describe('a session of the benchmark', () => {
  it.each(SERIES.map(({ name }) => name))(
    'of Odoo %s is, for every reader, what a migration makes of its file',
    (name) => {
      for (const reader of KNOWN_PROFILES) {
        const store = `${root}/${name}-${reader.name}`;
        const maker = makerOf(name, reader);
        const journey = new FileIntake(
          realFileSystem,
          settingsOf({ sources: [store] }, { reader, sids: ['hex40', 'urlsafe84', 'urlsafe86'] }),
        );
        for (const index of numbers) {
          maker.make(index);
          const path = `${store}/${maker.path}`;
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, maker.file);
          expect(journey.take(0, maker.path, true, Date.now()), maker.path).toBeNull();
          const value = journey.value.subarray(0, journey.valueLength);
          expect(maker.value.equals(value), `${reader.name} ${index}`).toBe(true);
        }
      }
    },
  );

  it('is the same whoever makes it, in whatever order, and another for another seed', () => {
    const profile = KNOWN_PROFILES[0] as Profile;
    const sessions = madeBy(makerOf('mixed', profile), numbers);
    const backwards = madeBy(makerOf('mixed', profile), [...numbers].reverse());
    expect(backwards.reverse()).toEqual(sessions);
    expect(new Set(sessions.map(([sid]) => sid)).size).toBe(SESSIONS);
    expect(madeBy(makerOf('mixed', profile, 2), numbers)[0]).not.toEqual(sessions[0]);
  });

  it('has its name alone as well', () => {
    const maker = makerOf('mixed', KNOWN_PROFILES[0] as Profile);
    const names = numbers.map((index) => {
      maker.name(index);
      return [maker.sid, maker.path];
    });
    expect(names).toEqual(madeBy(maker, numbers).map(([sid, path]) => [sid, path]));
  });

  it('differs in size from others, and was saved within minutes', () => {
    const sessions = madeBy(makerOf('19', KNOWN_PROFILES[0] as Profile), numbers);
    expect(new Set(sessions.map(([, , file]) => String(file).length)).size).toBeGreaterThan(5);
    for (const [, , , , savedSeconds] of sessions) {
      expect(Number(savedSeconds)).toBeLessThanOrEqual(NOW / 1000);
      expect(Number(savedSeconds)).toBeGreaterThan(NOW / 1000 - 601);
    }
  });

  it.each(['php', 'laravel', 'magento', 'express', 'django', 'symfony', 'rails'])(
    'of %s is what a migration makes of its file',
    (name) => {
      const template = builtInTemplate(name);
      const settings = bindTemplate(template, placeholdersFor(template)).settings as TemplateSettings;
      const maker = new SessionMaker(
        {
          generator: { template: settings, seed: 1, movesAll: true, lifetimeMs: HOUR },
          application: settings,
        },
        Date.now(),
      );
      const store = `${root}/${name}`;
      const intake = new FileIntake(realFileSystem, settingsOf({ sources: [store], application: settings }));
      for (const index of numbers) {
        maker.make(index);
        const path = `${store}/${maker.path}`;
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, maker.file);
        // A file of this moment, written in place, may be torn; these are a minute old.
        utimesSync(path, maker.savedSeconds, maker.savedSeconds);
        expect(intake.take(0, maker.path, true, Date.now()), maker.path).toBeNull();
        expect(maker.value.equals(intake.value.subarray(0, intake.valueLength)), `${name} ${index}`).toBe(true);
      }
    },
  );
});
