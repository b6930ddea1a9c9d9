import { BY_SIGNAL, EXIT } from '../exit-codes.js';
import type { PassNote } from '../ledger/pass-note.js';
import { formatCount } from '../quantities.js';
import type { Summary } from './summary.js';

/** Where the cutover stands: `final` after the pass in the freeze, `switched` once Odoo runs on the target. */
export type Stage = 'before' | 'final' | 'switched';

/** The stage by what is on record. @param passes oldest first */
export function stageOf(passes: readonly PassNote[], isCutoverDone: boolean): Stage {
  if (isCutoverDone) return 'switched';
  const last = passes.findLast(({ exitCode }) => exitCode === EXIT.complete || exitCode === EXIT.rejects);
  return last?.isFinal === true ? 'final' : 'before';
}

/** What decides about the next step. */
export interface Situation {
  summary: Summary;
  stage?: Stage;
  sources: readonly string[];
  /** As it may be shown; null where none is named. */
  target: string | null;
  /** Words of the operator's line that the next command needs as well; none where that is not known. */
  carried?: (command: string) => readonly string[];
  /** The password stood in the operator's URL, which is not repeated. */
  isPasswordLeftOut?: boolean;
  /** Path of the list of rejects; null where none is kept. */
  rejectList: string | null;
}

/** What the operator does next, one sentence each; the most urgent one first. */
export function adviceFor(situation: Situation): string[] {
  const advice = stepsAfter(situation);
  if (situation.isPasswordLeftOut === true && advice.some((step) => step.includes('--to '))) {
    advice.push('these lines leave the password out: give it by --password-file or SESS2REDIS_PASSWORD');
  }
  return advice;
}

function stepsAfter({
  summary,
  stage = 'before',
  sources,
  target,
  rejectList,
  carried = () => [],
}: Situation): string[] {
  const { command, outcomes, exitCode } = summary;
  const rejects = sum(summary, ['malformed', 'unsupported', 'too-large', 'unreadable']);
  const to = target === null ? '--to <url>' : `--to ${shellWord(target)}`;
  const line = (next: string, ...words: readonly string[]) =>
    [`sess2redis ${next}`, ...sources.map(shellWord), to, ...carried(next).map(shellWord), ...words].join(' ');
  const known = [...(target === null ? [] : [to]), ...carried('explain').map(shellWord)];
  const explain = ['sess2redis explain <path>', ...known].join(' ');
  const advice: string[] = [];

  // A run that a signal ended says so itself, and what comes next.
  if (BY_SIGNAL.includes(exitCode)) return advice;
  if (exitCode === EXIT.temporary) {
    advice.push('when the trouble named above is over, run the same line again');
  } else if (exitCode === EXIT.limit) {
    advice.push('the same line goes on from here; raise the limit or leave it out to reach the end');
  } else if (summary.unsettled > 0) {
    advice.push('run the same line again: it settles what is open');
  }
  if (rejects > 0 && command !== 'verify') {
    const list = rejectList === null ? 'the examples' : rejectList;
    advice.push(`${formatCount(rejects)} rejected: see ${list}, and for the whole story of one: ${explain}`);
  }
  if ((outcomes.kept ?? 0) > 0 && command === 'migrate' && stage !== 'switched') {
    advice.push(`${formatCount(outcomes.kept ?? 0)} keys hold what Odoo wrote since: nothing to do, they are newer`);
  }
  if (exitCode === EXIT.different) {
    const repair = stage === 'final' ? line('sync', '--final', '--repair') : line('sync', '--repair');
    advice.push(
      stage === 'switched'
        ? `Odoo runs on Redis, and what it wrote or ended there counts: nothing is brought back; one in full: ${explain}`
        : `before the switch: ${repair}, then verify anew; one in full: ${explain}`,
    );
  }
  const isWhole = exitCode === EXIT.complete || exitCode === EXIT.rejects;
  if (!isWhole) return advice;
  if (summary.listed === 0) advice.push('nothing is in there: is this the session directory of a running Odoo?');
  else if (command === 'audit') advice.push(`rehearse it: ${line('migrate', '--dry-run')}`);
  else if (summary.dryRun) advice.push('nothing was written: the same line without --dry-run does it');
  else if (stage === 'final') {
    if (command !== 'verify') advice.push(`check it, with Odoo stopped: ${line('verify')}`);
    advice.push(`then start Odoo with its Redis module, and say so: ${line('sync', '--cutover-done')}`);
  } else if (stage === 'before' && command !== 'sync') {
    if (command === 'migrate') advice.push(`check it: ${line('verify')}`);
    advice.push(`then cut over: stop Odoo, ${line('sync', '--final')}, and start Odoo with its Redis module`);
  }
  return advice;
}

function sum({ outcomes }: Summary, names: readonly (keyof Summary['outcomes'])[]): number {
  return names.reduce((total, name) => total + (outcomes[name] ?? 0), 0);
}

/** A word as it can be typed into a shell. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
