import { REMAINING_HOURS } from '../lane/statistics.js';
import { parseOptions } from '../options.js';
import { OPTIONS, type OptionName } from '../options-table.js';
import { odooOf, renderRemaining, renderShapes } from '../report/text.js';
import { type Command, rawOptionsOf } from './command-line.js';
import { type FinishedPass, renderEnd, runPassCommand } from './pass-command.js';

/** Options that only make sense for a run that writes. */
const WRITING: readonly OptionName[] = ['dry-run', 'conflict', 'state-dir', 'rate'];
const OWN_OPTIONS = (Object.keys(OPTIONS) as OptionName[]).filter((name) => !WRITING.includes(name));

/** Reads everything, writes nothing: what would move, what would not, and why. */
export const auditCommand: Command = {
  usage: 'audit <source...>',
  describe: 'read only: what would move, what would not, and why',
  examples: [
    ['$0 audit /var/lib/odoo/sessions', 'no Redis needed'],
    ['$0 audit /var/lib/odoo/sessions --odoo-db shop --json', 'for a script: the last line is the summary'],
  ],
  options: OWN_OPTIONS,
  run: (line) => {
    const raw = rawOptionsOf(line, OWN_OPTIONS);
    return runPassCommand('audit', parseOptions(line.source as string[], raw, process.env, false), { render, toLines });
  },
};

function render(finished: FinishedPass): string {
  const { statistics } = finished.result;
  const parts: string[] = [];
  if (statistics.shapes.length > 0) parts.push(`sessions:\n${renderShapes(statistics)}\n`);
  const moving = statistics.shapes.reduce((sum, shape) => sum + shape.moving, 0);
  if (moving > 0) parts.push(`left to live:\n${renderRemaining(statistics)}\n`);
  parts.push(`entries:\n${renderEnd(finished)}`);
  return parts.join('\n');
}

function toLines({ result: { statistics } }: FinishedPass): object[] {
  const shapes = statistics.shapes.map((shape) => ({ type: 'shape', writtenBy: odooOf(shape), ...shape }));
  const remaining = REMAINING_HOURS.map((hours, i) => ({
    type: 'remaining',
    upToHours: hours === Number.POSITIVE_INFINITY ? null : hours,
    sessions: statistics.remaining[i],
  }));
  return [...shapes, ...remaining];
}
