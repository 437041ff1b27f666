#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Duplicates in a dataset and across two: copies, images that look the same, leaks and contradictions."""

import unittest

import road
from road_http import Server


class DuplicatesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        pictures = road.make_pictures(cls.folder / "in", 12)
        cls.a, cls.b, cls.c = (pictures / f"000{i}.png" for i in range(3))
        cls.copy, cls.near, cls.broken = (pictures / f"{name}.png" for name in ("copy", "near", "broken"))
        cls.copy.write_bytes(cls.a.read_bytes())
        cls.near.write_bytes(cls.b.read_bytes() + b"\0")  # other bytes, the same pixels
        cls.broken.write_text("no image")
        special = {cls.copy: ("x", "EVAL"), cls.near: ("y", "TRAIN")}
        sources = sorted(pictures.rglob("*.png"))
        lines = [road.labeled(path, special.get(path, ("x", ""))[0], usage=special.get(path, ("", "TRAIN"))[1]) for path in sources]
        for name, some in (("d", lines), ("other", [road.labeled(cls.folder / "held/out.png", "x", usage="TEST")])):
            cls.trommel.ok("dataset", "create", name)
            cls.trommel.ok("dataset", "import", name, road.write_manifest(cls.folder / f"{name}.manifest", some), "--wait")
        (cls.folder / "held").mkdir()
        (cls.folder / "held/out.png").write_bytes(cls.c.read_bytes())

    def find(self, *args):
        (task,) = self.trommel.ok("dataset", "duplicates", *args, "--wait")
        return task["result"], task["id"]

    def test_leaks_and_contradictions_are_named_first(self):
        told, task = self.find("d")
        self.assertEqual({name: told[name] for name in ("compared", "unreadable", "groups", "exact", "near", "leaks", "contradictions")},
                         {"compared": 14, "unreadable": 1, "groups": 2, "exact": 1, "near": 1, "leaks": 1, "contradictions": 1})
        self.assertEqual([row["source"] for row in told["unreadable_samples"]], [str(self.broken)])
        leak, contradiction = self.trommel.ok("task", "duplicates", task)
        self.assertEqual((leak["kind"], leak["words"]), ("exact", "leak"))
        self.assertEqual({(row["source"], row["usage"]) for row in leak["samples"]}, {(str(self.a), "TRAIN"), (str(self.copy), "EVAL")})
        self.assertEqual((contradiction["kind"], contradiction["words"]), ("near", "contradiction"))
        self.assertEqual({(row["source"], *row["labels"]) for row in contradiction["samples"]}, {(str(self.b), "x"), (str(self.near), "y")})

    def test_across_two_datasets(self):
        told, task = self.find("d", "--against", "other")
        self.assertEqual((told["groups"], told["leaks"], told["against"]), (1, 1, "other"))
        (group,) = self.trommel.ok("task", "duplicates", task)
        self.assertEqual({(row["dataset"], row["source"]) for row in group["samples"]}, {("d", str(self.c)), ("other", str(self.folder / "held/out.png"))})
        refused = self.trommel.run("dataset", "duplicates", "d", "--against", "d", "--json")
        self.assertEqual(refused.error["pointer"], "/against")
        self.assertNotEqual(self.trommel.run("dataset", "duplicates", "d", "--distance", 12).code, 0)

    def test_the_second_search_reads_no_image(self):
        told, _ = self.find("d")
        hidden = self.folder / "hidden"
        (self.folder / "in").rename(hidden)
        try:
            again, _ = self.find("d")
        finally:
            hidden.rename(self.folder / "in")
        for name in ("compared", "groups", "leaks", "unreadable"):
            self.assertEqual(again[name], told[name], name)

    def test_pages_over_http(self):
        _, task = self.find("d")
        server = Server(self.trommel, "--task-workers", "0")
        try:
            path = f"/api/v1/tasks/{task}/duplicates"
            first = server.ok("GET", f"{path}?limit=1")
            second = server.ok("GET", f"{path}?limit=1&cursor={first['next_cursor']}")
            self.assertEqual([page["groups"][0]["words"] for page in (first, second)], ["leak", "contradiction"])
            self.assertIsNone(second["next_cursor"])
            server.refused(400, "GET", f"{path}?cursor=1")
            server.refused(400, "GET", f"{path}?cursor=99999999")
            other = server.ok("GET", "/api/v1/tasks?kind=import_manifest")["tasks"][0]["id"]
            server.refused(400, "GET", f"/api/v1/tasks/{other}/duplicates")
        finally:
            server.stop()


if __name__ == "__main__":
    road.main()
