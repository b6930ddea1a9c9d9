import { foreignText } from '../masking.js';

/** A server's own words are no longer than this (redis/src/networking.c cuts the arguments that it repeats at 128). */
const LONGEST_ERROR = 512;

/** An error reply, as text that is fit to be shown: `WRONGTYPE Operation against ...`. */
export class ErrorReply {
  readonly text: string;

  constructor(text: string) {
    // The name of a host may be as long as a token, and is needed whole.
    const isRedirection = /^(MOVED|ASK) \d{1,5} [\w.:[\]?-]{1,300}$/.test(text);
    this.text = isRedirection ? text : foreignText(text, LONGEST_ERROR);
  }
}

/**
 * `true` is +OK (or any status), `null` the nil of an absent key or a refused NX; lists only answer control commands.
 */
export type Reply = true | null | number | Buffer | ErrorReply | Reply[];

/** What one reply may take, in bytes, members on all levels, and levels. */
export interface ReplyBounds {
  /** Of a status, a number, an error. */
  lineBytes: number;
  totalBytes: number;
  members: number;
  depth: number;
}

/**
 * Far more than any answer to our questions takes: CLUSTER SLOTS has some 200,000 members at worst (16,384 ranges, each
 * with its nodes), a session's value some megabytes.
 */
const REPLY_BOUNDS: ReplyBounds = { lineBytes: 2 ** 16, totalBytes: 2 ** 26, members: 2 ** 19, depth: 8 };

/** The peer speaks no RESP2. `first` is what its answer began with, as far as it came. */
export class NotRedis extends Error {
  override readonly name = 'NotRedis';
  constructor(readonly first: string) {
    super('the peer does not speak the Redis protocol');
  }
}

/** An answer beyond all bounds, which waiting does not make smaller. */
export class ReplyTooLarge extends Error {
  override readonly name = 'ReplyTooLarge';
}

const CR = 0x0d;
const [STATUS, ERROR, INTEGER, BULK, LIST, MINUS] = [0x2b, 0x2d, 0x3a, 0x24, 0x2a, 0x2d] as const;
const IS_TYPE = new Uint8Array(256);
for (const type of [STATUS, ERROR, INTEGER, BULK, LIST]) IS_TYPE[type] = 1;

/** A list that is not whole yet. */
interface OpenList {
  members: Reply[];
  length: number;
}

/**
 * Cuts a byte stream into replies of the RESP2 protocol
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/). Holds at most one unfinished reply, within bounds.
 */
export class ReplyParser {
  /** Bytes that are not read yet, in the pieces in which they came. */
  #pieces: Buffer[] = [];
  #heldBytes = 0;
  /** So many held bytes are needed before it is worth looking again. */
  #neededBytes = 0;
  /** Where what was read last ends. */
  #end = 0;
  /** Lists around what is read next, the innermost last, and what they have taken so far. */
  readonly #open: OpenList[] = [];
  #members = 0;
  #listBytes = 0;

  constructor(readonly bounds: ReplyBounds = REPLY_BOUNDS) {}

  /**
   * Appends the replies that `data` completes to `replies`.
   * @throws {Error} when the peer speaks no RESP2, or too much
   */
  feed(data: Buffer, replies: Reply[]): void {
    let bytes = data;
    if (this.#heldBytes > 0) {
      this.#pieces.push(data);
      this.#heldBytes += data.length;
      if (this.#heldBytes < this.#neededBytes) return;
      bytes = Buffer.concat(this.#pieces);
    }
    let position = 0;
    this.#neededBytes = 0;
    while (position < bytes.length) {
      const depth = this.#open.length;
      const reply = this.#read(bytes, position);
      if (reply === undefined) {
        // One more level is open if the header of a list was read; otherwise the reply is incomplete.
        if (this.#open.length === depth) break;
        this.#listBytes += this.#end - position;
      } else if (depth === 0) replies.push(reply);
      else this.#take(reply, this.#end - position, replies);
      position = this.#end;
    }
    this.#heldBytes = bytes.length - position;
    this.#pieces = this.#heldBytes > 0 ? [bytes.subarray(position)] : [];
  }

  /** A reply that has no members; undefined for a list that has some, and where the end has not arrived. */
  #read(bytes: Buffer, position: number): Reply | undefined {
    const type = bytes[position] as number;
    if (IS_TYPE[type] !== 1) throw notRedis(bytes, position);
    const lineEnd = bytes.indexOf(CR, position);
    if (lineEnd < 0 || lineEnd + 1 >= bytes.length) {
      if (bytes.length - position > this.bounds.lineBytes) throw tooMuch('a line', this.bounds.lineBytes, 'bytes');
      return undefined;
    }
    if (lineEnd - position > this.bounds.lineBytes) throw tooMuch('a line', this.bounds.lineBytes, 'bytes');
    const start = lineEnd + 2;
    switch (type) {
      case STATUS:
        this.#end = start;
        return true;
      case ERROR:
        this.#end = start;
        return new ErrorReply(bytes.toString('latin1', position + 1, lineEnd));
      case INTEGER:
        this.#end = start;
        return numberIn(bytes, position, lineEnd);
      default: {
        const isNil = bytes[position + 1] === MINUS;
        const length = isNil ? 0 : numberIn(bytes, position, lineEnd);
        if (type === LIST && length > 0) {
          this.#enter(length);
          this.#end = start;
          return undefined;
        }
        if (isNil || type === LIST) {
          this.#end = start;
          return isNil ? null : [];
        }
        return this.#bulk(bytes, position, start, length);
      }
    }
  }

  #bulk(bytes: Buffer, position: number, start: number, length: number): Buffer | undefined {
    if (length > this.bounds.totalBytes) throw tooMuch('a value', this.bounds.totalBytes, 'bytes');
    const end = start + length + 2;
    if (end > bytes.length) {
      this.#neededBytes = end - position;
      return undefined;
    }
    this.#end = end;
    return bytes.subarray(start, start + length);
  }

  #enter(length: number): void {
    this.#members += length;
    if (this.#members > this.bounds.members) throw tooMuch('a list', this.bounds.members, 'members');
    if (this.#open.push({ members: [], length }) > this.bounds.depth)
      throw tooMuch('a list', this.bounds.depth, 'levels');
  }

  /** Appends to the innermost open list; every list that this completes is appended to the one around it. */
  #take(reply: Reply, size: number, replies: Reply[]): void {
    this.#listBytes += size;
    if (this.#listBytes > this.bounds.totalBytes) throw tooMuch('a list', this.bounds.totalBytes, 'bytes');
    let whole: Reply = reply;
    for (let list = this.#open.at(-1); list !== undefined; list = this.#open.at(-1)) {
      list.members.push(whole);
      if (list.members.length < list.length) return;
      whole = list.members;
      this.#open.pop();
    }
    this.#members = 0;
    this.#listBytes = 0;
    replies.push(whole);
  }
}

function numberIn(bytes: Buffer, position: number, lineEnd: number): number {
  const number = Number(bytes.toString('latin1', position + 1, lineEnd));
  if (!Number.isInteger(number)) throw notRedis(bytes, position);
  return number;
}

function notRedis(bytes: Buffer, position: number): NotRedis {
  return new NotRedis(bytes.toString('latin1', position, position + 8));
}

function tooMuch(what: string, bound: number, unit: string): ReplyTooLarge {
  return new ReplyTooLarge(`it answers with ${what} of more than ${bound} ${unit}`);
}
