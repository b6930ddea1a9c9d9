import type { LiveKey } from './match-keys.js';

/** Keys that no template moves to: whose they are, and what that means for a move. */
export interface KeyMark {
  name: string;
  isOf: (live: LiveKey) => boolean;
  /** A sentence. */
  advice: string;
}

const FLASK_SID = '(?:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|[A-Za-z0-9_-]{43})';

export const KEY_MARKS: readonly KeyMark[] = [
  {
    // django/django django/contrib/sessions/backends/cached_db.py, KEY_PREFIX.
    name: 'django-cached-db',
    isOf: ({ key }) => /django\.contrib\.sessions\.cached_db[a-z0-9]{32}$/.test(key),
    advice:
      'cached_db needs a row in the database for each session, so no file can be moved to it: SESSION_ENGINE cache takes them (--app django-cache)',
  },
  {
    // moodle/moodle public/lib/classes/session/redis.php, from 4.5 on.
    name: 'moodle-4.5',
    isOf: ({ key, value }) => /session_[A-Za-z0-9,-]+$/.test(key) && value instanceof Map && value.has('sessdata'),
    advice: 'Moodle 4.5 and later keep rows of their database there, which no file holds: all users log in again',
  },
  {
    // redisson/redisson redisson-tomcat RedissonSessionManager.java.
    name: 'redisson-tomcat',
    isOf: ({ key }) => /redisson:tomcat_session:[^:]+$/.test(key),
    advice: 'Redisson keeps objects that only the application can write: let the files of Tomcat run out beside it',
  },
  {
    // pallets-eco/flask-session src/flask_session/base.py: a uuid4, from 0.6 on 32 bytes as URL-safe Base64.
    name: 'flask',
    isOf: ({ key, value }) => new RegExp(`^session:${FLASK_SID}$`).test(key) && !(value instanceof Map),
    advice:
      'Flask-Session looks for ids, which none of its files tells: it has to ask for digests first (docs/templates.md), then --app flask moves them',
  },
];
