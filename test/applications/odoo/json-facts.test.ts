import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonScanner } from '../../../src/applications/odoo/json-scan.js';
import { type ExpirationType, newFacts, type SessionFacts } from '../../../src/session.js';
import { factsOf } from '../../support/samples.js';

const scanner = new JsonScanner();

function factsIn(text: string): SessionFacts {
  const bytes = Buffer.from(text);
  const facts = newFacts();
  scanner.scan(bytes, 0, bytes.length, facts);
  return facts;
}

/** As ECMAScript has one type of number, the texts of these tests show floats as floats. */
function expirationOf(value: unknown): Pick<SessionFacts, 'expirationSeconds' | 'expirationType'> {
  const none = { expirationSeconds: Number.NaN, expirationType: 'int' } as const;
  if (typeof value === 'number') {
    if (value === 0) return none;
    const isInt = /^-?\d+$/.test(JSON.stringify(value));
    if (isInt && Math.abs(value) > 9_223_372_036_854_000) return none;
    return { expirationSeconds: value, expirationType: isInt ? 'int' : 'float' };
  }
  const isText = typeof value === 'string' && /^(0|-?[1-9]\d{0,15})$/.test(value);
  if (isText) return { expirationSeconds: Number(value), expirationType: 'text' };
  const isTrue = typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
  return isTrue && value !== true ? { ...none, expirationType: 'other' } : none;
}

/** The facts by Python's rules, from values that ECMAScript's own parser made. */
function expectedOf(session: Record<string, unknown>): SessionFacts {
  const isTruthy = (value: unknown): boolean =>
    typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
  const seconds = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);
  const carts = Object.keys(session).filter((key) => key === 'sale_order_id' || key.startsWith('website_sale_'));
  return factsOf({
    isAuthenticated: isTruthy(session.uid),
    db: typeof session.db === 'string' ? session.db : null,
    ...expirationOf(session.expiration),
    deletionTimeSeconds: seconds(session.deletion_time),
    isReportClone: isTruthy(session._trace_disable),
    hasCart: carts.some((key) => isTruthy(session[key])),
    hasTrace: Object.hasOwn(session, '_trace'),
    hasCreateTime: Object.hasOwn(session, 'create_time'),
  });
}

const FACT_KEYS = [
  ...['uid', 'db', 'expiration', 'deletion_time', '_trace_disable', '_trace', 'create_time'],
  ...['sale_order_id', 'website_sale_current_pl', 'website_sale_selected_pl_id'],
  // As long as one that counts, or nearly the same.
  ...['uId', 'uid ', 'dB', '_Trace', 'expiratio_', 'website_sale', 'sale_order_ids', '_trace_disablf', 'create_tim'],
];

describe('the facts of a JSON session', () => {
  it.each([
    ...[
      '7',
      '-1',
      '1.5',
      '1e-3',
      'true',
      '"0"',
      '" "',
      '[0]',
      '{"a": null}',
      'NaN',
      'Infinity',
      '-Infinity',
      '"\\u0000"',
    ].map((uid) => [uid, true] as const),
    ...['0', '-0', '0.0', '-0.0', '0e9', '1e-400', 'false', 'null', '""', '[]', '[ ]', '{}', '{\n}'].map(
      (uid) => [uid, false] as const,
    ),
  ])('take uid %s for a login as Python does: %s', (uid, isLogin) => {
    expect(factsIn(`{"uid": ${uid}}`).isAuthenticated).toBe(isLogin);
  });

  it('take a session without uid for no login', () => {
    expect(factsIn('{"login": "x", "pre_uid": 7, "context": {"uid": 7}}').isAuthenticated).toBe(false);
  });

  it('come from the top level only', () => {
    const inside = '{"uid": 7, "db": "x", "deletion_time": 1, "expiration": 1, "sale_order_id": 1, "_trace": []}';
    expect(factsIn(`{"context": ${inside}, "list": [${inside}]}`)).toEqual(factsOf());
  });

  it.each<[string, string, Partial<SessionFacts>]>([
    ['uid', '{"uid": 7, "uid": null}', { isAuthenticated: false }],
    ['uid', '{"uid": null, "uid": 7}', { isAuthenticated: true }],
    ['db', '{"db": "one", "db": "two"}', { db: 'two' }],
    ['db', '{"db": "one", "db": null}', { db: null }],
    ['expiration', '{"expiration": 60, "expiration": "none"}', { expirationType: 'other' }],
    ['deletion_time', '{"deletion_time": 1, "deletion_time": 2}', { deletionTimeSeconds: 2 }],
    ['_trace_disable', '{"_trace_disable": true, "_trace_disable": false}', { isReportClone: false }],
    ['uid, once escaped,', '{"uid": 7, "\\u0075id": 0}', { isAuthenticated: false }],
  ])('take the last %s where there are two', (_key, text, facts) => {
    expect(factsIn(text)).toEqual(factsOf(facts));
  });

  it('see through escapes in keys', () => {
    expect(factsIn('{"\\u0075\\u0069\\u0064": 7, "d\\u0062": "shop", "\\u005ftrace": []}')).toEqual(
      factsOf({ isAuthenticated: true, db: 'shop', hasTrace: true }),
    );
    expect(factsIn('{"\\ud800uid": 7, "uid\\u0000": 7, "\\"uid\\"": 7}')).toEqual(factsOf());
  });

  it.each([
    ['"shop"', 'shop'],
    ['"caf\\u00e9"', 'café'],
    ['"café \\ud83d\\ude00 😀"', 'café 😀 😀'],
    ['"a\\"b\\\\\\n"', 'a"b\\\n'],
    ['""', ''],
    ['null', null],
    ['false', null],
    ['7', null],
    ['["shop"]', null],
  ])('read db %s as text', (token, db) => {
    expect(factsIn(`{"db": ${token}}`).db).toBe(db);
    // The name seen last is remembered, and must not be taken for another one.
    expect(factsIn(`{"db": "sho"}`).db).toBe('sho');
    expect(factsIn(`{"db": ${token}}`).db).toBe(db);
  });

  it('do not share a database name with a session in the same buffer before', () => {
    const buffer = Buffer.from('{"db": "one"}');
    const facts = newFacts();
    scanner.scan(buffer, 0, buffer.length, facts);
    buffer.write('{"db": "two"}');
    scanner.scan(buffer, 0, buffer.length, facts);
    expect(facts.db).toBe('two');
    buffer.write('{"db": "one"}');
    scanner.scan(buffer, 0, buffer.length, facts);
    expect(facts.db).toBe('one');
  });

  it.each([
    ['1700000000', 1_700_000_000],
    ['1700000000.25', 1_700_000_000.25],
    ['-5', -5],
    ['1e3', 1000],
    ['1e400', Number.POSITIVE_INFINITY],
    ['null', Number.NaN],
    ['"60"', Number.NaN],
    ['true', Number.NaN],
    ['NaN', Number.NaN],
    ['[1]', Number.NaN],
  ])('read deletion_time %s as seconds', (token, seconds) => {
    expect(factsIn(`{"deletion_time": ${token}}`)).toEqual(factsOf({ deletionTimeSeconds: seconds }));
  });

  it.each<[string, number, ExpirationType]>([
    ['600', 600, 'int'],
    ['-600', -600, 'int'],
    ['1000000000000000', 1e15, 'int'],
    [`1${'0'.repeat(30)}`, Number.NaN, 'int'],
    ['0', Number.NaN, 'int'],
    ['600.0', 600, 'float'],
    ['1e15', 1e15, 'float'],
    ['-0.5', -0.5, 'float'],
    ['0.0', Number.NaN, 'int'],
    ['1e400', Number.NaN, 'other'],
    ['NaN', Number.NaN, 'other'],
    ['-Infinity', Number.NaN, 'other'],
    ['"600"', 600, 'text'],
    ['"\\u0036\\u0030"', 60, 'text'],
    ['"-600"', -600, 'text'],
    ['" 600"', Number.NaN, 'other'],
    ['"0600"', Number.NaN, 'other'],
    ['"600.0"', Number.NaN, 'other'],
    ['"soon"', Number.NaN, 'other'],
    ['""', Number.NaN, 'int'],
    ['true', Number.NaN, 'int'],
    ['false', Number.NaN, 'int'],
    ['null', Number.NaN, 'int'],
    ['[]', Number.NaN, 'int'],
    ['[600]', Number.NaN, 'other'],
  ])('read expiration %s with its type', (token, expirationSeconds, expirationType) => {
    const wanted = factsOf({ expirationSeconds, expirationType });
    expect(factsIn(`{"expiration": ${token}}`)).toEqual(wanted);
    expect(factsIn(`{"expiration": 60.5, "expiration": ${token}}`)).toEqual(wanted);
  });

  it.each([
    ['{"sale_order_id": 12}', true],
    ['{"website_sale_current_pl": 1}', true],
    ['{"website_sale_cart_quantity": 2, "sale_order_id": null}', true],
    ['{"sale_order_id": null, "website_sale_cart_quantity": 0}', false],
    ['{"sale_order_ids": 12, "website_sal": 1, "xwebsite_sale_pl": 1}', false],
  ])('see a cart in %s: %s', (text, hasCart) => {
    expect(factsIn(text).hasCart).toBe(hasCart);
  });

  it('see the marks of Odoo 18 and 19, whatever they hold', () => {
    expect(factsIn('{"_trace": null, "create_time": null, "_trace_disable": true}')).toEqual(
      factsOf({ hasTrace: true, hasCreateTime: true, isReportClone: true }),
    );
  });

  it("are those of ECMAScript's own parser, for any object that both can hold", () => {
    const key = fc.oneof(
      { arbitrary: fc.constantFrom(...FACT_KEYS), weight: 5 },
      { arbitrary: fc.string(), weight: 1 },
    );
    const session = fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 8 });
    fc.assert(
      fc.property(session, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(factsIn(text)).toEqual(expectedOf(JSON.parse(text)));
      }),
      { numRuns: 3000 },
    );
  });

  it('are the same when every character of every string is escaped', () => {
    const escaped = (text: string): string =>
      text.replace(
        /"((?:[^"\\]|\\.)*)"/g,
        (_, inside: string) =>
          `"${[...inside].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`,
      );
    const session = { uid: 7, db: 'shop', expiration: 60, sale_order_id: 5, _trace: [], create_time: 1.5, login: 'a' };
    const text = JSON.stringify(session);
    expect(escaped(text)).not.toContain('uid');
    expect(factsIn(escaped(text))).toEqual(factsIn(text));
  });
});

describe('a cart whose key comes twice', () => {
  it.each([
    ['{"sale_order_id": 5, "sale_order_id": null}', false],
    ['{"sale_order_id": null, "sale_order_id": 5}', true],
    ['{"website_sale_a": 1, "website_sale_b": 1, "website_sale_a": 0}', true],
    ['{"sale_order_id": 5, "sale_order\\u005fid": false}', false],
    ['{"uid": 1}', false],
  ])('counts as it does the last time: %s', (json, hasCart) => {
    const facts = newFacts();
    const bytes = Buffer.from(json);
    const scanner = new JsonScanner();
    scanner.scan(Buffer.from('{"sale_order_id": 5}'), 0, 20, newFacts());
    scanner.scan(bytes, 0, bytes.length, facts);
    expect(facts.hasCart).toBe(hasCart);
  });
});
