/** Sessions, such as those that a pass has met, one bit each, by ordinal: a megabyte for eight million. */
export class OrdinalSet {
  #bits = new Uint8Array(2 ** 16);

  add(ordinals: Uint32Array): void {
    for (const ordinal of ordinals) this.addOne(ordinal);
  }

  addOne(ordinal: number): void {
    const byte = ordinal >>> 3;
    if (byte >= this.#bits.length) this.#growTo(byte + 1);
    this.#bits[byte] = (this.#bits[byte] as number) | (1 << (ordinal & 7));
  }

  has(ordinal: number): boolean {
    return isIn(this.#bits, ordinal);
  }

  get count(): number {
    let count = 0;
    for (let bits of this.#bits) for (; bits > 0; bits &= bits - 1) count++;
    return count;
  }

  /** A copy that threads can share, for {@link isIn}. */
  share(): Uint8Array<SharedArrayBuffer> {
    const shared = new Uint8Array(new SharedArrayBuffer(this.#bits.length));
    shared.set(this.#bits);
    return shared;
  }

  #growTo(bytes: number): void {
    const grown = new Uint8Array(Math.max(bytes, 2 * this.#bits.length));
    grown.set(this.#bits);
    this.#bits = grown;
  }
}

/** Whether a session is among those that {@link OrdinalSet.share} told of. */
export function isIn(bits: Uint8Array, ordinal: number): boolean {
  return (((bits[ordinal >>> 3] ?? 0) >>> (ordinal & 7)) & 1) === 1;
}
