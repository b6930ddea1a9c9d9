import type { ServerSample } from '../server-sample.js';
import { gravest, judgeLoad, type LoadFinding, type ServerCourse, type Tolerance } from './judge.js';

/** A question that stays open for longer is a finding of its own. */
const SILENCE_MS = 1000;
/** Shares of a look in what is known of a server at rest. */
const RISE = 0.3;
const FALL = 0.05;

/** Follows the servers of a target from look to look, and says of each look what is the gravest in it. */
export class ServerWatch {
  readonly #courses = new Map<string, ServerCourse>();

  constructor(readonly tolerance: Tolerance) {}

  /**
   * A server's first sample is the baseline by which the later ones are judged. @param isQuiet whether the run sends
   * next to nothing at the moment, so that what is seen is the server's own
   */
  see(samples: readonly ServerSample[], isQuiet: boolean): LoadFinding {
    const findings: LoadFinding[] = [];
    for (const now of samples) {
      const course = follow(this.#courses.get(now.server), now, isQuiet);
      this.#courses.set(now.server, course);
      const finding = judgeLoad(course, this.tolerance);
      findings.push(samples.length > 1 ? { ...finding, reason: `${finding.reason} at ${now.server}` } : finding);
    }
    return gravest(findings);
  }
}

function follow(course: ServerCourse | undefined, now: ServerSample, isQuiet: boolean): ServerCourse {
  if (course === undefined) return { baseline: now, before: now, now, restingMs: now.roundTripMs };
  const { baseline, restingMs } = course;
  // What rises in quiet is believed soon, what falls at any time is believed slowly.
  const share = now.roundTripMs < restingMs ? FALL : isQuiet ? RISE : 0;
  const followedMs = restingMs + (now.roundTripMs - restingMs) * share;
  return { baseline, before: course.now, now, restingMs: Math.max(baseline.roundTripMs, followedMs) };
}

/** What it means that the last look has been waiting for an answer for `waitingMs`; null while that is nothing yet. */
export function judgeSilence(waitingMs: number): LoadFinding | null {
  if (waitingMs < SILENCE_MS) return null;
  const reason = `redis has not answered for ${(waitingMs / 1000).toFixed(1)} s`;
  return { severity: 'critical', cause: 'latency', reason };
}
