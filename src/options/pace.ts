import { availableParallelism } from 'node:os';
import { quote } from '../errors.js';
import type { PaceOptions } from '../governor/control-loop.js';
import { constantRate, parseTimetable, type Timetable } from '../governor/timetable.js';
import type { LaneCount } from '../lane/pool.js';
import { parseCount, parseWholeCount } from '../units.js';
import type { OptionReader } from './read.js';

/**
 * Threads that `--lanes auto` starts with and may grow to. Measured on two cores: on a warm cache 2 to 4 are alike, on
 * a cold disk 4 take 7.3 s where 8 take 6.7 s and 16 take 8.1 s; each costs some 11 MB. More than 8 are for NFS, where
 * each doubling pays nearly in full.
 */
const FIRST_AUTO_LANES = 4;
const MAX_AUTO_LANES = 32;
const MAX_LANES = 128;
/** A server that restarts is back by then, and whoever mistyped an address does not wait long. */
const FIRST_GIVE_UP_MS = 10_000;
const LEAST_RATE = 0.001;
const EXAMPLE = "'Mon-Fri 08:00,2k;20:00,off'";

/** How fast a run may go, what slows it down, and for how long it may stand still. */
export function readPace(read: OptionReader): PaceOptions {
  const giveUpAfterMs = read.quantity('give-up-after');
  return {
    timetable: readRate(read),
    heedsTarget: read.choice('throttle') === 'auto',
    acceptsEviction: read.flag('accept-eviction'),
    mostIoPressure: readShare(read),
    giveUpAfterMs,
    firstGiveUpAfterMs: read.isGiven('give-up-after') ? giveUpAfterMs : FIRST_GIVE_UP_MS,
  };
}

/** `auto`, or a number that stays as it is for the whole run. */
export function readLanes(read: OptionReader): LaneCount {
  const text = read.text('lanes');
  const processors = availableParallelism();
  if (text === 'auto') {
    const min = Math.min(FIRST_AUTO_LANES, processors);
    return { initial: FIRST_AUTO_LANES, min, max: Math.max(MAX_AUTO_LANES, processors) };
  }
  const count = parseWholeCount(text);
  if (!(count >= 1 && count <= MAX_LANES)) {
    read.faults.add(`--lanes is ${quote(text)}: write auto or a number from 1 to ${MAX_LANES}`);
  }
  return { initial: count, min: count, max: count };
}

/** `5k`, `off` or a timetable; sessions per second. */
function readRate(read: OptionReader): Timetable {
  const text = read.text('rate');
  if (text === undefined || /^off$/i.test(text)) return constantRate(Number.POSITIVE_INFINITY);
  if (/[;,:]/.test(text)) {
    try {
      return parseTimetable(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      read.faults.add(
        `--rate has the entry ${quote(error.message)}: write [days ]HH:MM,rate with a rate as in 2k, off or pause, as in ${EXAMPLE}`,
      );
      return constantRate(Number.POSITIVE_INFINITY);
    }
  }
  const rate = parseCount(text);
  if (!(rate >= LEAST_RATE && rate <= Number.MAX_SAFE_INTEGER)) {
    const what = `sessions per second, as in 5k, or a timetable, as in ${EXAMPLE}`;
    read.faults.add(`--rate is ${quote(text)}: write ${what}`);
  }
  return constantRate(rate);
}

/** `40%` as 0.4; infinite where no share is named, so that no pressure reaches it. */
function readShare(read: OptionReader): number {
  const text = read.text('max-io-pressure');
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const percent = Number(/^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim())?.[1]);
  if (percent > 0 && percent <= 100) return percent / 100;
  read.faults.add(`--max-io-pressure is ${quote(text)}: write a share of the time from 1% to 100%, as in 40%`);
  return Number.POSITIVE_INFINITY;
}
