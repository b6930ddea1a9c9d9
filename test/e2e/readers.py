"""The Redis session modules as their sources describe them, to read what sess2redis wrote.

    readers.py write STORE MANIFEST                 makes session files, and notes what they hold and when they were saved
    readers.py check MANIFEST SOCKET PROFILE PREFIX BEFORE_MS AFTER_MS
                                                    reads every session as PROFILE's module does, and says what differs

Shares nothing with sess2redis. Sources of the rules: camptocamp/odoo-cloud-platform session_redis/session.py and
json_encoding.py, mangono-odoo-redis-session, Smile-SA/odoo_addons, keerati/odoo-redis, muk_session_store.
"""

import datetime
import json
import math
import pickle
import pickletools
import socket
import sys

from sessions_of_odoo import make_store

DAY = 86400
WEEK = 7 * DAY


class Redis:
    """A RESP2 client over a unix socket."""

    def __init__(self, path, index):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")
        self.call("SELECT", str(index))

    def call(self, *words):
        words = [w if isinstance(w, bytes) else w.encode() for w in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        return self.reply()

    def reply(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        length = int(rest)
        return None if length < 0 else self.file.read(length + 2)[:-2]


# --- values -------------------------------------------------------------------------------------------------------------


class C2cEncoder(json.JSONEncoder):
    """Just three types more than JSON has; a datetime is a date as well, so it comes first."""

    def default(self, obj):
        if isinstance(obj, datetime.datetime):
            return {"_type": "datetime_isoformat", "value": obj.isoformat()}
        if isinstance(obj, datetime.date):
            return {"_type": "date_isoformat", "value": obj.isoformat()}
        if isinstance(obj, set):
            return {"_type": "set", "value": list(obj)}
        return super().default(obj)


def c2c_hook(obj):
    kind = obj.get("_type")
    if kind == "datetime_isoformat":
        return datetime.datetime.fromisoformat(obj["value"])
    if kind == "date_isoformat":
        return datetime.date.fromisoformat(obj["value"])
    if kind == "set":
        return set(obj["value"])
    return obj


def c2c_dumps(session):
    return json.dumps(session, cls=C2cEncoder).encode()


def c2c_loads(value, _):
    return json.loads(value.decode(), object_hook=c2c_hook)


def json_dumps(session):
    return json.dumps(session).encode()


def json_loads(value, _):
    return json.loads(value.decode())


def pickle_dumps(session):
    return pickle.dumps(session, 2)


def python3_loads(value, encoding):
    return pickle.loads(value, encoding=encoding)


def ascii_loads(value, _):
    """Python 3 as it is: it fails at Python 2's dates and at text that is not ASCII."""
    return pickle.loads(value)


def python2_loads(value, encoding):
    """Python 2 itself is not at hand: refuses what it could not read, and reads the rest."""
    for opcode, argument, position in pickletools.genops(value):
        if opcode.proto > 2:
            raise ValueError("opcode %s of protocol %d at %d" % (opcode.name, opcode.proto, position))
        if opcode.name == "GLOBAL" and argument.split(" ")[0] in ("builtins", "copyreg"):
            raise ValueError("%s is unknown to Python 2" % argument)
    return pickle.loads(value, encoding=encoding)


# --- readers ------------------------------------------------------------------------------------------------------------


class Reader:
    """`key` from prefix and sid, database index, accepted lengths of sids, and the module's own reading and writing."""

    def __init__(self, key, index, lengths, dumps, loads, login=WEEK, anonymous=WEEK, own_expiration=False):
        self.key, self.index, self.lengths = key, index, lengths
        self.dumps, self.loads = dumps, loads
        self.login, self.anonymous, self.own_expiration = login, anonymous, own_expiration

    def lifetime(self, session):
        if self.own_expiration and session.get("expiration"):
            return session["expiration"]
        return self.login if session.get("uid") else self.anonymous


def c2c_key(prefix, sid):
    # The module: self.prefix = "%s:%s:" % (self.prefix, prefix) with self.prefix = "session:" beforehand.
    before = "session:"
    if prefix:
        before = "%s:%s:" % (before, prefix)
    return before + sid


def word_key(word, between):
    return lambda prefix, sid: (prefix or word) + between + sid


def template(text):
    return lambda prefix, sid: text.replace("{prefix}", prefix).replace("{sid}", sid)


C2C = {"index": 0, "anonymous": 10800, "own_expiration": True}
READERS = {
    "camptocamp": Reader(c2c_key, lengths=(40, 84, 86), dumps=c2c_dumps, loads=c2c_loads, **C2C),
    "camptocamp-11": Reader(c2c_key, lengths=(40,), dumps=json_dumps, loads=json_loads, **C2C),
    "camptocamp-17": Reader(c2c_key, lengths=(40,), dumps=c2c_dumps, loads=c2c_loads, **C2C),
    "camptocamp-18": Reader(c2c_key, lengths=(84,), dumps=c2c_dumps, loads=c2c_loads, **C2C),
    "camptocamp-19": Reader(c2c_key, lengths=(84,), dumps=c2c_dumps, loads=c2c_loads, **C2C),
    "camptocamp-20": Reader(c2c_key, lengths=(84, 86), dumps=c2c_dumps, loads=c2c_loads, **C2C),
    "camptocamp-7": Reader(c2c_key, lengths=(40,), dumps=pickle_dumps, loads=python2_loads, **C2C),
    "mangono": Reader(c2c_key, lengths=(40, 84), dumps=c2c_dumps, loads=c2c_loads, **C2C),
    "mangono-1.2": Reader(c2c_key, lengths=(40,), dumps=c2c_dumps, loads=c2c_loads, **C2C),
    "mangono-1.3": Reader(c2c_key, 0, (84,), c2c_dumps, c2c_loads, login=3 * DAY, anonymous=120),
    "smile-10": Reader(lambda prefix, sid: prefix + sid, 1, (40,), pickle_dumps, python2_loads),
    "smile-12": Reader(lambda prefix, sid: prefix + sid, 1, (40,), pickle_dumps, ascii_loads),
    "odoo_redis_session": Reader(word_key("odoo", ":session:"), 0, (84,), json_dumps, json_loads, anonymous=120),
    "cb_redis": Reader(lambda prefix, sid: prefix + sid, 1, (84,), json_dumps, json_loads),
    "sidecar": Reader(word_key("odoo_session", ":"), 0, (40, 84, 86), pickle_dumps, ascii_loads, anonymous=10800),
    "ab_redis_session": Reader(word_key("odoo_session", ":"), 0, (84,), pickle_dumps, ascii_loads, login=DAY, anonymous=DAY),
    "smile": Reader(lambda prefix, sid: prefix + sid, 1, (40,), pickle_dumps, python3_loads),
    "keerati": Reader(lambda prefix, sid: "session:" + sid, 0, (40,), pickle_dumps, python2_loads),
    "muk": Reader(lambda prefix, sid: prefix + sid, 1, (40, 84), pickle_dumps, python3_loads),
    "generic-json": Reader(template("odoo/{prefix}/{sid}!"), 0, (40, 84, 86), json_dumps, json_loads),
    "generic-pickle": Reader(template("odoo/{prefix}/{sid}!"), 0, (40, 84, 86), pickle_dumps, python3_loads),
    "generic-verbatim": Reader(template("odoo/{prefix}/{sid}!"), 0, (40, 84, 86), None, None),
}


def shape(value):
    """A value with all its types told apart: 1 from 1.0 and True, -0.0 from 0.0, and NaN equal to itself.

    An OrderedDict counts as a dict: what it orders, a dict keeps in order as well.
    """
    kind = type(value).__name__.replace("OrderedDict", "dict")
    if isinstance(value, float):
        return [kind, repr(value)]
    if isinstance(value, int):
        return [kind, hex(value)]
    if isinstance(value, str):
        return [kind, ascii(value)]
    if isinstance(value, (bytes, bytearray)):
        return [kind, value.hex()]
    if isinstance(value, dict):
        return [kind, [[shape(key), shape(dict.__getitem__(value, key))] for key in dict.keys(value)]]
    if isinstance(value, (set, frozenset)):
        return [kind, sorted((shape(item) for item in value), key=repr)]
    if isinstance(value, (list, tuple)):
        return [kind, [shape(item) for item in value]]
    return [kind, repr(value)]


def expected_expiry(reader, case, before_ms, after_ms):
    """First and last millisecond at which the session may end."""
    session, mtime_ms = case["session"], case["mtime_ns"] // 1_000_000
    lifetime_ms = math.floor(reader.lifetime(session) * 1000)
    first = min(mtime_ms, before_ms) + lifetime_ms
    last = min(mtime_ms, after_ms) + lifetime_ms
    if "deletion_time" in session:
        cap = math.floor(session["deletion_time"] * 1000)
        first, last = min(first, cap), min(last, cap)
    return first, last


def problem_of(reader, case, value, expiry_ms, before_ms, after_ms):
    """What is wrong with the key of a session, or None."""
    if reader.loads is None:
        if value != case["bytes"]:
            return "the value is not the file"
    else:
        try:
            got = reader.loads(value, case["encoding"])
        except Exception as error:
            return "cannot be read: %r" % error
        wanted = reader.loads(reader.dumps(case["session"]), "ASCII")
        if shape(got) != shape(wanted):
            return "holds %s instead of %s" % (shape(got), shape(wanted))
    first, last = expected_expiry(reader, case, before_ms, after_ms)
    if not first <= expiry_ms <= last:
        return "expires %d ms late" % (expiry_ms - (last if expiry_ms > last else first))
    return None


def check(manifest, path, profile, prefix, before_ms, after_ms):
    reader = READERS[profile]
    redis = Redis(path, reader.index)
    answers = []
    for case in manifest:
        sid, answer = case["sid"], {"kind": case["kind"], "name": case["name"], "isAccepted": len(case["sid"]) in reader.lengths}
        value = redis.call("GET", reader.key(prefix, sid))
        answer["isPresent"] = value is not None
        answer["isVerbatim"] = value == case["bytes"]
        answer["mtimeNs"] = str(case["mtime_ns"])
        if value is not None:
            expiry_ms = redis.call("PEXPIRETIME", reader.key(prefix, sid))
            answer["problem"] = problem_of(reader, case, value, expiry_ms, before_ms, after_ms)
        answers.append(answer)
    return {"keys": redis.call("DBSIZE"), "sessions": answers}


def main(command, *words):
    if command == "write":
        store, manifest = words
        cases = make_store(store)
        with open(manifest, "wb") as file:
            pickle.dump(cases, file)
        json.dump([case["name"] for case in cases], sys.stdout)
    else:
        manifest, path, profile, prefix, before_ms, after_ms = words
        with open(manifest, "rb") as file:
            cases = pickle.load(file)
        json.dump(check(cases, path, profile, prefix, int(before_ms), int(after_ms)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
