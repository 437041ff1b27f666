#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The label set of a dataset: made, renamed, merged and deleted with the policies; undone, redone, killed in the midst."""
import json
import pathlib
import random
import shutil
import signal
import time
import unittest

import road
from road_http import Server

MANY, KILLS, TRIES = 6000, 2, 12


class LabelsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.prepared = cls.folder / "prepared"
        trommel = road.Trommel(cls.prepared)
        road.make_pictures(cls.folder / "in", 6)
        cls.pictures = sorted((cls.folder / "in").iterdir())
        p = cls.pictures
        lines = [road.labeled(p[0], "tom"), road.labeled(p[1], "cat"), road.labeled(p[2], "tom"), {"source": str(p[3])}, road.labeled(p[4], "dog")]
        lines[2]["annotation"] += road.labeled(p[2], "cat")["annotation"]
        trommel.ok("dataset", "create", "cats", "--labels", "tom,cat,dog")
        trommel.ok("dataset", "import", "cats", road.write_manifest(cls.folder / "cats.manifest", lines), "--wait")
        (version,) = trommel.ok("dataset", "publish", "cats", "--wait")
        assert version["state"] == "succeeded"

    def setUp(self):
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        road.copy_data(self.prepared, data)
        self.trommel = road.Trommel(data)

    def label(self, *args):
        return self.trommel.ok("dataset", "label", *args)

    def told(self):
        """State and labels of each picture."""
        rows = {row["source"]: row for row in self.trommel.samples("cats", "--include-excluded")}
        return {pathlib.Path(source).name[3]: (row["state"], [label["name"] for label in row["labels"]]) for source, row in rows.items()}

    def set(self):
        return {row["name"]: (row["samples"], row["color"], row["shortcut"]) for row in self.label("list", "cats")}

    def check_counts(self):
        rows = self.trommel.samples("cats")
        for label in self.label("list", "cats"):
            wanted = sum(label["name"] in [one["name"] for one in row["labels"]] for row in rows if row["state"] == "labeled")
            self.assertEqual((label["name"], label["samples"]), (label["name"], wanted))
        shown = self.trommel.ok("dataset", "show", "cats")
        for state in ("labeled", "unlabeled", "to_be_confirmed"):
            self.assertEqual(shown[state], sum(row["state"] == state for row in rows))

    def version_bytes(self):
        (version,) = self.trommel.ok("dataset", "versions", "cats")
        return pathlib.Path(version["manifest_path"]).read_bytes(), version["manifest_hash"]

    def test_a_label_is_made_and_edited(self):
        wish = [{"name": "size", "type": "select", "values": ["S", "L"], "default": "S"}, {"name": "note"}]
        made = self.label("create", "cats", "lynx", "--color", "#3399FF", "--shortcut", "l", "--attributes", json.dumps(wish))
        self.assertEqual((made["color"], made["shortcut"], made["position"]), ("#3399ff", "l", 3))
        self.assertEqual(made["attributes"][0], wish[0])
        self.assertEqual(made["attributes"][1], {"name": "note", "type": "text", "default": None, "values": []})
        edited = self.label("edit", "cats", "lynx", "--color", "", "--attributes", "[]")
        self.assertEqual((edited["label"]["color"], edited["label"]["shortcut"], edited["label"]["attributes"]), (None, "l", []))
        for args, code, words in (
            (("create", "cats", "lynx"), 6, "has a label 'lynx' already"), (("edit", "cats", "cat", "--shortcut", "l"), 6, "that of label 'lynx'"),
            (("edit", "cats", "cat", "--color", "blue"), 2, "six hex digits"), (("edit", "cats", "owl", "--name", "x"), 5, "no label 'owl'"),
            (("edit", "cats", "cat", "--name", "lynx"), 6, "already"), (("create", "cats", "x", "--attributes", "{}"), 2, "array"),
            (("delete", "cats", "cat"), 2, "--yes"), (("delete", "cats", "cat", "--policy", "all", "--yes"), 2, "policy"),
        ):  # fmt: skip
            refused = self.trommel.run("dataset", "label", *args, "--json")
            self.assertEqual((refused.code, words in refused.error["message"]), (code, True), refused)
        self.assertEqual(self.set()["cat"], (2, None, None))

    def test_a_dataset_begins_with_labels_that_have_looks(self):
        wish = [{"name": "a", "color": "#010203", "shortcut": "1"}, {"name": "b", "attributes": [{"name": "x"}]}]
        self.trommel.ok("dataset", "create", "new", "--label-set", json.dumps(wish))
        rows = self.trommel.ok("dataset", "show", "new")["labels"]
        self.assertEqual([(row["name"], row["color"], len(row["attributes"])) for row in rows], [("a", "#010203", 0), ("b", None, 1)])
        for bad, pointer in (([{"name": "a"}, {"name": "a"}], "/label_set/1/name"), ([{"colour": "a"}], "/label_set/0"), (["a"], "/label_set/0"),
                             ([{"name": "a", "attributes": [{"name": ""}]}], "/label_set/0/attributes/0")):  # fmt: skip
            refused = self.trommel.run("dataset", "create", "none", "--label-set", json.dumps(bad), "--json")
            self.assertNotEqual(refused.code, 0)
            self.assertTrue(refused.error["pointer"].startswith(pointer), refused)
        self.assertEqual({row["name"] for row in self.trommel.ok("dataset", "list")}, {"cats", "new"})

    def test_a_rename_changes_every_sample_and_no_version(self):
        self.label("edit", "cats", "tom", "--shortcut", "t")
        before, version = self.told(), self.version_bytes()
        preview = self.label("edit", "cats", "tom", "--name", "tomcat", "--preview")["change"]
        self.assertEqual((preview["samples"], preview["annotations"], preview["operation_id"], self.told()), (2, 2, None, before))
        done = self.label("edit", "cats", "tom", "--name", "tomcat")
        self.assertEqual((done["label"]["name"], done["label"]["shortcut"], done["change"]["samples"]), ("tomcat", "t", 2))
        after = {**before, "0": ("labeled", ["tomcat"]), "2": ("labeled", ["tomcat", "cat"])}
        self.assertEqual((self.told(), self.version_bytes()), (after, version))
        self.assertIn(b'"tom"', version[0])
        self.check_counts()
        shown = self.trommel.ok("operation", "list", "--dataset", "cats")[0]
        self.assertEqual((shown["action"], shown["samples"], shown["labels"]), ("rename_label", 2, {"from": "tom", "to": "tomcat"}))
        for _ in range(2):
            self.trommel.ok("operation", "undo", shown["id"])
            self.assertEqual((self.told(), list(self.set())), (before, ["tom", "cat", "dog"]))
            self.trommel.ok("operation", "redo", shown["id"])
            self.assertEqual((self.told(), list(self.set())), (after, ["tomcat", "cat", "dog"]))
        self.check_counts()
        self.assertEqual(self.version_bytes(), version)

    def test_a_merge_leaves_each_class_once(self):
        self.label("edit", "cats", "tom", "--color", "#112233", "--shortcut", "t")
        before = self.told()
        preview = self.label("merge", "cats", "tom", "--into", "cat", "--preview")["change"]
        self.assertEqual(self.told(), before)
        done = self.label("merge", "cats", "tom", "--into", "cat")["change"]
        self.assertEqual({**preview, "preview": False, "operation_id": done["operation_id"]}, done)
        self.assertEqual((done["samples"], done["annotations"], done["duplicates"]), (2, 2, 1))
        after = {**before, "0": ("labeled", ["cat"]), "2": ("labeled", ["cat"])}
        self.assertEqual((self.told(), list(self.set())), (after, ["cat", "dog"]))
        self.check_counts()
        self.trommel.ok("operation", "undo", done["operation_id"])
        self.assertEqual((self.told(), self.set()["tom"]), (before, (2, "#112233", "t")))
        self.check_counts()
        self.trommel.ok("operation", "redo", done["operation_id"])
        self.assertEqual((self.told(), list(self.set())), (after, ["cat", "dog"]))

    def test_deleting_a_label_takes_only_its_annotations(self):
        before = self.told()
        done = self.label("delete", "cats", "tom", "--yes")["change"]
        self.assertEqual((done["samples"], done["unlabeled"], done["removed"]), (2, 1, 0))
        self.assertEqual(self.told(), {**before, "0": ("unlabeled", []), "2": ("labeled", ["cat"])})
        self.check_counts()
        self.trommel.ok("operation", "undo", done["operation_id"])
        self.assertEqual((self.told(), list(self.set())), (before, ["tom", "cat", "dog"]))

    def test_deleting_with_samples_keeps_the_files(self):
        before = self.told()
        done = self.label("delete", "cats", "tom", "--policy", "samples", "--yes")["change"]
        self.assertEqual((done["removed"], done["files_deleted"]), (1, 0))
        self.assertTrue(self.pictures[0].exists())
        self.assertEqual(self.told(), {key: value if key != "2" else ("labeled", ["cat"]) for key, value in before.items() if key != "0"})
        self.trommel.ok("operation", "undo", done["operation_id"])
        self.assertEqual(self.told(), before)
        self.trommel.ok("operation", "redo", done["operation_id"])
        self.assertNotIn("0", self.told())
        self.check_counts()

    def make_doomed(self):
        """Samples of one label: images, a link to one, one of two datasets, one outside, no image, nothing."""
        folder, outside = self.folder / "doomed", self.folder / "outside"
        for path in (folder, outside):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
        names = ["plain.png", "url.png", "shared.png", "link.png", "text.png", "missing.png"]
        for name in ("plain.png", "url.png", "shared.png"):
            shutil.copy(self.pictures[0], folder / name)
        shutil.copy(self.pictures[0], outside / "far.png")
        (folder / "link.png").symlink_to(outside / "far.png")
        (folder / "text.png").write_text("a diary")
        (folder / "way").symlink_to(outside)
        sources = [folder / name for name in names] + [outside / "far.png", folder / "way/far.png", "s3://bucket/far.png"]
        sources[1] = f"file://{sources[1]}"
        lines = [road.labeled(source, "x") for source in sources]
        self.trommel.ok("dataset", "create", "doomed")
        self.trommel.ok("dataset", "import", "doomed", road.write_manifest(self.folder / "doomed.manifest", lines), "--wait")
        self.trommel.ok("dataset", "create", "other")
        self.trommel.ok("dataset", "import", "other", road.write_manifest(self.folder / "o.manifest", [road.labeled(sources[2], "y")]), "--wait")
        return folder, outside

    def test_files_go_only_where_the_roots_let_and_each_that_stays_is_named(self):
        folder, outside = self.make_doomed()
        server = Server(self.trommel, roots=[folder])
        try:
            path = "/api/v1/datasets/doomed/labels/x?policy=files"
            preview = server.ok("DELETE", path + "&preview=true")["change"]
            self.assertEqual((preview["removed"], preview["files_deleted"], (folder / "plain.png").exists()), (9, 0, True))
            done = server.ok("DELETE", path)["change"]
            self.assertEqual((done["removed"], done["files_deleted"], done["files_kept"]), (9, 2, 7))
            self.assertEqual(sorted(file.name for file in folder.iterdir()), ["link.png", "shared.png", "text.png", "way"])
            self.assertTrue((outside / "far.png").exists())
            why = {pathlib.Path(row["source"]).relative_to(self.folder).as_posix() if row["source"][0] == "/" else row["source"]: row["why"]
                   for row in done["kept_files"]}  # fmt: skip
            for source, words in (("doomed/shared.png", "another sample"), ("doomed/link.png", "is a link"), ("doomed/text.png", "is not an image"),
                                  ("doomed/missing.png", "No such file"), ("outside/far.png", "roots"), ("doomed/way/far.png", "leads out"),
                                  ("s3://bucket/far.png", "not a file of this machine")):  # fmt: skip
                self.assertIn(words, why[source])
            undone = server.ok("POST", f"/api/v1/operations/{done['operation_id']}/undo")
            self.assertEqual((undone["done"], (folder / "plain.png").exists()), (9, False))
        finally:
            server.stop()

    def test_the_command_line_says_which_files_stayed(self):
        self.make_doomed()
        done = self.trommel.run("dataset", "label", "delete", "doomed", "x", "--policy", "files", "--yes")
        self.assertEqual((done.code, done.err.count("not deleted: ")), (3, 6), done)
        self.assertIn("shared.png: another sample", done.err)

    def test_the_index_of_the_server_sees_what_changed(self):
        server = Server(self.trommel)
        try:
            def count(label):
                return server.ok("POST", "/api/v1/datasets/cats/samples:query", {"filter": {"label": label}})["total"]

            self.assertEqual((count("tom"), count("cat")), (2, 2))
            renamed = server.ok("PATCH", "/api/v1/datasets/cats/labels/tom", {"name": "tomcat"})["change"]
            self.assertEqual((count("tom"), count("tomcat")), (0, 2))
            merged = server.ok("POST", "/api/v1/datasets/cats/labels/tomcat/merge", {"into": "cat"}, {"Idempotency-Key": "once"})
            self.assertEqual((count("tomcat"), count("cat")), (0, 3))
            again = server.ok("POST", "/api/v1/datasets/cats/labels/tomcat/merge", {"into": "cat"}, {"Idempotency-Key": "once"})
            self.assertEqual(again, merged)
            server.ok("DELETE", "/api/v1/datasets/cats/labels/cat?policy=samples")
            self.assertEqual((count("cat"), server.ok("POST", "/api/v1/datasets/cats/samples:query", {})["total"]), (0, 2))
            problem = server.refused(409, "POST", f"/api/v1/operations/{renamed['operation_id']}/undo")
            self.assertIn("no label 'tomcat' any more", problem["detail"])
        finally:
            server.stop()


class KillTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.prepared, cls.dice = cls.folder / "prepared", random.Random(7)
        trommel = road.Trommel(cls.prepared)
        lines = [road.labeled(f"/pictures/{i}.png", "wren" if i % 3 else "owl") for i in range(MANY)]
        trommel.ok("dataset", "create", "birds")
        trommel.ok("dataset", "import", "birds", road.write_manifest(cls.folder / "birds.manifest", lines), "--wait")
        trommel.ok("dataset", "publish", "birds", "--wait")

    def fresh(self):
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        road.copy_data(self.prepared, data)
        return road.Trommel(data)

    def outcome(self, trommel):
        labels = {row["name"]: row["samples"] for row in trommel.ok("dataset", "label", "list", "birds")}
        shown = trommel.ok("dataset", "show", "birds")
        facets = trommel.ok("samples", "facets", "birds")["facets"]["labels"]  # counted from the rows
        found = {row["value"]: row["samples"] for row in facets if row["samples"]}
        operations = [(row["action"], row["samples"]) for row in trommel.ok("operation", "list")]
        return labels, (shown["labeled"], shown["unlabeled"]), found, operations

    def check_killed(self, *command):
        trommel = self.fresh()
        before, start = self.outcome(trommel), time.monotonic()
        trommel.ok("dataset", "label", *command)
        seconds, after = time.monotonic() - start, self.outcome(trommel)
        self.assertNotEqual(before, after)
        kills = 0
        for _ in range(TRIES):
            trommel = self.fresh()
            process = trommel.start("dataset", "label", *command)
            time.sleep(self.dice.uniform(0.2, 0.95) * seconds)
            process.kill()
            process.communicate()
            if process.returncode != -signal.SIGKILL:
                continue
            self.assertIn(self.outcome(trommel), (before, after))
            kills += 1
            if kills == KILLS:
                break
        self.assertEqual(kills, KILLS)
        road.note(f"{command[0]} of {after[3][0][1]} samples in {seconds:.2f} s")

    def test_a_rename_that_is_killed_was_done_or_not_at_all(self):
        self.check_killed("edit", "birds", "wren", "--name", "wran")

    def test_a_merge_that_is_killed_was_done_or_not_at_all(self):
        self.check_killed("merge", "birds", "owl", "--into", "wren")


if __name__ == "__main__":
    road.main()
