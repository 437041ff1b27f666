#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What goes into a batch service and what it leaves: folders and manifests of every kind, result files to the letter."""
import json
import os
import pathlib
import re
import unittest

import road

LABELS = ["t-shirt-top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"]
AWKWARD = [
    b"a b.png", b"quote\"s and 'ticks'.png", "ünïcödé 图片 \U0001f457.png".encode(), b"-leading-dash.png", b"new\nline.png",
    b"tab\there.png", b"invalid\xff\xfe\x80utf8.png", b"back\\slash.png", b"percent%20%zz.png", b"file:%41.png", b"dollar$(x)`y`.png",
    b"semi;colon&amp;.png", b"trailing dot..png", b"UPPER.PNG", b"no_suffix", b"*?[glob].png", b"\xc3\x28.png", b"~home.png",
    b"x" * 251 + b".png", b"y" * 251 + b".png",
]  # fmt: skip


class InOutTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.template = road.Trommel(cls.folder / "template")
        cls.template.import_garments()

    def setUp(self):
        self.here = self.folder / self.id().split(".")[-1][:60]
        self.input, self.output = self.here / "in", self.here / "out"
        self.input.mkdir(parents=True)
        self.trommel = road.Trommel(self.here / "data")
        road.copy_data(self.template.data, self.trommel.data)
        self.pictures = 0

    def picture(self, path):
        path = path if isinstance(path, bytes) else os.fsencode(path)
        full = os.path.join(os.fsencode(self.input), path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        self.pictures += 1
        with open(full, "wb") as file:
            file.write(road.picture(self.pictures, 20, 16))
        return full

    def deploy(self, input=None, *more, name="s"):
        return ("service", "deploy", "--name", name, "--model", "garments", "--input", input or self.input,
                "--output", self.output, *more)  # fmt: skip

    def run_service(self, input=None, *more, code=0, name="s"):
        """Deploys and waits; the run's task."""
        done = self.trommel.run(*self.deploy(input, *more, "--wait", name=name), "--json")
        self.assertEqual(done.code, code, done)
        return done.json[0]

    def result_lines(self, task):
        return road.json_lines(self.output / f"infer-result-{task['id']}.manifest")

    def path_of(self, source):
        """A file's name as bytes, from a source."""
        if not source.startswith("file://"):
            return os.fsencode(source)
        return re.sub(rb"%([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), source[7:].encode())

    # ---- result files ----

    def test_results_are_exactly_as_specified(self):
        for name in ("1.png", "sub/1.png", "sub/2.png"):
            self.picture(name)
        task = self.run_service()
        place = f"infer-result-{task['id']}"
        names = [b"1.png", b"sub/1.png", b"sub/2.png"]
        found = road.tree(self.output)
        self.assertEqual(sorted(found), sorted([place.encode() + b".manifest"] + [os.path.join(place.encode(), name) + b"_result.txt" for name in names]))
        manifest = found[place.encode() + b".manifest"].decode()
        self.assertEqual(
            manifest,
            "".join(
                f'{{"source":"{self.input}/{name.decode()}","result":"SUCCESSFUL",'
                f'"inference-loc":"{self.output}/{place}/{name.decode()}_result.txt"}}\n'
                for name in names
            ),
        )
        for name in names:
            result = json.loads(found[os.path.join(place.encode(), name) + b"_result.txt"])
            self.assertEqual(list(result), ["predicted_label", "scores"])
            self.assertEqual(len(result["scores"]), 5)
            self.assertEqual(result["scores"][0][0], result["predicted_label"])
            for label, score in result["scores"]:
                self.assertIn(label, LABELS)
                self.assertRegex(score, r"^[01]\.\d{6}$")
            scores = [float(score) for _, score in result["scores"]]
            self.assertEqual(scores, sorted(scores, reverse=True))
            self.assertLessEqual(sum(scores), 1.000005)
        self.assertEqual(task["result"]["result_manifest"], f"{self.output}/{place}.manifest")
        self.assertEqual(self.trommel.ok("service", "runs", "s")[0]["results"], f"{self.output}/{place}.manifest")

    def test_a_damaged_image_fails_with_its_reason_and_has_no_result_file(self):
        self.picture("good.png")
        whole = road.picture(1)
        (self.input / "cut.png").write_bytes(whole[: len(whole) // 2])
        (self.input / "text.jpg").write_bytes(b"this is no JPEG")
        (self.input / "empty.jpeg").write_bytes(b"")
        task = self.run_service(code=3)
        self.assertEqual((task["result"]["images"], task["result"]["failed"]), (4, 3))
        lines = {pathlib.Path(line["source"]).name: line for line in self.result_lines(task)}
        for name in ("cut.png", "text.jpg", "empty.jpeg"):
            self.assertEqual(list(lines[name]), ["source", "result", "error_message"])
            self.assertEqual(lines[name]["result"], "FAILED")
            self.assertTrue(lines[name]["error_message"])
        self.assertEqual(len([name for name in road.tree(self.output) if name.endswith(b"_result.txt")]), 1)
        result = self.trommel.ok("sample", "sync", "s", "--create", "raw", "--wait")[0]["result"]
        self.assertEqual((result["added"], result["left_out"]), (1, 3))

    def test_a_partial_image_is_predicted_when_that_is_allowed(self):
        whole = road.picture(1, 200, 200)
        (self.input / "cut.png").write_bytes(whole[: len(whole) * 3 // 4])
        task = self.run_service(None, "--accept-partial")
        self.assertEqual(self.result_lines(task)[0]["result"], "SUCCESSFUL")

    def test_what_is_no_image_or_hidden_is_skipped(self):
        self.picture("good.png")
        self.picture("jpeg-like-name.xml.png")
        for name in ("notes.txt", "voc.xml", "README", "data.csv", "x.manifest"):
            (self.input / name).write_text("no image\n")
        self.picture(".hidden.png")
        self.picture(".thumbnails/good.png")
        self.picture("album/.cache/good.png")
        (self.input / "._good.png").write_bytes(b"\0\5\x16\7 of another file system")
        task = self.run_service()
        self.assertEqual((task["result"]["images"], task["result"]["skipped"]), (2, 9))
        names = [pathlib.Path(line["source"]).name for line in self.result_lines(task)]
        self.assertEqual(names, ["good.png", "jpeg-like-name.xml.png"])

    def test_links_out_of_the_folder_are_not_followed(self):
        self.picture("inside.png")
        outside = self.here / "outside.png"
        outside.write_bytes(road.picture(9))
        (self.input / "link_out.png").symlink_to(outside)
        (self.input / "link_in.png").symlink_to("inside.png")
        (self.input / "loop").symlink_to(".")
        task = self.run_service()
        names = [pathlib.Path(line["source"]).name for line in self.result_lines(task)]
        self.assertEqual(names, ["inside.png", "link_in.png"])

    # ---- names ----

    def test_awkward_file_names_come_through_unharmed(self):
        paths = sorted(self.picture(name) for name in AWKWARD)
        paths = sorted(paths + [self.picture(b"fold er\xff/\n/in\"ner.png")])
        task = self.run_service()
        lines = self.result_lines(task)
        self.assertEqual([self.path_of(line["source"]) for line in lines], paths)
        results = set()
        for line in lines:
            self.assertEqual(line["result"], "SUCCESSFUL", line)
            with open(self.path_of(line["inference-loc"]), "rb") as file:
                self.assertIn("predicted_label", json.load(file))
            results.add(self.path_of(line["inference-loc"]))
        self.assertEqual(len(results), len(paths))

        self.trommel.ok("sample", "sync", "s", "--create", "raw", "--wait")
        rows = self.trommel.samples("raw", "--sort", "source")
        self.assertEqual(sorted(self.path_of(row["source"]) for row in rows), paths)
        table = self.trommel.run("samples", "list", "raw", "--limit", 100, "--sort", "source", "--columns", "id,source")
        cells = [line.split("\t") for line in table.out.splitlines()[1:]]
        self.assertEqual([row[0] for row in cells], [row["id"] for row in rows])
        for cell, row in zip(cells, rows):
            self.assertEqual(cell[1], re.sub(r"[\x00-\x1f\x7f]", "?", row["source"]))

    def test_awkward_names_survive_a_manifest_and_a_second_service(self):
        paths = sorted(self.picture(name) for name in AWKWARD)
        task = self.run_service(None, "--hard-examples", "--create", "hard", "--algo-hard-threshold", 0)
        rows = self.trommel.samples("hard")
        self.trommel.ok("samples", "confirm", *(row["id"] for row in rows))
        result = self.trommel.ok("dataset", "publish", "hard", "--wait")[0]["result"]
        published = road.json_lines(result["manifest_path"])
        self.assertEqual(sorted(self.path_of(line["source"]) for line in published), paths)
        again = self.run_service(result["manifest_path"], name="t")
        self.assertEqual({line["result"] for line in self.result_lines(again)}, {"SUCCESSFUL"})
        self.assertEqual(again["result"]["images"], len(paths))
        self.trommel.ok("dataset", "create", "copy", "--labels", ",".join(LABELS))
        self.trommel.ok("dataset", "import", "copy", result["manifest_path"], "--wait")
        self.assertEqual(sorted(self.path_of(row["source"]) for row in self.trommel.samples("copy")), paths)
        self.assertNotEqual(task["id"], again["id"])

    def test_awkward_folders_hold_data_input_and_output(self):
        strange = self.here / "my \"own\" 'däta' $HOME\n; folder"
        self.input, self.output = strange / "in put", strange / "out put"
        self.input.mkdir(parents=True)
        self.picture("1.png")
        self.trommel.data.rename(strange / "da ta")
        self.trommel = road.Trommel(strange / "da ta")
        task = self.run_service(None, "--hard-examples", "--create", "hard", "--algo-hard-threshold", 0)
        self.assertEqual(self.result_lines(task)[0]["source"], str(self.input / "1.png"))
        (row,) = self.trommel.samples("hard")
        self.trommel.ok("samples", "confirm", row["id"])
        path = self.trommel.ok("dataset", "publish", "hard", "--wait")[0]["result"]["manifest_path"]
        self.assertEqual(road.json_lines(path)[0]["source"], row["source"])

    def test_folders_on_the_command_line_must_be_utf8(self):
        bad = os.fsencode(self.here) + b"/\xff\xfe"
        os.mkdir(bad)
        for option in ("--input", "--output"):
            code, error = self.trommel.refused(*self.deploy(), option, os.fsdecode(bad))
            self.assertEqual(code, 2)
            self.assertIn("UTF-8", error["message"])
        done = road.Trommel(os.fsdecode(bad)).run("model", "list", "--json")
        self.assertEqual((done.code, done.out), (2, ""))
        self.assertIn("UTF-8", done.error["message"])
        self.assertEqual(os.listdir(bad), [])

    # ---- folders ----

    def test_an_empty_folder_fails_and_says_so(self):
        task = self.run_service(code=8)
        self.assertEqual(task["error"]["detail"], "no-samples")
        self.assertIn(str(self.input), task["error"]["message"])

    def test_what_is_not_there_is_refused_at_once(self):
        self.picture("1.png")
        for missing in (self.here / "none", self.here / "none.manifest", self.input / "1.png"):
            code, error = self.trommel.refused(*self.deploy(missing))
            self.assertEqual((code, error["error_code"], error["pointer"]), (2, "ModelArts.3551", "/input"))
            self.assertIn(str(missing), error["message"])
        self.assertEqual(self.trommel.ok("service", "list"), [])
        self.assertFalse(self.output.exists())

    def test_an_output_among_the_input_is_refused(self):
        self.picture("1.png")
        for place in (self.input, self.input / "out", self.input / "../in/deep/er"):
            self.output = place
            code, error = self.trommel.refused(*self.deploy())
            self.assertEqual((code, error["pointer"]), (2, "/output"))
        self.assertEqual(os.listdir(self.input), ["1.png"])

    def test_an_output_with_files_of_others_is_refused_unless_allowed(self):
        self.picture("1.png")
        (self.output / "sub").mkdir(parents=True)
        (self.output / "sub/thesis.txt").write_text("years of work\n")
        code, error = self.trommel.refused(*self.deploy())
        self.assertEqual((code, error["detail"], error["pointer"]), (6, "output-not-empty", "/output"))
        self.assertIn("sub/thesis.txt", error["message"])
        self.run_service(None, "--allow-foreign-output")
        self.assertEqual((self.output / "sub/thesis.txt").read_text(), "years of work\n")

    def test_runs_share_an_output_folder(self):
        self.picture("1.png")
        first = self.run_service()
        second = self.trommel.ok("service", "restart", "s", "--wait")[0]
        third = self.run_service(name="t")
        for task in (first, second, third):
            self.assertEqual(len(self.result_lines(task)), 1)
        bodies = {name: body for name, body in road.tree(self.output).items() if name.endswith(b"_result.txt")}
        self.assertEqual((len(bodies), len(set(bodies.values()))), (3, 1))

    # ---- manifests as input ----

    def test_a_manifest_is_read_as_people_write_it(self):
        for i in range(5):
            self.picture(f"{i}.png")
        folder = self.input
        lines = [
            "\ufeff" + json.dumps({"source": f"{folder}/3.png", "usage": "train"}),
            "",
            json.dumps(road.labeled(folder / "1.png", "bag")) + "\r",
            json.dumps({"source": f"file://{folder}/2.png", "hard": "true", "unknown": [1, {"x": 2}]}),
            "   ",
            json.dumps({"source": f"{folder}/3.png"}),
        ]
        manifest = road.write_manifest(self.here / "x.manifest", lines)
        task = self.run_service(manifest)
        found = self.result_lines(task)
        sources = [f"{folder}/3.png", f"{folder}/1.png", f"file://{folder}/2.png", f"{folder}/3.png"]
        self.assertEqual([line["source"] for line in found], sources)
        place = f"{self.output}/infer-result-{task['id']}"
        self.assertEqual([line["inference-loc"] for line in found], [f"{place}/{i}.png_result.txt" for i in (3, 1, 2, 3)])
        raw = self.trommel.ok("sample", "sync", "s", "--create", "raw", "--wait")[0]["result"]
        self.assertEqual((raw["added"], raw["unchanged"]), (3, 1))

    def test_relative_sources_start_at_the_manifest(self):
        self.picture("1.png")
        self.picture("sub/2.png")
        manifest = road.write_manifest(self.here / "x.manifest", [{"source": "in/1.png"}, {"source": "./in/../in/sub/2.png"}])
        task = self.run_service(manifest)
        sources = [f"{self.input}/1.png", f"{self.input}/sub/2.png"]
        self.assertEqual([line["source"] for line in self.result_lines(task)], sources)
        self.trommel.ok("sample", "sync", "s", "--create", "raw", "--wait")
        self.assertEqual([row["source"] for row in self.trommel.samples("raw", "--sort", "source")], sources)
        imported = self.trommel.ok("dataset", "import", "raw", manifest, "--wait")[0]["result"]
        self.assertEqual((imported["added"], imported["unchanged"]), (0, 2))

    def test_sources_that_cannot_be_reached_fail_one_by_one(self):
        self.picture("1.png")
        unreachable = ["obs://bucket/0.png", "s3://bucket/0.png", "https://host/0.png", f"{self.here}/none.png", str(self.input)]
        manifest = road.write_manifest(
            self.here / "x.manifest", [{"source": source} for source in [*unreachable, f"{self.input}/1.png"]]
        )
        task = self.run_service(manifest, code=3)
        self.assertEqual((task["result"]["images"], task["result"]["failed"]), (6, 5))
        lines = self.result_lines(task)
        self.assertEqual([line["source"] for line in lines[:5]], unreachable)
        for line in lines[:3]:
            self.assertIn("cannot be reached", line["error_message"])
        self.assertIn("no such file", lines[3]["error_message"])
        self.assertEqual([line["result"] for line in lines], ["FAILED"] * 5 + ["SUCCESSFUL"])
        self.assertTrue(lines[5]["inference-loc"].endswith(f"{task['id']}/in/1.png_result.txt"), lines[5])

    def test_a_bad_line_of_the_input_ends_the_run_and_is_named(self):
        self.picture("1.png")
        good = json.dumps({"source": f"{self.input}/1.png"})
        for name, line, words in (
            ("a", "{", "line 2"),
            ("b", '{"sourse": "x"}', "source"),
            ("c", '{"source": "%s"}' % ("x" * 2**20), "line 2"),
            ("d", "[]", "line 2"),
        ):
            manifest = road.write_manifest(self.here / f"{name}.manifest", [good, line, good])
            task = self.run_service(manifest, code=8, name=name)
            self.assertIn(words, task["error"]["message"])
            self.assertEqual(task["error"]["code"], "limit" if name == "c" else "invalid")

    def test_an_empty_manifest_fails_and_says_so(self):
        task = self.run_service(road.write_manifest(self.here / "x.manifest", []), code=8)
        self.assertEqual(task["error"]["detail"], "no-samples")


if __name__ == "__main__":
    road.main()
