#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile file names walk the whole road byte for byte, and a folder of awkward files ends as its list says."""
import csv
import os
import pathlib
import re
import unittest

import road

DATA = pathlib.Path(os.environ["TROMMEL_TEST_DATA"]) / "nasty" if "TROMMEL_TEST_DATA" in os.environ else None
NAMES = [
    "-rf.jpg", ".hidden.jpg", "=cmd()|calc.jpg", "UPPER.JPG", "a%2Fb.jpg", "comma,semi;colon.jpg", 'quote\'s "double".jpg',
    "with space.jpg", "ünïcödé_日本.jpg", "%s%n%d.jpg", "..jpg", "$(touch x).jpg", "--help", "\u202egpj.exe.jpg",
]  # fmt: skip
# The list calls it fine, but every CR byte in it is missing: its pixels are damaged.
DAMAGED = {"exif_bad/hopper_bad_exif.jpg"}
LABELS = "t-shirt-top,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle-boot"


def path_of(source):
    """A file's name as bytes, from a source."""
    if not source.startswith("file://"):
        return os.fsencode(source)
    return re.sub(rb"%([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), source[7:].encode())


class NamesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.ok = staticmethod(cls.trommel.ok)
        cls.trommel.import_garments()
        cls.input = cls.folder / "in"
        cls.make_names()
        everything = sorted(path for path in cls.input.rglob("*") if path.is_file())
        cls.manifest = road.write_manifest(cls.folder / "in.manifest", [{"source": str(path)} for path in everything])
        cls.paths = [os.fsencode(path) for path in everything]

    @classmethod
    def make_names(cls):
        """Real JPEGs where there are test data, pictures of our own under all other names."""
        cls.input.mkdir()
        for i, name in enumerate(NAMES):
            (cls.input / name).write_bytes(road.picture(i))
        for real in sorted((DATA / "names").iterdir()) if DATA else []:
            (cls.input / real.name).write_bytes(real.read_bytes() + bytes([0]) * len(real.name))

    def run_service(self, name, source, *more, code=0):
        output = self.folder / f"out-{name}"
        deploy = ("service", "deploy", "--name", name, "--model", "garments", "--input", source, "--output", output)
        done = self.trommel.run(*deploy, *more, "--wait", "--json")
        self.assertEqual(done.code, code, done)
        task = done.json[0]
        return task, road.json_lines(output / f"infer-result-{task['id']}.manifest")

    def assert_results(self, task, lines, output, paths):
        self.assertEqual([path_of(line["source"]) for line in lines], paths)
        self.assertEqual({line["result"] for line in lines}, {"SUCCESSFUL"})
        place = os.fsencode(self.folder / output / f"infer-result-{task['id']}")
        expected = [os.path.join(place, os.path.basename(path) + b"_result.txt") for path in paths]
        self.assertEqual([path_of(line["inference-loc"]) for line in lines], expected)
        for path in expected:
            self.assertTrue(os.path.isfile(path), path)

    def test_a_listed_folder_gives_all_names_that_are_not_hidden(self):
        task, lines = self.run_service("listing", self.input)
        self.assert_results(task, lines, "out-listing", [path for path in self.paths if b"/." not in path])

    def test_names_come_byte_for_byte_through_mining_confirming_publishing_and_importing(self):
        task, lines = self.run_service(
            "s", self.manifest, "--hard-examples", "--create", "hard", "--algo-hard-threshold", 0, "--group=false"
        )
        self.assert_results(task, lines, "out-s", self.paths)
        rows = self.trommel.samples("hard")
        self.assertEqual(sorted(path_of(row["source"]) for row in rows), self.paths)
        for row in rows[:3]:
            self.assertEqual(self.ok("samples", "show", row["id"])["source"], row["source"])
        self.ok("samples", "confirm", *(row["id"] for row in rows))
        published = self.ok("dataset", "publish", "hard", "--wait")[0]["result"]["manifest_path"]
        self.assertEqual(sorted(path_of(line["source"]) for line in road.json_lines(published)), self.paths)
        self.ok("dataset", "create", "copy", "--labels", LABELS)
        self.ok("dataset", "import", "copy", published, "--wait")
        self.assertEqual(sorted(path_of(row["source"]) for row in self.trommel.samples("copy")), self.paths)
        again = self.ok("dataset", "publish", "copy", "--wait")[0]["result"]["manifest_path"]
        self.assertEqual(sorted(path_of(line["source"]) for line in road.json_lines(again)), self.paths)

    def test_a_table_shows_each_name_in_one_cell(self):
        self.run_service("t", self.manifest)
        self.ok("sample", "sync", "t", "--create", "raw", "--wait")
        table = self.trommel.run("samples", "list", "raw", "--limit", 100, "--sort", "source", "--columns", "source")
        rows = self.trommel.samples("raw", "--sort", "source")
        shown = [re.sub(r"[\x00-\x1f\x7f]", "?", row["source"]) for row in rows]
        self.assertEqual(table.out.splitlines()[1:], shown)
        self.assertEqual(sorted(path_of(row["source"]) for row in rows), self.paths)

    def test_the_folder_of_awkward_files_ends_as_its_list_says(self):
        if not DATA:
            self.skipTest("TROMMEL_TEST_DATA names no folder of test data")
        with open(DATA / "manifest.csv", newline="", encoding="utf-8") as file:
            expected = {row["file"]: row["expect"] for row in csv.DictReader(file)}
        listed = road.write_manifest(
            self.folder / "nasty.manifest", [{"source": str(DATA / name)} for name in expected]
        )
        task, lines = self.run_service("nasty", listed, code=3)
        self.assertEqual(task["result"]["images"], len(expected))
        found = {os.path.relpath(line["source"], DATA): line for line in lines}
        self.assertEqual(list(found), list(expected))
        for name, expect in expected.items():
            line = found[name]
            is_done = line["result"] == "SUCCESSFUL"
            if not is_done:
                self.assertTrue(line["error_message"], name)
            if name in DAMAGED or expect.split("_or_")[0] in ("partial", "fail", "reject_limits"):
                self.assertFalse(is_done, name)
            elif expect == "ok" or expect.startswith("ok_upright"):
                self.assertTrue(is_done, line)


if __name__ == "__main__":
    road.main()
