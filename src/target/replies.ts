/** An error reply, as text; `WRONGTYPE Operation against ...`. */
export class ErrorReply {
  constructor(readonly text: string) {}
}

/** `true` is +OK (or any status), `null` the nil of an absent key or a refused NX; a list answers a question of control. */
export type Reply = true | null | number | Buffer | ErrorReply | Reply[];

const CR = 0x0d;

/**
 * Cuts a byte stream into replies of the RESP2 protocol (https://redis.io/docs/latest/develop/reference/protocol-spec/).
 * Holds at most one unfinished reply.
 */
export class ReplyParser {
  #pending: Buffer | null = null;
  /** Where the reply that was read last ends. */
  #end = 0;

  /** Appends the replies that `data` completes to `replies`. @throws {Error} when the peer does not speak RESP2 */
  feed(data: Buffer, replies: Reply[]): void {
    const bytes = this.#pending === null ? data : Buffer.concat([this.#pending, data]);
    let position = 0;
    while (position < bytes.length) {
      const reply = this.#read(bytes, position);
      if (reply === undefined) break;
      replies.push(reply);
      position = this.#end;
    }
    this.#pending = position < bytes.length ? bytes.subarray(position) : null;
  }

  /** The reply that begins at `position`; undefined where its end has not arrived. */
  #read(bytes: Buffer, position: number): Reply | undefined {
    const type = bytes[position] as number;
    if (IS_TYPE[type] !== 1) throw notRedis();
    const lineEnd = bytes.indexOf(CR, position);
    if (lineEnd < 0 || lineEnd + 1 >= bytes.length) return undefined;
    this.#end = lineEnd + 2;
    switch (type) {
      case STATUS:
        return true;
      case ERROR:
        return new ErrorReply(bytes.toString('latin1', position + 1, lineEnd));
      case INTEGER:
        return Number(bytes.toString('latin1', position + 1, lineEnd));
      default: {
        if (bytes[position + 1] === MINUS) return null;
        const length = Number(bytes.toString('latin1', position + 1, lineEnd));
        if (!Number.isSafeInteger(length)) throw notRedis();
        return type === BULK ? this.#bulk(bytes, length) : this.#list(bytes, length);
      }
    }
  }

  #bulk(bytes: Buffer, length: number): Buffer | undefined {
    const start = this.#end;
    this.#end = start + length + 2;
    return this.#end > bytes.length ? undefined : bytes.subarray(start, start + length);
  }

  #list(bytes: Buffer, length: number): Reply[] | undefined {
    const list: Reply[] = [];
    while (list.length < length) {
      const member = this.#end < bytes.length ? this.#read(bytes, this.#end) : undefined;
      if (member === undefined) return undefined;
      list.push(member);
    }
    return list;
  }
}

const [STATUS, ERROR, INTEGER, BULK, LIST, MINUS] = [0x2b, 0x2d, 0x3a, 0x24, 0x2a, 0x2d] as const;
const IS_TYPE = new Uint8Array(256);
for (const type of [STATUS, ERROR, INTEGER, BULK, LIST]) IS_TYPE[type] = 1;

function notRedis(): Error {
  return new Error('the peer does not speak the Redis protocol');
}
