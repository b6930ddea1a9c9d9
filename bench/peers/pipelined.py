"""What a careful administrator writes in ten minutes: os.scandir, values as they are, pipelines of 500 SET ... EX, with
the lifetime that the file has left.

usage: pipelined.py DIRECTORY SOCKET LIMIT
"""

import json
import os
import pickle
import sys
import time

import redis

LIFETIME = 7 * 24 * 60 * 60
BATCH = 500


def main(directory, socket, limit):
    client = redis.Redis(unix_socket_path=socket)
    started = time.perf_counter()
    batch = client.pipeline(transaction=False)
    copied = 0
    for entry in os.scandir(directory):
        if copied == limit:
            break
        with open(entry.path, "rb") as file:
            value = file.read()
            left = int(os.fstat(file.fileno()).st_mtime + LIFETIME - time.time())
        if left <= 0:
            continue
        if value[:1] == b"\x80":
            value = json.dumps(pickle.loads(value)).encode("utf-8")
        batch.set("session:" + entry.name[len("werkzeug_") : -len(".sess")], value, ex=left)
        copied += 1
        if copied % BATCH == 0:
            batch.execute()
    batch.execute()
    ended = time.perf_counter()
    print(json.dumps({"sessions": copied, "listSeconds": 0, "copySeconds": ended - started}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
