#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Labeled samples of one dataset merged into another by content: what is added, passed over and left to a person; undone, redone,
killed, resumed."""
import json
import random
import shutil
import signal
import time
import unittest

import road
from road_http import Server

COUNTS = ("selected", "added", "filled", "duplicates", "contradictions", "excluded", "unreadable", "not_labeled", "labels_added",
          "unreadable_there")  # fmt: skip
MANY, KILLS, TRIES = 1500, 3 if road.SERVER else 6, 10
TASK = "0123456789abcdef0123456789abcdef"


def named(source):
    return {"source": str(source)}


class MergeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.prepared = cls.folder / "prepared"
        trommel = road.Trommel(cls.prepared)
        cls.pictures = [road.make_pictures(cls.folder / "in", 10) / f"000{i}.png" for i in range(7)]
        there = cls.folder / "there"
        there.mkdir()
        copies = []
        for i in (0, 1, 2, 3):
            copies.append(there / f"copy{i}.png")
            shutil.copy(cls.pictures[i], copies[-1])
        twins = [cls.folder / f"in/twin{i}.png" for i in (4, 5)]
        for i, twin in zip((4, 5), twins):
            shutil.copy(cls.pictures[i], twin)
        cls.broken, cls.both = cls.folder / "in/broken.png", cls.folder / "in/0008.png"
        cls.broken.write_text("no image")
        p = cls.pictures
        hard = [road.labeled(path, "x", usage="TRAIN") for path in [*p[:6], twins[0], cls.broken, cls.both]]
        hard += [road.labeled(twins[1], "y"), road.labeled(p[6], "new", usage="EVAL"), named(cls.folder / "in/0009.png")]
        train = [road.labeled(copies[0], "x"), road.labeled(copies[1], "y"), named(copies[2]), road.labeled(copies[3], "x"),
                 road.labeled(cls.both, "x"), road.labeled(there / "missing.png", "x")]  # fmt: skip
        for name, lines in (("hard", hard), ("train", train)):
            trommel.ok("dataset", "create", name)
            trommel.ok("dataset", "import", name, road.write_manifest(cls.folder / f"{name}.manifest", lines), "--wait")
        trommel.ok("samples", "exclude", cls.id_of(trommel, "train", copies[3]))
        trommel.ok("samples", "mark-hard", cls.id_of(trommel, "hard", p[6]))
        cls.copies, cls.twins = copies, twins

    def setUp(self):
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        road.copy_data(self.prepared, data)
        self.trommel = road.Trommel(data)

    @classmethod
    def id_of(cls, trommel, dataset, source):
        (row,) = [row for row in trommel.samples(dataset, "--include-excluded") if row["source"] == str(source)]
        return row["id"]

    def merge(self, *args, into="train"):
        (task,) = self.trommel.ok("dataset", "merge", "hard", "--into", into, *args, "--wait")
        return task["result"]

    def state(self, dataset="train"):
        """All that is stored, but revisions and times of change."""
        rows = self.trommel.samples(dataset, "--include-excluded", "--sort", "source")
        return [{key: value for key, value in row.items() if key not in ("revision", "updated")} for row in rows]

    def counts(self, told):
        return {name: told[name] for name in COUNTS if told[name]}

    def test_each_image_is_told_what_became_of_it(self):
        before = {row["source"]: row for row in self.state()}
        told = self.merge()
        self.assertEqual(self.counts(told), {"selected": 11, "added": 2, "filled": 1, "duplicates": 3, "contradictions": 3, "excluded": 1,
                                             "unreadable": 1, "labels_added": 1, "unreadable_there": 1})  # fmt: skip
        after = {row["source"]: row for row in self.state()}
        added = {source: row for source, row in after.items() if source not in before}
        self.assertEqual(set(added), {str(self.pictures[4]), str(self.pictures[6])})
        kept = added[str(self.pictures[6])]
        self.assertEqual((kept["usage"], kept["hard"], kept["state"], kept["origin"]), ("EVAL", True, "labeled", "import"))
        self.assertEqual([label["name"] for label in kept["labels"]], ["new"])
        filled = after[str(self.copies[2])]
        self.assertEqual((filled["state"], [label["name"] for label in filled["labels"]], filled["usage"]), ("labeled", ["x"], None))
        changed = [source for source in before if after[source] != before[source]]
        self.assertEqual(changed, [str(self.copies[2])])
        self.assertIn("new", [label["name"] for label in self.trommel.ok("dataset", "show", "train")["labels"]])
        left = self.trommel.ok("task", "merged", told["task"])
        self.assertEqual({(row["kind"], row["source"], row["other_source"]) for row in left}, {
            ("contradiction", str(self.pictures[1]), str(self.copies[1])), ("contradiction", str(self.pictures[5]), str(self.twins[1])),
            ("contradiction", str(self.twins[1]), str(self.pictures[5])), ("excluded", str(self.pictures[3]), str(self.copies[3])),
            ("unreadable", str(self.broken), None)})  # fmt: skip
        (row,) = [row for row in left if row["source"] == str(self.pictures[1])]
        self.assertEqual((row["labels"], row["other_labels"], row["other_dataset"]), (["x"], ["y"], "train"))
        self.assertEqual(told["left_samples"], left)
        duplicates = self.trommel.ok("task", "merged", told["task"], "--kind", "duplicates")
        self.assertEqual({row["source"] for row in duplicates} & {str(self.pictures[0]), str(self.both)}, {str(self.pictures[0]), str(self.both)})
        self.assertEqual(len(duplicates), 3)

    def test_a_second_merge_changes_nothing(self):
        self.merge()
        state = self.state()
        again = self.merge()
        self.assertEqual((again["added"], again["filled"], again["duplicates"], again["operation_id"]), (0, 0, 6, None))
        self.assertEqual(self.state(), state)

    def test_a_dry_run_tells_the_same_and_changes_nothing(self):
        state = self.state()
        dry = self.merge("--preview")
        self.assertEqual((self.state(), dry["operation_id"], dry["preview"]), (state, None, True))
        self.assertNotIn("new", [label["name"] for label in self.trommel.ok("dataset", "show", "train")["labels"]])
        self.assertEqual(self.counts(dry), self.counts(self.merge()))

    def test_undo_and_redo_of_the_whole_merge(self):
        before = self.state()
        operation = self.merge()["operation_id"]
        merged = self.state()
        shown = self.trommel.ok("operation", "list", "--dataset", "train")[0]
        self.assertEqual((shown["id"], shown["action"], shown["samples"]), (operation, "merge", 3))
        for _ in range(2):
            self.trommel.ok("operation", "undo", operation)
            self.assertEqual(self.state(), before)
            self.trommel.ok("operation", "redo", operation)
            self.assertEqual(self.state(), merged)
        self.assertEqual(self.trommel.ok("dataset", "show", "train")["samples"], 7)
        self.assertEqual(self.merge()["duplicates"], 6)

    def test_what_was_decided_since_is_kept_and_named(self):
        operation = self.merge()["operation_id"]
        kept = self.id_of(self.trommel, "train", self.pictures[6])
        self.trommel.ok("samples", "annotate", kept, "--labels", "x")
        done = self.trommel.run("operation", "undo", operation, "--json")
        self.assertEqual(done.code, 0, done)
        sources = {row["source"] for row in self.state()}
        self.assertIn(str(self.pictures[6]), sources)
        self.assertNotIn(str(self.pictures[4]), sources)
        with_server = Server(self.trommel, "--task-workers", "0")
        try:
            redone = with_server.ok("POST", f"/api/v1/operations/{operation}/redo")
            self.assertEqual((redone["done"], redone["conflicts"], redone["conflict_ids"]), (2, 1, [kept]))
        finally:
            with_server.stop()

    def test_some_of_them(self):
        self.assertEqual(self.counts(self.merge("--hard")), {"selected": 1, "added": 1, "labels_added": 1, "unreadable_there": 1})
        wish = json.dumps({"and": [{"usage": "TRAIN"}, {"name": "0004"}]})
        self.assertEqual(self.counts(self.merge("--filter", wish))["added"], 1)
        ids = [self.id_of(self.trommel, "hard", source) for source in (self.pictures[2], self.folder / "in/0009.png")]
        told = self.merge("--ids", ids[0], "--ids", ids[1][:10], "--ids", self.id_of(self.trommel, "train", self.both))
        self.assertEqual(self.counts(told), {"selected": 1, "filled": 1, "not_labeled": 2, "unreadable_there": 1})

    def test_what_is_refused(self):
        self.trommel.ok("dataset", "create", "boxes", "--type", "det")
        for args, pointer in ((("hard", "--into", "hard"), "/into"), (("hard", "--into", "boxes"), "/into"), (("hard", "--into", "none"), "/into"),
                              (("none", "--into", "train"), "/dataset"), (("hard", "--into", "train", "--ids", "0" * 31), "/ids"),
                              (("hard", "--into", "train", "--ids", "0" * 32, "--hard"), "/ids"),
                              (("hard", "--into", "train", "--filter", '{"colour": 1}'), "/filter/colour")):  # fmt: skip
            refused = self.trommel.run("dataset", "merge", *args, "--json")
            self.assertNotEqual(refused.code, 0)
            self.assertTrue(refused.error["pointer"].startswith(pointer.split("/colour")[0]), refused)
        project = self.trommel.ok("project", "create", "theirs")["id"]
        theirs = self.trommel.ok("dataset", "create", "secret", "--project", project)["id"]
        refused = self.trommel.run("dataset", "merge", "hard", "--into", theirs, "--json")
        self.assertEqual((refused.code, refused.error["pointer"]), (5, "/into"))
        other = self.trommel.ok("task", "list", "--kind", "import_manifest")[0]["id"]
        self.assertNotEqual(self.trommel.run("task", "merged", other).code, 0)

    def test_boxes_a_pixel_apart_agree_and_others_contradict(self):
        for name, shift in (("hard_boxes", 0), ("train_boxes", 1)):
            self.trommel.ok("dataset", "create", name, "--type", "det")
            rows = []
            for i in range(3):
                apart = shift * (5 if i == 2 else 1)
                found = [("cat", (4 + apart, 4, 20, 20)), ("cat", (4, 4 + apart, 30, 30)), ("dog", (10, 10, 30, 30))]
                source = self.pictures[i] if shift == 0 else self.folder / f"there/copy{i}.png"
                rows.append((source, found if shift == 0 else found[::-1]))
            self.import_boxes(name, rows[:3] if shift else rows + [(self.pictures[3], []), (self.pictures[4], [("cat", (1, 1, 9, 9))])])
        (task,) = self.trommel.ok("dataset", "merge", "hard_boxes", "--into", "train_boxes", "--wait")
        self.assertEqual(self.counts(task["result"]), {"selected": 5, "added": 2, "duplicates": 2, "contradictions": 1})
        rows = {row["source"]: row for row in self.trommel.samples("train_boxes")}
        self.assertEqual(rows[str(self.pictures[3])]["labels"], [])
        self.assertEqual(rows[str(self.pictures[4])]["labels"][0]["shape"]["@modelarts:feature"], [[1, 1], [9, 9]])

    def import_boxes(self, dataset, rows):
        lines = [{"source": str(source)} for source, _ in rows]
        self.trommel.ok("dataset", "import", dataset, road.write_manifest(self.folder / f"{dataset}.manifest", lines), "--wait")
        for source, found in rows:
            sample = self.id_of(self.trommel, dataset, source)
            given = [word for name, box in found for word in ("--box", f"{name}:{','.join(map(str, box))}")]
            self.trommel.ok("samples", "annotate", sample, *(given or ["--nothing"]))

    # ---- over HTTP ----

    def test_one_call_over_http_and_the_index_follows(self):
        server = Server(self.trommel, roots=[self.folder])
        try:
            path = "/api/v1/datasets/train/samples:query"
            self.assertEqual(server.ok("POST", path, {})["total"], 5)
            task = server.wait(server.ok("POST", "/api/v1/datasets/hard/merge-tasks", {"into": "train"})["task"]["id"])
            self.assertEqual((task["state"], task["result"]["added"]), ("succeeded", 2))
            self.assertEqual(server.ok("POST", path, {})["total"], 7)
            operation = task["result"]["operation_id"]
            self.assertEqual(operation, task["id"])
            shown = server.ok("GET", f"/api/v1/operations/{operation}")
            self.assertEqual(sum(change["before"] is None for change in shown["changes"]), 2)
            undone = server.ok("POST", f"/api/v1/operations/{operation}/undo")
            self.assertEqual((undone["done"], undone["conflicts"]), (3, 0))
            self.assertEqual(server.ok("POST", path, {})["total"], 5)
            facets = server.ok("GET", "/api/v1/datasets/train/facets")
            self.assertEqual((facets["total"], {row["value"]: row["samples"] for row in facets["facets"]["states"]}["labeled"]), (5, 4))
            first = server.ok("GET", f"/api/v1/tasks/{task['id']}/merged?limit=1")
            second = server.ok("GET", f"/api/v1/tasks/{task['id']}/merged?cursor={first['next_cursor']}")
            self.assertEqual((len(first["samples"]), len(second["samples"]), second["next_cursor"]), (1, 4, None))
            server.refused(400, "GET", f"/api/v1/tasks/{task['id']}/merged?cursor=1")
            server.refused(400, "POST", "/api/v1/datasets/hard/merge-tasks", {"into": "train", "ids": []})
        finally:
            server.stop()

    def test_images_outside_the_roots_are_not_read(self):
        server = Server(self.trommel, roots=[self.folder / "there"])
        try:
            task = server.wait(server.ok("POST", "/api/v1/datasets/hard/merge-tasks", {"into": "train"})["task"]["id"])
            self.assertEqual(self.counts(task["result"]), {"selected": 11, "unreadable": 11, "unreadable_there": 2})
            for row in task["result"]["unreadable_samples"]:
                self.assertTrue("roots" in row["reason"] or row["source"].endswith("missing.png"), row)
        finally:
            server.stop()


class KillTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.prepared, cls.dice = cls.folder / "prepared", random.Random(5)
        trommel = road.Trommel(cls.prepared)
        (cls.folder / "in").mkdir()
        for i in range(MANY):
            (cls.folder / f"in/{i}.png").write_bytes(road.png(8, 8, bytes([i % 256, i // 256, 7] * 64)))
        for name, numbers in (("hard", range(MANY)), ("train", range(0, MANY, 5))):
            trommel.ok("dataset", "create", name)
            lines = [road.labeled(cls.folder / f"in/{i}.png", "x" if name == "hard" or i % 10 else "y", usage="TRAIN") for i in numbers]
            trommel.ok("dataset", "import", name, road.write_manifest(cls.folder / f"{name}.manifest", lines), "--wait")
        trommel.ok("dataset", "duplicates", "hard", "--wait")  # measures most of them: kills are to hit the merging too

    def fresh(self):
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        road.copy_data(self.prepared, data)
        return road.Trommel(data)

    def wait_for_merging(self, trommel, process):
        """Its lists are begun when the transaction is."""
        while process.poll() is None and not (trommel.data / "store/tasks" / TASK).exists():
            time.sleep(0.002)

    def outcome(self, trommel):
        result = trommel.ok("task", "show", TASK)["result"]
        rows = [{key: row[key] for key in ("id", "source", "state", "usage", "labels", "revision")} for row in trommel.samples("train", "--sort", "source")]
        operations = [(row["id"], row["action"], row["samples"]) for row in trommel.ok("operation", "list")]
        files = {name: body for name, body in road.tree(trommel.data / "store/tasks" / TASK, hidden=False).items() if name.endswith(b".jsonl")}
        return result, rows, operations, files

    def test_a_merge_killed_at_random_moments_loses_and_doubles_nothing(self):
        command = ("dataset", "merge", "hard", "--into", "train", "--task-id", TASK, "--wait")
        trommel, start = self.fresh(), time.monotonic()
        trommel.ok(*command)
        seconds, wanted = time.monotonic() - start, self.outcome(trommel)
        self.assertEqual((wanted[0]["added"], wanted[0]["contradictions"]), (MANY * 4 // 5, MANY // 10))
        self.assertEqual(wanted[2], [(TASK, "merge", MANY * 4 // 5)])
        kills = 0
        for _ in range(KILLS * TRIES):
            if kills == KILLS:
                break
            trommel = self.fresh()
            process = trommel.start(*command)
            if kills % 3 == 0:
                time.sleep(self.dice.uniform(0.05, 1.05) * seconds)
            else:
                self.wait_for_merging(trommel, process)
                time.sleep(self.dice.uniform(0, 0.2))
            process.kill()
            process.communicate()
            if process.returncode != -signal.SIGKILL or not trommel.ok("task", "list", "--kind", "merge_dataset"):
                continue
            kills += 1
            shown = trommel.ok("task", "show", TASK)
            files = sorted(path.name for path in (trommel.data / "store/tasks" / TASK).glob("*"))
            road.note(f"killed: {shown['state']}, {len(trommel.ok('operation', 'list'))} operations, {files}")
            done = trommel.run("task", "wait", TASK, "--json")
            self.assertEqual(done.code, 0, done)
            self.assertEqual(self.outcome(trommel), wanted)
        self.assertEqual(kills, KILLS)

    def test_a_merge_that_was_done_and_not_told_tells_it(self):
        trommel = self.fresh()
        trommel.ok("dataset", "merge", "hard", "--into", "train", "--task-id", TASK, "--wait")
        wanted = self.outcome(trommel)
        self.forget_end(trommel)
        done = trommel.run("task", "wait", TASK, "--json")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.outcome(trommel), wanted)

    def forget_end(self, trommel):
        """As a process leaves it that dies between its last write and the end of its task."""
        statement = "UPDATE task SET state = 'running', result_json = NULL, lease_owner = 'nobody:1:1', lease_until_ms = 1, finished_ms = 0"
        if road.SERVER:
            road.ask_server(statement, database=road.name_of_database(trommel.data))
        else:
            import sqlite3

            with sqlite3.connect(trommel.data / "trommel.db") as database:
                database.execute(statement + " WHERE id = ?", (TASK,))


if __name__ == "__main__":
    road.main()
