import { jsonToPython } from '../python/json-read.js';
import { encodePickle } from '../python/pickle/write.js';
import type { ByteSink } from '../python/sink.js';
import { DjangoSignedSession } from './formats/django-signed.js';
import { SecureCookieSession } from './formats/secure-cookie.js';

/** What a template can't say in a text: values that are made by code. One object serves a thread. */
export interface Converter {
  /** Why no file can be made of its values again. */
  readonly noFile: string;
  /**
   * Appends the value for `bytes[start, end)`, which have passed their check.
   * @throws {UnsupportedSession}
   */
  encode(bytes: Uint8Array, start: number, end: number, sink: ByteSink): void;
}

/**
 * Django's `cache` engine keeps the dict itself, pickled by the cache (django/django core/cache/backends/redis.py,
 * RedisSerializer; jazzband/django-redis serializers/pickle.py): JSON becomes a pickle of protocol 4, which every
 * Python 3 reads, and a pickle is taken out of its envelope.
 */
class DjangoPickle implements Converter {
  readonly noFile = "Django signs its files with SECRET_KEY, which this program doesn't have";
  readonly #envelope = new DjangoSignedSession();

  encode(bytes: Uint8Array, start: number, end: number, sink: ByteSink): void {
    const envelope = this.#envelope;
    envelope.open(bytes, start, end);
    const { payload } = envelope;
    if (envelope.isPickle) {
      sink.bytes(payload);
      return;
    }
    encodePickle(jsonToPython(payload), 4, sink);
  }
}

/** redistore keeps the gob that gorilla's FilesystemStore has in its envelope (boj/redistore redistore.go). */
class SecureCookieGob implements Converter {
  readonly noFile = "gorilla signs its files with the application's hash key, which this program doesn't have";
  readonly #envelope = new SecureCookieSession();

  encode(bytes: Uint8Array, start: number, end: number, sink: ByteSink): void {
    this.#envelope.open(bytes, start, end);
    sink.bytes(this.#envelope.payload);
  }
}

/** By the name that a template gives. */
export const CONVERTERS: Readonly<Record<string, Converter>> = {
  'django-pickle': new DjangoPickle(),
  'securecookie-gob': new SecureCookieGob(),
};
