/** Keys that are remembered for certain; twice as many at most. Some 150 bytes each. */
const GENERATION = 50_000;

/**
 * Tells the keys that SCAN gives a second time. It does so where a hash table shrinks under it, and then with keys of the
 * buckets that it is just at (redis/src/dict.c, dictScan: all that fall into one bucket of the smaller table are visited
 * in a row), so that a window of the latest keys finds them and memory stays flat. A key that comes again later than that
 * counts once more.
 */
export class RecentKeys {
  #current = new Set<string>();
  #previous = new Set<string>();

  constructor(readonly generation = GENERATION) {}

  /** Whether the key was seen a short while ago; remembers it. */
  isRepeated(key: string): boolean {
    if (this.#current.has(key) || this.#previous.has(key)) return true;
    if (this.#current.size === this.generation) {
      this.#previous = this.#current;
      this.#current = new Set();
    }
    this.#current.add(key);
    return false;
  }
}
