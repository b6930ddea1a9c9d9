import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/errors.js';
import { parseOwner } from '../../src/export/directory.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const etc = temporaryDirectory();
writeFileSync(
  `${etc}/passwd`,
  'root:x:0:0:root:/root:/bin/sh\nodoo:x:101:105::/var/lib/odoo:/bin/false\n1000:x:7:8:::\n',
);
writeFileSync(`${etc}/group`, 'root:x:0:\nodoo:x:105:\nweb:x:33:odoo\nempty\n');

describe('--owner', () => {
  it.each([
    ['odoo', 101, 105],
    ['odoo:web', 101, 33],
    ['odoo:7', 101, 7],
    ['12:web', 12, 33],
    ['0:0', 0, 0],
    ['1000:4294967294', 1000, 4294967294],
  ])('%s is %i:%i', (text, uid, gid) => {
    expect(parseOwner(text, etc)).toEqual({ uid, gid });
  });

  it.each([
    ['nobody-here', /passwd has no "nobody-here": give numbers/],
    ['odoo:none', /group has no "none"/],
    ['odoo:empty', /group has no "empty"/],
    ['4294967295:0', /passwd has no "4294967295"/],
    ['101', /"101", a number without a group/],
    ['', /write user, user:group or uid:gid/],
    [':', /write user/],
    ['odoo:', /write user/],
    [':odoo', /write user/],
    ['a:b:c', /write user/],
    ['-1:0', /passwd has no "-1"/],
  ])('%j is refused in one sentence', (text, sentence) => {
    expect(() => parseOwner(text, etc)).toThrow(OperatorError);
    expect(() => parseOwner(text, etc)).toThrow(sentence);
  });

  it('takes numbers where there is no passwd', () => {
    expect(parseOwner('101:101', `${etc}/nowhere`)).toEqual({ uid: 101, gid: 101 });
    expect(() => parseOwner('odoo', `${etc}/nowhere`)).toThrow(/has no "odoo"/);
  });
});
