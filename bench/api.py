#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How fast a server answers about many samples, over HTTP.

usage: api.py TROMMEL FILL_SAMPLES [SAMPLES [ROUNDS]]

The database is SQLite in a temporary folder, or the PostgreSQL that TROMMEL_TEST_DATABASE names
(tests/with_postgresql.py starts one). Prints the median and the 99th percentile of each kind of request, after some to
warm up, and fails when
a page or the facets miss what is wanted of them at a million samples.
"""
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

WARM_UP_SHARE = 4  # so many times fewer requests before those that are counted
WANTED_MS = {"page, two filters": 20, "facets": 150}
STATES = ["unlabeled", "to_be_confirmed", "labeled"]


class Server:
    def __init__(self, trommel, data, environment):
        self.process = subprocess.Popen(
            [trommel, "serve", "--data", str(data), "--listen", "127.0.0.1:0", "--auth", "none", "--access-log", "none", "--json"],
            stdout=subprocess.PIPE, env=environment, text=True)
        host, port = re.match(r"http://(.+):(\d+)", json.loads(self.process.stdout.readline())["url"]).groups()
        self.connection = http.client.HTTPConnection(host, int(port), timeout=600)

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        self.connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, headers)
        reply = self.connection.getresponse()
        content = reply.read()
        if reply.status != 200:
            sys.exit(f"{method} {path}: {reply.status} {content[:500]!r}")
        return content

    def processor_ms(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def memory_mb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return {name: int(re.search(rf"{name}:\s+(\d+)", status).group(1)) / 1024 for name in ("VmRSS", "VmHWM")}

    def end(self):
        self.process.terminate()
        self.process.wait()


def measure(server, name, rounds, ask):
    """`ask` gives a function and its arguments. The server's processor time per request holds on a busy machine too."""
    for _ in range(rounds // WARM_UP_SHARE):  # each of the server's threads has its connection and its plans
        arguments = ask()
        arguments[0](*arguments[1:])
    times, processor = [], server.processor_ms()
    for _ in range(rounds):
        arguments = ask()
        start = time.perf_counter()
        arguments[0](*arguments[1:])
        times.append((time.perf_counter() - start) * 1000)
    processor = (server.processor_ms() - processor) / rounds
    times.sort()
    middle, high = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))]
    print(f"{name:34} p50 {middle:8.2f} ms   p99 {high:8.2f} ms   processor {processor:7.2f} ms   ({rounds} times)", flush=True)
    return high <= WANTED_MS.get(name, float("inf"))


def bench(server, rounds):
    any_of = random.Random(20261122)
    dataset = "/datasets/million"
    facets = dataset + "/facets"

    def conditions():
        return any_of.choice([
            f"state={any_of.choice(STATES)}&label=class%20{any_of.randrange(200):03}",
            f"state=to_be_confirmed&reason={any_of.randrange(31)}",
            f"hard=true&score_min={any_of.random():.3f}",
            f"label=class%20{any_of.randrange(200):03}&coefficient_min={any_of.random():.3f}",
            f"state=to_be_confirmed&usage={any_of.choice(['TRAIN', 'EVAL', 'none'])}"])

    def page(more=""):
        sort = any_of.choice(["-hard_coefficient", "hard_coefficient", "source", "-created"])
        return server.ask, "GET", f"{dataset}/samples?{conditions()}&sort={sort}&limit=50{more}"

    start = time.perf_counter()
    server.ask("GET", facets)
    print(f"index built in {time.perf_counter() - start:.2f} s", flush=True)
    good = measure(server, "page, two filters", rounds, page)
    measure(server, "page, two filters, some fields", rounds, lambda: page("&fields=source,state,labels,hard_coefficient"))
    measure(server, "page, no filter", rounds, lambda: (server.ask, "GET", f"{dataset}/samples?limit=50"))
    measure(server, "page, part of a name", rounds // 4,
            lambda: (server.ask, "GET", f"{dataset}/samples?name={any_of.randrange(10000):04}&state=labeled&limit=50"))
    tree = {"or": [{"and": [{"label": "class 000"}, {"not": {"reason": 7}}]}, {"score": {"min": 0.9}}]}
    measure(server, "page, a tree of conditions", rounds, lambda: (server.ask, "POST", f"{dataset}/samples:query", {"filter": tree}))
    good &= measure(server, "facets", rounds // 4, lambda: (server.ask, "GET", f"{facets}?{conditions()}"))
    measure(server, "facets, no filter", rounds // 4, lambda: (server.ask, "GET", facets))
    measure(server, "count", rounds, lambda: (server.ask, "GET", f"{dataset}/samples?{conditions()}&limit=1&fields=id"))
    measure(server, "select 100,000 ids", max(rounds // 40, 3), lambda: (
        server.ask, "POST", f"{dataset}/samples:query", {"state": "to_be_confirmed", "ids_only": True, "limit": 100000}))
    ids = json.loads(server.ask("POST", f"{dataset}/samples:query", {"state": "to_be_confirmed", "ids_only": True, "limit": 5000}))["ids"]

    def decide():
        return server.ask, "POST", f"{dataset}/samples:decide", {
            "action": "confirm", "target": {"ids": [ids.pop()]}, "labels": ["class 001"]}

    measure(server, "decide one", rounds, decide)

    def decide_and_look():
        def both(body):
            server.ask("POST", f"{dataset}/samples:decide", body)
            start = time.perf_counter()
            total = json.loads(server.ask("GET", f"{dataset}/samples?state=labeled&limit=1"))["total"]
            looks.append((time.perf_counter() - start) * 1000)
            if totals and total != totals[-1] + 1:
                sys.exit(f"a write is not seen: {total} after {totals[-1]}")
            totals.append(total)
        return both, {"action": "confirm", "target": {"ids": [ids.pop()]}, "labels": ["class 001"]}

    looks, totals = [], []
    measure(server, "decide one, then see it", rounds, decide_and_look)
    looks.sort()
    print(f"{'  of this the page after the write':34} p50 {looks[len(looks) // 2]:8.2f} ms   p99 {looks[int(len(looks) * 0.99)]:8.2f} ms")
    memory = server.memory_mb()
    print(f"resident memory {memory['VmRSS']:.0f} MiB, at most {memory['VmHWM']:.0f} MiB", flush=True)
    return good


def main():
    trommel, fill = sys.argv[1:3]
    samples = int(sys.argv[3]) if len(sys.argv) > 3 else 1000000
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 400
    folder = pathlib.Path(tempfile.mkdtemp(prefix="trommel-bench-api-"))
    server = None
    try:
        data = folder / "data"
        data.mkdir()
        url = os.environ.get("TROMMEL_TEST_DATABASE", f"sqlite:{data}/trommel.db")
        print(f"{samples} samples, {url.split(':')[0]}", flush=True)
        subprocess.run([fill, url, "million", str(samples)], check=True)
        if url.startswith("postgresql:"):
            # What PostgreSQL does by itself some time after so many rows; it would do it during the first measurements.
            subprocess.run(["psql", "-XAtq", "-c", "VACUUM ANALYZE", "-c", "CHECKPOINT", url], check=True)
        environment = {**os.environ}
        if not url.startswith("sqlite"):
            environment["TROMMEL_DATABASE"] = url
        server = Server(trommel, data, environment)
        good = bench(server, rounds)
    finally:
        if server:
            server.end()
        shutil.rmtree(folder)
    sys.exit(0 if good else "a figure misses what is wanted")


main()
