import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { OperatorError } from '../errors.js';
import { ErrorReply, type Reply, ReplyParser } from './replies.js';
import { operatorErrorOf } from './trouble.js';

/** A reply that has begun is whole after so many times the longest silence, or it comes in drops. */
const SILENCES_PER_REPLY = 2;

/** What a server says of its own accord before it closes a connection (redis/src/networking.c, acceptCommonHandler). */
const FAREWELL = /^(DENIED |-?ERR max number of clients)/;

/**
 * The answers of one connection, within bounds: no more than were asked for, none larger than any honest one, and each
 * whole within its time.
 */
export class ReplyIntake {
  readonly #parser = new ReplyParser();
  #due = 0;
  #lastMs = 0;
  /** Nothing was answered yet. */
  isNew = true;

  /** @param silenceMs how long the peer may be silent while replies are due */
  constructor(
    public silenceMs: number,
    readonly now: () => number = () => performance.now(),
  ) {}

  get isWaiting(): boolean {
    return this.#due > 0;
  }

  /** So many more replies are due. */
  expect(count: number): void {
    if (this.#due === 0) this.#lastMs = this.now();
    this.#due += count;
  }

  /** Appends what `data` completes to `replies`, and gives the reason why nothing more can be taken; null for none. */
  take(data: Buffer, replies: Reply[]): Error | null {
    const before = replies.length;
    let failure: Error | null = null;
    try {
      this.#parser.feed(data, replies);
    } catch (error) {
      failure = error as Error;
    }
    const farewell = this.isNew ? farewellIn(replies, before) : null;
    const count = replies.length - before;
    if (farewell !== null) {
      replies.length = before;
      return farewell;
    }
    if (count > 0) this.isNew = false;
    if (count > this.#due) {
      replies.length = before + this.#due;
      failure ??= new Error('it answers more than it was asked');
    }
    this.#due -= Math.min(count, this.#due);
    if (count > 0) this.#lastMs = this.now();
    else if (this.#due > 0 && this.now() - this.#lastMs > SILENCES_PER_REPLY * this.silenceMs) {
      failure ??= new Error(`no whole reply within ${(SILENCES_PER_REPLY * this.silenceMs) / 1000} s`);
    }
    return failure;
  }
}

function farewellIn(replies: readonly Reply[], from: number): OperatorError | null {
  const first = replies[from];
  return first instanceof ErrorReply && FAREWELL.test(first.text) ? operatorErrorOf(first.text) : null;
}

/**
 * A connection for ioredis that lets through what {@link ReplyIntake} takes, and breaks at anything else. ioredis
 * itself reads whatever comes, however much, and throws where nobody can catch it at one reply too many
 * (DataHandler.js).
 */
export class GuardedStream extends Duplex {
  readonly #socket: Socket;
  readonly #intake: ReplyIntake;
  /** Commands are lists of values as replies are; one per command is due. */
  readonly #sent = new ReplyParser({ lineBytes: 2 ** 16, totalBytes: 2 ** 30, members: 2 ** 30, depth: 1 });

  constructor(socket: Socket, silenceMs: number) {
    super();
    this.#socket = socket;
    this.#intake = new ReplyIntake(silenceMs);
    socket.on('data', (data: Buffer) => {
      const failure = this.#intake.take(data, []);
      if (failure !== null) this.destroy(failure);
      else if (!this.push(data)) socket.pause();
    });
    socket.on('error', (error) => this.destroy(error));
    socket.on('end', () => this.push(null));
    socket.on('close', () => this.destroy());
  }

  setNoDelay(isNoDelay: boolean): void {
    this.#socket.setNoDelay(isNoDelay);
  }

  setKeepAlive(isKeptAlive: boolean, afterMs: number): void {
    this.#socket.setKeepAlive(isKeptAlive, afterMs);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const commands: Reply[] = [];
    this.#sent.feed(chunk, commands);
    this.#intake.expect(commands.length);
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
