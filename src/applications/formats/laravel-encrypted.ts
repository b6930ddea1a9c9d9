import { paddedBase64 } from './envelopes.js';
import type { FoundMembers } from './member-paths.js';
import { endsEarly, malformed, type Scanner } from './scanner.js';

/**
 * A session of Laravel with `session.encrypt`: base64 of JSON with iv, value, mac and from 9 on tag (laravel/framework
 * src/Illuminate/Encryption/Encrypter.php). What is in it can't be seen without APP_KEY, and does not have to be.
 */
export class LaravelEncryptedSession implements Scanner {
  scan(bytes: Uint8Array, start: number, end: number, _found: FoundMembers): Uint8Array {
    const text = paddedBase64(bytes, start, end, 'base64', 'the encrypted content is no base64').toString('latin1');
    if (!text.endsWith('}')) endsEarly(end);
    if (!isPayload(text)) malformed('the encrypted content lacks iv, value or mac', start);
    return bytes;
  }
}

function isPayload(text: string): boolean {
  try {
    const payload: unknown = JSON.parse(text);
    if (typeof payload !== 'object' || payload === null) return false;
    const { iv, value, mac } = payload as Record<string, unknown>;
    return typeof iv === 'string' && typeof value === 'string' && typeof mac === 'string';
  } catch {
    return false;
  }
}
