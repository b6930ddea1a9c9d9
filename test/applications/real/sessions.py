"""Django's real file backend and its real readers in Redis, for tests: the modes are those of sessions.php, content is
JSON. Kinds: django (django-redis-sessions), django-cache (SESSION_ENGINE cache on django-redis).
"""
import json, os, sys, tempfile, time

from django.conf import settings

mode, kind, place = sys.argv[1:]
is_on_files = mode not in ('read-redis', 'request')
settings.configure(
    SECRET_KEY='of the test',
    USE_TZ=True,
    SESSION_FILE_PATH=place if is_on_files else tempfile.gettempdir(),
    SESSION_REDIS={'unix_domain_socket_path': place, 'db': 0, 'prefix': 'session'},
    CACHES={'default': {'BACKEND': 'django_redis.cache.RedisCache', 'LOCATION': f'unix://{place}?db=0'}},
)
import django

django.setup()
if is_on_files:
    from django.contrib.sessions.backends.file import SessionStore
elif kind == 'django':
    from redis_sessions.session import SessionStore
else:
    from django.contrib.sessions.backends.cache import SessionStore

ROLES = {
    'login': {'_auth_user_id': '42', '_auth_user_backend': 'django.contrib.auth.backends.ModelBackend', 'cart': [{'sku': 1}]},
    'anonymous': {'visits': 1, 'big': 2**60, 'nothing': None, 'yes': True, 'd': 0.1},
    'unicode': {'größe': '😀 \u2028', 'list': [[], {}]},
    'flash': {'_messages': '[["__json_message",0,25,"saved",""]]'},
    'large': {f'basket_{i}': ['sku', i] for i in range(800)},
    'expiring': {'visits': 2},
    'old': {'_auth_user_id': '43'},
}


def content(store):
    return dict(store.items()) or None


out = {}
if mode == 'write':
    for role, values in ROLES.items():
        store = SessionStore()
        store.update(values)
        if role == 'expiring':
            store.set_expiry(3600)
        store.create()
        path = store._key_to_file()
        if role == 'old':
            then = time.time() - 30 * 86400
            os.utime(path, (then, then))
        lifetime = store.get_expiry_age()
        out[role] = {'id': store.session_key, 'file': os.path.basename(path), 'lifetime': lifetime, 'content': content(store)}
else:
    for key in json.load(sys.stdin):
        store = SessionStore(session_key=key)
        out[key] = content(store)
        if mode == 'logout':
            store.flush()
        elif mode == 'save':
            store['later'] = 'more'
            store.save()
            out[key] = content(store)
json.dump(out, sys.stdout)
