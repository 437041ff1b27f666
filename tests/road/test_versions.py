#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Published versions: split into training and evaluation, and compared with each other."""

import collections
import unittest

import road


class VersionsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.trommel.ok("dataset", "create", "d")
        lines = [road.labeled(f"/nowhere/{i:02}.png", "ab"[i % 2]) for i in range(40)]
        cls.trommel.ok("dataset", "import", "d", road.write_manifest(cls.folder / "m.manifest", lines), "--wait")

    def publish(self, *args):
        (task,) = self.trommel.ok("dataset", "publish", "d", *args, "--wait")
        return task["result"]["version"], road.json_lines(task["result"]["manifest_path"])

    def test_a_split_is_stratified_and_the_same_for_a_seed(self):
        split = ("--train-ratio", 0.75, "--seed", 7)
        (name, lines), (_, again) = self.publish(*split), self.publish(*split)
        counts = collections.Counter((line["usage"], line["annotation"][0]["name"]) for line in lines)
        self.assertEqual(counts, {("train", "a"): 15, ("train", "b"): 15, ("eval", "a"): 5, ("eval", "b"): 5})
        self.assertEqual(lines, again)
        (shown,) = [row for row in self.trommel.ok("dataset", "versions", "d") if row["name"] == name]
        self.assertEqual((shown["train_ratio"], shown["seed"]), (0.75, 7))
        _, other = self.publish("--train-ratio", 0.75, "--seed", 8)
        self.assertNotEqual([line["usage"] for line in lines], [line["usage"] for line in other])
        name, plain = self.publish()
        self.assertFalse(any("usage" in line for line in plain))
        (shown,) = [row for row in self.trommel.ok("dataset", "versions", "d") if row["name"] == name]
        self.assertEqual((shown["train_ratio"], shown["seed"]), (None, None))

    def test_what_cannot_be_split_is_refused_with_the_reason(self):
        self.trommel.ok("dataset", "create", "poor")
        lines = [road.labeled(f"/nowhere/{i}.png", "rare") for i in range(4)]
        self.trommel.ok("dataset", "import", "poor", road.write_manifest(self.folder / "p.manifest", lines), "--wait")
        done = self.trommel.run("dataset", "publish", "poor", "--train-ratio", 0.5, "--wait")
        self.assertNotEqual(done.code, 0)
        self.assertIn("at least 5 labeled samples of each label, and 'rare' has 4", done.err)
        self.assertEqual(self.trommel.ok("dataset", "versions", "poor"), [])

    def test_versions_are_compared(self):
        before, _ = self.publish()
        source = "/nowhere/00.png"
        (row,) = [row for row in self.trommel.samples("d") if row["source"] == source]
        self.trommel.ok("samples", "annotate", row["id"], "--labels", "b")
        after, _ = self.publish()
        try:
            said = self.trommel.ok("dataset", "version", "diff", "d", before, after)
            self.assertEqual({name: said["diff"][name] for name in ("added", "removed", "relabelled", "usage", "unchanged")},
                             {"added": 0, "removed": 0, "relabelled": 1, "usage": 0, "unchanged": 39})
            self.assertEqual(said["diff"]["classes"], [{"name": "a", "gained": 0, "lost": 1}, {"name": "b", "gained": 1, "lost": 0}])
            (change,) = said["changes"]
            self.assertEqual((change["source"], change["labels_before"], change["labels_after"]), (source, ["a"], ["b"]))
            table = self.trommel.run("dataset", "version", "diff", "d", before, after).out.splitlines()
            self.assertEqual(table[1].split("\t"), ["relabelled", "a", "b", "", "", source])
            split, _ = self.publish("--train-ratio", 0.5)
            self.assertEqual(self.trommel.ok("dataset", "version", "diff", "d", after, split, "--limit", 0)["diff"]["usage"], 40)
        finally:
            self.trommel.ok("samples", "annotate", row["id"], "--labels", "a")
        self.assertEqual(self.trommel.run("dataset", "version", "diff", "d", before, "none", "--json").error["pointer"], "/to")


if __name__ == "__main__":
    road.main()
