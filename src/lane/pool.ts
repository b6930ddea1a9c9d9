import { Worker } from 'node:worker_threads';
import { OperatorError } from '../errors.js';
import type { Chunk } from '../source/chunk.js';
import { LaneGrowth } from './growth.js';
import type { Ack, FromLane, ToLane } from './messages.js';
import type { LaneSettings } from './settings.js';
import type { Statistics } from './statistics.js';

/** Chunks that a lane holds: the one it works on, and the next, so that it never waits for the main thread. */
const CHUNKS_PER_LANE = 2;

/**
 * A lane keeps some buffers for long and makes small garbage per chunk; the default young generation would let that
 * garbage pile up to 48 MB a thread before it is collected.
 */
const LANE_YOUNG_GENERATION_MB = 2;

/** `auto`: start with `initial` lanes and grow to `max` while it pays. */
export interface LaneCount {
  initial: number;
  max: number;
}

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
  readonly #lanes: LaneHandle[] = [];
  readonly #ready: LaneHandle[] = [];
  readonly #growth: LaneGrowth;
  #wake: (() => void) | null = null;

  constructor(
    readonly settings: LaneSettings,
    readonly count: LaneCount,
    readonly onAck: (ack: Ack) => void,
    readonly onStatistics: (statistics: Statistics) => void,
    readonly mayGrow: () => boolean,
  ) {
    this.#growth = new LaneGrowth(count.max, performance.now());
    for (let i = 0; i < count.initial; i++) this.#start();
  }

  get laneCount(): number {
    return this.#lanes.length;
  }

  /** Hands a chunk to a lane, waiting for one with room. Returns false, with the chunk not taken, after a failure. */
  async dispatch(chunk: Chunk): Promise<boolean> {
    while (this.#ready.length === 0 && this.failure === null) await this.#change();
    const lane = this.#ready.shift();
    if (lane === undefined || this.failure !== null) return false;
    lane.chunksUnderWay++;
    post(lane, { type: 'chunk', chunk }, [chunk.entries.buffer]);
    return true;
  }

  /** Resolves when every chunk under way is acknowledged and every lane has ended; never rejects. */
  async end(): Promise<void> {
    while (this.#lanes.some((lane) => lane.chunksUnderWay > 0)) await this.#change();
    for (const lane of this.#lanes) {
      lane.isEnding = true;
      post(lane, { type: 'end' });
    }
    while (this.#lanes.length > 0) await this.#change();
  }

  #start(): void {
    const worker = new Worker(new URL('./lane.js', import.meta.url), {
      workerData: this.settings,
      resourceLimits: { maxYoungGenerationSizeMb: LANE_YOUNG_GENERATION_MB },
    });
    const lane: LaneHandle = { worker, chunksUnderWay: 0, isEnding: false };
    this.#lanes.push(lane);
    worker.on('message', (message: FromLane) => this.#receive(lane, message));
    worker.on('error', (error) => this.#fail(error as Error));
    worker.on('exit', () => {
      this.#lanes.splice(this.#lanes.indexOf(lane), 1);
      if (!lane.isEnding) this.#fail(new Error('a lane ended before its work was done'));
      this.#notify();
    });
  }

  #receive(lane: LaneHandle, message: FromLane): void {
    switch (message.type) {
      case 'ready':
        for (let i = 0; i < CHUNKS_PER_LANE; i++) this.#ready.push(lane);
        break;
      case 'ack': {
        lane.chunksUnderWay--;
        this.#ready.push(lane);
        try {
          this.onAck(message);
        } catch (error) {
          this.#fail(error as Error);
        }
        const wanted = this.#growth.done(message.outcomes.length, this.#lanes.length, performance.now());
        if (this.failure === null && this.mayGrow()) while (this.#lanes.length < wanted) this.#start();
        break;
      }
      case 'failure':
        this.#fail(new OperatorError(message.exitCode, message.message));
        break;
      case 'bye':
        this.onStatistics(message.statistics);
        break;
    }
    this.#notify();
  }

  #fail(error: Error): void {
    this.failure ??= error;
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
