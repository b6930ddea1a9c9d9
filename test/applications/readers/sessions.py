"""Django's real file backend, and the real readers in Redis, for tests: `write django DIRECTORY` makes sessions, `read KIND
SOCKET` takes ids from stdin. Both print {id: content} as JSON. Kinds: django (django-redis-sessions), django-cache
(django-redis). Debian packages: python3-django python3-django-redis-sessions python3-django-redis.
"""
import json, sys

from django.conf import settings

mode, kind, place = sys.argv[1:]
settings.configure(
    SECRET_KEY='of the test',
    USE_TZ=True,
    SESSION_FILE_PATH=place if mode == 'write' else None,
    SESSION_REDIS={'unix_domain_socket_path': place, 'db': 0, 'prefix': 'session'},
    SESSION_REDIS_UNIX_DOMAIN_SOCKET_PATH=place,
    SESSION_REDIS_PREFIX='session',
    CACHES={'default': {'BACKEND': 'django_redis.cache.RedisCache', 'LOCATION': f'unix://{place}?db=0'}},
)
import django

django.setup()
CASES = [
    {'_auth_user_id': '42', 'name': 'grün 😀', 'cart': [{'sku': 1, 'n': 2.5}]},
    {'visits': 1, 'big': 2**60, 'nothing': None, 'yes': True},
    {f'basket_{i}': ['sku', i] for i in range(80)},
]
out = {}
if mode == 'write':
    from django.contrib.sessions.backends.file import SessionStore

    for case in CASES:
        store = SessionStore()
        store.update(case)
        store.create()
        out[store.session_key] = dict(store.items())
else:
    if kind == 'django':
        from redis_sessions.session import SessionStore
    else:
        from django.contrib.sessions.backends.cache import SessionStore
    for key in sys.stdin.read().split():
        out[key] = dict(SessionStore(session_key=key).items())
json.dump(out, sys.stdout)
