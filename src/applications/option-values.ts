import type { Faults } from '../errors.js';
import type { CommandName } from '../option-entry.js';
import type { Selection } from './template.js';

/**
 * The operator's options, as an application reads those that it declares. A value that can't be read becomes a fault;
 * what is returned for it then has the right type and no meaning.
 */
export interface OptionValues {
  readonly command: CommandName;
  readonly faults: Faults;
  /** By what the application was recognised, where the operator named none; else empty. */
  readonly recognition: string;
  /** Whether the operator gave a value: then it is not the default. */
  isGiven(name: string): boolean;
  /** Undefined where nobody gave a value and there is no default; so are the following. */
  text(name: string): string | undefined;
  choice(name: string): string | undefined;
  /** A time in milliseconds, a size in bytes, or a whole number. */
  quantity(name: string): number | undefined;
  flag(name: string): boolean;
  list(name: string): readonly string[];
}

/** Which of the sessions move, by the options that every application has. */
export function readSelection(read: OptionValues): Selection {
  return {
    anonymous: read.choice('anonymous') as Selection['anonymous'],
    maxAgeMs: read.quantity('max-age') ?? Number.POSITIVE_INFINITY,
    graceMs: read.quantity('grace') ?? 0,
  };
}
