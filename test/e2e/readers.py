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
    """`key` from prefix and sid, database index, accepted lengths of sids, and the module's own reading and writing.

    `expiration` says which of a session's own lifetimes count: None, "any" number or text, or "int" alone. `protocols`
    are the lowest and the highest of the pickles that its Python loads whoever wrote them.
    """

    def __init__(self, key, index, lengths, dumps, loads, login=WEEK, anonymous=WEEK, expiration=None, protocols=None):
        self.key, self.index, self.lengths = key, index, lengths
        self.dumps, self.loads, self.protocols = dumps, loads, protocols
        self.login, self.anonymous, self.expiration = login, anonymous, expiration

    def lifetime(self, session):
        ordinary = self.login if session.get("uid") else self.anonymous
        own = session.get("expiration")
        if not self.expiration or not own:
            return ordinary
        if self.expiration == "int" and not isinstance(own, int):
            return 3 * 3600
        if isinstance(own, float):
            # SETEX refuses it, so that the module has no life for it: nobody may stay for longer than without.
            return min(own, ordinary)
        # Odoo on files ends every session that was not saved for a week.
        return min(int(own), max(WEEK, self.login))

    def copies(self, data):
        """Whether it reads the file as it is."""
        if self.loads is None:
            return True
        if data[:1] != b"\x80":
            return self.protocols is None
        return self.protocols is not None and self.protocols[0] <= data[1] <= self.protocols[1]

    def holds(self, case):
        """Whether it can have such a session at all, as it is in the file or by its own encoder."""
        if self.copies(case["bytes"]) and (self.loads is None or self.protocols):
            return True
        # Objects that nobody but their own class can pickle; and Python 2 has no time zones.
        if self.protocols and (case["kind"] == "unknown class" or case["kind"] == "aware" and self.protocols[1] < 3):
            return False
        try:
            self.loads(self.dumps(case["session"]), "ASCII")
        except (TypeError, ValueError, KeyError):
            return False
        return True


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


C2C = {"key": c2c_key, "index": 0, "dumps": c2c_dumps, "loads": c2c_loads, "anonymous": 10800}
PICKLE = {"dumps": pickle_dumps, "loads": python3_loads}
PYTHON2 = {"dumps": pickle_dumps, "loads": python2_loads, "protocols": (0, 2)}
#: Python 2's texts and dates fail in these.
PYTHON3 = {"dumps": pickle_dumps, "loads": ascii_loads, "protocols": (3, 5)}
JSON = {"dumps": json_dumps, "loads": json_loads}
SID = lambda prefix, sid: prefix + sid
GENERIC = {"key": template("odoo/{prefix}/{sid}!"), "index": 0, "lengths": (40, 84, 86)}
ODOO_SESSION = word_key("odoo_session", ":")
READERS = {
    "camptocamp": Reader(lengths=(40, 84, 86), expiration="any", **C2C),
    "camptocamp-absolute": Reader(lengths=(40, 84, 86), expiration="any", **C2C),
    "camptocamp-absolute-17": Reader(lengths=(40,), expiration="any", **C2C),
    "camptocamp-absolute-18": Reader(lengths=(40,), expiration="any", **C2C),
    "camptocamp-absolute-19": Reader(lengths=(84,), expiration="int", **C2C),
    "camptocamp-absolute-20": Reader(lengths=(84, 86), expiration="int", **C2C),
    "camptocamp-11": Reader(lengths=(40,), expiration="any", **{**C2C, **JSON}),
    "camptocamp-17": Reader(lengths=(40,), expiration="any", **C2C),
    "camptocamp-18": Reader(lengths=(40,), expiration="any", **C2C),
    "camptocamp-18, patched": Reader(lengths=(84,), expiration="any", **C2C),
    "camptocamp-19": Reader(lengths=(84,), expiration="int", **C2C),
    "camptocamp-20": Reader(lengths=(84, 86), expiration="int", **C2C),
    "camptocamp-7": Reader(lengths=(40,), expiration="any", **{**C2C, **PYTHON2}),
    "mangono": Reader(lengths=(40, 84), expiration="any", **C2C),
    "mangono-1.2": Reader(lengths=(40,), expiration="any", **C2C),
    "mangono-1.3": Reader(lengths=(84,), login=3 * DAY, **{**C2C, "anonymous": 120}),
    "smile": Reader(SID, 1, (40,), protocols=(0, 4), **PICKLE),
    "smile-10": Reader(SID, 1, (40,), **PYTHON2),
    "smile-12": Reader(SID, 1, (40,), **{**PYTHON3, "protocols": (3, 4)}),
    "keerati": Reader(lambda prefix, sid: "session:" + sid, 0, (40,), **PYTHON2),
    "muk": Reader(SID, 1, (40, 84), **PYTHON3),
    "odoo_redis_session": Reader(word_key("odoo", ":session:"), 0, (84,), anonymous=120, **JSON),
    "cb_redis": Reader(SID, 1, (84,), **JSON),
    "sidecar": Reader(ODOO_SESSION, 0, (40, 84, 86), anonymous=10800, **PYTHON3),
    "ab_redis_session": Reader(ODOO_SESSION, 0, (84,), login=DAY, anonymous=DAY, **PYTHON3),
    "generic-json": Reader(**GENERIC, **JSON),
    "generic-c2c-json": Reader(**GENERIC, dumps=c2c_dumps, loads=c2c_loads, expiration="any"),
    "generic-pickle": Reader(**GENERIC, protocols=(3, 4), **PICKLE),
    "generic-verbatim": Reader(**GENERIC, dumps=None, loads=None),
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


def fate_of(reader, case, before_ms):
    """What has to become of a file: "dead" by its name, "over" by its age, "refused" by its content, or "moved"."""
    if len(case["sid"]) not in reader.lengths:
        return "dead"
    # Nothing in the store ends while a run is on its way.
    if expected_expiry(reader, case, before_ms, before_ms)[1] <= before_ms:
        return "over"
    return "moved" if reader.holds(case) else "refused"


def check(manifest, path, profile, prefix, before_ms, after_ms):
    reader = READERS[profile]
    redis = Redis(path, reader.index)
    answers = []
    for case in manifest:
        sid, answer = case["sid"], {"kind": case["kind"], "name": case["name"], "fate": fate_of(reader, case, before_ms)}
        answer["isCopied"] = reader.copies(case["bytes"])
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
