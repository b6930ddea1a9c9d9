import { makeSession, sidMaker } from './made-session.js';
import { randomFor } from './seeded-random.js';
import type { GenerationSettings, SessionGenerator } from './session-generator.js';
import type { TemplateSettings } from './template.js';
import { type TemplatedApplication, templatedApplication } from './templated.js';

const LOGIN_SHARE = 0.7;
/** The share of sessions that have a cart, and likewise each other fact of the template. */
const OTHER_SHARE = 0.1;
const MOST_USERS = 5000;
const MOST_FILLER = 600;
/** The lifetime of sessions whose content alone says when they end. */
const USUAL_LIFETIME_MS = 2 * 3_600_000;
/** In a store in use there are files a little older than sessions live, as nobody has cleaned it yet. */
const OVERAGE = 1.1;

/** Makes up sessions of an application that a template describes. */
export class TemplatedGenerator implements SessionGenerator {
  sid = '';
  path = '';
  file: Buffer = Buffer.alloc(0);
  readonly mode: number;
  readonly oldestMs: number;
  readonly #application: TemplatedApplication;
  readonly #lifetimeMs: number;
  readonly #makeSid: (random: () => number) => string;

  constructor(
    readonly template: TemplateSettings,
    readonly settings: GenerationSettings,
  ) {
    this.#application = templatedApplication(template);
    this.mode = this.#application.store.mode;
    this.#lifetimeMs = settings.lifetimeMs ?? this.#application.lifetimesMs[0] ?? USUAL_LIFETIME_MS;
    this.oldestMs = this.#lifetimeMs * OVERAGE;
    this.#makeSid = sidMaker(template.template);
  }

  titleOf(): string {
    return this.#application.name;
  }

  name(index: number): void {
    this.sid = this.#makeSid(randomFor(this.settings.seed, index));
    this.path = this.#application.pathOf(this.sid);
  }

  make(index: number, savedMs: number, random: () => number): void {
    this.name(index);
    this.file = makeSession(this.template, {
      facts: this.#application.factNames.filter((name) => random() < (name === 'login' ? LOGIN_SHARE : OTHER_SHARE)),
      user: 1 + Math.floor(random() * MOST_USERS),
      // Never nothing: where a template has no facts, that would be an empty file.
      filler: 'x'.repeat(1 + Math.floor(random() * MOST_FILLER)),
      savedMs,
      endsMs: savedMs + this.#lifetimeMs,
    });
  }

  junk(): null {
    return null;
  }
}
