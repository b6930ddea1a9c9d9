/**
 * READ FIRST. Why and how much a run is held back. Every half second this file asks the servers of the target
 * (`redis/load-probe.ts`), the disks, the timetable and the pause switch, and tells the governor.
 *
 *   judge       what a sample means: a cause, and the reason in words
 *   state       from causes to a pace (`nextPace`), and that in words
 *   governor    the waiting itself: `admit` lets entries through at the pace
 *   timetable   --rate by hours                       pause-switch   signals and --pause-file
 *
 * A lane whose connection is in trouble waits by itself, without the governor: `redis/trouble.ts` says for what, and
 * `LaneWaits` in `counts/progress.ts` adds the time up. Both appear in the progress line and in the summary.
 */

import { readFileSync } from 'node:fs';
import { EXIT, OperatorError, showable } from '../errors.js';
import type { Endpoint } from '../redis/endpoint.js';
import type { ServerSample } from '../redis/info.js';
import type { LoadProbe } from '../redis/load-probe.js';
import { formatDuration } from '../units.js';
import { Governor } from './governor.js';
import { CALM, gravest, judgeSilence, judgeSource, type LoadFinding, ServerMonitor } from './judge.js';
import type { PauseSwitch } from './pause-switch.js';
import { Announcer, describeState, type GovernorState } from './state.js';
import type { Timetable } from './timetable.js';

/** https://docs.kernel.org/accounting/psi.html; of the whole machine, also from within most containers. */
const FILE = '/proc/pressure/io';

/**
 * Tells which share of the time since the last call, 0 to 1, at least one process waited for a disk; null where the
 * kernel does not expose it.
 */
export function ioPressureMeter(now: () => number, file = FILE): () => number | null {
  let last = { waitedMs: waitedMs(file), atMs: now() };
  return () => {
    const current = { waitedMs: waitedMs(file), atMs: now() };
    if (last.waitedMs === null || current.waitedMs === null) return null;
    const share = (current.waitedMs - last.waitedMs) / Math.max(1, current.atMs - last.atMs);
    last = current;
    return share;
  };
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=1234`, in microseconds since the start. */
function waitedMs(file: string): number | null {
  try {
    const total = /^some .*total=(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1];
    return total === undefined ? null : Number(total) / 1000;
  } catch {
    return null;
  }
}

const LOOK_INTERVAL_MS = 500;
/** After a look that failed: whoever refuses connections should not be asked twice a second. */
const RETRY_MS = 5000;
/** The baseline is taken from so many round trips. */
const BASELINE_ROUND_TRIPS = 15;

const BLIND =
  'the server does not let this user read INFO: the run slows down for its latency only (grant +info for the rest)';
const LOST = 'the load of Redis could not be watched all the time, and the run did not slow down for it then';

/** What sets the pace of a run, all of it checked. */
export interface PaceOptions {
  timetable: Timetable;
  /** Whether the run slows down for what the servers say of their load. */
  heedsTarget: boolean;
  /** Whether evictions and a full memory were accepted. */
  acceptsEviction: boolean;
  /** Share of the time, 0 to 1, in which processes may wait for disks; Infinity for no bound. */
  mostIoPressure: number;
  /** A run that hibernates for longer ends. */
  giveUpAfterMs: number;
  /** So long is a target waited for to which nothing was moved before, when it can't be reached at the start. */
  firstGiveUpAfterMs: number;
}

export interface PaceObserver {
  /** Called when the governor changes its mind, at most once a second. */
  governor(state: GovernorState): void;
  /** Called with what the servers said of themselves, twice a second at most. */
  servers(samples: readonly ServerSample[]): void;
  warn(message: string): void;
}

/** What is governed. */
interface Subject {
  /** Is watched; null where it is not touched. */
  target: Endpoint | null;
  /** Nothing is written to it. */
  isReading: boolean;
  pauses: PauseSwitch;
}

/** Starts the loop that keeps a governor informed. Never rejects: a server that can't be asked is a warning. */
export async function startGoverning(
  options: PaceOptions,
  { target, isReading, pauses }: Subject,
  observer: PaceObserver,
): Promise<Governing> {
  let probe: LoadProbe | null = null;
  if (target !== null && options.heedsTarget) {
    // Imported where there is something to watch, as ioredis takes 28 MB.
    probe = new (await import('../redis/load-probe.js')).LoadProbe(target);
  }
  const monitor = new ServerMonitor({ acceptsEviction: options.acceptsEviction, isReading });
  const governing = new Governing(options, pauses, observer, probe, monitor);
  await governing.start();
  return governing;
}

/** Keeps a governor informed from its making to `stop`. */
class Governing {
  readonly governor: Governor;
  readonly #announcer = new Announcer();
  readonly #ioPressure: () => number | null;
  readonly #gaveUp = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #isAtWork = true;
  #lookSinceMs: number | null = null;
  #nextLookMs = 0;
  #hibernatesSinceMs: number | null = null;
  readonly #warned = new Set<string>();

  constructor(
    readonly options: PaceOptions,
    readonly pauses: PauseSwitch,
    readonly observer: PaceObserver,
    readonly probe: LoadProbe | null,
    readonly monitor: ServerMonitor,
  ) {
    const now = () => performance.now();
    this.governor = new Governor(options.timetable, { now, wall: () => new Date() }, (state) => this.#announce(state));
    this.#ioPressure = ioPressureMeter(now);
  }

  /** Takes the baseline, which is why it comes before the first chunk, and looks on from then. Never rejects. */
  async start(): Promise<void> {
    await this.#look(BASELINE_ROUND_TRIPS);
    this.governor.pause(this.pauses.pausedBy());
    this.#announce(this.governor.state);
    this.pauses.onTurn = () => this.#tick();
    this.#timer = setInterval(() => this.#tick(), LOOK_INTERVAL_MS);
  }

  stop(): void {
    this.#isAtWork = false;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.pauses.onTurn = () => {};
    this.probe?.close();
  }

  /** Aborts, with the reason, when the run has hibernated for too long. */
  get gaveUp(): AbortSignal {
    return this.#gaveUp.signal;
  }

  #tick(): void {
    this.governor.pause(this.pauses.pausedBy());
    const nowMs = performance.now();
    const isDue = nowMs >= this.#nextLookMs || this.governor.awaitsLook;
    if (this.#lookSinceMs === null && isDue) void this.#look();
    else if (this.#lookSinceMs !== null) this.#decide(judgeSilence(nowMs - this.#lookSinceMs));
    this.#announce(this.governor.state);
    this.#giveUpInTime(nowMs);
  }

  async #look(roundTrips?: number): Promise<void> {
    const beganMs = performance.now();
    this.#lookSinceMs = beganMs;
    const finding = this.probe === null ? CALM : await this.#lookAtServers(this.probe, roundTrips);
    this.#lookSinceMs = null;
    this.#decide(finding, beganMs);
  }

  /** Null where the servers could not be looked at. */
  async #lookAtServers(probe: LoadProbe, roundTrips?: number): Promise<LoadFinding | null> {
    try {
      const samples = await probe.look(roundTrips);
      this.observer.servers(samples);
      const finding = this.monitor.see(samples, this.governor.isQuiet);
      if (probe.isBlind) this.#warnOnce(BLIND);
      return finding;
    } catch (error) {
      if (!this.#isAtWork) return null;
      this.#nextLookMs = performance.now() + RETRY_MS;
      this.governor.loseSight();
      this.#warnOnce(`${LOST}: ${showable(error).message}`);
      return null;
    }
  }

  #decide(servers: LoadFinding | null, beganMs?: number): void {
    if (servers !== null) this.governor.look(gravest([servers, this.#lookAtSource()]), beganMs);
  }

  #lookAtSource(): LoadFinding {
    const { mostIoPressure } = this.options;
    if (mostIoPressure === Number.POSITIVE_INFINITY) return CALM;
    const share = this.#ioPressure();
    if (share === null) this.#warnOnce('--max-io-pressure has no effect: this system has no /proc/pressure/io');
    return judgeSource(share ?? 0, mostIoPressure);
  }

  #announce(state: GovernorState): void {
    if (this.#announcer.offer(state, performance.now())) this.observer.governor(state);
  }

  #giveUpInTime(nowMs: number): void {
    const { state } = this.governor;
    if (state.name !== 'hibernating') {
      this.#hibernatesSinceMs = null;
      return;
    }
    this.#hibernatesSinceMs ??= nowMs;
    if (nowMs - this.#hibernatesSinceMs < this.options.giveUpAfterMs) return;
    const duration = formatDuration(this.options.giveUpAfterMs);
    const sentence = `${describeState(state)}: gave up after ${duration}, as --give-up-after says; progress is kept`;
    this.#gaveUp.abort(new OperatorError(EXIT.temporary, `${sentence}, run the same line again to go on`));
  }

  #warnOnce(message: string): void {
    const [subject] = message.split(':', 1) as [string];
    if (this.#warned.has(subject)) return;
    this.#warned.add(subject);
    this.observer.warn(message);
  }
}
