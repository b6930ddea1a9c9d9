import { describe, expect, it } from 'vitest';
import { bindTemplate } from '../../src/applications/bind-template.js';
import { builtInNames, builtInTemplate } from '../../src/applications/built-in.js';
import { makeSession, sidMaker } from '../../src/applications/made-session.js';
import { recogniseStore } from '../../src/applications/recognise-store.js';
import type { TemplateSettings } from '../../src/applications/template.js';
import { templatedApplication } from '../../src/applications/templated.js';
import { inspected, nameOf } from './reading.js';

const T0 = 1_700_000_000_000;
const HOUR = 3_600_000;
const NEEDED = { 'client-prefix': 'a', 'store-prefix': 'b', 'cache-prefix': 'c', prefix: 'd' };
const TEMPLATES = builtInNames().map(builtInTemplate);

/** Numbers from 0 to 1 that are the same in every run. */
function chance(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe.each(builtInNames())('a made-up session of %s', (name) => {
  const template = builtInTemplate(name);
  const needed = template.parameters
    .filter((parameter) => parameter.default === null)
    .map((parameter) => parameter.name);
  const given = Object.fromEntries(Object.entries(NEEDED).filter(([key]) => needed.includes(key)));
  const settings = bindTemplate(template, given).settings as TemplateSettings;
  const application = templatedApplication(settings);
  const wish = { facts: [] as string[], user: 41, filler: 'grün 😀', savedMs: T0, endsMs: T0 + HOUR };
  const sid = sidMaker(template)(chance());
  const path = application.pathOf(sid);

  it('has a name, a format and an end that the template reads', () => {
    expect(nameOf(application, path)).toBe(`session ${sid}`);
    const bytes = makeSession(settings, wish);
    expect(inspected(application, bytes)).toMatchObject({ verdict: 'whole', facts: 0 });
    expect(application.who()).toBe('');
    const lifetimeMs = Number.isNaN(application.store.lifetimeMs) ? HOUR : application.store.lifetimeMs;
    expect([T0 + HOUR, T0 + lifetimeMs]).toContain(application.expiryMs(T0, T0));
  });

  it('has the facts that it should have', () => {
    if (application.factNames.length === 0) return;
    const bytes = makeSession(settings, { ...wish, facts: application.factNames });
    expect(inspected(application, bytes).facts).toBe(2 ** application.factNames.length - 1);
    if (application.factNames.includes('login')) expect(application.who()).toBe('41');
  });

  it('is recognised for what it is', () => {
    const head = makeSession(settings, { ...wish, facts: application.factNames });
    const [found] = recogniseStore([{ path, ownerUid: 0, head }], TEMPLATES);
    expect([found?.application, ...(found?.alternatives ?? [])]).toContain(name);
  });
});
