import { OUTCOMES } from '../session.js';

/** Bytes of directory entries by the code of their outcome: what a clean-up would free, and what it would cost. */
export class Weights {
  readonly bytes = new Float64Array(OUTCOMES.length);
  /** Of the blocks that the file system gave to them. */
  readonly allocatedBytes = new Float64Array(OUTCOMES.length);

  add(code: number, bytes: number, allocatedBytes: number): void {
    this.bytes[code] = (this.bytes[code] as number) + bytes;
    this.allocatedBytes[code] = (this.allocatedBytes[code] as number) + allocatedBytes;
  }

  merge(other: Pick<Weights, 'bytes' | 'allocatedBytes'>): void {
    for (let code = 0; code < OUTCOMES.length; code++) {
      this.add(code, other.bytes[code] as number, other.allocatedBytes[code] as number);
    }
  }
}
