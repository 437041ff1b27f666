#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A feature extractor of one's own: in every way of filtering, killed in the middle, kept, confined to the roots."""
import json
import os
import pathlib
import random
import shutil
import time
import unittest

import road

IMAGES, TRAINING, KILLS, TRIES = 600, 200, 2, 40
RUN, MINING = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
LATER = "00000000000000000000000000000001"
DATA = os.environ.get("TROMMEL_TEST_DATA")


class FeaturesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.input, cls.data = cls.folder / "in", cls.folder / "data"
        road.make_pictures(cls.input, IMAGES)
        pictures = sorted(cls.input.rglob("*.png"))
        lines = (road.labeled(path, ("trouser", "bag")[i % 2]) for i, path in enumerate(pictures[:TRAINING]))
        cls.train = road.write_manifest(cls.folder / "train.manifest", lines)
        cls.extractor = cls.folder / "second.onnx"
        shutil.copyfile(road.SOURCE / "demo/garments.onnx", cls.extractor)
        cls.prepared, cls.dice = cls.folder / "prepared", random.Random(7)
        trommel = road.Trommel(cls.prepared)
        trommel.import_garments()
        trommel.ok("service", "deploy", "--name", "s", "--model", "garments", "--input", cls.input, "--output",
                   cls.folder / "out", "--task-id", RUN, "--shard-images", 64, "--wait")  # fmt: skip

    def fresh(self):
        shutil.rmtree(self.data, ignore_errors=True)
        road.copy_data(self.prepared, self.data)
        return road.Trommel(self.data)

    def filter(self, *more, task=MINING, name="hard", extractor=None):
        return ("sample", "filter", "s", "--create", name, "--train", self.train, "--aug-budget", 0, "--algo-hard-threshold", 0,
                "--feature-extractor", extractor or self.extractor, "--task-id", task, *more, "--wait")  # fmt: skip

    def report(self, trommel, task=MINING):
        return json.loads((trommel.data / "store/tasks" / task / "report.json").read_text())

    def features(self, trommel):
        """Files of vectors so far, of the run and of the training images."""
        return sum(1 for _ in (trommel.data / "store").glob("*/*/features-*/*.npy"))

    def outcome(self, trommel):
        found = {b"task/" + name: body for name, body in road.tree(trommel.data / "store/tasks" / MINING).items()}
        for folder in (trommel.data / "store").glob("*/*/features-*"):
            found.update({bytes(folder) + b"/" + name: body for name, body in road.tree(folder).items()})
        rows = trommel.samples("hard", "--sort", "source")
        found["list"] = [(row["source"], row.get("hard_coefficient"), row.get("hard_reasons")) for row in rows]
        return found

    def test_vectors_are_made_once_and_told(self):
        trommel = self.fresh()
        result = trommel.ok(*self.filter())[-1]["result"]
        self.assertEqual((result["features_extracted"], result["features_gone"]), (IMAGES + TRAINING, 0))
        feature = self.report(trommel)["feature"]
        self.assertEqual((feature["space"], feature["name"]), ("feature_extractor", str(self.extractor)))
        self.assertEqual(len(feature["key"]), 32)
        again = trommel.ok(*self.filter(task=LATER, name="again"))[-1]["result"]
        self.assertEqual((again["features_extracted"], again["features_gone"]), (0, 0))
        first, second = (trommel.data / "store/tasks" / task / "coefficients.npy" for task in (MINING, LATER))
        self.assertEqual(first.read_bytes(), second.read_bytes())

    def test_an_imported_model_will_do(self):
        trommel = self.fresh()
        trommel.ok("model", "import", self.extractor, "--name", "second")
        result = trommel.ok(*self.filter(extractor="second"))[-1]["result"]
        self.assertEqual((result["feature_extractor"], result["features_extracted"]), ("second", IMAGES + TRAINING))

    def test_killed_while_extracting_it_ends_the_same(self):
        trommel = self.fresh()
        start = time.monotonic()
        trommel.ok(*self.filter())
        seconds, wanted, whole = time.monotonic() - start, self.outcome(trommel), self.features(trommel)
        kills, partial = 0, 0
        for _ in range(TRIES):
            if kills >= KILLS and partial > 0:
                break
            trommel = self.fresh()
            process = trommel.start(*self.filter())
            time.sleep(self.dice.uniform(0.1, 1) * seconds)
            process.kill()
            process.communicate()
            tasks = [row for row in trommel.ok("task", "list") if row["kind"] == "mine_hard"]
            if process.returncode == 0 or not tasks:
                continue
            kills += 1
            partial += 0 < self.features(trommel) < whole
            done = trommel.run("task", "wait", MINING, "--json")
            self.assertEqual(done.code, 0, done)
            found = self.outcome(trommel)
            self.assertEqual([name for name in wanted if found.get(name) != wanted[name]], [])
        road.note(f"{kills} kills, {partial} of them with some of the {whole} files of vectors there")
        self.assertGreater(partial, 0, "never hit while extracting")

    def test_images_that_are_gone_have_no_vectors(self):
        trommel = self.fresh()
        moved = self.folder / "moved.png"
        last = sorted(self.input.rglob("*.png"))[-1]
        trommel.ok("sample", "filter", "s", "--create", "first", "--train", self.train, "--aug-budget", 0, "--wait")
        last.rename(moved)
        try:
            result = trommel.ok(*self.filter())[-1]["result"]
        finally:
            moved.rename(last)
        self.assertEqual((result["features_gone"], result["analysed"]), (1, IMAGES))
        self.assertEqual(self.report(trommel)["feature"]["missing_in_run"], 1)

    def test_an_estimate_agrees_with_the_filtering_before(self):
        trommel = self.fresh()
        words = ("service", "estimate", "s", "--train", self.train, "--aug-budget", 0, "--feature-extractor", self.extractor)
        settings = ("--reasons", "2,3,30", "--algo-hard-threshold", 0.05)
        trommel.ok("sample", "filter", "s", "--create", "first", "--train", self.train, "--aug-budget", 0, "--wait")
        _, error = trommel.refused(*words)
        self.assertIn("filter it once", error["message"])
        trommel.ok(*self.filter())
        wanted = trommel.ok(*self.filter(*settings, task=LATER, name="again"))[-1]["result"]
        self.assertEqual(trommel.ok(*words, *settings)["hard"], wanted["hard"])

    def test_what_is_no_extractor_is_refused_by_name(self):
        trommel = self.fresh()
        text = self.folder / "text.onnx"
        text.write_text("no model")
        for extractor, part in ((self.folder / "missing.onnx", "missing.onnx"), ("nobody", "nobody")):
            _, error = trommel.refused("sample", "filter", "s", "--create", "x", "--feature-extractor", extractor, "--wait")
            self.assertIn("feature_extractor", json.dumps(error))
            self.assertIn(part, error["message"])
        done = trommel.run("sample", "filter", "s", "--create", "x", "--feature-extractor", text, "--wait", "--json")
        self.assertNotEqual(done.code, 0)
        self.assertIn("text.onnx", done.out + done.err)

    def test_mine_takes_a_file(self):
        scores = self.folder / "scores.jsonl"
        scores.write_text("".join(
            json.dumps({"image": str(path.relative_to(self.input)), "scores": {("trouser", "bag")[i % 2]: 0.9}}) + "\n"
            for i, path in enumerate(sorted(self.input.rglob("*.png")))))
        out, report = self.folder / "hard.manifest", self.folder / "report.json"
        trommel = road.Trommel(self.folder / "unused")
        trommel.ok("mine", "--images", self.input, "--predictions", scores, "--train", self.train, "--output", out, "--report", report,
                   "--feature-extractor", self.extractor)  # fmt: skip
        self.assertEqual(json.loads(report.read_text())["feature"]["space"], "feature_extractor")

    @unittest.skipUnless(DATA, "TROMMEL_TEST_DATA is not set")
    def test_a_real_model_is_an_extractor(self):
        trommel = self.fresh()
        model = pathlib.Path(DATA) / "models/mobilenet_v1_0.25_128_int8.onnx"
        trommel.ok(*self.filter(extractor=model))
        self.assertGreater(self.report(trommel)["feature"]["length"], 100)


if __name__ == "__main__":
    road.main()
