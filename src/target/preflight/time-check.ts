import { OperatorError } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { formatDuration } from '../../quantities.js';
import { type ControlClient, replyOf } from '../control.js';
import { measureExpiry, momentOf } from './expiry-canary.js';

/** From here on a difference between clocks is told, and from there on it is refused. */
const TOLD_MS = 2000;
const REFUSED_MS = 60_000;
/** Expiries that are kept coarser tell our own keys from Odoo's no more. */
const COARSEST_MS = 10_000;

/** How a server deals with time. */
export interface TimeOutlook {
  refusal: OperatorError | null;
  warnings: string[];
  /** It keeps expiries no finer than this, as far as was measured. */
  grainMs: number;
}

/**
 * Compares clocks, and asks whether the server lets keys expire when it is told to. @param isDryRun nothing is written, so
 * that the latter can't be asked @param isSync keys have to be known again by their expiry
 * @throws {OperatorError} where the server can't be asked
 */
export async function checkTime(
  client: ControlClient,
  where: string,
  { key, isDryRun, isSync }: { key: { before: string; after: string }; isDryRun: boolean; isSync: boolean },
): Promise<TimeOutlook> {
  const beforeMs = Date.now();
  const serverMs = momentOf(await replyOf(client, ['TIME']));
  const clock = judgeClock(serverMs, beforeMs, Date.now(), where);
  if (clock.refusal !== null) return { ...clock, grainMs: 0 };
  if (isDryRun) {
    const warning = `how exactly ${where} keeps expiries is not measured: a dry run writes nothing`;
    return { refusal: null, warnings: [...clock.warnings, warning], grainMs: 0 };
  }
  const expiry = judgeExpiry(await measureExpiry(client, key), where, isSync);
  return { ...expiry, warnings: [...clock.warnings, ...expiry.warnings] };
}

/** @param serverMs what the server said at some moment from `beforeMs` to `afterMs`; null where it does not tell */
export function judgeClock(
  serverMs: number | null,
  beforeMs: number,
  afterMs: number,
  where: string,
): Pick<TimeOutlook, 'refusal' | 'warnings'> {
  if (serverMs === null) {
    return { refusal: null, warnings: [`the clock of ${where} could not be compared with this one: grant +time`] };
  }
  const aheadMs = Math.max(serverMs - afterMs, 0);
  const behindMs = Math.max(beforeMs - serverMs, 0);
  const offMs = Math.max(aheadMs, behindMs);
  if (offMs < TOLD_MS) return { refusal: null, warnings: [] };
  const side = aheadMs > 0 ? 'ahead of' : 'behind';
  const clocks =
    `the clock of ${where} says ${new Date(serverMs).toISOString()}, ${formatDuration(offMs)} ${side} this machine's ` +
    new Date(afterMs).toISOString();
  if (offMs < REFUSED_MS) {
    return { refusal: null, warnings: [`${clocks}: sessions will end by so much earlier or later; set both by NTP`] };
  }
  const sentence = `${clocks}: sessions would end too early or too late; set both by NTP`;
  return { refusal: new OperatorError(EXIT.refused, sentence), warnings: [] };
}

/** @param offMs see `measureExpiry` */
export function judgeExpiry(offMs: number | null, where: string, isSync: boolean): TimeOutlook {
  if (offMs === null) {
    const warning = `how exactly ${where} keeps expiries could not be measured`;
    return { refusal: null, warnings: [warning], grainMs: 0 };
  }
  if (offMs === Number.POSITIVE_INFINITY) {
    const sentence = `${where} takes a key with an expiry and lets it live for ever: sessions would never end there`;
    return { refusal: new OperatorError(EXIT.refused, sentence), warnings: [], grainMs: 0 };
  }
  if (offMs <= 2) return { refusal: null, warnings: [], grainMs: 0 };
  // What is off by this much once may be by nearly the double, depending on the moment.
  const grainMs = Math.max(1000, 2 * offMs);
  const words = `${where} keeps expiries no more exactly than ${formatDuration(grainMs)}`;
  if (grainMs <= COARSEST_MS) return { refusal: null, warnings: [`${words}: sessions end by so much off`], grainMs };
  const sentence = `${words}, so that sync could not tell our keys from those that Odoo saved`;
  if (isSync) return { refusal: new OperatorError(EXIT.refused, `${sentence}: it is refused`), warnings: [], grainMs };
  return { refusal: null, warnings: [`${sentence}: it will be refused`], grainMs };
}
