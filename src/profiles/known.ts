import { camptocamp, camptocampAbsolute } from './camptocamp.js';
import { camptocamp7 } from './camptocamp-7.js';
import { cbRedis } from './cb-redis.js';
import { generic } from './generic.js';
import { keerati } from './keerati.js';
import { mangono } from './mangono.js';
import type { Module } from './module.js';
import { muk } from './muk.js';
import { odooRedisSession } from './odoo-redis-session.js';
import { abRedisSession, sidecar } from './odoo-session.js';
import type { Profile } from './profile.js';
import { smile } from './smile.js';

/** Every module the program knows, the most used first. */
export const MODULES: readonly Module[] = [
  camptocamp,
  camptocampAbsolute,
  camptocamp7,
  mangono,
  smile,
  keerati,
  muk,
  odooRedisSession,
  cbRedis,
  sidecar,
  abRedisSession,
  generic,
];

/** Every reader by its plain name, and behind it each of its releases. */
export const KNOWN_PROFILES: readonly Profile[] = MODULES.flatMap(({ plain, releases }) => [
  plain,
  ...releases.filter(({ name }) => name !== plain.name),
]);

/** The module whose plain name this is. */
export function moduleNamed(name: string): Module | undefined {
  return MODULES.find(({ plain }) => plain.name === name);
}

const RELEASE = /^(.+)-(\d+(?:\.\d+)*)(?:\.\.(\d+))?$/;

/** A profile by its name: a plain one, a release, or the module with an Odoo of that release, as in `camptocamp-15`. */
export function profileNamed(name: string): Profile | undefined {
  const exact = KNOWN_PROFILES.find((profile) => profile.name === name);
  const match = RELEASE.exec(name);
  if (exact !== undefined || match === null) return exact;
  const [, module = '', first = '', last = first] = match;
  return moduleNamed(module)?.releases.find((release) => isOf(release, module, first, last));
}

function isOf({ name, series }: Profile, module: string, first: string, last: string): boolean {
  // A release that counts by itself, as 1.3, goes on until the next one that is known.
  const own = name.slice(module.length + 1);
  if (own.includes('.')) return first === last && (Number(first) >= 1.3 ? own === '1.3' : own === first);
  return Number(first) >= series[0] && Number(last) <= series[1];
}
