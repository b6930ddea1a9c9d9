import { BY_SIGNAL, EXIT } from '../exit-codes.js';
import { formatCount } from '../quantities.js';
import type { Summary } from './summary.js';

/** What decides about the next step. */
export interface Situation {
  summary: Summary;
  sources: readonly string[];
  /** As it may be shown; null where none is named. */
  target: string | null;
  /** Words of the operator's line that the next command needs as well; none where that is not known. */
  carried?: (command: string) => readonly string[];
  /** Path of the list of rejects; null where none is kept. */
  rejectList: string | null;
}

/** What the operator does next, one sentence each; the most urgent one first. */
export function adviceFor({ summary, sources, target, rejectList, carried = () => [] }: Situation): string[] {
  const { command, outcomes, exitCode } = summary;
  const rejects = sum(summary, ['malformed', 'unsupported', 'too-large', 'unreadable']);
  const to = target === null ? '--to <url>' : `--to ${shellWord(target)}`;
  const line = (next: string, ...stage: readonly string[]) =>
    [`sess2redis ${next}`, ...sources.map(shellWord), to, ...carried(next).map(shellWord), ...stage].join(' ');
  const advice: string[] = [];

  if (BY_SIGNAL.includes(exitCode)) {
    advice.push('run the same line again: it finds what is there and goes on');
  } else if (exitCode === EXIT.temporary) {
    advice.push('when the trouble named above is over, run the same line again');
  } else if (exitCode === EXIT.limit) {
    advice.push('the same line goes on from here; raise the limit or leave it out to reach the end');
  } else if (summary.unsettled > 0) {
    advice.push('run the same line again: it settles what is open');
  }
  if (rejects > 0 && command !== 'verify') {
    const list = rejectList === null ? 'the examples' : rejectList;
    advice.push(
      `${formatCount(rejects)} rejected: see ${list}, and for the whole story of one: sess2redis explain <path>`,
    );
  }
  if ((outcomes.kept ?? 0) > 0 && command === 'migrate') {
    advice.push(`${formatCount(outcomes.kept ?? 0)} keys hold what Odoo wrote since: nothing to do, they are newer`);
  }
  if (exitCode === EXIT.different) {
    advice.push(
      `before the switch: ${line('sync', '--repair')}, then verify anew; one in full: sess2redis explain <path>`,
    );
  }
  const isWhole = exitCode === EXIT.complete || exitCode === EXIT.rejects;
  if (!isWhole) return advice;
  if (summary.listed === 0) advice.push('nothing is in there: is this the session directory of a running Odoo?');
  else if (command === 'audit') advice.push(`rehearse it: ${line('migrate', '--dry-run')}`);
  else if (summary.dryRun) advice.push('nothing was written: the same line without --dry-run does it');
  else if (command === 'migrate' || command === 'verify') {
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
