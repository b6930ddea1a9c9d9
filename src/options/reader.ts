import { bindTemplate, placeholdersFor } from '../applications/bind-template.js';
import { OWN_CODE } from '../applications/built-in-names.js';
import type { ConfiguredReader } from '../applications/configured-reader.js';
import { readReader } from '../applications/reader-of.js';
import type { PoolOrder } from '../applications/server-pool.js';
import { type TemplatedApplication, templatedApplication } from '../applications/templated.js';
import { givenOf } from '../applications/templated-reader.js';
import { quote } from '../errors.js';
import type { PoolServer } from '../intake/settings.js';
import type { OptionReader } from './read.js';
import { optionsOf } from './table.js';

/** The reader that the options name; null where something is wrong, which is a fault. */
export function readConfiguredReader(read: OptionReader): ConfiguredReader | null {
  refuseOthersOptions(read);
  return readReader(read, read.settled.template, read.settled.strangers);
}

/** Options of the application without a template whose names templates may give to parameters. */
const SHARED_NAMES = ['prefix', 'lifetime'];

/** Options of this command that only the application without a template has are faults beside one. */
function refuseOthersOptions(read: OptionReader): void {
  const { command, template } = read.settled;
  // Its value is known by now: read here, it is refused where it is given more than once.
  read.text('app');
  if (template === null) return;
  for (const { name, application } of optionsOf(command)) {
    // Of those that may be parameters: where one is none, keys would not be as the operator said.
    const isOthers = SHARED_NAMES.includes(name) && !template.parameters.some((parameter) => parameter.name === name);
    if ((application === undefined && !isOthers) || !read.isGiven(name)) continue;
    const who = isOthers ? 'is no option of' : `goes with ${OWN_CODE.spoken}, not with`;
    read.faults.add(`--${name} ${who} ${template.name}: leave it out`);
  }
}

/**
 * The application for which files are to be made up, which depend on few of its parameters: the others need not be
 * given. Null where no template is named.
 */
export function readMadeApplication(read: OptionReader): TemplatedApplication | null {
  const { template } = read.settled;
  if (template === null) return null;
  refuseOthersOptions(read);
  const { settings, faults } = bindTemplate(template, { ...placeholdersFor(template), ...givenOf(read, template) });
  for (const fault of faults) read.faults.add(fault);
  return settings === null ? null : templatedApplication(settings);
}

/** `i/weights`, counted from 1 in the order in which the reader names its servers; null for a reader of one server. */
export function readPoolServer(read: OptionReader, order: PoolOrder | null): PoolServer | null {
  const text = read.text('pool-server');
  if (text === undefined) return null;
  const [, number = '', list = ''] = /^(\d{1,3})\/(\d{1,6}(?:,\d{1,6})*)$/.exec(text) ?? [];
  const weights = list.split(',').map(Number);
  const index = Number(number) - 1;
  // One weight is no pool: `1/2` is meant as the first of two, and would move all sessions.
  if (weights.length < 2 || index < 0 || index >= weights.length || weights.every((weight) => weight === 0)) {
    read.faults.add(`--pool-server is ${quote(text)}: write which server it is and all weights, as in 2/1,1,3`);
  } else if (order === null) {
    read.faults.add("--pool-server goes with readers that share sessions among servers, as php's: leave it out");
  } else return { index, weights, order };
  return null;
}
