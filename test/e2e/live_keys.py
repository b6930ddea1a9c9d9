"""Sessions in Redis as the session modules themselves save them, for `sess2redis detect` to find.

    live_keys.py SOCKET < JSON list of [module, prefix, database or null, length of the ids, how many]

Modules are those of readers.py, and some that no profile knows: their keys and encodings as their sources have them.
"""

import base64
import hashlib
import json
import pickle
import sys

from readers import READERS, Reader, Redis, json_dumps, json_loads, python3_loads


def python2_default(session):
    """cPickle.dumps(dict) of Python 2: protocol 0, byte strings as S."""
    return pickle.dumps(session, 0)


MODULES = dict(
    READERS,
    keerati=Reader(READERS["keerati"].key, 0, (40,), python2_default, None),
    smile=Reader(READERS["smile"].key, 1, (40,), python2_default, None),
    **{
        "camptocamp-7": Reader(READERS["camptocamp-7"].key, 0, (40,), READERS["camptocamp-7"].dumps, None),
        "sidecar": Reader(READERS["sidecar"].key, 0, (84,), lambda s: pickle.dumps(s, 4), None, anonymous=10800),
        "ab_redis_session": Reader(READERS["ab_redis_session"].key, 0, (84,), lambda s: pickle.dumps(s, 4), None, 86400, 86400),
        "muk": Reader(READERS["muk"].key, 1, (40, 84), lambda s: pickle.dumps(s, pickle.HIGHEST_PROTOCOL), python3_loads),
        # store_session_redis: 'session%s' % sid.encode() on Python 3
        "store_session_redis": Reader(lambda p, sid: "session%s" % sid.encode(), 0, (40,), json_dumps, json_loads),
        "erp_session": Reader(lambda p, sid: "erp_session_" + sid, 0, (40, 84), json_dumps, json_loads),
        "odoo_session in JSON": Reader(READERS["ab_redis_session"].key, 0, (84,), json_dumps, json_loads),
        "single colon": Reader(lambda p, sid: "session:%s:%s" % (p, sid), 0, (40,), json_dumps, json_loads),
    }
)


def sid_of(length, number):
    digest = hashlib.sha512(b"fake live sid %d" % number).digest()
    return digest.hex()[:40] if length == 40 else base64.urlsafe_b64encode(digest).decode()[:length]


def session_of(number):
    session = {"db": "shop", "uid": None, "login": None, "context": {}, "session_token": None}
    if number % 3:
        session.update(uid=number, login="fake-login@example.com", session_token="fake-live-token", context={"lang": "en_US"})
    return session


def main(path):
    for name, prefix, index, length, count in json.load(sys.stdin):
        module = MODULES[name]
        redis = Redis(path, module.index if index is None else index)
        for number in range(count):
            value = module.dumps(session_of(number))
            key = module.key(prefix, sid_of(length, number))
            redis.call("SET", key, value)
            redis.call("EXPIRE", key, str(module.lifetime(session_of(number))))


if __name__ == "__main__":
    main(*sys.argv[1:])
