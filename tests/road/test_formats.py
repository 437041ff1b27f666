#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Datasets out to every format and in again, by commands."""
import csv
import json
import os
import pathlib
import re
import unittest

import road

WIDTH, HEIGHT = 48, 40
CLASSES = ("csv", "imagenet", "image_txt", "modelarts", "sagemaker")
BOXES = ("coco", "csv", "modelarts", "sagemaker", "voc", "yolo")
ELSEWHERE = ("coco", "csv", "modelarts", "sagemaker")
DATA = os.environ.get("TROMMEL_TEST_DATA")


def shapes(row):
    return sorted((label["name"], json.dumps(label.get("shape"))) for label in row["labels"])


def told(rows, usage=True):
    """What every format holds of labeled samples: names, usage, labels and boxes."""
    return sorted((pathlib.Path(row["source"]).stem.split("-")[0], row["usage"] if usage else None, shapes(row)) for row in rows)


class FormatsTest(unittest.TestCase):
    def setUp(self):
        self.folder = road.temp_folder(type(self))
        self.trommel = road.Trommel(self.folder / "data")
        self.ok = self.trommel.ok

    def fails(self, *args):
        done = self.trommel.run(*args, "--json")
        self.assertNotEqual(done.code, 0, done)
        return str(done)

    def make(self, kind, count=12):
        """A CSV of pictures, imported as dataset d."""
        pictures = self.folder / "in"
        pictures.mkdir()
        rows = [["path", "label", "usage"] + (["xmin", "ymin", "xmax", "ymax"] if kind == "det" else [])]
        for i in range(count):
            name = f"{'ab'[i % 2]}/p{i // 2}.png"
            (pictures / name).parent.mkdir(exist_ok=True)
            (pictures / name).write_bytes(road.picture(i, WIDTH, HEIGHT))
            row = [name, ("cat", "say \"no\", twice", "ü")[i % 3], ("train", "val", "test")[i % 4 % 3]]
            rows.append(row + ([1 + i, 2, 20 + i, 30.5] if kind == "det" else []))
        with open(self.folder / "in.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\r\n").writerows(rows)
        self.ok("dataset", "create", "d", "--type", kind)
        return self.bring("d", self.folder / "in.csv", "--images", pictures)

    def bring(self, dataset, path, *options):
        done = self.trommel.run("dataset", "import", dataset, path, *options, "--wait", "--json")
        self.assertIn(done.code, (0, 3), done)  # 3: some were bad
        return done.json[0]["result"]

    def take(self, folder, *options):
        [task] = self.ok("dataset", "export", "d", folder, *options, "--wait")
        return task["result"]

    def both_ways(self, kind, formats):
        result = self.make(kind)
        self.assertEqual((result["added"], result["bad"], result["format"]), (12, 0, "csv"))
        wanted = self.trommel.samples("d")
        for images in ("copy", "link", "none"):
            for layout in ("tree", "flat"):
                for name in formats:
                    if images == "none" and name not in ELSEWHERE:
                        continue
                    with self.subTest(format=name, layout=layout, images=images):
                        place = f"{name}-{layout}-{images}"
                        out = self.take(self.folder / place, "--format", name, "--layout", layout, "--images", images)
                        self.assertEqual((out["exported"], out["left_out"]), (12, 0))
                        self.ok("dataset", "create", place, "--type", kind)
                        result = self.bring(place, self.folder / place)
                        self.assertEqual((result["format"], result["added"], result["bad"], result["bad_lines"]), (name, 12, 0, []))
                        usage = layout == "tree" or name in ("csv", "modelarts", "sagemaker")
                        rows = self.trommel.samples(place)
                        self.assertEqual(told(rows, usage), told(wanted, usage))
                        self.assertEqual(self.bring(place, self.folder / place)["unchanged"], 12)
                        for row in rows:
                            self.assertEqual(pathlib.Path(row["source"]).read_bytes()[:4], b"\x89PNG")
        self.assertEqual([path for path in self.folder.iterdir() if ".partial" in path.name], [])

    def test_classes_go_out_and_come_in_by_every_format(self):
        self.both_ways("cls", CLASSES)

    def test_boxes_go_out_and_come_in_by_every_format(self):
        self.both_ways("det", BOXES)

    def test_a_version_is_exported_as_it_was_published(self):
        self.make("det", 6)
        self.ok("dataset", "publish", "d", "--wait")
        before = told(self.trommel.samples("d"))
        self.ok("samples", "exclude", self.trommel.samples("d")[0]["id"])
        self.take(self.folder / "out", "--format", "coco", "--version", "V001")
        self.ok("dataset", "create", "e", "--type", "det")
        self.bring("e", self.folder / "out")
        self.assertEqual(told(self.trommel.samples("e")), before)

    def test_a_folder_that_holds_something_is_refused_and_left_alone(self):
        self.make("cls", 2)
        (self.folder / "out").mkdir()
        (self.folder / "out" / "mine.txt").write_text("mine")
        said = self.fails("dataset", "export", "d", self.folder / "out", "--format", "csv", "--wait")
        self.assertRegex(said, "not empty")
        self.assertEqual([path.name for path in (self.folder / "out").iterdir()], ["mine.txt"])
        self.assertEqual([path for path in self.folder.iterdir() if ".partial" in path.name], [])

    def test_what_a_format_cannot_hold_is_left_out_and_listed(self):
        self.make("cls", 3)
        sample = self.trommel.samples("d")[0]
        self.ok("samples", "annotate", sample["id"], "--labels", "cat", "--labels", "ü")
        out = self.take(self.folder / "out", "--format", "imagenet")
        self.assertEqual((out["exported"], out["left_out"]), (2, 1))
        self.assertEqual(out["left_out_samples"][0]["source"], sample["source"])
        self.assertRegex(out["left_out_samples"][0]["reason"], "one label")

    def test_a_split_deals_each_label_and_the_same_seed_deals_the_same(self):
        self.make("cls", 24)
        counts = []
        for place, seed in (("x", 1), ("y", 1)):
            self.take(self.folder / place, "--format", "imagenet", "--train-ratio", "0.75", "--seed", seed)
            counts.append(sorted(str(path.relative_to(self.folder / place)) for path in (self.folder / place).rglob("*.png")))
        self.assertEqual(counts[0], counts[1])
        for label in ("cat", "ü"):
            self.assertEqual(len([name for name in counts[0] if name.startswith(f"train/{label}/")]), 6)
            self.assertEqual(len([name for name in counts[0] if name.startswith(f"val/{label}/")]), 2)

    def test_the_dataset_and_its_version_are_split_as_publishing_splits(self):
        self.make("cls", 24)
        self.ok("dataset", "publish", "d", "--train-ratio", "0.5", "--seed", 7, "--wait")
        lines = road.json_lines(self.ok("dataset", "version", "show", "d", "V001")["manifest_path"])
        wanted = {pathlib.Path(line["source"]).read_bytes(): line["usage"].upper() for line in lines}
        self.assertEqual(set(wanted.values()), {"TRAIN", "EVAL"})
        for place, options in (("live", ()), ("version", ("--version", "V001"))):
            self.take(self.folder / place, "--format", "imagenet", "--train-ratio", "0.5", "--seed", 7, *options)
            found = {path.read_bytes(): {"train": "TRAIN", "val": "EVAL"}[path.parts[-3]] for path in (self.folder / place).rglob("*.png")}
            self.assertTrue(found == wanted, place)

    def test_labels_are_chosen_when_importing(self):
        self.make("det", 6)
        self.take(self.folder / "out", "--format", "yolo")
        for name, options, count in (("i", ("--include-labels", "cat"), 2), ("e", ("--exclude-labels", "cat"), 4)):
            self.ok("dataset", "create", name, "--type", "det")
            result = self.bring(name, self.folder / "out", *options)
            self.assertEqual((result["added"], result["filtered"]), (count, 6 - count))
        said = self.fails("dataset", "import", "d", self.folder / "out", "--difficult-only", "--wait")
        self.assertRegex(said, "does not say what is hard")

    def test_bad_entries_are_told_with_their_file_and_stop_only_when_asked(self):
        self.make("det", 4)
        self.take(self.folder / "out", "--format", "yolo", "--layout", "flat")
        bad = sorted((self.folder / "out" / "labels").iterdir())[0]
        bad.write_text("0 nan 0 1 1\n")
        self.ok("dataset", "create", "e", "--type", "det")
        result = self.bring("e", self.folder / "out")
        self.assertEqual((result["added"], result["bad"]), (3, 1))
        self.assertRegex(result["bad_lines"][0]["reason"], re.escape(str(bad)) + ": line 1")
        said = self.fails("dataset", "import", "e", self.folder / "out", "--stop-at-bad-line", "--wait")
        self.assertRegex(said, "line 1")

    @unittest.skipUnless(DATA, "TROMMEL_TEST_DATA is not set: no real datasets to read")
    def test_real_datasets_go_through_every_format(self):
        data = pathlib.Path(DATA)
        for name, path, options in (("coco", data / "coco-ccby/annotations.json", ()), ("voc", data / "bccd", ())):
            if not path.exists():
                road.note(f"{path} is not there")
                continue
            self.ok("dataset", "create", f"d-{name}", "--type", "det")
            result = self.bring(f"d-{name}", path, *options)
            self.assertGreater(result["added"], 50)
            wanted = told(self.trommel.samples(f"d-{name}"))
            for other in BOXES:
                with self.subTest(source=name, format=other):
                    place = f"{name}-{other}"
                    self.ok("dataset", "export", f"d-{name}", self.folder / place, "--format", other, "--images", "copy", "--wait")
                    self.ok("dataset", "create", place, "--type", "det")
                    self.bring(place, self.folder / place)
                    found = told(self.trommel.samples(place))
                    held = [row for row in wanted if row[2] or other != "csv"]  # a CSV cannot say that there is nothing
                    self.assertEqual([(row[0], len(row[2])) for row in found], [(row[0], len(row[2])) for row in held])


if __name__ == "__main__":
    road.main()
