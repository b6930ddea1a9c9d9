import type { RejectNote } from '../lane/journey.js';
import { formatCount } from '../quantities.js';
import { OUTCOMES, type Outcome } from '../session.js';
import type { Section } from './html/model.js';
import { table } from './text.js';

/** Kinds that are told apart; a store with more of them is damaged or hostile. */
const MAX_COUNTED = 500;
/** Kinds that are told, and those that fit the end of a run. */
const MAX_LISTED = 50;
const MAX_SHOWN = 10;
/** Characters of a reason that are kept. */
const LONGEST_REASON = 200;

const REJECTS: ReadonlySet<Outcome> = new Set(OUTCOMES.filter(([, kind]) => kind === 'reject').map(([name]) => name));

/** Rejects for one reason: what stands in the way, such as a class, and in which member of the session it stands. */
export interface RejectKind {
  /** Null for all that are not listed by kind. */
  outcome: Outcome | null;
  reason: string;
  /** Names alone, fit to be shown; empty where no member can be named. */
  member: string;
  count: number;
}

/** Counts rejects by what stands in the way, so that a number has a cause that can be mended. Its size is bounded. */
export class RejectKinds {
  readonly #kinds = new Map<string, RejectKind>();
  #others = 0;

  add({ outcome, reason, member = '' }: Pick<RejectNote, 'outcome' | 'reason' | 'member'>): void {
    if (!REJECTS.has(outcome)) return;
    const bounded = reason.slice(0, LONGEST_REASON);
    const key = `${outcome} ${bounded}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) known.count++;
    else if (this.#kinds.size >= MAX_COUNTED) this.#others++;
    else this.#kinds.set(key, { outcome, reason: bounded, member, count: 1 });
  }

  /** The most frequent first; the last one sums up all others. */
  listed(): RejectKind[] {
    const kinds = [...this.#kinds.values()].sort((a, b) => b.count - a.count);
    return summedUp(kinds, MAX_LISTED, this.#others);
  }
}

/** A table of the most frequent kinds for a person, or an empty string where there is none. */
export function renderRejectKinds(kinds: readonly RejectKind[] = []): string {
  const rows = summedUp(kinds, MAX_SHOWN, 0).map(({ outcome, reason, count }) => [
    outcome ?? '',
    formatCount(count),
    outcome === null ? 'for other reasons' : reason,
  ]);
  return rows.length === 0 ? '' : table(rows, [1]);
}

export function rejectKindsSection(kinds: readonly RejectKind[] = []): Section | null {
  if (kinds.length === 0) return null;
  return {
    title: 'Why files are rejected',
    lead: 'By what stands in the way, and the member of the session in which it stands.',
    table: {
      columns: [{ title: 'Outcome' }, { title: 'Files', unit: 'count' }, { title: 'Why' }, { title: 'Member' }],
      rows: kinds.map(({ outcome, reason, member, count }) => [
        outcome ?? '(others)',
        count,
        outcome === null ? 'for other reasons' : reason,
        member,
      ]),
    },
  };
}

function summedUp(kinds: readonly RejectKind[], most: number, beyond: number): RejectKind[] {
  const named = kinds.filter(({ outcome }) => outcome !== null);
  const rest = [...named.slice(most), ...kinds.filter(({ outcome }) => outcome === null)];
  const others = rest.reduce((sum, { count }) => sum + count, beyond);
  const listed = named.slice(0, most);
  return others === 0 ? listed : [...listed, { outcome: null, reason: '', member: '', count: others }];
}
