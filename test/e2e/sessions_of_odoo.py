"""Session files as Odoo's own stores write them, with contents on which a conversion can fail.

Odoo 8 to 17: pickle.dump(dict(session), file, HIGHEST_PROTOCOL); Odoo 18 and later: json.dump(dict(session), file).
"""

import collections
import datetime
import decimal
import json
import os
import pickle
import sys
import time
import types


class MultiDict(dict):
    """As in werkzeug.datastructures: lists of values underneath, the first of each on the surface."""

    def __init__(self, mapping=()):
        if isinstance(mapping, dict):
            dict.__init__(self, {key: list(values) for key, values in mapping.items()})
            return
        lists = {}
        for key, value in mapping:
            lists.setdefault(key, []).append(value)
        dict.__init__(self, lists)

    def items(self):
        return [(key, values[0]) for key, values in dict.items(self)]

    def __getitem__(self, key):
        return dict.__getitem__(self, key)[0]

    def __getstate__(self):
        return dict(dict.items(self))

    def __setstate__(self, state):
        dict.clear(self)
        dict.update(self, state)


MultiDict.__module__ = "werkzeug.datastructures"
for name in ("werkzeug", "werkzeug.datastructures"):
    sys.modules.setdefault(name, types.ModuleType(name))
sys.modules["werkzeug.datastructures"].MultiDict = MultiDict


def login(**more):
    session = {"db": "shop", "uid": 7, "login": "fake-login@example.com", "session_token": "fake-token-0123456789abcdef"}
    session["context"] = {"lang": "en_US", "tz": "Europe/Paris", "uid": 7}
    return {**session, **more}


def visitor(**more):
    return {"db": "shop", "uid": None, "login": None, "session_token": None, "context": {}, **more}


LONE = "\ud800 and \udfff\ud83d turned round, \U0001f600 whole, \x00 \x1f \x7f \u2028 \u00e9 \" \\ / </script>"
FLOATS = [1.0, -0.0, 0.1, 1e16, 1e22, 1e-7, 5e-324, 1.7976931348623157e308, 123456789012345680.0]
INTEGERS = [0, -1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -(2**31), 2**53 + 1, 2**63, -(2**63), 2**64, 10**300, -(10**40)]
SHARED = ["seen twice"]

#: Contents that both formats can hold.
PLAIN = {
    "login": login(),
    "visitor": visitor(),
    "two-factor pending": visitor(pre_uid=7, pre_login="fake-login@example.com"),
    "integers": login(integers=INTEGERS),
    "floats": login(floats=FLOATS, integral=2.0, identity_check=[1700000000.0, "fake"]),
    "not numbers": login(nan=float("nan"), infinities=[float("inf"), -float("inf")]),
    "text": login(text=LONE, **{LONE: "as a key", "": "empty key"}),
    "truth": login(yes=True, no=False, none=None, one=1, zero=0),
    "nested": login(a=[[], {}, [[{"b": [{"c": {}}]}]]], empty=""),
    "looks like a wrapper": login(not_ours={"_type": "nothing we know", "value": [1]}),
    "own expiration": login(expiration=86400),
    "short visitor": visitor(expiration=7200),
    "zero uid": visitor(uid=0),
    "expiration as text": login(expiration="43200"),
    "expiration as float": login(expiration=43200.0),
    "expiration as false": login(expiration=0, at="zero"),
    "expiration below zero": login(expiration=-600),
    "expiration without bound": login(expiration=10**15),
    "rotated in a moment": None,
}

#: What only a pickle can hold, and JSON still has a form for.
PICKLED = {
    "saved actions": login(saved_actions={"next": 3, "actions": {1: {"id": 42}, 2: {"id": 43}}}),
    "odd keys": login(keys={1: "int", 2.5: "float", None: "none", 1e22: "large", -3: "negative"}, truth={True: "yes"}),
    "keys that fall together": login(keys={1: "int", "1": "text", False: "no", "false": "text"}),
    "tuples": login(pair=(1, (2.0, ("three",))), empty=()),
    "shared": login(first=SHARED, second=SHARED, third=[SHARED, SHARED]),
    "ordered": login(ordered=collections.OrderedDict([("z", 1), ("a", 2)])),
}

#: Odoo 10 to 15 park a form like this when its session has expired. JSON readers see the first values only.
FORMS = {"form data": login(serialized_request_data=MultiDict({"name": ["first", "second"], "page": ["1"]}))}

#: Types with a wrapper in camptocamp's JSON, and none in plain JSON.
WRAPPED = {
    "datetimes": login(at=[datetime.datetime(2024, 2, 29, 23, 59, 59), datetime.datetime(1, 1, 1, 0, 0, 0, 1)]),
    "microseconds": login(at=datetime.datetime(2024, 7, 1, 12, 0, 0, 120)),
    "dates": login(days=[datetime.date(2024, 2, 29), datetime.date(9999, 12, 31)]),
    "sets": login(transactions={4}, none=set(), texts={"a", "\u00e9"}, mixed={1.5, None, 2**70}),
    "set of dates": login(days={datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29)}),
}

#: Types that no JSON reader can have in a session.
PICKLE_ONLY = {
    "bytes": login(blob=b"\x00\xff fake"),
    "frozenset": login(frozen=frozenset([1])),
    "time": login(at=datetime.time(12, 30)),
    "tuple as key": login(keys={(1, 2): "pair"}),
}

#: Known to its own class alone: it moves with its pickle or not at all.
UNKNOWN_CLASS = {"decimal": login(price=decimal.Decimal("1.50"))}

#: Wrapped by camptocamp as well, and nothing that Python 2 has.
AWARE = {
    "time zone": login(at=datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)),
    "odd time zone": login(at=datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone(datetime.timedelta(hours=-3, minutes=-30)))),
}

#: camptocamp's decoder raises at them, as after its own save.
BROKEN_WRAPPERS = {
    "wrapper without a value": login(not_ours={"_type": "set"}),
    "wrapper of lists": login(not_ours={"_type": "set", "value": [[1]]}),
    "wrapper of no date": login(not_ours={"_type": "date_isoformat", "value": "soon"}),
}

#: camptocamp's reader makes lists of the tuples and then fails, because a set can't hold a list.
SETS_OF_TUPLES = {"set of tuples": login(pairs={(1, 2)})}

#: What Python 2 wrote, by its bytes, and the encoding under which Python 3 reads it as Python 2 did: `U` is a byte string
#: with its length, `X` a text in UTF-8. The year 2024 is 0x07e8 in the state of a datetime.
PYTHON2 = {
    "python 2 texts": (
        b"\x80\x02}q\x01(U\x02dbq\x02U\x04shopq\x03U\x03uidq\x04K\x07U\x05loginq\x05X\x05\x00\x00\x00jos\xc3\xa9q\x06"
        b"U\x08passwordq\x07U\x0efake-p\xc3\xa4sswordq\x08U\x07contextq\x09}q\x0aU\x02tzq\x0bU\x0cEurope/Parisq\x0csu.",
        "utf-8",
    ),
    "python 2 datetime": (
        b"\x80\x02}q\x01(U\x02dbq\x02U\x04shopq\x03U\x03uidq\x04K\x07U\x02atq\x05"
        b"cdatetime\ndatetime\nq\x06U\x0a\x07\xe8\x02\x1d\x17;;\x00\x00\x00q\x07\x85q\x08Rq\x09u.",
        "latin1",
    ),
}

#: JSON that Odoo's reader takes although no json.dump looks like that: the bytes must arrive as they are.
RAW_JSON = {
    "json by hand": '\n{"db":"shop" , "uid"\t:7,"a":1E400,"b":-0.0,"c":1E5,"big":123456789012345678901234567890,\r\n "d":"\\u00e9\\/é"}\n',
    "keys twice": '{"uid": null, "dup": 1, "db": "shop", "dup": {"x": 1, "x": 2.0}, "uid": 7}',
    "nan as a value": '{"db": "shop", "uid": 7, "nan": NaN, "list": [Infinity, -Infinity]}',
}

#: Nanoseconds behind the full second at which files are saved.
FRACTIONS = [999_999_999, 0, 500_000_000, 1, 999_999, 1_000_000, 123_456_789, 999_000_000, 998_999_999]


def make_store(store):
    """Writes every case once per format and protocol; returns what was written."""
    now = int(time.time())
    cases = []

    def add(kind, name, sid_length, layout, data, session, future=0, encoding="ASCII"):
        n = len(cases)
        sid = ("%02xfa4e%04x" % (n * 7 % 256, n) + "fa4e" * 30)[:40]
        if sid_length > 40:
            sid = ("%s%s-%04d_FAKE" % ("_-Az09"[n % 6], "Zy-_31"[n % 5], n) + "-fake_SID" * 10)[:sid_length]
        relative = "werkzeug_%s.sess" % sid if layout == "flat" else "%s/%s" % (sid[:2], sid)
        path = os.path.join(store, relative)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        mtime_ns = (now - 3600 + future - n) * 10**9 + FRACTIONS[n % len(FRACTIONS)]
        os.utime(path, ns=(mtime_ns, mtime_ns))
        case = {"kind": kind, "name": name, "sid": sid, "bytes": data, "session": session, "encoding": encoding}
        # The disk has the last word on how fine its clock is.
        cases.append({**case, "mtime_ns": os.stat(path).st_mtime_ns})

    # Two minutes in Odoo; as long as these tests may take here.
    PLAIN["rotated in a moment"] = login(next_sid="fake", deletion_time=now + 7000.5)
    both = {"plain": PLAIN, "broken wrapper": BROKEN_WRAPPERS}
    kinds = {"pickled": PICKLED, "form": FORMS, "wrapped": WRAPPED, "set of tuples": SETS_OF_TUPLES, "aware": AWARE}
    for kind, sessions in {**both, **kinds, "pickle only": PICKLE_ONLY, "unknown class": UNKNOWN_CLASS}.items():
        for name, session in sessions.items():
            for protocol, layout in ((2, "flat"), (4, "flat"), (5, "hashed")):
                add(kind, "%s, pickle %d" % (name, protocol), 40, layout, pickle.dumps(session, protocol), session)
    for name, (data, encoding) in PYTHON2.items():
        kind = "wrapped" if "datetime" in name else "plain"
        add(kind, name, 40, "flat", data, pickle.loads(data, encoding=encoding), encoding=encoding)
    for kind, sessions in both.items():
        for name, session in sessions.items():
            for length in (40, 84, 86):
                data = json.dumps({**session, "create_time": now - 60.25}).encode()
                add(kind, "%s, json %d" % (name, length), length, "hashed", data, json.loads(data))
    for name, text in RAW_JSON.items():
        add("plain", name, 84, "hashed", text.encode(), json.loads(text))
    add("plain", "saved in the future, pickle", 40, "flat", pickle.dumps(login(), 4), login(), future=86400)
    add("plain", "saved in the future, json", 84, "hashed", json.dumps(login()).encode(), login(), future=86400)
    return cases
