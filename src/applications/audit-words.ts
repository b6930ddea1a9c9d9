import type { Layout } from '../session.js';

/** What tells the sessions of one release of an application from those of another. */
export interface ReleaseTraits {
  layout: Layout;
  format: string;
  /** See `StoreName.kind`. */
  sids: string | null;
  /** See `Application.markOf`. */
  mark: string;
}

/** What an audit says of an application's sessions, where applications differ. */
export interface AuditWords {
  /** Heading of the table of generations, and of its first column. */
  readonly generations: string;
  readonly generation: string;
  /** What files are that nobody needs, by kind. */
  readonly deadWeight: Readonly<Record<'over-age' | 'flat-leftovers' | 'report-clones' | 'temp-files', string>>;
  /** For how long sessions live, where all do so alike; absent where they live for days. */
  readonly lifetimeMs?: number;
  /** What writes such sessions, as far as it can be told. */
  writtenBy(generation: ReleaseTraits): string;
  /** The same with what it was told by. */
  describe(generation: ReleaseTraits): string;
  /** Characters of an id of this kind, or of a usual one. */
  sidLength(kind: string | null): number;
  /**
   * Warnings of ids that move although no release accepts all of them.
   * @param cells how many sessions move, by kind of id
   */
  warningsOfIds(cells: readonly { sids: string | null; moving: number }[]): string[];
}

/** A usual length of session ids, for applications whose ids have no fixed one. */
const USUAL_SID_LENGTH = 32;

/** Of an application that a template describes: its sessions differ by format at most. */
export const TEMPLATED_AUDIT: AuditWords = {
  generations: 'Formats',
  generation: 'Format',
  deadWeight: {
    'over-age': "older than the application's sessions get: its clean-up collects them",
    'flat-leftovers': 'files in a place that the application left',
    'report-clones': 'logins of nobody',
    'temp-files': 'saves that the application never finished',
  },
  writtenBy: ({ format }) => format,
  describe: ({ format }) => format,
  sidLength: () => USUAL_SID_LENGTH,
  warningsOfIds: () => [],
};
