import { applicationOf } from '../applications/application-of.js';
import { sampleKeys } from '../detect/detect.js';
import { type FileSettings, sidOfKey } from '../intake/settings.js';
import type { ControlClient } from '../redis/control.js';
import { MARKER_WORD } from '../redis/marker.js';
import { formatCount } from '../units.js';

/** A glance at the keys that are there. */
const MOST_KEYS = 2_000;

/**
 * A warning where the sessions will share their database with other keys: an application that clears its cache there
 * does so by FLUSHDB, and ends all sessions. Null where they don't, or the keys may not be listed.
 * @throws {OperatorError} where the connection fails
 */
export async function sharedDatabaseWarning(
  client: ControlClient,
  { key, application: settings }: Pick<FileSettings, 'key' | 'application'>,
  database: number,
): Promise<string | null> {
  const application = applicationOf(settings);
  let seen = 0;
  const isOther = (name: string) => {
    seen++;
    return !name.includes(MARKER_WORD) && !application.isLock(name) && sidOfKey(name, key, application) === null;
  };
  const sample = await sampleKeys(client, MOST_KEYS, isOther);
  const others = sample?.wanted.size ?? 0;
  if (others === 0) return null;
  return (
    `${formatCount(others)} of ${formatCount(seen)} keys looked at in database ${database} are none of these sessions: where a cache is cleared ` +
    'by FLUSHDB, as Laravel, Magento and Django do, all sessions end with it; give them a database of their own'
  );
}
