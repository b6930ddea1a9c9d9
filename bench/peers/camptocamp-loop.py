"""The way of the `session_redis` addon's own copy of filesystem sessions (its branches 11.0 and 12.0), written from a
description of what it does: list the directory, load each session, store it by SET, then give it a fresh lifetime by
EXPIRE. Two round trips per session, one session at a time.

usage: camptocamp-loop.py DIRECTORY SOCKET LIMIT
"""

import datetime
import json
import os
import pickle
import sys
import time

import redis

LIFETIME = 7 * 24 * 60 * 60
ANONYMOUS_LIFETIME = 3 * 60 * 60


class SessionEncoder(json.JSONEncoder):
    def default(self, value):
        if isinstance(value, datetime.datetime):
            return {"_type": "datetime_isoformat", "value": value.isoformat()}
        if isinstance(value, datetime.date):
            return {"_type": "date_isoformat", "value": value.isoformat()}
        if isinstance(value, set):
            return {"_type": "set", "value": list(value)}
        return super().default(value)


def load(path):
    with open(path, "rb") as file:
        body = file.read()
    return pickle.loads(body) if body[:1] == b"\x80" else json.loads(body)


def save(client, sid, session):
    value = json.dumps(session, cls=SessionEncoder).encode("utf-8")
    lifetime = session.get("expiration") or (LIFETIME if session.get("uid") else ANONYMOUS_LIFETIME)
    key = "session:" + sid
    if client.set(key, value):
        client.expire(key, lifetime)


def main(directory, socket, limit):
    client = redis.Redis(unix_socket_path=socket)
    started = time.perf_counter()
    names = os.listdir(directory)
    listed = time.perf_counter()
    copied = 0
    for name in names[:limit]:
        sid = name[len("werkzeug_") : -len(".sess")]
        save(client, sid, load(os.path.join(directory, name)))
        copied += 1
    ended = time.perf_counter()
    print(json.dumps({"sessions": copied, "listSeconds": listed - started, "copySeconds": ended - listed}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
