import { describe, expect, it } from 'vitest';
import { FILE_FORMATS, fileFormatOf } from '../../../src/applications/odoo/file-format.js';
import { SERIES } from '../../../src/applications/odoo/series.js';

const rows = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

describe('the files of an Odoo', () => {
  it.each([
    [rows(8, 10), 'flat', 2, 0, false, true],
    [rows(11, 15), 'flat', 4, 3, false, true],
    [['16'], 'hashed', 4, 3, false, false],
    [['17'], 'hashed', 5, Number.POSITIVE_INFINITY, true, false],
  ] as const)(
    '%j are %s, protocol %i',
    (series, layout, protocol, oldestVerbatimProtocol, isRestricted, hasSavedActions) => {
      for (const odoo of series) {
        const wanted = {
          layout,
          protocol,
          oldestVerbatimProtocol,
          isRestricted,
          hasSavedActions,
          sids: ['hex40'],
          tempSuffix: '.__wz_sess',
        };
        expect(fileFormatOf(odoo), odoo).toEqual({ odoo, ...wanted });
      }
    },
  );

  it.each([
    ['18', ['urlsafe84'], '.__wz_sess'],
    ['19', ['urlsafe84'], '.__wz_sess'],
    ['20', ['urlsafe84', 'urlsafe86'], '.__tx_sess__'],
  ])('of %s are hashed JSON for ids of %j', (odoo, sids, tempSuffix) => {
    expect(fileFormatOf(odoo)).toMatchObject({
      layout: 'hashed',
      protocol: null,
      sids,
      tempSuffix,
      hasSavedActions: false,
    });
  });

  it('are known for every series that can be generated, under the same name', () => {
    expect(FILE_FORMATS.map(({ odoo }) => odoo)).toEqual(SERIES.map(({ name }) => name));
  });

  it('are known by the name of a release', () => {
    expect(fileFormatOf('17.0')).toBe(fileFormatOf('17'));
    expect(fileFormatOf('master')).toBe(fileFormatOf('20'));
  });

  it.each(['7', '21', '', 'mixed', '17.1', 'saas-17.2'])('are unknown for "%s"', (odoo) => {
    expect(fileFormatOf(odoo)).toBeUndefined();
  });
});
