import type { Marker, MarkerStage } from '../redis/marker.js';

/** The marker that a run left last, as its ledger knows it. */
export interface KnownMarker {
  names: readonly string[];
  pass: number;
  stage: MarkerStage;
  /** A final pass was complete by then: what changes in the target after it was changed by the application. */
  isFinalDone: boolean;
  /** Past it the marker is gone by itself, and so is every copy that was made before. */
  expiryMs: number;
  /** As in {@link Marker}. */
  completePass?: number;
  /** The servers' run ids then. */
  instance: string | null;
}

/** Recorded copies that are due to be in the target, by what is there. */
export interface SampleCount {
  wanted: number;
  held: number;
  /** Held with another value than any of ours. */
  rewritten: number;
}

/** What is known when a pass begins. */
export interface Evidence {
  run: string;
  /** Number of the last pass on record. */
  lastPass: number;
  /** The last pass that the ledger has to its end. */
  lastRecorded: number;
  hasRecords: boolean;
  /** The switch is on record. */
  isCutover: boolean;
  /** An earlier conclusion of loss or rollback is not made good yet, so that copies may be missing. */
  isUndoing: boolean;
  /** Null for a ledger whose run left none so far. */
  known: KnownMarker | null;
  found: ReadonlyMap<string, Marker>;
  instance: string | null;
  /** Null where it was not asked for, see {@link needsSample}. */
  sample: SampleCount | null;
  nowMs: number;
}

/**
 * What the target went through since the last pass.
 *
 * `unmarked`: no marker has to be there, and nothing speaks of a loss. `switched`: the application runs on the target,
 * as the operator said. `rewritten`: the application wrote there after the final pass, though nobody said so. `lost`:
 * what the target held of this run is gone. `rolled-back`: it is in the state of an earlier pass, or may lack what was
 * sent last. `incomplete` is about the ledger: it may know less than the target holds of ours. `doubt`: most copies, or
 * the marker alone, are gone, and nothing tells a loss from logouts after the switch, so nothing may be written.
 */
export type Conclusion =
  | { kind: 'intact' }
  | { kind: 'unmarked' }
  | { kind: 'switched'; isByTarget: boolean }
  | { kind: 'rewritten'; sample: SampleCount }
  | { kind: 'lost' }
  | { kind: 'rolled-back'; marker: Marker; fromPass: number }
  | { kind: 'incomplete'; reason: string }
  | { kind: 'doubt'; sample: SampleCount };

/** A target that has no more than this of what it should hold has lost its data: no day of logouts comes near. */
const LEFT_OF_A_LOSS = 0.1;

/** What to conclude. `evidence.sample` is needed where {@link needsSample} says so, and else null. */
export function conclude(evidence: Evidence): Conclusion {
  const { run, lastPass, lastRecorded, known, found, sample, isCutover } = evidence;
  const markers = [...found.values()];
  if (isCutover || markers.some(({ stage }) => stage === 'switched')) {
    return { kind: 'switched', isByTarget: !isCutover };
  }
  if (markers.some((marker) => marker.run !== run)) {
    const reason = evidence.hasRecords
      ? 'another state directory was used for this target and these sessions'
      : 'an earlier run has moved these sessions, and its state directory is not this one';
    return { kind: 'incomplete', reason };
  }
  const newest = Math.max(...markers.map(({ pass }) => pass));
  if (newest > lastPass) {
    const reason = `it ends with pass ${lastPass}, the target has seen pass ${newest}: it was restored, or another copy of it was used`;
    return { kind: 'incomplete', reason };
  }
  // The ledger has a pass to its end before the marker says so.
  if (lastRecorded < lastPass && markers.some(({ pass, stage }) => pass === lastPass && stage !== 'loading')) {
    const reason = `the target has seen the end of pass ${lastPass}, it has not: it lost its newest records, or is a copy made meanwhile`;
    return { kind: 'incomplete', reason };
  }
  if (known === null || known.expiryMs <= evidence.nowMs) return withoutMarker(evidence);
  if (known.names.some((name) => !found.has(name))) return withMarkerGone(evidence, known);
  const oldest = markers.reduce((one, other) => (isBefore(other, one) ? other : one));
  if (isBefore(oldest, known)) return { kind: 'rolled-back', marker: oldest, fromPass: firstInDoubt(oldest) };
  // It was under way when another start of the server took over, which may lack what was sent last.
  if (known.stage === 'loading' && evidence.instance !== known.instance) {
    return { kind: 'rolled-back', marker: oldest, fromPass: known.pass };
  }
  if (known.isFinalDone && sample !== null && sample.rewritten > 0) return { kind: 'rewritten', sample };
  // Flushed in the sessions' database alone, evicted, or logged out: its marker can't tell.
  if (sample !== null && sample.wanted > 0 && isLost(sample) && !evidence.isUndoing) return { kind: 'doubt', sample };
  return { kind: 'intact' };
}

/** Whether {@link conclude} goes by what a sample of the recorded keys says. */
export function needsSample({ hasRecords, isCutover }: Evidence): boolean {
  return hasRecords && !isCutover;
}

/** A ledger of a former version, or one whose marker's time is over: what it holds is there, or nothing can be told. */
function withoutMarker({ sample }: Evidence): Conclusion {
  if (sample === null || sample.wanted === 0) return { kind: 'unmarked' };
  return isLost(sample) ? { kind: 'doubt', sample } : { kind: 'unmarked' };
}

/** Flushed, or started again from less; or the marker alone was evicted or deleted. */
function withMarkerGone({ sample, instance, hasRecords, isUndoing }: Evidence, known: KnownMarker): Conclusion {
  const isOtherInstance = instance !== null && known.instance !== null && instance !== known.instance;
  // The pass that met the loss has put it on record, and has sent more since.
  if (!hasRecords || isUndoing || isOtherInstance || sample === null || isLost(sample)) return { kind: 'lost' };
  return { kind: 'doubt', sample };
}

function isLost({ wanted, held }: SampleCount): boolean {
  return held <= wanted * LEFT_OF_A_LOSS;
}

function isBefore(one: Pick<Marker, 'pass' | 'stage'>, other: Pick<Marker, 'pass' | 'stage'>): boolean {
  return one.pass < other.pass || (one.pass === other.pass && one.stage === 'loading' && other.stage !== 'loading');
}

/** The first pass of which the target may lack something. */
function firstInDoubt({ pass, stage }: Marker): number {
  return stage === 'loading' ? pass : pass + 1;
}
