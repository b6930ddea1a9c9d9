import { childOf, type FoundMembers } from './member-paths.js';
import { PhpValues } from './php-values.js';
import { ContentFault, endsEarly, goesOn, malformed, type Scanner } from './scanner.js';

const BAR = 0x7c;

/** PHP's `session.serialize_handler = php`: name, a bar, a value, and again (php/php-src ext/session/session.c). */
export class PhpSession implements Scanner {
  readonly #values = new PhpValues();

  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array {
    const values = this.#values;
    values.begin(bytes, start, end);
    while (values.position < end) {
      const name = values.position;
      const bar = bytes.indexOf(BAR, name);
      // PHP, too, takes everything up to the next bar for a name.
      if (bar < 0 || bar >= end) throw new ContentFault('a variable has a name and no value', name, true);
      found.memberStart = name;
      found.memberEnd = bar;
      values.position = bar + 1;
      values.read(childOf(found.paths.root, bytes, name, bar), found, false);
    }
    return bytes;
  }
}

/** `php_binary`: the length of the name in one byte, name, value, and again. */
export class PhpBinarySession implements Scanner {
  readonly #values = new PhpValues();

  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array {
    const values = this.#values;
    values.begin(bytes, start, end);
    while (values.position < end) {
      const name = values.position + 1;
      // The highest bit stood for a variable without a value in PHP 5; later ones don't look at it.
      const length = (bytes[values.position] as number) & 0x7f;
      if (name + length >= end) endsEarly(end);
      found.memberStart = name;
      found.memberEnd = name + length;
      values.position = name + length;
      values.read(childOf(found.paths.root, bytes, name, name + length), found, false);
    }
    return bytes;
  }
}

/** `php_serialize`, and what Laravel and ThinkPHP keep: one array, `a:<n>:{` to the end. */
export class PhpSerializedSession implements Scanner {
  readonly #values = new PhpValues();

  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array {
    if (bytes[start] !== 0x61) malformed('a session is a serialised array, and this does not start with a:', start);
    const values = this.#values;
    values.begin(bytes, start, end);
    values.read(found.paths.root, found, true);
    if (values.position < end) goesOn(values.position);
    return bytes;
  }
}
