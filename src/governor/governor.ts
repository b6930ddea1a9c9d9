import { CALM, type Cause, type LoadFinding } from './judge.js';
import { FREE, type GovernorState, isQuiet, nextPace, type Pace, stateOf } from './state.js';
import { rateAt, type Timetable } from './timetable.js';

/** Entries in a chunk when nothing holds the run back. */
const FULL_CHUNK = 512;
/** At a bounded rate chunks shrink, so that the target sees a stream and not bursts: about ten chunks a second. */
const CHUNKS_PER_SECOND = 10;

/** Entries that a chunk should have at this many sessions per second. */
function chunkSizeAt(rate: number): number {
  return Math.max(1, Math.min(FULL_CHUNK, Math.floor(rate / CHUNKS_PER_SECOND)));
}

/**
 * Permits that fill up at so many per second. A chunk takes one per entry and gives back those that were not sent, so
 * the rate is the rate at which the target is written to, and entries that stay behind cost nothing. No more than one
 * chunk is saved up.
 */
export class PermitBucket {
  #rate: number;
  #permits: number;
  #filledAtMs: number;

  /** @param rate permits per second, Infinity for no bound, 0 for none at all */
  constructor(rate: number, nowMs: number) {
    this.#rate = rate;
    this.#permits = chunkSizeAt(rate);
    this.#filledAtMs = nowMs;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Permits that were not used stay, as far as a chunk at the new rate has room for them. */
  setRate(rate: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#rate = rate;
    this.#permits = Math.min(this.#permits, chunkSizeAt(rate));
  }

  /** Milliseconds until a chunk of `entries` may start; Infinity while the rate is 0. */
  delayMs(entries: number, nowMs: number): number {
    if (this.#rate === Number.POSITIVE_INFINITY) return 0;
    if (this.#rate === 0) return Number.POSITIVE_INFINITY;
    this.#fill(nowMs);
    const missing = Math.min(entries, chunkSizeAt(this.#rate)) - this.#permits;
    return missing <= 0 ? 0 : (missing / this.#rate) * 1000;
  }

  take(permits: number): void {
    if (this.#rate !== Number.POSITIVE_INFINITY) this.#permits -= permits;
  }

  giveBack(permits: number): void {
    this.#permits = Math.min(chunkSizeAt(this.#rate), this.#permits + permits);
  }

  #fill(nowMs: number): void {
    const filled = this.#rate === Number.POSITIVE_INFINITY ? 0 : ((nowMs - this.#filledAtMs) / 1000) * this.#rate;
    this.#permits = Math.min(chunkSizeAt(this.#rate), this.#permits + filled);
    this.#filledAtMs = nowMs;
  }
}

/** A pace is measured over so many looks, as acknowledgements come in heaps; */
const LOOKS = 4;
/** and the best that was lately fades by so much with each look: a stall must not count as the pace of the run. */
const FADE = 0.8;
/** A timer takes no more (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args). */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** The clocks that the governor reads, so that tests can turn them. */
export interface Clocks {
  /** Milliseconds, never backwards. */
  now: () => number;
  /** For timetables. */
  wall: () => Date;
}

/**
 * Decides when the next chunk may start, and always knows why. What the operator set (a rate, a timetable, a pause)
 * and what was seen of the server come together in one state; while that is full speed, asking costs nothing.
 */
export class Governor {
  #state: GovernorState;
  #pace: Pace = FREE;
  #rate: number;
  #pausedBy = '';
  /** When a pause ended, as long as the servers were not looked at since; else null. */
  #unseenSinceMs: number | null = null;
  readonly #bucket: PermitBucket;
  readonly #heldBackMs = new Map<Cause, number>();
  #hasWaited = false;
  #sent = 0;
  #recentRate = 0;
  readonly #looks: { sent: number; atMs: number }[];
  #wake: (() => void) | null = null;

  /** @param onChange called with each new state, also where only its numbers are new */
  constructor(
    readonly timetable: Timetable,
    readonly clocks: Clocks,
    readonly onChange: (state: GovernorState) => void = () => {},
  ) {
    this.#rate = rateAt(timetable, clocks.wall());
    this.#state = stateOf('', FREE, this.#rate);
    this.#bucket = new PermitBucket(this.#rate, clocks.now());
    this.#looks = [{ sent: 0, atMs: clocks.now() }];
  }

  get state(): GovernorState {
    return this.#state;
  }

  /** Entries that the next chunk should have. */
  get maxEntries(): number {
    return chunkSizeAt(this.#state.permitsPerSecond);
  }

  /** Whether the governor, and not the disk, sets the pace: chunks had to wait at the bound that there is now. */
  get isHoldingBack(): boolean {
    return this.#hasWaited;
  }

  /** Whether the run sends so little at the moment that the servers are left to themselves. */
  get isQuiet(): boolean {
    return this.#state.name === 'paused' || isQuiet(this.#pace);
  }

  /** Whether a pause was lifted, and the run waits for one look at the servers before it goes on. */
  get awaitsLook(): boolean {
    return this.#unseenSinceMs !== null;
  }

  /** Milliseconds for which chunks were held back, by cause. */
  get heldBackMs(): Record<string, number> {
    const rounded = [...this.#heldBackMs].map(([cause, ms]) => [cause, Math.round(ms)] as const);
    return Object.fromEntries(rounded.filter(([, ms]) => ms > 0));
  }

  /** Resolves when a chunk of `entries` may start, or when `signal` aborts. */
  async admit(entries: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const startMs = this.clocks.now();
      const delayMs = this.#bucket.delayMs(entries, startMs);
      if (delayMs === 0 || signal.aborted) break;
      const { cause } = this.#state;
      this.#hasWaited = true;
      await this.#sleep(delayMs, signal);
      if (cause !== '') this.#book(cause, this.clocks.now() - startMs);
    }
    this.#bucket.take(entries);
  }

  /** Tells that of a chunk's `entries` only `sent` went to the target. */
  settle(entries: number, sent: number): void {
    this.#sent += sent;
    if (this.#bucket.rate === Number.POSITIVE_INFINITY) return;
    this.#bucket.giveBack(entries - sent);
    this.#wake?.();
  }

  /**
   * Takes note of what the last look at server and disks showed, and of what the timetable says now. A pause that is
   * over ends with the first look that began after it: what the server was like before says nothing about now.
   */
  look(finding: LoadFinding, beganMs = this.clocks.now()): void {
    const nowMs = this.clocks.now();
    const isNews = this.#unseenSinceMs === null || beganMs >= this.#unseenSinceMs;
    if (isNews) this.#unseenSinceMs = null;
    const looks = this.#looks;
    looks.push({ sent: this.#sent, atMs: nowMs });
    if (looks.length > LOOKS + 1) looks.shift();
    const first = looks[0] as { sent: number; atMs: number };
    const rate = ((this.#sent - first.sent) / Math.max(1, nowMs - first.atMs)) * 1000;
    this.#recentRate = Math.max(rate, this.#recentRate * FADE);
    this.#pace = nextPace(this.#pace, finding, this.#recentRate);
    this.#refresh(isNews);
  }

  /** Forgets what was seen: the server can't be watched any more. */
  loseSight(): void {
    this.#pace = FREE;
    this.look(CALM);
  }

  /** Pauses the run, or lets it go on after one more look where `by` is empty. */
  pause(by: string): void {
    this.#pausedBy = by;
    this.#refresh(false);
  }

  /** @param isSeen whether how the server is right now is known */
  #refresh(isSeen: boolean): void {
    this.#rate = rateAt(this.timetable, this.clocks.wall());
    const { name, reason, permitsPerSecond } = this.#state;
    const state = stateOf(this.#pausedBy, this.#pace, this.#rate);
    if (state.name === 'paused') this.#unseenSinceMs = null;
    else if (name === 'paused' && !isSeen) this.#unseenSinceMs ??= this.clocks.now();
    if (this.#unseenSinceMs !== null) return;
    if (state.name === name && state.reason === reason && state.permitsPerSecond === permitsPerSecond) return;
    this.#state = state;
    if (state.permitsPerSecond !== permitsPerSecond) {
      this.#bucket.setRate(state.permitsPerSecond, this.clocks.now());
      this.#hasWaited = false;
    }
    this.onChange(state);
    this.#wake?.();
  }

  #book(cause: Cause, ms: number): void {
    this.#heldBackMs.set(cause, (this.#heldBackMs.get(cause) ?? 0) + ms);
  }

  /** Ends early when the state changes or permits come back. */
  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(wake, Math.min(Math.max(1, ms), LONGEST_SLEEP_MS));
      signal.addEventListener('abort', wake, { once: true });
      this.#wake = wake;
    });
  }
}
