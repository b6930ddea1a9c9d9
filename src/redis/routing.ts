import type { Server } from './endpoint.js';
import type { Reply } from './replies.js';
import type { Topology } from './topology.js';
import { encodeCommand } from './wire.js';

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
   * Resolves when `answers` holds one answer per command, in order. Waits while the target is in trouble, and sends
   * again only what it said it had not executed.
   * @throws {OperatorError} when it gives up, or is not let in; the answers that came are in `answers` then, the places
   *   of the others are empty
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

const ASKING = encodeCommand(['ASKING']);

/** What goes to one server at once. */
export interface ServerCommands {
  server: Server;
  /** Positions among all commands. */
  indices: readonly number[];
  /** Each command has an ASKING before it, and so two replies. */
  isAsking: boolean;
}

/** Commands on their way: which have their answer, and where the others have to go. */
export class Routing {
  #open: number[];
  /** Servers that take a command this once, said by the one that has its slot. */
  readonly #asked = new Map<number, Server>();

  constructor(
    readonly commands: Commands,
    readonly answers: Answer[],
  ) {
    this.#open = Array.from({ length: commands.count }, (_, index) => index);
  }

  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  answer(index: number, answer: Answer): void {
    this.answers[index] = answer;
  }

  ask(index: number, server: Server): void {
    this.#asked.set(index, server);
  }

  /** Forgets what is answered. */
  sweep(): void {
    this.#open = this.#open.filter((index) => this.answers[index] === undefined);
  }

  /** Divides what is open by the servers that take it; null where some slot has none. */
  divide(topology: Topology): ServerCommands[] | null {
    const [only] = topology.servers;
    if (topology.isSingle) return only === undefined ? null : [{ server: only, indices: this.#open, isAsking: false }];
    const parts = new Map<Server, { owned: number[]; asked: number[] }>();
    for (const index of this.#open) {
      const asked = this.#asked.get(index);
      const server = asked ?? topology.serverFor(this.commands.key(index));
      if (server === null) return null;
      let part = parts.get(server);
      if (part === undefined) {
        part = { owned: [], asked: [] };
        parts.set(server, part);
      }
      (asked === undefined ? part.owned : part.asked).push(index);
    }
    this.#asked.clear();
    return [...parts].flatMap(([server, { owned, asked }]) => [
      ...(owned.length > 0 ? [{ server, indices: owned, isAsking: false }] : []),
      ...(asked.length > 0 ? [{ server, indices: asked, isAsking: true }] : []),
    ]);
  }

  bytesOf({ indices, isAsking }: ServerCommands): Uint8Array {
    if (indices.length === this.commands.count && !isAsking) return this.commands.whole();
    const parts = indices.map((index) => this.commands.command(index));
    return Buffer.concat(isAsking ? parts.flatMap((part) => [ASKING, part]) : parts);
  }

  /** Marks as lost what one server had not answered when its connection broke after `received` replies. */
  lose({ indices, isAsking }: ServerCommands, received: number): void {
    const answered = isAsking ? received >> 1 : received;
    for (const index of indices.slice(answered)) this.answer(index, LOST);
  }
}
