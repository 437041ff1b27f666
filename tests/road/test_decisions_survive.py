#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The server is killed in the middle of decisions, again and again: nothing acknowledged is lost, nothing is done twice.

TROMMEL_TEST_KILLS says how often; as many as CI has time for otherwise.
"""
import http.client
import json
import os
import random
import threading
import time
import unittest

import road
from road_http import Server

KILLS = int(os.environ.get("TROMMEL_TEST_KILLS", "10"))
CLIENTS = 4
EACH = 60  # samples of one client
LABELS = ["ant", "bee", "cat"]


class Client(threading.Thread):
    """Decides about its own samples over and over; asks again with the same key until there is an answer."""

    def __init__(self, test, number, ids):
        super().__init__(daemon=True)
        self.test, self.number, self.ids = test, number, ids
        self.random = random.Random(number)
        self.acknowledged = []  # (ids, label, operation)
        self.replayed = self.tries = 0
        self.problem = None

    def run(self):
        try:
            while not self.test.is_over.is_set():
                self.decide_once()
        except Exception as problem:  # pylint: disable=broad-except  # told by the test's own thread
            self.problem = problem

    def decide_once(self):
        ids = self.random.sample(self.ids, self.random.choice((1, 1, 3, 20)))
        label = self.random.choice(LABELS)
        body = json.dumps({"action": "confirm", "labels": [label], "ids": ids}).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"{self.number}-{len(self.acknowledged)}"}
        while True:
            self.tries += 1
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.test.port, timeout=10)
                connection.request("POST", "/api/v1/samples:decide", body, headers)
                reply = connection.getresponse()
                said = json.loads(reply.read())
                connection.close()
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.01)
                continue
            if reply.status in (409, 503):  # the key is being answered, or the server is about to stop
                time.sleep(0.02)
                continue
            if reply.status != 200 or said["failed"] or said["done"] != len(ids) or not said["operation_id"]:
                raise AssertionError(f"{reply.status} {said}")
            self.replayed += reply.headers.get("Idempotency-Replayed") == "true"
            self.acknowledged.append((ids, label, said["operation_id"]))
            return


class DecisionsSurviveTest(unittest.TestCase):
    @staticmethod
    def all_operations(server):
        found, cursor = [], ""
        while cursor is not None:
            page = server.ok("GET", f"/api/v1/operations?limit=1000{cursor and '&cursor=' + cursor}")
            found += page["operations"]
            cursor = page["next_cursor"]
        return found

    def wait_for_decision(self, clients):
        """Until the server that was just started has answered somebody: each kill is one in the middle of decisions."""
        before, until = sum(len(client.acknowledged) for client in clients), time.monotonic() + 60
        while sum(len(client.acknowledged) for client in clients) == before:
            self.assertEqual([str(client.problem) for client in clients if client.problem], [])
            self.assertLess(time.monotonic(), until, "nobody is answered")
            time.sleep(0.005)

    def check(self, server, clients):
        """Each acknowledged decision is one operation, there are no others, and the samples say what they said."""
        known = [operation for client in clients for _, _, operation in client.acknowledged]
        self.assertGreaterEqual(len(known), KILLS)
        self.assertEqual(len(known), len(set(known)))
        self.assertEqual({row["id"] for row in self.all_operations(server)}, set(known))
        samples = {row["id"]: row for row in server.ok("GET", "/api/v1/datasets/d/samples?limit=1000")["samples"]}
        decided = {}
        for client in clients:
            for ids, label, operation in client.acknowledged:
                for sample in ids:
                    decided.setdefault(sample, []).append((label, operation))
        for sample, said in decided.items():
            self.assertEqual([label["name"] for label in samples[sample]["labels"]], [said[-1][0]])
            self.assertEqual(samples[sample]["revision"], 1 + len(said))
            history = server.ok("GET", f"/api/v1/samples/{sample}/history")["history"]
            self.assertEqual([row["id"] for row in reversed(history)], [operation for _, operation in said])

    def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(self):
        folder = road.temp_folder(type(self))
        trommel = road.Trommel(folder / "data")
        trommel.ok("dataset", "create", "d", "--labels", ",".join(LABELS))
        lines = [{"source": f"/nowhere/{i}.png"} for i in range(CLIENTS * EACH)]
        trommel.ok("dataset", "import", "d", road.write_manifest(folder / "m.manifest", lines), "--wait")
        self.is_over = threading.Event()
        server = Server(trommel, "--task-workers", "0")
        self.port = server.port
        ids = [row["id"] for row in server.ok("GET", "/api/v1/datasets/d/samples?sort=source&limit=1000")["samples"]]
        clients = [Client(self, i, ids[i * EACH : (i + 1) * EACH]) for i in range(CLIENTS)]
        for client in clients:
            client.start()
        chance, began = random.Random(1), time.monotonic()
        for _ in range(KILLS):
            self.wait_for_decision(clients)
            time.sleep(chance.uniform(0, 0.1))
            server.kill()
            self.assertEqual([str(client.problem) for client in clients if client.problem], [])
            server = Server(trommel, "--task-workers", "0", listen=f"127.0.0.1:{self.port}")
        self.is_over.set()
        for client in clients:
            client.join(60)
            self.assertIsNone(client.problem)
            self.assertFalse(client.is_alive())
        road.note(f"{KILLS} kills in {time.monotonic() - began:.1f} s: {sum(len(c.acknowledged) for c in clients)} decisions "
                  f"acknowledged in {sum(c.tries for c in clients)} tries, {sum(c.replayed for c in clients)} of them replayed")
        self.check(server, clients)
        self.assertEqual(server.stop()[0], 0)


if __name__ == "__main__":
    road.main()
