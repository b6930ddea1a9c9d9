"""Saves every session in Redis again as another program would that means the same: read as PROFILE's module reads it, and
written with keys and sets in another order, other white space, other escapes, another pickle protocol. Keeps expiries.

    resave.py MANIFEST SOCKET PROFILE PREFIX

Prints how many values have other bytes than before. Shares nothing with sess2redis.
"""

import json
import pickle
import sys

from readers import READERS, C2cEncoder, Redis


def turned(value):
    """The same value, its dicts the other way round."""
    if type(value) is dict:
        return {key: turned(value[key]) for key in reversed(list(value))}
    if type(value) is list:
        return [turned(item) for item in value]
    if type(value) is tuple:
        return tuple(turned(item) for item in value)
    return value


def as_json(session, encoder):
    text = json.dumps(session, cls=encoder, ensure_ascii=False, indent=1, separators=(" ,", ":\t"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair has no bytes of its own.
        return json.dumps(session, cls=encoder, indent=1).encode()


class TurnedEncoder(C2cEncoder):
    def default(self, obj):
        wrapped = super().default(obj)
        return dict(reversed(list(wrapped.items()))) if not isinstance(obj, set) else {"value": list(obj)[::-1], "_type": "set"}


def main(manifest, path, profile, prefix):
    reader = READERS[profile]
    redis = Redis(path, reader.index)
    with open(manifest, "rb") as file:
        cases = pickle.load(file)
    changed = 0
    for case in cases:
        key = reader.key(prefix, case["sid"])
        value = redis.call("GET", key)
        # What is verbatim, holds several values per key or is known to its own class alone is compared by its bytes.
        if value is None or reader.loads is None or case["kind"] in ("form", "unknown class"):
            continue
        session = turned(reader.loads(value, case["encoding"]))
        if reader.dumps.__name__ == "pickle_dumps":
            again = pickle.dumps(session, 4 if profile in ("smile", "muk", "generic-pickle") else 2)
        else:
            again = as_json(session, TurnedEncoder if reader.dumps.__name__ == "c2c_dumps" else json.JSONEncoder)
        changed += again != value
        redis.call("SET", key, again, "KEEPTTL")
    print(changed)


if __name__ == "__main__":
    main(*sys.argv[1:])
