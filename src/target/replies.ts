/** An error reply, as text; `WRONGTYPE Operation against ...`. */
export class ErrorReply {
  constructor(readonly text: string) {}
}

/** `true` is +OK (or any status), `null` the nil of an absent key or a refused NX. */
export type Reply = true | null | number | Buffer | ErrorReply;

const CR = 0x0d;

/**
 * Cuts a byte stream into replies of the RESP2 protocol (https://redis.io/docs/latest/develop/reference/protocol-spec/),
 * as far as this program's commands can cause them: status, error, integer, bulk. Holds at most one unfinished reply.
 */
export class ReplyParser {
  #pending: Buffer | null = null;

  /** Appends the replies that `data` completes to `replies`. @throws {Error} when the peer does not speak RESP2 */
  feed(data: Buffer, replies: Reply[]): void {
    const bytes = this.#pending === null ? data : Buffer.concat([this.#pending, data]);
    let position = 0;
    for (;;) {
      const lineEnd = bytes.indexOf(CR, position);
      if (lineEnd < 0 || lineEnd + 1 >= bytes.length) break;
      const next = lineEnd + 2;
      switch (bytes[position]) {
        case 0x2b: // +
          replies.push(true);
          break;
        case 0x2d: // -
          replies.push(new ErrorReply(bytes.toString('latin1', position + 1, lineEnd)));
          break;
        case 0x3a: // :
          replies.push(Number(bytes.toString('latin1', position + 1, lineEnd)));
          break;
        case 0x24: {
          // $
          if (bytes[position + 1] === 0x2d) {
            replies.push(null);
            break;
          }
          const length = Number(bytes.toString('latin1', position + 1, lineEnd));
          if (!Number.isSafeInteger(length)) throw notRedis();
          const end = next + length + 2;
          if (end > bytes.length) {
            this.#pending = bytes.subarray(position);
            return;
          }
          replies.push(bytes.subarray(next, next + length));
          position = end;
          continue;
        }
        default:
          throw notRedis();
      }
      position = next;
    }
    if (position < bytes.length && !'+-:$'.includes(String.fromCharCode(bytes[position] as number))) throw notRedis();
    this.#pending = position < bytes.length ? bytes.subarray(position) : null;
  }
}

function notRedis(): Error {
  return new Error('the peer does not speak the Redis protocol');
}
