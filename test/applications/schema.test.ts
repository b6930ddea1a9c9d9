import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { builtInNames } from '../../src/applications/built-in.js';
import { CONVERTERS } from '../../src/applications/converters.js';
import { FORMAT_NAMES } from '../../src/applications/formats/formats.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const SCHEMA = JSON.parse(read('schema/template.schema.json'));
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false }).compile(
  SCHEMA,
);

describe('the schema of templates', () => {
  it.each(builtInNames())('takes %s', (name) => {
    validate(parse(read(`templates/${name}.yaml`)));
    expect(validate.errors).toBeNull();
  });

  it.each([
    ['a part that is none', { keys: '{sid}' }],
    ['a key without an id', { key: 'x' }],
    ['a name without characters', { file: { name: '{sid}' } }],
    ['a format that is none', { check: 'xml' }],
    ['two values', { value: { fields: { data: '{bytes}' }, convert: 'django-pickle' } }],
    ['a refusal without a reason', { refuse: [{ starts: 'x' }] }],
    ['a type that is none', { parameters: { x: { type: 'time', help: 'y' } } }],
  ])('refuses %s', (_, part) => {
    const good = { name: 'a', file: { name: '{sid:hex:32}' }, key: '{sid}', expires: 'mtime + 1h', check: 'php' };
    expect(validate(good)).toBe(true);
    expect(validate({ ...good, ...part })).toBe(false);
  });

  it('knows the formats and the converters that the program knows', () => {
    expect(SCHEMA.$defs.format.enum).toEqual(FORMAT_NAMES);
    expect(SCHEMA.properties.value.oneOf[2].properties.convert.enum).toEqual(Object.keys(CONVERTERS));
  });
});
