import { closeSync, futimesSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { EXIT, OperatorError, showable } from '../errors.js';
import { WriteBatch } from '../redis/batch.js';
import { AS_SENT, UPDATE_REPLY } from '../redis/ownership.js';
import { ErrorReply } from '../redis/replies.js';
import { operatorErrorOf } from '../redis/trouble.js';
import { encodeCommand, Wire } from '../redis/wire.js';
import { errorCode } from '../system/errno.js';
import { directoryMode } from '../system/file-system.js';
import { SessionMaker } from './session-maker.js';
import { type Done, nothingDone, type Task, type ThreadReply, type ThreadSettings } from './task.js';

/** Round trips under way: Redis works on one while the next is made. */
const BATCHES = 3;
const KEYS_PER_COMMAND = 128;
/** Expiries are spread over so many seconds, so that nothing is left to die all at once. */
const EXPIRY_SPREAD_SECONDS = 900;

/** Makes sessions and takes them to Redis or to the disk, range by range. Each range has a connection of its own. */
class BenchThread {
  readonly #maker: SessionMaker;
  readonly #batches: readonly WriteBatch[];
  readonly #directories = new Set<string>();

  constructor(readonly settings: ThreadSettings) {
    const { before, after } = settings.key;
    this.#maker = new SessionMaker(settings.recipe, settings.nowMs);
    const { hash } = this.#maker.application.reader;
    const ownership = hash === null ? AS_SENT : { ...AS_SENT, hash };
    this.#batches = Array.from({ length: BATCHES }, () => new WriteBatch(before, after, ownership));
  }

  async run(task: Task): Promise<Done> {
    const done = nothingDone();
    if (task.name === 'write') {
      this.#write(task, done);
      return done;
    }
    if (this.settings.endpoint === null) throw new Error('keys without a server to keep them');
    // What the server keeps for a connection goes with it, and is in no measurement.
    const wire = await Wire.connect(this.settings.endpoint);
    try {
      if (task.name === 'load') await this.#load(wire, task, done);
      else await this.#ask(wire, task.name === 'touch' ? 'EXISTS' : 'UNLINK', task, done);
    } finally {
      wire.close();
    }
    return done;
  }

  async #load(wire: Wire, { from, to }: Task, done: Done): Promise<void> {
    const maker = this.#maker;
    const { key, quantum } = this.settings;
    const around = Buffer.byteLength(key.before) + Buffer.byteLength(key.after);
    const batches = this.#batches;
    for (const batch of batches) batch.clear();
    await loadScript(wire, batches[0] as WriteBatch);
    const sent: Promise<number>[] = [];
    let batch = batches[0] as WriteBatch;
    for (let index = from; index < to; index++) {
      maker.make(index);
      const { sid, value } = maker;
      batch.add(0, sid, value, 0, value.length, this.#expiryOf(index));
      const keyBytes = around + sid.length;
      done.keyBytes += keyBytes;
      done.valueBytes += value.length;
      done.predictedBytes += maker.memoryBytes(keyBytes, quantum);
      if (!batch.isFull && index + 1 < to) continue;
      const reply = send(wire, batch);
      // Whichever fails first is thrown below; the others must not end the thread.
      reply.catch(() => {});
      sent.push(reply);
      batch = batches[sent.length % BATCHES] as WriteBatch;
      if (sent.length >= BATCHES) {
        await sent[sent.length - BATCHES];
        batch.clear();
      }
    }
    for (const count of await Promise.all(sent)) done.count += count;
  }

  /** EXISTS and UNLINK: how many of these keys are there, or were. */
  async #ask(wire: Wire, command: 'EXISTS' | 'UNLINK', { from, to }: Task, done: Done): Promise<void> {
    const { before, after } = this.settings.key;
    for (let first = from; first < to; first += KEYS_PER_COMMAND) {
      const keys: string[] = [];
      for (let index = first; index < Math.min(to, first + KEYS_PER_COMMAND); index++) {
        this.#maker.name(index);
        keys.push(`${before}${this.#maker.sid}${after}`);
      }
      const [reply] = await wire.request(encodeCommand([command, ...keys]), 1);
      if (typeof reply !== 'number')
        throw operatorErrorOf(reply instanceof ErrorReply ? reply.text : 'no number', command);
      done.count += reply;
    }
  }

  #write({ from, to }: Task, done: Done): void {
    const maker = this.#maker;
    for (let index = from; index < to; index++) {
      maker.make(index);
      const path = `${this.settings.directory}/${maker.path}`;
      const directory = dirname(path);
      if (!this.#directories.has(directory)) {
        mkdirSync(directory, { recursive: true, mode: directoryMode(maker.generator.mode) });
        this.#directories.add(directory);
      }
      const fd = openSync(path, 'wx', maker.generator.mode);
      try {
        writeSync(fd, maker.file);
        futimesSync(fd, maker.savedSeconds, maker.savedSeconds);
      } finally {
        closeSync(fd);
      }
      done.count++;
      done.valueBytes += maker.file.length;
    }
  }

  #expiryOf(index: number): number {
    return this.settings.lastExpiryMs - (index % EXPIRY_SPREAD_SECONDS) * 1000;
  }
}

/** Hashes are set by a script, which the server has to know. */
async function loadScript(wire: Wire, { scripts, ownership }: WriteBatch): Promise<void> {
  if (ownership.hash === undefined) return;
  const [reply] = await wire.request(encodeCommand(['SCRIPT', 'LOAD', scripts.update.text]), 1);
  if (reply instanceof ErrorReply) throw operatorErrorOf(reply.text, 'SCRIPT');
}

/**
 * Resolves to the keys that were set.
 * @throws {OperatorError} for the first that the server refused
 */
async function send(wire: Wire, batch: WriteBatch): Promise<number> {
  const replies = await wire.request(batch.bytes.view(), batch.count);
  for (const reply of replies)
    if (reply instanceof ErrorReply)
      throw operatorErrorOf(reply.text, batch.ownership.hash === undefined ? 'SET' : 'EVALSHA');
  return replies.filter((reply) => reply === true || reply === UPDATE_REPLY.written).length;
}

function replyOf(error: unknown): ThreadReply {
  if (error instanceof OperatorError) return { exitCode: error.exitCode, message: error.message };
  const code = errorCode(error);
  if (code === '') return { exitCode: EXIT.unexpected, message: showable(error).stack ?? String(error) };
  // A disk without room, or a directory whose index is full (ext4 without large_dir).
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  const message = `writing a session file failed, the system said ${code}`;
  return { exitCode: isFull ? EXIT.limit : EXIT.temporary, message };
}

if (parentPort !== null) {
  const port = parentPort;
  const thread = new BenchThread(workerData as ThreadSettings);
  port.on('message', (task: Task) => {
    thread.run(task).then(
      (done) => port.postMessage({ done } satisfies ThreadReply),
      (error: unknown) => port.postMessage(replyOf(error)),
    );
  });
}
