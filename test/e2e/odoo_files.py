"""Session files as each Odoo reads them, to tell whether it would know the users whom a Redis session module knows.

    odoo_files.py read ODOO STORE                      what Odoo finds in its files, by Python 2 for Odoo 8 to 10
    odoo_files.py expected ODOO PROFILE PREFIX SOCKET  what PROFILE's module finds in Redis, as that Odoo has it in memory

Both take a JSON list of session ids on stdin, and answer with a JSON object: what each session holds, by types, or null
for a new one. Shares nothing with sess2redis. Rules: odoo/tools/_vendor/sessions.py, odoo/http.py of each release.
"""

import binascii
import datetime
import io
import json
import os
import pickle
import re
import sys
import time
import types

WEEK = 7 * 86400
IS_PYTHON2 = sys.version_info[0] == 2

#: The classes that Odoo 17 lets a pickle name (odoo/tools/misc.py).
SAFE = {("builtins", "set"), ("datetime", "datetime"), ("datetime", "date"), ("datetime", "time")}


class MultiDict(dict):
    """As in werkzeug.datastructures, which every Odoo has: lists of values underneath."""

    def __init__(self, mapping=()):
        if isinstance(mapping, dict):
            dict.__init__(self, dict((key, list(values)) for key, values in dict.items(mapping)))
            return
        lists = {}
        for key, value in mapping:
            lists.setdefault(key, []).append(value)
        dict.__init__(self, lists)

    def __setstate__(self, state):
        dict.clear(self)
        dict.update(self, state)


for name in ("werkzeug", "werkzeug.datastructures"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["werkzeug.datastructures"].MultiDict = MultiDict


def number(odoo):
    return 99 if odoo == "master" else int(odoo)


def is_valid_key(odoo, sid):
    if number(odoo) < 18:
        return re.match("^[a-f0-9]{40}$", sid) is not None
    return re.match("^[A-Za-z0-9_-]{84}$" if number(odoo) < 99 else "^[A-Za-z0-9_-]{84,86}$", sid) is not None


class SafeUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in SAFE:
            raise pickle.UnpicklingError("%s.%s is forbidden" % (module, name))
        return pickle.Unpickler.find_class(self, module, name)


def load(odoo, file):
    if number(odoo) >= 18:
        return json.load(io.TextIOWrapper(file, "utf-8"))
    if number(odoo) == 17:
        return SafeUnpickler(file).load()
    return pickle.load(file)


def path_of(odoo, store, sid):
    if number(odoo) >= 16:
        return os.path.join(store, sid[:2], sid)
    return os.path.join(store, "werkzeug_%s.sess" % sid)


def read(odoo, store, sid):
    """The session dict, or None where Odoo would begin a new session or take this one for empty."""
    if not is_valid_key(odoo, sid):
        return None
    path = path_of(odoo, store, sid)
    try:
        if os.path.getmtime(path) < time.time() - WEEK:
            return None
        with open(path, "rb") as file:
            return dict(load(odoo, file))
    except Exception:
        return None


def shape(value):
    """A value with its types told apart, the same for both Pythons: Python 2's byte text counts as the text it means."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return ["float", repr(value)]
    if isinstance(value, int) or type(value).__name__ == "long":
        return ["int", ("%x" % value)]
    if isinstance(value, bytes) and IS_PYTHON2:
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            return ["bytes", binascii.hexlify(value).decode()]
    if isinstance(value, (bytes, bytearray)):
        return [type(value).__name__, binascii.hexlify(value).decode()]
    if isinstance(value, dict):
        pairs = [[shape(key), shape(dict.__getitem__(value, key))] for key in dict.keys(value)]
        # A dict of Python 2 has no order.
        return ["dict", sorted(pairs, key=json.dumps)]
    if isinstance(value, (set, frozenset)):
        return [type(value).__name__, sorted((shape(item) for item in value), key=json.dumps)]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, [shape(item) for item in value]]
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return [type(value).__name__, value.isoformat()]
    if not isinstance(value, type(u"")):
        # An instance of a class that is no part of a session; a reader of verbatim copies has it all the same.
        return [type(value).__name__, repr(value)]
    return ["str", json.dumps(value)]


def with_int_actions(session):
    """What Odoo up to 15 works with: save_action() numbers the actions, and takes the least number."""
    saved = session.get("saved_actions")
    if isinstance(saved, dict):
        saved["actions"] = {int(key): action for key, action in saved["actions"].items()}
    return session


def expected(odoo, profile, prefix, path, sids):
    from readers import READERS, Redis

    reader = READERS[profile]
    redis = Redis(path, reader.index)
    answers = {}
    for sid in sids:
        value = redis.call("GET", reader.key(prefix, sid))
        if value is None or not is_valid_key(odoo, sid):
            answers[sid] = None
            continue
        # Python 2's text is Python 3's under the encoding that it was meant in.
        session = reader.loads(value, "latin1" if b"cdatetime\n" in value and value[1] == 2 else "utf-8")
        answers[sid] = shape(with_int_actions(session) if number(odoo) <= 15 else session)
    return answers


def main(command, odoo, *words):
    sids = json.load(sys.stdin)
    if command == "read":
        answers = {sid: read(odoo, words[0], str(sid)) for sid in sids}
        answers = {sid: None if session is None else shape(session) for sid, session in answers.items()}
    else:
        answers = expected(odoo, *words, sids=sids)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
