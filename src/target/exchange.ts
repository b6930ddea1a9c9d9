import type { Reply } from './replies.js';

/** Commands about one key each, encoded, in the order of their answers. */
export interface Commands {
  readonly count: number;
  /** All of them, one behind the other. */
  whole(): Uint8Array;
  command(index: number): Uint8Array;
  key(index: number): Uint8Array;
}

/** Stands for a reply that never came, as the connection broke: whether the command was executed is not known. */
export const LOST = Symbol('lost');

export type Answer = Reply | typeof LOST;

/** Whoever takes commands to the target. */
export interface Exchange {
  /**
   * Resolves when `answers` holds one answer per command, in order. Waits while the target is in trouble, and sends again
   * only what it said it had not executed. @throws {OperatorError} when it gives up, or is not let in; the answers that
   * came are in `answers` then, the places of the others are empty
   */
  exchange(commands: Commands, answers: Answer[]): Promise<void>;
}

/** Some commands, each with its key. */
export function commandsOf(list: readonly { key: Uint8Array; bytes: Uint8Array }[]): Commands {
  return {
    count: list.length,
    whole: () => Buffer.concat(list.map(({ bytes }) => bytes)),
    command: (index) => list[index]?.bytes as Uint8Array,
    key: (index) => list[index]?.key as Uint8Array,
  };
}
