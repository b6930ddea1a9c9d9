import { describe, expect, it } from 'vitest';
import { restoreActionKeys } from '../../../src/applications/odoo/encode-file.js';
import { jsonToPython } from '../../../src/python/json-read.js';
import type { PyDict } from '../../../src/python/values.js';
import { type Notation, toNotation } from '../../support/python-notation.js';

function restored(json: string): Notation {
  const session = jsonToPython(Buffer.from(json)) as PyDict;
  restoreActionKeys(session);
  return toNotation(session);
}

const untouched = (json: string): Notation => toNotation(jsonToPython(Buffer.from(json)));

describe('the actions that a web client remembers', () => {
  it('have ints as keys again, in their order', () => {
    expect(
      restored('{"saved_actions": {"next": 12, "actions": {"2": {"id": "2"}, "11": null, "0": [], "-1": 1}}}'),
    ).toEqual({
      dict: [
        [
          'saved_actions',
          {
            dict: [
              ['next', { int: '12' }],
              [
                'actions',
                {
                  dict: [
                    [{ int: '2' }, { dict: [['id', '2']] }],
                    [{ int: '11' }, null],
                    [{ int: '0' }, []],
                    [{ int: '-1' }, { int: '1' }],
                  ],
                },
              ],
            ],
          },
        ],
      ],
    });
  });

  it.each([
    '{"saved_actions": {"actions": {"a": 1, "01": 2, "1.0": 3, "": 4, "-0": 5, " 1": 6, "1000000000000000": 7}}}',
    '{"saved_actions": {"next": {"1": 2}}}',
    '{"saved_actions": [{"actions": {"1": 2}}]}',
    '{"saved_actions": null}',
    '{"saved_actions": {"actions": ["1"]}}',
    '{"actions": {"1": 2}, "context": {"saved_actions": {"actions": {"1": 2}}}}',
    '{}',
  ])('are all that is changed: %s', (json) => {
    expect(restored(json)).toEqual(untouched(json));
  });
});
