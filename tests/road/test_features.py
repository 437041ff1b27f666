#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A feature extractor of one's own: in every way of filtering, killed in the middle, kept, confined to the roots."""
import json
import os
import pathlib
import shutil
import unittest

import road

KILLS = 2
LATER = "00000000000000000000000000000001"
DATA = os.environ.get("TROMMEL_TEST_DATA")


class FeaturesTest(road.FilteringCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extractor = cls.folder / "second.onnx"
        shutil.copyfile(road.SOURCE / "demo/garments.onnx", cls.extractor)

    def filter(self, *more, task=road.MINING, name="hard", extractor=None):
        return ("sample", "filter", "s", "--create", name, "--train", self.train, "--aug-budget", 0, "--algo-hard-threshold", 0,
                "--feature-extractor", extractor or self.extractor, "--task-id", task, *more, "--wait")  # fmt: skip

    def report(self, trommel, task=road.MINING):
        return json.loads((trommel.data / "store/tasks" / task / "report.json").read_text())

    def features(self, trommel):
        """Files of vectors so far, of the run and of the training images."""
        return sum(1 for _ in (trommel.data / "store").glob("*/*/features-*/*.npy"))

    def outcome(self, trommel):
        found = {b"task/" + name: body for name, body in road.tree(trommel.data / "store/tasks" / road.MINING).items()}
        for folder in (trommel.data / "store").glob("*/*/features-*"):
            found.update({bytes(folder) + b"/" + name: body for name, body in road.tree(folder).items()})
        rows = trommel.samples("hard", "--sort", "source")
        found["list"] = [(row["source"], row.get("hard_coefficient"), row.get("hard_reasons")) for row in rows]
        return found

    def test_vectors_are_made_once_and_told(self):
        trommel = self.fresh()
        result = trommel.ok(*self.filter())[-1]["result"]
        self.assertEqual((result["features_extracted"], result["features_gone"]), (self.IMAGES + self.TRAINING, 0))
        feature = self.report(trommel)["feature"]
        self.assertEqual((feature["space"], feature["name"]), ("feature_extractor", str(self.extractor)))
        self.assertEqual(len(feature["key"]), 32)
        again = trommel.ok(*self.filter(task=LATER, name="again"))[-1]["result"]
        self.assertEqual((again["features_extracted"], again["features_gone"]), (0, 0))
        first, second = (trommel.data / "store/tasks" / task / "coefficients.npy" for task in (road.MINING, LATER))
        self.assertEqual(first.read_bytes(), second.read_bytes())

    def test_an_imported_model_will_do(self):
        trommel = self.fresh()
        trommel.ok("model", "import", self.extractor, "--name", "second")
        result = trommel.ok(*self.filter(extractor="second"))[-1]["result"]
        self.assertEqual((result["feature_extractor"], result["features_extracted"]), ("second", self.IMAGES + self.TRAINING))

    def test_killed_while_extracting_it_ends_the_same(self):
        self.kill_and_resume(self.filter(), self.features, KILLS)

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
        self.assertEqual((result["features_gone"], result["analysed"]), (1, self.IMAGES))
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
