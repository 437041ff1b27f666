#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""trommel mine: what a run predicted, exported in every form and mined stand-alone, gives the list that filtering the run gives."""
import array
import ast
import json
import os
import pathlib
import shutil
import subprocess
import time
import unittest

import road

IMAGES, TRAINING = 1000, 300
NEAR_COEFFICIENT, NEAR_SHARE = 0.02, 0.97


def npy(path):
    """Rows of a float32 .npy file."""
    data = pathlib.Path(path).read_bytes()
    length = int.from_bytes(data[8:10], "little")
    shape = ast.literal_eval(data[10 : 10 + length].decode())["shape"]
    values = array.array("f", data[10 + length :])
    return [values[i * shape[1] : (i + 1) * shape[1]].tolist() for i in range(shape[0])]


def records(folder):
    """(source, logits, embedding) of each record of a run or a profile."""
    for shard in sorted(folder.glob("records/shard-*")):
        inputs = folder / f"inputs/{shard.name.split('-')[1]}.jsonl"
        sources = [row["source"] for row in road.json_lines(inputs)]
        yield from zip(sources, npy(shard / "logits.npy"), npy(shard / "embeddings.npy"))


def labels_of(folder):
    return json.loads(next(folder.glob("records/shard-*/labels.json")).read_text())["labels"]


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def hard_of(path):
    return [(line["source"], line["hard-coefficient"], line["hard-reasons"]) for line in road.json_lines(path)]


class MineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.input = road.make_pictures(cls.folder / "in", IMAGES)
        cls.train = road.make_training(cls.folder / "training", TRAINING, ("trouser", "bag"), first=5000)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.trommel.import_garments()
        cls.trommel.ok("service", "deploy", "--name", "s", "--model", "garments", "--input", cls.input, "--output", cls.folder / "out", "--wait")
        cls.temporary = cls.folder / "tmp"
        cls.temporary.mkdir()
        cls.empty = road.Trommel(cls.folder / "nothing")  # what stand-alone has: no data folder
        cls.run_folder = next((cls.trommel.data / "store/runs").iterdir())

    def setUp(self):
        self.output = self.folder / f"{self._testMethodName}.manifest"

    def mine(self, *words, images=None, predictions=None):
        words = ("--images", images or self.input, "--predictions", predictions or self.results(), "-o", self.output, *words)
        done = self.empty.run("mine", *words, "--json", TMPDIR=str(self.temporary))
        self.assertEqual(done.code, 0, done)
        self.assertEqual(list(self.temporary.iterdir()), [], "the temporary folder is removed")
        self.assertFalse(self.empty.data.exists())
        return done.json

    def refused(self, *words):
        done = self.empty.run("mine", *words, "-o", self.output, "--json", TMPDIR=str(self.temporary))
        self.assertNotEqual(done.code, 0, done)
        self.assertEqual(list(self.temporary.iterdir()), [])
        self.assertFalse(self.output.exists())
        return done.error

    def results(self):
        return next((self.folder / "out").glob("infer-result-*.manifest"))

    def filtered(self, name, *words):
        """What filtering the stored run gives, without asking the model again."""
        self.trommel.ok("sample", "filter", "s", "--create", name, "--aug-budget", 0, *words, "--wait")
        rows = self.trommel.samples(name, "--sort", "-hard_coefficient")
        return {row["source"]: (row["hard_coefficient"], [reason["id"] for reason in row["reasons"]]) for row in rows}

    def profile_folder(self):
        return next(path for path in (self.trommel.data / "store/profiles").iterdir() if path.is_dir())

    def logits(self, path, folder):
        names = labels_of(folder)
        rows = ({"image": source, "logits": logits, "embedding": embedding} for source, logits, embedding in records(folder))
        return write_lines(path, [{"labels": names}, *rows])

    def assert_near(self, wanted, found, may_be_less=False):
        """Sets that nearly agree, and coefficients that do where both list an image."""
        found = {source: coefficient for source, coefficient, _ in found}
        both = wanted.keys() & found.keys()
        self.assertGreater(len(both), 10)
        self.assertGreaterEqual(len(both), NEAR_SHARE * len(wanted.keys() | found.keys()))
        for source in both:
            if may_be_less:
                self.assertLessEqual(found[source], wanted[source][0] + NEAR_COEFFICIENT)
            else:
                self.assertAlmostEqual(wanted[source][0], found[source], delta=NEAR_COEFFICIENT)

    # ---- the same list ----

    def test_logits_and_embeddings_as_json_lines_give_the_very_list_of_filtering(self):
        wanted = self.filtered("lines", "--train", self.train)
        ours = self.logits(self.folder / "run.jsonl", self.run_folder)
        training = self.logits(self.folder / "training.jsonl", self.profile_folder())
        done = self.mine("--train", self.train, "--train-predictions", training, predictions=ours)
        found = {source: (coefficient, [int(i) for i in reasons.split("-")]) for source, coefficient, reasons in hard_of(self.output)}
        self.assertEqual(done["notes"], [])
        self.assertEqual(found.keys(), wanted.keys())
        for source, (coefficient, reasons) in wanted.items():
            self.assertAlmostEqual(found[source][0], coefficient, places=12)
            self.assertEqual(sorted(found[source][1]), sorted(reasons), source)

    def test_the_results_of_a_run_give_nearly_the_list_of_filtering(self):
        wanted = self.filtered("results", "--reasons", "0..18")
        start = time.monotonic()
        done = self.mine("--reasons", "0..18")
        seconds = time.monotonic() - start
        road.note(f"{IMAGES} images with ModelArts results mined in {seconds:.1f} s, {IMAGES / seconds:.0f} images/s")
        self.assertEqual((done["format"], done["images"], done["predictions"], done["left_out"]), ("modelarts", IMAGES, IMAGES, 0))
        self.assert_near(wanted, hard_of(self.output))

    def test_a_folder_of_results_is_as_good_as_its_manifest(self):
        self.mine()
        wanted = self.output.read_bytes()
        moved = self.folder / "moved"
        shutil.copytree(self.folder / "out", moved)
        self.mine(predictions=moved)
        self.assertEqual(self.output.read_bytes(), wanted)
        alone = next(path for path in moved.iterdir() if path.is_dir())
        self.mine(predictions=alone)
        self.assertEqual(self.output.read_bytes(), wanted)

    def test_scores_by_name_are_matched_by_relative_path_and_by_base_name(self):
        names = labels_of(self.run_folder)
        rows = []
        for i, (source, logits, _) in enumerate(records(self.run_folder)):
            name = os.path.relpath(source, self.input) if i % 2 else "/elsewhere/" + os.path.basename(source)
            rows.append({"image": name, "logits": dict(zip(names, logits))})
        done = self.mine(predictions=write_lines(self.folder / "names.jsonl", rows))
        self.assertEqual((done["images_without_prediction"], done["predictions_without_image"]), (0, 0))
        self.assertGreater(done["hard"], 0)

    # ---- boxes ----

    def detector(self):
        if not hasattr(type(self), "boxes_of"):
            if not shutil.which("zstdcat"):
                self.skipTest("no zstdcat to read records with")
            self.trommel.import_detector()
            self.trommel.ok("service", "deploy", "--name", "d", "--model", "detector", "--input", self.input, "--output", self.folder / "det", "--wait")
            type(self).boxes_of = next(path for path in (self.trommel.data / "store/runs").iterdir() if path != self.run_folder)
        return self.boxes_of

    def boxes(self):
        """(source, [(label, score, x_min, y_min, x_max, y_max)]) of each record, near misses and all."""
        for shard in sorted(self.detector().glob("records/shard-*")):
            rows = [json.loads(row) for row in subprocess.check_output(["zstdcat", shard / "records.jsonl.zst"]).splitlines()]
            data = (shard / "candidates.npy").read_bytes()
            length = int.from_bytes(data[8:10], "little")
            fields = ast.literal_eval(data[10 : 10 + length].decode())["descr"]
            size = 4 * len(fields)
            at = {name: i for i, (name, _) in enumerate(fields)}
            for row in rows:
                first, count = row["candidates"]
                boxes = []
                for i in range(first, first + count):
                    one = data[10 + length + i * size : 10 + length + (i + 1) * size]
                    numbers = array.array("f", one)
                    label = array.array("I", one)[at["label"]]
                    boxes.append((label, numbers[at["score"]], *(numbers[at[side]] for side in ("x_min", "y_min", "x_max", "y_max"))))
                yield row["source"], boxes

    def coco(self):
        images, entries = [], []
        for number, (source, boxes) in enumerate(self.boxes()):
            images.append({"id": number, "file_name": os.path.relpath(source, self.input)})
            entries += (
                {"image_id": number, "category_id": label + 1, "score": score, "bbox": [a, b, c - a, d - b]} for label, score, a, b, c, d in boxes
            )
        names = [{"id": i + 1, "name": name} for i, name in enumerate(labels_of(self.detector()))]
        entries.sort(key=lambda entry: entry["score"])
        results, named = self.folder / "coco.json", self.folder / "coco-images.json"
        results.write_text(json.dumps(entries))
        named.write_text(json.dumps({"images": images, "categories": names}))
        return results, named

    def test_coco_results_with_near_misses_give_nearly_the_list_of_filtering(self):
        results, named = self.coco()
        self.trommel.ok("sample", "filter", "d", "--create", "boxes", "--aug-budget", 0, "--wait")
        wanted = {row["source"]: (row["hard_coefficient"],) for row in self.trommel.samples("boxes")}
        done = self.mine("--coco-images", named, predictions=results)
        self.assertEqual((done["format"], done["score_threshold"], done["left_out"]), ("coco", 0.3, 0))
        # They have no class vectors: a box that wavers between classes is not known to.
        self.assert_near(wanted, hard_of(self.output), may_be_less=True)

    def test_a_manifest_of_boxes_imports_with_its_files_to_be_confirmed(self):
        results, named = self.coco()
        done = self.mine("--coco-images", named, "--top", 20, predictions=results)
        self.trommel.ok("dataset", "create", "back", "--type", "det")
        self.trommel.ok("dataset", "import", "back", self.output, "--to-be-confirmed", "--wait")
        rows = self.trommel.samples("back")
        self.assertEqual((len(rows), {row["state"] for row in rows}), (done["hard"], {"to_be_confirmed"}))
        self.assertTrue(any(row["labels"] for row in rows))

    def test_results_of_a_detector_hold_answers_only_and_that_is_said(self):
        self.detector()
        done = self.mine(predictions=self.folder / "det")
        self.assertEqual(done["model_type"], "object_detection")
        self.assertTrue(any("near misses" in note for note in done["notes"]), done["notes"])

    # ---- what is left out ----

    def test_what_has_no_twin_is_counted_and_named(self):
        rows = [{"image": os.path.relpath(source, self.input), "scores": {"a": 0.5, "b": 0.3}} for source, _, _ in records(self.run_folder)]
        gone, rows = rows[:7], rows[7:]
        rows += [{"image": f"no-{i}.png", "scores": {"a": 1}} for i in range(3)]
        rows.append({"image": gone[0]["image"], "error": "it could not be read there"})
        listed = self.folder / "left-out.jsonl"
        done = self.mine("--left-out", listed, predictions=write_lines(self.folder / "part.jsonl", rows))
        self.assertEqual((done["images_without_prediction"], done["predictions_without_image"], done["left_out"]), (6, 3, 7))
        self.assertEqual([one["name"] for one in done["predictions_left_out"]], ["no-0.png", "no-1.png", "no-2.png"])
        why = {os.path.relpath(one["name"], self.input): one["why"] for one in done["images_left_out"]}
        self.assertEqual(why.keys(), {row["image"] for row in gone})
        self.assertIn("could not be read there", why[gone[0]["image"]])
        self.assertEqual(len(road.json_lines(listed)), 10)

    def test_names_of_strangers_do_not_steer_the_terminal(self):
        rows = [{"image": os.path.relpath(source, self.input), "scores": {"a": 0.5}} for source, _, _ in records(self.run_folder)]
        part = write_lines(self.folder / "steer.jsonl", [*rows, {"image": "\x1b[2J.png", "scores": {"a": 1}}])
        done = self.empty.run("mine", "--images", self.input, "--predictions", part, "-o", self.output, TMPDIR=str(self.temporary))
        self.assertEqual(done.code, 0, done)
        self.assertIn("?[2J.png: there is no such image", done.err)
        self.assertNotIn("\x1b", done.err)

    def test_a_bad_line_is_named_with_its_field(self):
        bad = write_lines(self.folder / "bad.jsonl", [{"image": "a.png", "scores": {"a": 1}}, {"image": "b.png", "scores": {"a": 1.5}}])
        error = self.refused("--images", self.input, "--predictions", bad)
        for words in ("line 2", "bad.jsonl", "scores.a", "1.5"):
            self.assertIn(words, error["message"])

    def test_settings_that_do_not_go_together_are_refused(self):
        self.assertIn("--train", self.refused("--images", self.input, "--predictions", self.results(), "--train-predictions", self.results())["message"])
        done = self.empty.run("mine", "--images", self.input, "--predictions", self.results(), "--json")
        self.assertEqual(done.code, 2, done)
        self.assertIn("--output", done.error["message"])
        self.assertIn("different files", self.refused("--images", self.input, "--predictions", self.results(), "--report", self.output)["message"])
        self.assertIn("algo", self.refused("--images", self.input, "--predictions", self.results(), "--comprehensive-algo-config", "no:1")["message"])

    # ---- the same whatever ----

    def test_threads_and_standard_output_make_no_difference(self):
        self.mine("--train", self.train, "--threads", 1)
        wanted = self.output.read_bytes()
        self.mine("--train", self.train, "--threads", 4)
        self.assertEqual(self.output.read_bytes(), wanted)
        done = self.empty.run("mine", "--images", self.input, "--predictions", self.results(), "--train", self.train, "--quiet")
        self.assertEqual((done.code, done.out.encode()), (0, wanted), done.err)

    def test_a_pipe_is_written_to_and_a_folder_refused(self):
        self.mine()
        wanted = self.output.read_bytes()
        self.output.unlink()
        os.mkfifo(self.output)
        reader = subprocess.Popen(["cat", self.output], stdout=subprocess.PIPE)
        self.mine()
        self.assertEqual(reader.communicate()[0], wanted)
        self.assertTrue(self.output.is_fifo())
        self.output.unlink()
        self.assertIn("is a folder", self.refused("--images", self.input, "--predictions", self.results(), "--report", self.folder)["message"])

    def test_a_manifest_of_images_is_as_good_as_their_folder(self):
        self.mine()
        wanted = hard_of(self.output)
        sources = sorted(source for source, _, _ in records(self.run_folder))
        listed = road.write_manifest(self.folder / "images.manifest", ({"source": source} for source in sources))
        self.mine(images=listed)
        self.assertEqual(sorted(hard_of(self.output)), sorted(wanted))

    def test_what_is_kept_has_the_records_and_must_be_a_new_folder(self):
        kept, report = self.folder / "kept", self.folder / "report.json"
        self.mine("--keep", kept, "--report", report)
        self.assertTrue((kept / "run/records" / road.SHARD / "shard.json").exists())
        off = json.loads(report.read_text())["reasons_off"]
        self.assertTrue(all(one["why"] for one in off))
        self.assertIn(20, [one["id"] for one in off])
        self.output.unlink()
        self.assertIn("not empty", self.refused("--images", self.input, "--predictions", self.results(), "--keep", kept)["message"])


if __name__ == "__main__":
    road.main()
