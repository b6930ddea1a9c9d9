import type { AuditWords } from '../applications/audit-words.js';
import type { Statistics } from '../counts/statistics.js';
import { conspicuousShare, densestWindow } from '../counts/time-histogram.js';
import { BY_SIGNAL, EXIT } from '../errors.js';
import type { PassNote } from '../ledger/facts.js';
import { shellWord } from '../masking.js';
import { counted, formatCount } from '../units.js';
import { type Note, noteSentence } from './section.js';
import type { Summary } from './summary.js';

/** How far the cutover is: `final` after the pass in the freeze, `switched` once the application runs on the target. */
export type Stage = 'before' | 'final' | 'switched';

/**
 * How far the cutover is, by the last pass that was complete.
 * @param passes oldest first
 */
export function stageOf(passes: readonly PassNote[], isCutoverDone: boolean): Stage {
  if (isCutoverDone) return 'switched';
  const last = passes.findLast(({ exitCode }) => exitCode === EXIT.complete || exitCode === EXIT.rejects);
  return last?.isFinal === true ? 'final' : 'before';
}

/** What the next step depends on. */
export interface Situation {
  summary: Summary;
  /** Whose sessions they are, as a word of a sentence. */
  application?: string;
  /** What of it reads from Redis, as a word of a sentence. */
  reader?: string;
  stage?: Stage;
  sources: readonly string[];
  /** As it may be shown; null without `--to`. */
  target: string | null;
  /** The options of this command line that the next command needs as well. */
  carried?: (command: string) => readonly string[];
  /** Whether the URL held a password, which is left out of the advice. */
  isPasswordLeftOut?: boolean;
  /** Path of the list of rejects; null without one. */
  rejectList: string | null;
}

/** A bound that the operator set for this run; other limits are about the store, and their sentences say what to do. */
const BY_AN_OPTION = /, as --[a-z-]+ says/;

/** What the operator should do next, one sentence per step, the most urgent first. */
export function adviceFor(situation: Situation): Note[] {
  const advice = stepsAfter(situation);
  if (situation.isPasswordLeftOut === true && advice.some((step) => noteSentence(step).includes('--to '))) {
    advice.push(step('these lines leave the password out: give it by --password-file or SESS2REDIS_PASSWORD'));
  }
  return advice;
}

function step(text: string, command: readonly string[] = [], after = ''): Note {
  return { kind: 'next', text, command, after };
}

function stepsAfter({
  summary,
  application = 'the application',
  reader = 'settings',
  stage = 'before',
  sources,
  target,
  rejectList,
  carried = () => [],
}: Situation): Note[] {
  const { command, outcomes, exitCode } = summary;
  const rejects = sum(summary, ['malformed', 'unsupported', 'too-large', 'unreadable']);
  const to = ['--to', target === null ? '<url>' : shellWord(target)];
  const line = (next: string, ...words: readonly string[]) => [
    ...['sess2redis', next, ...sources.map(shellWord), ...to, ...carried(next).map(shellWord)],
    ...words,
  ];
  const known = [...(target === null ? [] : to), ...carried('explain').map(shellWord)];
  const explain = ['sess2redis', 'explain', '<path>', ...known];
  const advice: Note[] = [];

  // A run that was interrupted has already said how to go on.
  if (BY_SIGNAL.includes(exitCode)) return advice;
  if (exitCode === EXIT.temporary) {
    advice.push(step('when the trouble named above is over, run the same line again'));
  } else if (exitCode === EXIT.limit && BY_AN_OPTION.test(summary.stopped ?? '')) {
    advice.push(step('the same line goes on from here; raise the limit or leave it out to reach the end'));
  } else if (summary.unsettled > 0) {
    advice.push(step('run the same line again: it settles what is open'));
  }
  if (rejects > 0 && command !== 'verify') {
    const list = rejectList === null ? 'the examples (--verbose)' : rejectList;
    advice.push(step(`${formatCount(rejects)} rejected: see ${list}, and for the whole story of one`, explain));
  }
  if ((outcomes.kept ?? 0) > 0 && command === 'migrate' && stage !== 'switched') {
    const kept = counted(outcomes.kept ?? 0, 'key');
    advice.push(
      step(
        `left alone: ${kept} with a value that ${application}, or another program, wrote; verify says how it differs`,
      ),
    );
  }
  if (exitCode === EXIT.different) {
    const repair = stage === 'final' ? line('sync', '--final', '--repair') : line('sync', '--repair');
    advice.push(
      stage === 'switched'
        ? step(
            `${capital(application)} runs on Redis, and what it wrote or ended there counts: nothing is brought back; one in full`,
            explain,
          )
        : step('before the switch', repair, ', which leaves what is not written by us, then verify anew'),
    );
    if (stage !== 'switched') advice.push(step('one in full', explain));
  }
  const isWhole = exitCode === EXIT.complete || exitCode === EXIT.rejects;
  if (!isWhole) return advice;
  if (summary.listed === 0 && stage !== 'switched')
    advice.push(step(`nothing is in there: does ${application} keep its sessions in this directory?`));
  else if (command === 'audit') advice.push(step('rehearse it', line('migrate', '--dry-run')));
  else if (summary.dryRun) advice.push(step('nothing was written: the same line without --dry-run does it'));
  else if (stage === 'final') {
    if (command !== 'verify') advice.push(step(`check it, with ${application} stopped`, line('verify')));
    advice.push(step(`then start ${application} with its Redis ${reader}, and say so`, line('sync', '--cutover-done')));
  } else if (stage === 'before' && command !== 'sync') {
    if (command === 'migrate') advice.push(step('check it', line('verify')));
    const start = `, and start ${application} with its Redis ${reader}`;
    advice.push(step(`then cut over: stop ${application},`, line('sync', '--final'), start));
  }
  return advice;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function sum({ outcomes }: Summary, names: readonly (keyof Summary['outcomes'])[]): number {
  return names.reduce((total, name) => total + (outcomes[name] ?? 0), 0);
}

const PASSES_JUDGED = 3;

/**
 * An upper bound for the duration of the next `sync --final`, in milliseconds; null before the first complete pass. It
 * is the mean of the last passes. If some of them skipped unchanged directories, the time to look at every file is
 * added: per file as long as the last full pass took, which also read and wrote many.
 *
 * @param passes oldest first
 * @param records sessions that the ledger holds
 */
export function estimateFreezeMs(passes: readonly PassNote[], records: number): number | null {
  const complete = passes.filter(({ exitCode }) => exitCode === 0 || exitCode === 3);
  const last = complete.slice(-PASSES_JUDGED);
  if (last.length === 0) return null;
  const mean = last.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) / last.length;
  if (last.every(({ isFull }) => isFull)) return Math.round(mean);
  const sweep = complete.filter(({ isFull, listed }) => isFull && listed > 0).at(-1);
  return Math.round(mean + (sweep === undefined ? 0 : (sweep.elapsedMs / sweep.listed) * records));
}

/** With fewer sessions, mtimes that lie close together mean nothing. */
const ENOUGH_SESSIONS = 200;
/** A restore or a copy without `-p` of a large store may take so many minutes. */
const RESTORE_MINUTES = 10;

const NONE = { misplaced: 0, withheld: 0 };

/**
 * Warnings about the store as a whole.
 *
 * @param notRead sessions that this pass did not read because they had not changed; those that it read are not typical
 */
export function warningsFrom(
  words: Pick<AuditWords, 'warningsOfIds' | 'lifetimeMs'>,
  statistics: Statistics,
  { misplaced, withheld }: typeof NONE = NONE,
  notRead = 0,
): string[] {
  const warnings = misplacedWarnings(misplaced);
  if (withheld > 0) {
    warnings.push(
      `${formatCount(withheld)} changed sessions were kept back: their copies are gone before their time, logged out in Redis or ` +
        'evicted; if the application runs on Redis, say so by sync --cutover-done; if it does not, --repair brings them back',
    );
  }
  const together = densestWindow(statistics.ages, RESTORE_MINUTES);
  const sessions = together.total + notRead;
  if (
    together.total >= ENOUGH_SESSIONS &&
    together.count > sessions * conspicuousShare(1 / 2, RESTORE_MINUTES, words.lifetimeMs)
  ) {
    const share = Math.round((together.count / sessions) * 100);
    warnings.push(
      `${share} % of the sessions were last saved within the same ${RESTORE_MINUTES} minutes: if the directory was restored or ` +
        'copied without its times (rsync -t, cp -p, tar), these expiries are wrong and all end together',
    );
  }
  if (statistics.lostCarts > 0) {
    warnings.push(
      `${counted(statistics.lostCarts, 'visitor')} with a cart ${statistics.lostCarts === 1 ? 'stays' : 'stay'} behind because the reader gives anonymous sessions less ` +
        'time than the files have: --anonymous-lifetime 7d keeps them',
    );
  }
  const { lapsed } = statistics;
  if (lapsed.sessions > 0) {
    const logins = lapsed.logins === 0 ? '' : ` (${formatCount(lapsed.logins)} of them logins)`;
    const [are, them, they] =
      lapsed.sessions === 1
        ? ['session is over its age', 'it', 'it stays behind and its user has to log in again']
        : ['sessions are over their age', 'them', 'they stay behind and their users have to log in again'];
    warnings.push(
      `${formatCount(lapsed.sessions)} ${are}${logins}, and the application accepts ${them} until it cleans up: ${they}, ` +
        `unless --grace 1h gives ${them} so long from now`,
    );
  }
  return [...warnings, ...words.warningsOfIds(statistics.census.cells)];
}

/** Clocks of a file server and of this machine may be as far apart. */
const CLOCKS_MS = 5000;

/**
 * A warning where files were saved after the freeze, so that something still writes them although its sessions are in
 * Redis by now.
 * @param passes oldest first
 * @param latestSaveMs of the sessions that a pass after the switch has read
 */
export function warningsOfGrowth(passes: readonly PassNote[], latestSaveMs: number): string[] {
  const freeze = passes.findLast(({ isFinal }) => isFinal === true);
  if (freeze === undefined || latestSaveMs <= freeze.startedMs + freeze.elapsedMs + CLOCKS_MS) return [];
  return [
    `session files are still being saved, the last at ${new Date(latestSaveMs).toISOString()}, after the pass in the freeze: a part of the ` +
      'application was not switched, or falls back to files (Magento 2 does where Redis does not answer, phpMyAdmin where ' +
      'SessionSavePath is set); who logs in there is logged out elsewhere, so look at its settings',
  ];
}

/** A warning about foreign entries that are sessions in the wrong place, if there are any. */
export function misplacedWarnings(misplaced: number): string[] {
  if (misplaced === 0) return [];
  const are = misplaced === 1 ? 'entry is' : 'entries are';
  return [
    `${formatCount(misplaced)} ${are} foreign, but named as a session or leading to some where the application has no place for them: ` +
      'nothing of them was taken, so look whether they are logins and put them in their place',
  ];
}
