import { foreignText } from '../masking.js';
import { resetFacts, type SessionFacts } from '../session.js';
import type { ContentCheck } from './content-check.js';
import { KIND, type MemberPaths } from './formats/member-paths.js';
import type { Fact, Template } from './template.js';

/** A user's name or number is shown up to so many bytes; what is longer is no name. */
const LONGEST_WHO = 64;

/** Formats in which no member can be seen. */
const UNREADABLE = ['laravel-encrypted', 'none'];

/** Where a template says nothing of what its sessions hold, this is all that can be told. */
const WITH_CONTENT = 'with content';
const WITHOUT_CONTENT = 'without content';

/**
 * The members that only other applications write whose files are named as those of `template` are. A session that has
 * one of them, and none of the template's own signs, is not of its application. A template without signs takes all.
 */
export function strangersOf(template: Template, others: readonly Template[]): string[] {
  const own = template.signs.members;
  if (own.length + template.signs.starts.length === 0) return [];
  const alike = others.filter(({ name, file }) => name !== template.name && file.name === template.file.name);
  return [...new Set(alike.flatMap(({ signs }) => signs.members))].filter((member) => !own.includes(member));
}

/** Whom sessions belong to, as far as the facts of a template tell. */
export class TemplatedFacts {
  readonly names: readonly string[];
  /** The members to be watched. */
  readonly members: readonly string[];
  readonly #facts: readonly Fact[];
  readonly #own: readonly string[];
  readonly #starts: readonly Buffer[];
  readonly #loginBit: number;
  readonly #cartBit: number;
  readonly #restName: string;
  /** By fact, where its members are noted; those of own signs, and of signs of others. */
  #targets: readonly (readonly number[])[] = [];
  #ownTargets: readonly number[] = [];
  #strangers: readonly number[] = [];

  constructor(
    { facts, signs }: Template,
    readonly strangers: readonly string[] = [],
  ) {
    this.#own = strangers.length === 0 ? [] : signs.members;
    this.#starts = signs.starts.map((text) => Buffer.from(text));
    this.#facts = facts.length > 0 ? facts : [{ name: WITH_CONTENT, members: ['*', ...this.#own, ...strangers] }];
    this.names = facts.map(({ name }) => name);
    this.#loginBit = bitOf(this.names, 'login');
    this.#cartBit = bitOf(this.names, 'cart');
    this.#restName = this.#loginBit > 0 ? 'anonymous' : facts.length > 0 ? 'other' : WITHOUT_CONTENT;
    this.members = [...this.#facts.flatMap(({ members }) => members), ...this.#own, ...strangers];
  }

  /** @param paths made of {@link members}, and of others */
  watch(paths: MemberPaths): void {
    const targetsOf = (members: readonly string[]) => members.map((member) => paths.targetOf(member));
    this.#targets = this.#facts.map(({ members }) => targetsOf(members));
    this.#ownTargets = targetsOf(this.#own);
    this.#strangers = targetsOf(this.strangers);
  }

  /** Fills `facts` and the facts of the content from a session that was just read. */
  tell({ content, found, bytes, start }: ContentCheck, facts: SessionFacts): void {
    resetFacts(facts);
    if (content.verdict !== 'whole') return;
    if (this.#isOfAnother(found.kinds, bytes, start)) {
      content.verdict = 'foreign';
      return;
    }
    let bits = 0;
    let first = -1;
    for (let i = this.#targets.length - 1; i >= 0; i--) {
      if (this.#trueTarget(i, found) < 0) continue;
      if (i < this.names.length) bits |= 1 << i;
      first = i;
    }
    content.facts = bits;
    facts.format = content.format;
    const isUnread = first < 0 && UNREADABLE.includes(content.format);
    facts.className = first >= 0 ? (this.#facts[first] as Fact).name : isUnread ? 'unread' : this.#restName;
    // Where a login can't be told each counts as one, so that nothing is left behind or called dead weight by mistake.
    facts.isAuthenticated = this.#loginBit === 0 || isUnread || (bits & this.#loginBit) !== 0;
    facts.hasCart = (bits & this.#cartBit) !== 0;
  }

  #isOfAnother(kinds: ContentCheck['found']['kinds'], bytes: Uint8Array, start: number): boolean {
    if (this.#strangers.length === 0) return false;
    const has = (target: number) => kinds[target] !== KIND.absent;
    if (!this.#strangers.some(has) || this.#ownTargets.some(has)) return false;
    return !this.#starts.some((text) => text.equals(bytes.subarray(start, start + text.length)));
  }

  /** The first member of a fact that is true, or -1. */
  #trueTarget(fact: number, found: ContentCheck['found']): number {
    const targets = this.#targets[fact] as readonly number[];
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i] as number;
      if (found.isTrue(target)) return target;
    }
    return -1;
  }

  /** The user of the session that was read last, as the session names it; empty where none can be told. */
  who({ found, inner }: ContentCheck): string {
    const login = this.names.indexOf('login');
    const target = login < 0 ? -1 : this.#trueTarget(login, found);
    if (target < 0) return '';
    const { kinds, starts, ends, numbers } = found;
    if (kinds[target] === KIND.integer) return String(numbers[target]);
    const start = starts[target] as number;
    const end = ends[target] as number;
    if (kinds[target] !== KIND.text || end - start > LONGEST_WHO) return '';
    return foreignText(Buffer.from(inner.subarray(start, end)).toString(), LONGEST_WHO);
  }
}

function bitOf(names: readonly string[], name: string): number {
  const at = names.indexOf(name);
  return at < 0 ? 0 : 1 << at;
}
