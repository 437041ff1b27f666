#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Looking into the folders that requests may name."""
import unittest
import urllib.parse

import road
from road_http import Server


class PathsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.root = cls.folder / "root"
        road.make_pictures(cls.root / "in" / "deep", 6)
        (cls.root / "in" / ".hidden").mkdir()
        (cls.root / "in" / ".hidden" / "a.png").write_bytes(b"x")
        (cls.root / "in" / "words.txt").write_text("no image")
        (cls.root / "list.manifest").write_text('{"source":"/a.png"}\n\n{"source":"/b.png"}')
        (cls.folder / "outside").mkdir()
        (cls.root / "way").symlink_to("../outside")
        cls.server = Server(road.Trommel(cls.folder / "data"), roots=[cls.root])

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def show(self, path, files="manifest"):
        return self.server.ok("GET", f"/api/v1/paths?files={files}&path={urllib.parse.quote(str(path))}")

    def test_without_a_path_the_roots_are_shown(self):
        self.assertEqual([row["path"] for row in self.server.ok("GET", "/api/v1/paths")["folders"]], [str(self.root)])

    def test_a_folder_shows_what_is_in_it_and_counts_the_images_below(self):
        shown = self.show(self.root)
        self.assertEqual([row["name"] for row in shown["folders"]], ["in"])
        self.assertEqual([row["name"] for row in shown["files"]], ["list.manifest"])
        self.assertEqual((shown["images"], shown["is_complete"], shown["parent"]), (6, True, None))
        self.assertEqual(self.show(self.root / "in")["parent"], str(self.root))
        self.assertEqual(len(self.show(self.root / "in" / "deep", "image")["files"]), 6)
        for name in ("boxes.JSON", "rows.csv", "notes.txt"):
            (self.root / name).write_text("{}")
        self.assertEqual([row["name"] for row in self.show(self.root, "dataset")["files"]], ["boxes.JSON", "list.manifest", "rows.csv"])
        self.assertEqual(self.show(self.root, "none")["files"], [])

    def test_a_manifest_counts_its_lines(self):
        self.assertEqual(self.show(self.root / "list.manifest")["images"], 2)

    def test_nothing_outside_is_shown(self):
        for path in ("/etc", self.folder / "data", self.root / "way", self.root / ".." / "outside"):
            problem = self.server.refused(403, "GET", f"/api/v1/paths?path={urllib.parse.quote(str(path))}")
            self.assertEqual(problem["errors"][0]["pointer"], "/path")
        self.assertIn("nothing", self.server.refused(400, "GET", f"/api/v1/paths?path={self.root}/nothing")["detail"])


if __name__ == "__main__":
    road.main()
