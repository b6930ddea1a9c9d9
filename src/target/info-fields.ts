import { foreignText } from '../fingerprint.js';

/** The longest that any field we read takes: `slave0:ip=...` and file names have some hundred characters. */
const LONGEST_VALUE = 300;

/** The fields of INFO, each fit to be shown. @param info what the server answered; anything but text has no fields */
export function infoFields(info: unknown): Map<string, string> {
  const fields = new Map<string, string>();
  if (typeof info !== 'string') return fields;
  for (const line of info.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0 || colon > 100) continue;
    const name = line.slice(0, colon);
    // Hex digits that tell one start of the server from the next; compared, never shown.
    const isId = /^(run_id|master_replid2?)$/.test(name) && /^\w{1,64}$/.test(line.slice(colon + 1));
    fields.set(name, isId ? line.slice(colon + 1) : foreignText(line.slice(colon + 1), LONGEST_VALUE));
  }
  return fields;
}
