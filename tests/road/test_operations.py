#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Operations over HTTP and from the command line: undo, redo, history, keys, and the annotation of one sample."""

import road
from road_http import Server, ServerCase

DECIDE = "/api/v1/samples:decide"


class OperationsTest(ServerCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.trommel.ok("dataset", "create", "d", "--labels", "a,b")
        lines = [{"source": f"/nowhere/{i}.png"} for i in range(8)]
        cls.trommel.ok("dataset", "import", "d", road.write_manifest(cls.folder / "m.manifest", lines), "--wait")
        cls.server = Server(cls.trommel, "--task-workers", "0")
        rows = cls.server.ok("GET", "/api/v1/datasets/d/samples?sort=source&limit=100")["samples"]
        cls.ids = [row["id"] for row in rows]

    def sample(self, number):
        return self.server.ok("GET", f"/api/v1/samples/{self.ids[number]}")["sample"]

    def patch(self, number, body, match, **headers):
        path = f"/api/v1/samples/{self.ids[number]}/annotation"
        return self.server.ask("PATCH", path, body, dict(headers, **({"If-Match": match} if match else {})))

    def test_a_decision_is_undone_and_redone(self):
        before = [self.sample(0), self.sample(1)]
        said = self.server.ok("POST", DECIDE, {"action": "confirm", "labels": ["a"], "ids": self.ids[:2]})
        path = f"/api/v1/operations/{said['operation_id']}"
        shown = self.server.ok("GET", path)
        self.assertEqual((shown["operation"]["action"], shown["operation"]["samples"]), ("confirm", 2))
        self.assertEqual({row["sample"] for row in shown["changes"]}, set(self.ids[:2]))
        page = self.server.ok("GET", f"{path}?limit=1")
        rest = self.server.ok("GET", f"{path}?limit=1&cursor={page['next_cursor']}")
        self.assertEqual({row["changes"][0]["sample"] for row in (page, rest)}, set(self.ids[:2]))
        undone = self.server.ok("POST", f"{path}/undo")
        self.assertEqual((undone["done"], undone["conflicts"], undone["operation"]["state"]), (2, 0, "undone"))
        for was, now in zip(before, (self.sample(0), self.sample(1))):
            self.assertEqual(now["revision"], 3)
            self.assertEqual({**now, "revision": 0, "updated": 0}, {**was, "revision": 0, "updated": 0})
        self.server.refused(409, "POST", f"{path}/undo")
        self.assertEqual(self.server.ok("POST", f"{path}/redo")["done"], 2)
        self.assertEqual(self.sample(1)["state"], "labeled")
        self.server.ok("POST", DECIDE, {"action": "exclude", "ids": self.ids[:1]})
        undone = self.server.ok("POST", f"{path}/undo")
        self.assertEqual((undone["done"], undone["conflict_ids"]), (1, self.ids[:1]))
        self.server.refused(404, "POST", f"/api/v1/operations/{'0' * 32}/undo")
        history = self.server.ok("GET", f"/api/v1/samples/{self.ids[0]}/history")["history"]
        self.assertEqual([row["action"] for row in history], ["exclude", "confirm"])

    def test_what_changes_nothing_is_no_operation(self):
        said = self.server.ok("POST", DECIDE, {"action": "include", "ids": [self.ids[2], "0" * 32]})
        self.assertEqual((said["operation_id"], said["done"], said["failed"]), (None, 1, 1))

    def test_a_key_replays_a_decision(self):
        body, key = {"action": "mark_hard", "ids": [self.ids[3]]}, {"Idempotency-Key": "mark"}
        first, again = self.server.ask("POST", DECIDE, body, key), self.server.ask("POST", DECIDE, body, key)
        self.assertEqual((again.status, again.json, again.headers["Idempotency-Replayed"]), (200, first.json, "true"))
        self.assertEqual(self.sample(3)["revision"], 2)
        self.server.refused(422, "POST", DECIDE, {"action": "exclude", "ids": [self.ids[3]]}, key)
        undo = f"/api/v1/operations/{first.json['operation_id']}/undo"
        done = self.server.ask("POST", undo, None, {"Idempotency-Key": "undo"})
        self.assertEqual(self.server.ask("POST", undo, None, {"Idempotency-Key": "undo"}).json, done.json)
        # what was refused leaves the key free
        bad = {"action": "no such", "ids": [self.ids[3]]}
        self.server.refused(400, "POST", DECIDE, bad, {"Idempotency-Key": "bad"})
        self.server.refused(400, "POST", DECIDE, bad, {"Idempotency-Key": "bad"})

    def test_the_annotation_of_a_sample_is_patched(self):
        self.assertEqual(self.patch(4, {"labels": ["a"]}, None).status, 428)
        done = self.patch(4, {"labels": ["a"], "hard": True}, '"1"')
        self.assertEqual((done.status, done.headers["ETag"]), (200, '"2"'))
        self.assertEqual((done.json["sample"]["state"], done.json["sample"]["hard"]), ("labeled", True))
        stale = self.patch(4, {"labels": ["b"]}, '"1"')
        self.assertEqual(stale.status, 412)
        self.assertEqual([label["name"] for label in stale.json["current"]["sample"]["labels"]], ["a"])
        hard = self.patch(4, {"hard": False}, '"2"').json["sample"]
        self.assertEqual((hard["hard"], [label["name"] for label in hard["labels"]]), (False, ["a"]))
        cleared = self.patch(4, {"labels": None}, '"3"', **{"Idempotency-Key": "clear"})
        self.assertEqual((cleared.json["sample"]["state"], cleared.json["sample"]["labels"]), ("unlabeled", []))
        again = self.patch(4, {"labels": None}, '"3"', **{"Idempotency-Key": "clear"})
        self.assertEqual((again.json, again.headers["ETag"]), (cleared.json, '"4"'))
        for body in ({}, {"labels": ["no such"]}, {"box": ["a:0,0,9,9"]}, {"box": ["a:1"]}, {"what": 1}):
            self.assertIn(self.patch(4, body, '"4"').status, (400, 404), body)
        self.server.ok("POST", f"/api/v1/operations/{cleared.json['operation_id']}/undo")
        self.assertEqual([label["name"] for label in self.sample(4)["labels"]], ["a"])

    def test_operations_are_listed_and_undone_from_the_command_line(self):
        self.trommel.ok("samples", "annotate", self.ids[5], "--labels", "b")
        newest = self.trommel.ok("operation", "list", "--dataset", "d", "--limit", 1)[0]
        self.assertEqual((newest["action"], newest["samples"]), ("annotate", 1))
        shown = self.trommel.ok("operation", "show", newest["id"][:12])
        self.assertEqual([(row["sample"], row["after"]["state"]) for row in shown], [(self.ids[5], "labeled")])
        self.trommel.ok("operation", "undo", newest["id"])
        self.assertEqual(self.sample(5)["state"], "unlabeled")
        self.trommel.ok("operation", "redo", newest["id"])
        self.assertEqual([row["state"] for row in self.trommel.ok("samples", "history", self.ids[5])], ["done"])
        self.assertEqual(self.trommel.refused("operation", "undo", "ffff")[0], 5)


if __name__ == "__main__":
    road.main()
