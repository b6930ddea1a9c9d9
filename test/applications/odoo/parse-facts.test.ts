import { describe, expect, it } from 'vitest';
import { pickleFacts } from '../../../src/applications/odoo/parse.js';
import { MalformedSession } from '../../../src/errors.js';
import { PyDateTime, PyTime } from '../../../src/python/dates.js';
import { unpickle } from '../../../src/python/pickle/read.js';
import { PyBytes, PyDict, PyFloat, PySet, PyText, PyTuple, type PyValue } from '../../../src/python/values.js';
import { type ExpirationType, newFacts, type SessionFacts } from '../../../src/session.js';
import { pickleOf } from '../../support/pickle-fixtures.js';
import { dictOf } from '../../support/python-notation.js';

function factsOf(session: Record<string, PyValue> | PyValue): SessionFacts {
  const facts = newFacts();
  const isRecord = typeof session === 'object' && session !== null && session.constructor === Object;
  pickleFacts(isRecord ? dictOf(Object.entries(session as Record<string, PyValue>)) : (session as PyValue), facts);
  return facts;
}

const TRUE_VALUES: PyValue[] = [
  true,
  1,
  -1,
  2n ** 70n,
  'x',
  new PyText('x'),
  new PyFloat(0.1),
  new PyFloat(Number.NaN),
  [null],
];
TRUE_VALUES.push(new PyTuple([null]), dictOf([[1, 1]]), new PyBytes(Uint8Array.of(0)), new PyTime(0, 0, 0, 0));
TRUE_VALUES.push(new PyDateTime(1, 1, 1, 0, 0, 0, 0));
const FALSE_VALUES: PyValue[] = [
  null,
  false,
  0,
  '',
  new PyText(''),
  new PyFloat(0),
  new PyFloat(-0),
  [],
  new PyTuple([]),
];
FALSE_VALUES.push(new PyDict(), new PySet(), new PySet(true), new PyBytes(new Uint8Array()));

describe('pickleFacts', () => {
  it('finds a login in sessions of each age', () => {
    for (const name of ['odoo-8', 'odoo-10', 'odoo-15', 'odoo-16', 'odoo-17', 'python2-odoo-8']) {
      expect(factsOf(unpickle(pickleOf(name, 2)))).toMatchObject({
        format: 'pickle',
        isAuthenticated: true,
        db: 'prod',
      });
    }
  });

  it('finds none where there is none', () => {
    expect(factsOf(unpickle(pickleOf('anonymous', 4)))).toMatchObject({ isAuthenticated: false, hasCart: true });
    expect(factsOf(unpickle(pickleOf('two-factor-pending', 4)))).toMatchObject({
      isAuthenticated: false,
      hasCart: false,
    });
    expect(factsOf({})).toEqual({ ...newFacts(), format: 'pickle' });
  });

  it('takes for true what Python does', () => {
    for (const value of TRUE_VALUES) expect(factsOf({ uid: value }).isAuthenticated).toBe(true);
    for (const value of FALSE_VALUES) expect(factsOf({ uid: value }).isAuthenticated).toBe(false);
  });

  it('takes the last of equal keys', () => {
    expect(factsOf(unpickle(Buffer.from('}(U\x03uidK\x07X\x03\0\0\0uidNu.', 'latin1'))).isAuthenticated).toBe(false);
  });

  it.each<[PyValue, string | null]>([
    ['prod', 'prod'],
    [new PyText('b\xc3\xa9'), 'bé'],
    [new PyText('b\xe9'), null],
    [null, null],
    [false, null],
    [7, null],
  ])('db %j is %j', (db, expected) => {
    expect(factsOf({ db }).db).toBe(expected);
  });

  it.each<[PyValue, number]>([
    [1, 1],
    [new PyFloat(1.5), 1.5],
    [-3, -3],
    [2n ** 60n, 2 ** 60],
    [true, Number.NaN],
    ['60', Number.NaN],
    [null, Number.NaN],
    [new PyFloat(Number.POSITIVE_INFINITY), Number.NaN],
    [10n ** 400n, Number.NaN],
  ])('a deletion time of %s is %d seconds', (value, expected) => {
    expect(factsOf({ deletion_time: value }).deletionTimeSeconds).toBe(expected);
  });

  it.each<[PyValue, number, ExpirationType]>([
    [600, 600, 'int'],
    [-3, -3, 'int'],
    [2n ** 60n, Number.NaN, 'int'],
    [0, Number.NaN, 'int'],
    [new PyFloat(600), 600, 'float'],
    [new PyFloat(0), Number.NaN, 'int'],
    [new PyFloat(Number.NaN), Number.NaN, 'other'],
    [new PyFloat(Number.POSITIVE_INFINITY), Number.NaN, 'other'],
    ['600', 600, 'text'],
    [new PyText('600'), 600, 'text'],
    ['soon', Number.NaN, 'other'],
    ['', Number.NaN, 'int'],
    [true, Number.NaN, 'int'],
    [null, Number.NaN, 'int'],
    [[1], Number.NaN, 'other'],
  ])('an expiration of %s is %d seconds, as %s', (value, expirationSeconds, expirationType) => {
    expect(factsOf({ expiration: value })).toMatchObject({ expirationSeconds, expirationType });
  });

  it('sees a cart only where something is in it', () => {
    expect(factsOf({ sale_order_id: 42 }).hasCart).toBe(true);
    expect(factsOf({ website_sale_cart_quantity: 1 }).hasCart).toBe(true);
    expect(factsOf({ sale_order_id: null, website_sale_cart_quantity: 0, website_sale: 1 }).hasCart).toBe(false);
  });

  it('sees what newer versions leave', () => {
    expect(factsOf({ _trace: [], _trace_disable: true, create_time: new PyFloat(0) })).toMatchObject({
      hasTrace: true,
      isReportClone: true,
      hasCreateTime: true,
    });
    expect(factsOf({ _trace_disable: false }).isReportClone).toBe(false);
  });

  it.each([[[]], [null], ['uid'], [new PyTuple([])], [new PySet()]])('calls %j no session', (root) => {
    expect(() => factsOf(root)).toThrow(MalformedSession);
  });
});
