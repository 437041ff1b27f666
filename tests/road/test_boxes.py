#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Datasets of boxes: annotation files in, decided by commands, published, and in again."""
import glob
import json
import os
import pathlib
import re
import shutil
import unittest
import xml.etree.ElementTree as xml

import road

WIDTH, HEIGHT = 48, 40
SAMPLES_KILLED = 400
DATA = os.environ.get("TROMMEL_TEST_DATA")


def box(name, *sides, more=""):
    children = "".join(f"<{side}>{value}</{side}>" for side, value in zip(("xmin", "ymin", "xmax", "ymax"), sides))
    return f"<object><name>{name}</name>{more}<bndbox>{children}</bndbox></object>"


def voc(*objects, size=(WIDTH, HEIGHT), more=""):
    width, height = size
    size_xml = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>" if width else ""
    return f"<annotation>{size_xml}{more}{''.join(objects)}</annotation>"


def line(source, loc, **members):
    annotation = {"type": "modelarts/object_detection", "annotation-loc": str(loc), "annotation-format": "PASCAL VOC"}
    return {"source": str(source), "annotation": [annotation], **members}


def bare(row):
    """What of a sample must not change from one dataset to its copy: all that has a place in a manifest."""
    own = ("id", "created", "updated", "revision", "origin", "evidence", "content_hash")
    return {name: row[name] for name in row if name not in own}


class BoxesTest(unittest.TestCase):
    def setUp(self):
        self.folder = road.temp_folder(type(self))
        self.input = self.folder / "in"
        self.input.mkdir()
        self.trommel = road.Trommel(self.folder / "data")
        self.ok, self.refused = self.trommel.ok, self.trommel.refused
        self.lines = []
        self.ok("dataset", "create", "d", "--type", "det")

    def add(self, name, text, picture=True, **members):
        source, loc = self.input / f"{name}.png", self.folder / f"{name}.xml"
        source.parent.mkdir(parents=True, exist_ok=True)
        loc.parent.mkdir(parents=True, exist_ok=True)
        if picture:
            source.write_bytes(road.picture(len(self.lines), WIDTH, HEIGHT))
        loc.write_text(text)
        self.lines.append(line(source, f"{name}.xml", **members))
        return str(source)

    def manifest(self):
        return road.write_manifest(self.folder / "x.manifest", self.lines)

    def imported(self, *more, dataset="d", code=0):
        done = self.trommel.run("dataset", "import", dataset, self.manifest(), *more, "--wait", "--json")
        self.assertEqual(done.code, code, done)
        return done.json[0]["result"]

    def published(self, *more, dataset="d"):
        result = self.ok("dataset", "publish", dataset, *more, "--wait")[0]["result"]
        return result, pathlib.Path(result["manifest_path"])

    def rows(self, dataset="d"):
        return {row["source"]: row for row in self.trommel.samples(dataset)}

    def counts(self, dataset="d"):
        shown = self.ok("dataset", "show", dataset)
        return tuple(shown[name] for name in ("samples", "unlabeled", "to_be_confirmed", "labeled", "hard"))

    def assert_copy_is_equal(self, manifest, dataset="d"):
        self.ok("dataset", "create", "copy", "--type", "det")
        result = self.ok("dataset", "import", "copy", manifest, "--wait")[0]["result"]
        self.assertEqual((result["bad"], result["boxes_clipped"], result["boxes_dropped"], result["sizes_repaired"]), (0, 0, 0, 0))
        mine, other = self.rows(dataset), self.rows("copy")
        self.assertEqual(sorted(mine), sorted(other))
        for source, row in mine.items():
            self.assertEqual(bare(other[source]), bare(row))

    # ---- in and out ----

    def test_what_is_imported_is_published_and_imports_as_it_was(self):
        shapes = (
            "<object><name>p</name><polygon><x1>1</x1><y1>2</y1><x2>9</x2><y2>2.5</y2><x3>5</x3><y3>9</y3></polygon></object>"
            "<object><name>l</name><line><x1>1</x1><y1>2</y1><x2>9</x2><y2>2</y2></line></object>"
            "<object><name>o</name><circle><cx>9</cx><cy>9</cy><r>30</r></circle></object>"
            "<object><name>x</name><point><x1>70</x1><y1>4</y1></point></object>"
        )
        extras = "<pose>Left</pose><difficult>1</difficult><part><name>door</name></part><confidence>0.5</confidence>"
        first = self.add("a/1", voc(box("car", 1, 2, 30, 40, more=extras), shapes, more="<folder>F</folder><path>/p</path>"),
                         usage="train", property={"k": 1}, hard="true", **{"hard-coefficient": 0.5, "hard-reasons": "7-1"})  # fmt: skip
        second = self.add("b/1", voc(box("tree", 1, 2, 30, 40), box("tree", 3, 4, 5, 6)))
        nothing = self.add("c", voc())
        self.lines.append({"source": str(self.input / "unlabeled.png")})
        result = self.imported()
        self.assertEqual((result["added"], result["bad"], result["box_notes"]), (4, 0, []))
        self.assertEqual(self.counts(), (4, 1, 0, 3, 1))
        rows = self.rows()
        self.assertEqual([label["name"] for label in rows[first]["labels"]], ["car", "p", "l", "o", "x"])
        self.assertEqual(rows[first]["labels"][0]["shape"],
                         {"@modelarts:shape": "bndbox", "@modelarts:feature": [[1, 2], [30, 40]]})  # fmt: skip
        self.assertEqual((rows[nothing]["state"], rows[nothing]["labels"]), ("labeled", []))
        labels = {label["name"]: (label["samples"], label["annotations"]) for label in self.ok("dataset", "show", "d")["labels"]}
        self.assertEqual(labels, {"car": (1, 1), "p": (1, 1), "l": (1, 1), "o": (1, 1), "x": (1, 1), "tree": (1, 2)})
        self.assertEqual(list(self.rows_by("--label", "tree")), [second])

        result, manifest = self.published("--hard-attributes")
        self.assertEqual((result["samples"], result["labeled"]), (4, 3))
        lines = road.json_lines(manifest)
        files = [each["annotation"][0]["annotation-loc"] for each in lines if "annotation" in each]
        self.assertEqual(len(set(files)), 3)
        self.assertEqual({os.path.dirname(path) for path in files}, {str(manifest.parent / "annotation")})
        self.assertEqual(sorted(os.listdir(manifest.parent / "annotation")), sorted(map(os.path.basename, files)))
        (hard,) = [each for each in lines if each["source"] == first]
        self.assertEqual((hard["hard"], hard["annotation"][0]["hard-reasons"], hard["usage"]), ("true", "7-1", "train"))
        self.assertEqual(hard["annotation"][0]["annotated-by"], "human")
        found = xml.parse(hard["annotation"][0]["annotation-loc"]).getroot()
        self.assertEqual([found.findtext(name) for name in ("folder", "filename", "path")], ["F", "1.png", "/p"])
        self.assertEqual({each.findtext("difficult") for each in found.iter("object")}, {"1"})
        self.assertEqual(found.find("object").findtext("part/name"), "door")
        self.assert_copy_is_equal(manifest)

    def rows_by(self, *filters):
        return {row["source"]: row for row in self.trommel.samples("d", *filters)}

    def test_a_version_may_be_moved_with_its_data_folder(self):
        self.add("1", voc(box("car", 1, 2, 30, 40)))
        self.imported()
        _, manifest = self.published()
        moved = self.folder / "moved"
        shutil.move(manifest.parent, moved)
        self.assert_copy_is_equal(moved / manifest.name)

    def test_publishing_killed_is_done_again_and_leaves_a_whole_version(self):
        for i in range(SAMPLES_KILLED):
            self.add(f"{i}", voc(box("car", 1, 2, 30, 40)), picture=False)
        self.imported()
        for _ in range(20):
            process = self.trommel.start("dataset", "publish", "d", "--wait")
            while process.poll() is None and len(glob.glob(f"{self.trommel.data}/store/datasets/*/annotation/*/annotation/*")) < 50:
                pass
            process.kill()
            process.communicate()
            if process.returncode != 0:
                break
        self.assertEqual(self.ok("dataset", "versions", "d"), [])
        result, manifest = self.published()
        self.assertEqual((result["version"], result["labeled"]), ("V001", SAMPLES_KILLED))
        self.assert_copy_is_equal(manifest)

    @unittest.skipUnless(DATA, "TROMMEL_TEST_DATA names no folder with test data")
    def test_real_annotations_of_blood_cells_come_back_equal(self):
        names = sorted(pathlib.Path(DATA, "bccd/annotations").glob("*.xml"))
        self.lines = [line(f"{DATA}/bccd/images/{name.stem}.jpg", name) for name in names]
        result = self.imported()
        self.assertEqual((result["added"], result["bad"], result["boxes_dropped"]), (len(names), 0, 2))
        self.assertEqual({note["what"] for note in result["box_notes"]}, {"dropped: it has no area"})
        before = sum(len(xml.parse(name).getroot().findall("object")) for name in names)
        self.assertEqual(sum(len(row["labels"]) for row in self.trommel.samples("d")), before - 2)
        _, manifest = self.published()
        for each in road.json_lines(manifest):
            theirs = xml.parse(f"{DATA}/bccd/annotations/{pathlib.Path(each['source']).stem}.xml").getroot()
            ours = xml.parse(each["annotation"][0]["annotation-loc"]).getroot()
            self.assertEqual(self.facts(ours), self.facts(theirs))
        self.assert_copy_is_equal(manifest)

    def facts(self, root):
        """All that a file says, without boxes of no area."""
        objects = []
        for each in root.iter("object"):
            sides = [each.findtext(f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")]
            if sides[0] != sides[2]:
                objects.append([each.findtext(name) for name in ("name", "pose", "truncated", "difficult")] + sides)
        names = ("folder", "filename", "path", "source/database", "size/width", "size/height", "size/depth", "segmented")
        return [root.findtext(name) for name in names], objects

    @unittest.skipUnless(DATA, "TROMMEL_TEST_DATA names no folder with test data")
    def test_what_a_detector_finds_hard_is_suggested_confirmed_and_trains_the_next_filtering(self):
        images = sorted(pathlib.Path(DATA, "coco-ccby/images").glob("*.jpg"))
        models = pathlib.Path(DATA, "models")
        self.ok("model", "import", models / "yolox_nano_coco_416.onnx", "--name", "m", "--labels", models / "labels/coco80.txt")
        self.ok("service", "deploy", "--name", "s", "--model", "m", "--input", images[0].parent, "--output", self.folder / "out",
                "--hard-examples", "--algo-hard-threshold", 0.2, "--create", "hard", "--wait")  # fmt: skip
        raw = self.ok("sample", "sync", "s", "--create", "raw", "--wait")[0]["result"]
        self.assertEqual((raw["added"], self.counts("raw")), (len(images), (len(images), len(images), 0, 0, 0)))
        rows = self.trommel.samples("hard")
        self.assertGreater(len(rows), 10)
        for row in rows:
            self.assertEqual((row["state"], row["hard"]), ("to_be_confirmed", True))
            for label in row["labels"]:
                (x0, y0), (x1, y1) = label["shape"]["@modelarts:feature"]
                self.assertTrue(0 <= x0 <= x1 - 2 and 0 <= y0 <= y1 - 2 and x1 <= row["width"] and y1 <= row["height"], label)
                self.assertEqual([x0, y0, x1, y1], [int(side) for side in (x0, y0, x1, y1)])
                self.assertTrue(0.3 <= label["score"] <= 1)
            self.assertEqual(row["labels"] == [], 0 in [reason["id"] for reason in row["reasons"]], row)
        self.ok("samples", "confirm", *(row["id"] for row in rows))
        result, manifest = self.published("--hard-attributes", dataset="hard")
        self.assertEqual(result["labeled"], len(rows))
        self.assert_copy_is_equal(manifest, "hard")
        again = self.ok("sample", "filter", "s", "--train", "hard@V001", "--create", "again", "--wait")[0]["result"]
        self.assertEqual(again["analysed"], len(images))

    # ---- what does not fit ----

    def test_boxes_that_do_not_fit_are_listed(self):
        self.add("1", voc(box("in", 1, 2, 30, 40), box("half", -10, 0, 10, 10), box("out", -11, 0, 10, 10),
                          box("turned", 9, 1, 2, 8), box("flat", 5, 5, 5, 9), box("thin", 5, 5, 6, 9)))  # fmt: skip
        missing = self.add("2", voc(box("a", 10, 10, 60, 30), size=(0, 0)))
        wrong = self.add("3", voc(box("a", 10, 10, 30, 30), size=(20, 20)))
        gone = self.add("4", voc(box("a", 500, 10, 600, 30)), picture=False)
        result = self.imported()
        self.assertEqual((result["added"], result["boxes_clipped"], result["boxes_dropped"]), (4, 2, 5))
        self.assertEqual((result["sizes_repaired"], result["left_without_boxes"]), (2, 1))
        notes = [(note["line"], note.get("object"), note.get("label"), note["what"]) for note in result["box_notes"]]
        self.assertEqual(notes, [
            (1, 2, "half", "clipped to the image"),
            (1, 3, "out", "dropped: more than half of it is outside the image"),
            (1, 4, "turned", "dropped: its min is above its max"),
            (1, 5, "flat", "dropped: it has no area"),
            (1, 6, "thin", "dropped: less than 2 px wide or high"),
            (2, None, None, "width and height repaired from the image"),
            (2, 1, "a", "clipped to the image"),
            (3, None, None, "width and height repaired from the image"),
            (4, 1, "a", "dropped: more than half of it is outside the image"),
        ])  # fmt: skip
        self.assertEqual(result["box_notes"][0]["file"], str(self.folder / "1.xml"))
        self.assertEqual(result["box_notes"][0]["box"], [-10, 0, 10, 10])
        rows = self.rows()
        self.assertEqual((rows[missing]["width"], rows[missing]["height"]), (WIDTH, HEIGHT))
        self.assertEqual(rows[missing]["labels"][0]["shape"]["@modelarts:feature"], [[10, 10], [WIDTH, 30]])
        self.assertEqual(rows[wrong]["labels"][0]["shape"]["@modelarts:feature"], [[10, 10], [30, 30]])
        self.assertEqual(rows[gone]["state"], "unlabeled")

    def test_bad_annotation_files_are_bad_lines_and_named(self):
        self.add("good", voc(box("car", 1, 2, 30, 40)))
        for name, text in (
            ("entity", '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><annotation><folder>&e;</folder></annotation>'),
            ("two", voc("<object><name>a</name><point><x>1</x><y>1</y></point><circle><cx>1</cx><cy>1</cy><r>1</r></circle></object>")),
            ("empty", voc(box("a", 1, 2, 30, 40), box("", 1, 2, 3, 4))),
            ("cut", "<annotation><object>"),
        ):
            self.add(name, text)
        self.lines.append(line(self.input / "x.png", "none.xml"))
        self.lines.append(road.labeled(self.input / "y.png", "cat"))
        done = self.trommel.run("dataset", "import", "d", self.manifest(), "--wait", "--json")
        self.assertEqual((done.code, done.json[0]["error"]["detail"]), (8, "dataset-type-mismatch"))
        self.lines.pop()
        result = self.imported(code=3)
        self.assertEqual((result["bad"], [row["line"] for row in result["bad_lines"]]), (5, [2, 3, 4, 5, 6]))
        for row, words in zip(result["bad_lines"], (
            ("entity.xml", "line 1", "document type declaration"), ("two.xml", "object 1", "second position"),
            ("empty.xml", "object 2", "<name> is empty"), ("cut.xml", "line 1", "not XML"), ("none.xml", "No such file"),
        )):  # fmt: skip
            for word in words:
                self.assertIn(word, row["reason"])
        self.assertEqual(self.counts(), (1, 0, 0, 1, 0))

    def test_a_line_past_the_limit_is_the_manifests_fault(self):
        self.add("good", voc(box("car", 1, 2, 30, 40)))
        self.lines.append('{"source": "%s"}' % ("x" * 2**20))
        done = self.trommel.run("dataset", "import", "d", self.manifest(), "--wait", "--json")
        self.assertEqual(done.code, 8)
        error = done.json[0]["error"]
        self.assertEqual((error["code"], error["detail"]), ("invalid", "bad-manifest"))
        self.assertIn("line 2 is longer than 1048576 bytes", error["message"])
        self.assertIn("x.manifest", error["message"])

    # ---- deciding ----

    def suggestions(self):
        confidence = "<confidence>0.9</confidence>"
        for i in range(4):
            self.add(f"{i}", voc(box("car", 1, 2, 30, 40, more=confidence), box("car", 3, 3, 9, 9), box("tree", 5, 5, 9, 9)),
                     hard="true", **{"hard-coefficient": 0.5, "hard-reasons": "1"})  # fmt: skip
        self.add("none", voc())
        self.imported("--to-be-confirmed")
        self.assertEqual(self.counts(), (5, 0, 5, 0, 4))
        return [row["id"] for row in sorted(self.trommel.samples("d"), key=lambda row: row["source"])]

    def shown(self, sample):
        row = self.ok("samples", "show", sample)
        boxes = [(label["name"], *sum(label["shape"]["@modelarts:feature"], [])) for label in row["labels"]]
        return row["state"], row["hard"], boxes

    def test_boxes_are_confirmed_rejected_and_drawn_anew(self):
        confirmed, rejected, redrawn, empty, nothing = self.suggestions()
        self.ok("samples", "confirm", confirmed, nothing)
        self.ok("samples", "reject", rejected)
        self.ok("samples", "reject", redrawn, "--box", "car:1,2,20,30", "--box", "my: dog:0,0,48,40")
        self.ok("samples", "confirm", empty, "--nothing")
        three = [("car", 1, 2, 30, 40), ("car", 3, 3, 9, 9), ("tree", 5, 5, 9, 9)]
        self.assertEqual(self.shown(confirmed), ("labeled", True, three))
        self.assertEqual(self.shown(rejected), ("unlabeled", False, []))
        self.assertEqual(self.shown(redrawn), ("labeled", True, [("car", 1, 2, 20, 30), ("my: dog", 0, 0, 48, 40)]))
        self.assertEqual(self.shown(empty), ("labeled", True, []))
        self.assertEqual(self.shown(nothing), ("labeled", False, []))
        self.assertEqual(self.counts(), (5, 1, 0, 4, 3))
        _, manifest = self.published("--hard-attributes")
        lines = road.json_lines(manifest)
        self.assertEqual(sum("annotation" in each for each in lines), 4)
        self.assertEqual(sorted(each["hard"] for each in lines), ["false", "false", "true", "true", "true"])
        self.ok("dataset", "create", "again", "--type", "det")
        self.ok("dataset", "import", "again", manifest, "--wait")
        self.assertEqual(self.counts("again"), (5, 1, 0, 4, 3))

    def test_a_terminal_shows_boxes_as_they_may_be_given_back(self):
        sample = self.suggestions()[0]
        code, shown = self.trommel.on_terminal("samples", "show", sample)
        self.assertEqual(code, 0)
        given = re.findall(r"^    (\S+:\d+,\d+,\d+,\d+)(?:  \d\.\d\d)?$", shown, re.M)
        self.assertEqual(given, ["car:1,2,30,40", "car:3,3,9,9", "tree:5,5,9,9"])
        self.ok("samples", "confirm", sample, *(word for box in given for word in ("--box", box)))
        self.assertEqual(self.shown(sample)[2], [("car", 1, 2, 30, 40), ("car", 3, 3, 9, 9), ("tree", 5, 5, 9, 9)])

    def test_boxes_that_cannot_be_are_refused(self):
        sample = self.suggestions()[0]
        for text in ("car", "car:1,2,3", "car:1,2,2,9", "car:-1,2,9,9", "car:1.5,2,9,9", ":1,2,9,9"):
            code, error = self.refused("samples", "confirm", sample, "--box", text)
            self.assertEqual((code, error["pointer"]), (2, "/box"))
            self.assertIn("LABEL:XMIN,YMIN,XMAX,YMAX", error["message"])
        for more, words in (
            (("--box", "car:1,2,49,9"), "48 px wide"),
            (("--labels", "car"), "class"),
        ):
            done = self.trommel.run("samples", "confirm", sample, *more, "--json")
            self.assertEqual(done.code, 3, done)
            self.assertIn(words, done.json["outcomes"][0]["reason"])
        self.assertEqual(self.refused("samples", "confirm", sample, "--box", "car:1,2,9,9", "--nothing")[0], 2)
        self.assertEqual(self.shown(sample)[0], "to_be_confirmed")

    def test_the_list_counts_boxes_of_a_label(self):
        self.suggestions()
        table = self.trommel.run("samples", "list", "d", "--sort", "source", "--columns", "labels").out
        self.assertEqual(table.splitlines()[1], "car ×2 0.90, tree")
        self.assertEqual(len(self.rows_by("--score-min", 0.8)), 4)
        self.assertEqual(len(self.rows_by("--score-min", 0.95)), 0)
        self.assertEqual(len(self.rows_by("--label", "tree")), 4)


if __name__ == "__main__":
    road.main()
