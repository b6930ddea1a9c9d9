import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { ReplyIntake } from './intake.js';
import { type Reply, ReplyParser } from './replies.js';

/**
 * A connection for ioredis that lets through what {@link ReplyIntake} takes, and breaks at anything else. ioredis itself
 * reads whatever comes, however much, and throws where nobody can catch it at one reply too many (DataHandler.js).
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
