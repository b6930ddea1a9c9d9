import type { Application } from './application.js';
import { OWN_CODE } from './built-in-names.js';
import type { FileEncoder } from './file-encoder.js';
import { OdooFileEncoder } from './odoo/file-encoder.js';
import { fileFormatOf } from './odoo/file-format.js';
import { OdooApplication, type OdooSettings } from './odoo/odoo.js';
import { EVERY_SESSION, type Selection, type TemplateSettings } from './template.js';
import { templatedApplication } from './templated.js';
import { TemplatedFileEncoder } from './templated-file-encoder.js';

/** Whose sessions a run moves and how, as plain data that a thread can be started with. */
export type ApplicationSettings = { odoo: OdooSettings } | TemplateSettings;

/** The words for an application, and for what of it reads from Redis, in a sentence to the operator. */
export function spokenWords({ application }: { application: ApplicationSettings }): {
  application: string;
  reader: string;
} {
  return 'odoo' in application
    ? { application: OWN_CODE.spoken, reader: 'module' }
    : { application: 'the application', reader: 'settings' };
}

/** Makes the application in this thread: the one place that chooses between Odoo and a template. */
export function applicationOf(settings: ApplicationSettings): Application {
  return 'odoo' in settings ? new OdooApplication(settings.odoo) : templatedApplication(settings);
}

/** Which of the sessions move. */
export function selectionOf(settings: ApplicationSettings): Pick<Selection, 'anonymous' | 'maxAgeMs'> {
  return 'odoo' in settings ? settings.odoo.policy : (settings.selection ?? EVERY_SESSION);
}

/**
 * Makes the encoder that turns values of Redis back into session files, for the thread that calls.
 * @param release of the application that will read the files, where their form depends on it; undefined where none is
 *   named
 * @returns null where the application needs a release and there is none of this name
 */
export function fileEncoderOf(
  settings: ApplicationSettings,
  release: string | undefined,
  maxValueBytes: number,
): FileEncoder | null {
  if (!('odoo' in settings)) return new TemplatedFileEncoder(templatedApplication(settings), maxValueBytes);
  const format = release === undefined ? undefined : fileFormatOf(release);
  return format === undefined ? null : new OdooFileEncoder(settings.odoo, format, maxValueBytes);
}

/** Whether files say which sessions are logins; where they do not, every session counts as one. */
export function tellsLogins(settings: ApplicationSettings): boolean {
  return 'odoo' in settings || settings.template.facts.some(({ name }) => name === 'login');
}
