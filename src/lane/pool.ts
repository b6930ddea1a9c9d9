import { Worker } from 'node:worker_threads';
import { type LaneWait, LaneWaits } from '../counts/progress.js';
import type { Statistics } from '../counts/statistics.js';
import type { Ack } from '../counts/tally.js';
import { exitCodeOfError, OperatorError } from '../errors.js';
import type { Chunk } from '../source/chunk.js';
import { type LaneBounds, LaneGrowth } from './growth.js';
import type { FromLane, ToLane } from './serve.js';
import type { LaneSettings } from './settings.js';

/** Chunks that a lane holds: the one it works on, and the next, so that it never waits for the main thread. */
const CHUNKS_PER_LANE = 2;

/**
 * A lane keeps some buffers for long and makes small garbage per chunk; the default young generation would let that
 * garbage pile up to 48 MB a thread before it is collected. One that records sessions makes more, one that looks them
 * up more still, and with too little room it would be copied about, not collected: measured, a twentieth of the first
 * one's time and a fifth of the other's, and more memory.
 */
const YOUNG_GENERATION_MB = { alone: 2, recording: 4, recalling: 8 };

/** Lanes at the start, and the bounds between which their number follows what it brings. */
export interface LaneCount extends LaneBounds {
  initial: number;
}

/** The program of a lane that moves sessions. */
const MOVING_LANE = new URL('./thread.js', import.meta.url);

interface LaneHandle {
  worker: Worker;
  chunksUnderWay: number;
  isEnding: boolean;
}

/**
 * The lanes of a run. `dispatch` waits until some lane has room, which is the whole backpressure on the walk. The first
 * failure of any lane is kept; chunks under way are still acknowledged.
 */
export class LanePool {
  /** The first failure, for the run to throw when all is settled. */
  failure: Error | null = null;
  readonly #failed = new AbortController();
  /** What lanes wait for at the target, and waited for. */
  readonly waits = new LaneWaits(() => performance.now());
  /** Why servers of the target may lack what they had acknowledged; null where there is no reason to think so. */
  replaced: string | null = null;
  #isGivenUp = false;
  readonly #lanes: LaneHandle[] = [];
  readonly #ready: LaneHandle[] = [];
  #isEnding = false;
  #wake: (() => void) | null = null;

  constructor(
    readonly settings: LaneSettings,
    readonly count: LaneCount,
    readonly onAck: (ack: Ack) => void,
    readonly onStatistics: (statistics: Statistics) => void,
    readonly isHeldBack: () => boolean,
    readonly onWait: (wait: LaneWait | null) => void,
    readonly program: URL = MOVING_LANE,
    readonly growth: Pick<LaneGrowth, 'done' | 'disregard'> = new LaneGrowth(count, performance.now()),
  ) {
    // Where sessions are mostly looked up, a thread is seldom worth its start; on a slow disk they soon become more.
    const first = this.#task === 'recalling' ? count.min : count.initial;
    for (let i = 0; i < first; i++) this.#start();
  }

  /** What lanes do with the ledger. */
  get #task(): keyof typeof YOUNG_GENERATION_MB {
    const { ledger } = this.settings;
    if (ledger === null) return 'alone';
    return ledger.mode === 'fresh' ? 'recording' : 'recalling';
  }

  /** Aborts with the first failure. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Lanes that take chunks. */
  get laneCount(): number {
    return this.#lanes.reduce((count, { isEnding }) => (isEnding ? count : count + 1), 0);
  }

  /** Hands a chunk to a lane, waiting for one with room. Returns false, with the chunk not taken, when given up. */
  async dispatch(chunk: Chunk): Promise<boolean> {
    while (this.#ready.length === 0 && !this.#isGivenUp) await this.#change();
    if (this.#isGivenUp) return false;
    const lane = this.#ready.shift() as LaneHandle;
    lane.chunksUnderWay++;
    post(lane, { type: 'chunk', chunk }, [chunk.entries.buffer]);
    return true;
  }

  /** Takes no more chunks, and lets no lane wait for the target; what goes well is finished. */
  giveUp(error: Error): void {
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    const exitCode = exitCodeOfError(error);
    for (const lane of this.#lanes) post(lane, { type: 'give-up', exitCode, message: error.message });
    this.#notify();
  }

  /** Resolves when every chunk under way is acknowledged and every lane has ended; never rejects. */
  async end(): Promise<void> {
    this.#isEnding = true;
    while (this.#lanes.some((lane) => lane.chunksUnderWay > 0)) await this.#change();
    for (const lane of this.#lanes) this.#retire(lane);
    while (this.#lanes.length > 0) await this.#change();
  }

  #start(): void {
    const worker = new Worker(this.program, {
      workerData: this.settings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB[this.#task] },
    });
    const lane: LaneHandle = { worker, chunksUnderWay: 0, isEnding: false };
    this.#lanes.push(lane);
    worker.on('message', (message: FromLane) => this.#receive(lane, message));
    worker.on('error', (error) => this.#fail(error as Error));
    worker.on('exit', () => {
      this.#lanes.splice(this.#lanes.indexOf(lane), 1);
      this.waits.update(lane, null);
      if (!lane.isEnding || lane.chunksUnderWay > 0) this.#fail(new Error('a lane ended before its work was done'));
      this.#notify();
    });
  }

  /** Starts or retires lanes as it pays; what retiring ones have taken they bring to its end. */
  #adapt(entriesDone: number): void {
    const lanes = this.laneCount;
    const nowMs = performance.now();
    if (this.isHeldBack()) {
      this.growth.disregard(lanes, nowMs);
      return;
    }
    const wanted = this.growth.done(entriesDone, lanes, nowMs);
    for (let i = lanes; i < wanted; i++) this.#start();
    const staying = this.#lanes.filter(({ isEnding }) => !isEnding);
    for (const lane of staying.slice(wanted)) this.#retire(lane);
  }

  #retire(lane: LaneHandle): void {
    if (lane.isEnding) return;
    lane.isEnding = true;
    for (let i = this.#ready.length - 1; i >= 0; i--) if (this.#ready[i] === lane) this.#ready.splice(i, 1);
    post(lane, { type: 'end' });
  }

  #receive(lane: LaneHandle, message: FromLane): void {
    switch (message.type) {
      case 'ready':
        for (let i = 0; i < CHUNKS_PER_LANE && !lane.isEnding; i++) this.#ready.push(lane);
        break;
      case 'ack': {
        lane.chunksUnderWay--;
        if (!lane.isEnding) this.#ready.push(lane);
        try {
          this.onAck(message);
        } catch (error) {
          this.#fail(error as Error);
        }
        if (this.failure === null && !this.#isEnding) this.#adapt(message.outcomes.length);
        break;
      }
      case 'waiting':
        this.#wait(lane, message);
        break;
      case 'going-on':
        this.#wait(lane, null);
        break;
      case 'replaced':
        this.replaced ??= message.message;
        break;
      case 'failure':
        this.#fail(new OperatorError(message.exitCode, message.message));
        break;
      case 'bye':
        this.onStatistics(message.statistics);
        break;
    }
    this.#notify();
  }

  #wait(lane: LaneHandle, wait: LaneWait | null): void {
    this.waits.update(lane, wait);
    this.onWait(this.waits.current);
  }

  #fail(error: Error): void {
    this.failure ??= error;
    this.#failed.abort(error);
    this.giveUp(this.failure);
    this.#notify();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

function post(lane: LaneHandle, message: ToLane, transfer: ArrayBuffer[] = []): void {
  lane.worker.postMessage(message, transfer);
}
