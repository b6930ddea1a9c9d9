import { camptocamp } from './camptocamp.js';
import { camptocamp7 } from './camptocamp-7.js';
import { generic } from './generic.js';
import { keerati } from './keerati.js';
import { mangono } from './mangono.js';
import { muk } from './muk.js';
import type { Profile } from './profile.js';
import { smile } from './smile.js';

/** Every reader the program knows, the most used first. */
export const KNOWN_PROFILES: readonly Profile[] = [camptocamp, camptocamp7, mangono, smile, keerati, muk, generic];

export function profileNamed(name: string): Profile | undefined {
  return KNOWN_PROFILES.find((profile) => profile.name === name);
}
