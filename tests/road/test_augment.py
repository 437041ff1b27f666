#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Filtering that asks the model again: killed in the middle it ends the same, and what was asked once is kept."""
import random
import shutil
import time
import unittest

import road

IMAGES, TRAINING, KILLS, TRIES = 700, 200, 3, 60
RUN, MINING = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
LATER, LAST = "00000000000000000000000000000001", "00000000000000000000000000000002"


class AugmentTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.input, cls.data = cls.folder / "in", cls.folder / "data"
        road.make_pictures(cls.input, IMAGES)
        pictures = sorted(cls.input.rglob("*.png"))
        lines = (road.labeled(path, ("trouser", "bag")[i % 2]) for i, path in enumerate(pictures[:TRAINING]))
        cls.train = road.write_manifest(cls.folder / "train.manifest", lines)
        cls.prepared, cls.dice = cls.folder / "prepared", random.Random(7)
        trommel = road.Trommel(cls.prepared)
        trommel.import_garments()
        trommel.ok("service", "deploy", "--name", "s", "--model", "garments", "--input", cls.input, "--output",
                   cls.folder / "out", "--task-id", RUN, "--shard-images", 64, "--wait")  # fmt: skip

    def fresh(self):
        shutil.rmtree(self.data, ignore_errors=True)
        road.copy_data(self.prepared, self.data)
        return road.Trommel(self.data)

    def filter(self, *more, task=MINING, name="hard"):
        return ("sample", "filter", "s", "--create", name, "--train", self.train, "--aug-op-config", "all", "--aug-budget", 11,
                "--task-id", task, *more, "--wait")  # fmt: skip

    def outcome(self, trommel):
        """Report, coefficients, what is kept for the next time, and the list."""
        found = {b"task/" + name: body for name, body in road.tree(trommel.data / "store/tasks" / MINING).items()}
        views = trommel.data / "store/runs" / RUN / "views"
        found.update({b"views/" + name: body for name, body in road.tree(views).items()})
        rows = trommel.samples("hard", "--sort", "source")
        found["list"] = [(row["source"], row.get("hard_coefficient"), row.get("hard_reasons")) for row in rows]
        return found

    def views(self, trommel):
        """Files of views so far, of the run and of the training images."""
        return sum(1 for _ in (trommel.data / "store").glob("*/*/views/*/*.npy"))

    def test_killed_while_the_model_is_asked_again_it_ends_the_same(self):
        trommel = self.fresh()
        start = time.monotonic()
        trommel.ok(*self.filter())
        seconds, wanted = time.monotonic() - start, self.outcome(trommel)
        self.assertGreater(len(wanted), 20)
        whole, kills, partial = self.views(trommel), 0, 0
        for _ in range(TRIES):
            if kills >= KILLS and partial > 0:
                break
            trommel = self.fresh()
            process = trommel.start(*self.filter())
            time.sleep(self.dice.uniform(0.2, 1) * seconds)
            process.kill()
            process.communicate()
            tasks = [row for row in trommel.ok("task", "list") if row["kind"] == "mine_hard"]
            if process.returncode == 0 or not tasks:
                continue
            kills += 1
            partial += 0 < self.views(trommel) < whole
            done = trommel.run("task", "wait", MINING, "--json")
            self.assertEqual(done.code, 0, done)
            found = self.outcome(trommel)
            self.assertEqual([name for name in wanted if found.get(name) != wanted[name]], [])
            self.assertEqual(len(found), len(wanted))
        road.note(f"{kills} kills, {partial} of them with some of the {whole} files of views there")
        self.assertGreaterEqual(kills, KILLS)
        self.assertGreater(partial, 0, "never hit while the model was asked again")

    def test_what_was_asked_once_is_not_asked_again(self):
        trommel = self.fresh()
        first = trommel.ok(*self.filter())
        result = first[-1]["result"]
        self.assertGreater(result["copies_inferred"], 0)
        again = trommel.ok(*self.filter("--top", "10%", task=LATER, name="again"))
        result = again[-1]["result"]
        self.assertEqual((result["copies_inferred"], result["images_gone"]), (0, 0))

    def test_images_that_are_gone_stay_without_copies(self):
        trommel = self.fresh()
        always = ("--algo-hard-threshold", 0)
        moved = self.folder / "moved"
        trommel.ok(*self.filter("--reasons", "1", task=LATER, name="first"))  # knows the training images
        shutil.copytree(self.input, moved)
        try:
            for path in sorted(self.input.rglob("*.png"))[300:310]:
                path.unlink()
            result = trommel.ok(*self.filter(*always))[-1]["result"]
            self.assertEqual((result["images_gone"], result["analysed"]), (10, IMAGES))
            shutil.rmtree(self.input)
            shutil.rmtree(trommel.data / "store/runs" / RUN / "views")
            result = trommel.ok(*self.filter(*always, task=LAST, name="last"))[-1]["result"]
            self.assertEqual((result["images_gone"], result["analysed"]), (IMAGES, IMAGES))
            self.assertEqual(result["copies_inferred"], 0)
        finally:
            shutil.rmtree(self.input, ignore_errors=True)
            moved.rename(self.input)

    def test_a_bad_operation_is_refused_by_name(self):
        trommel = self.fresh()
        for text, part in (("crop:0.1+rotate:0.1", "rotate"), ("crop:2", "crop"), ("crop:1@0.9", "percent")):
            code, error = trommel.refused("sample", "filter", "s", "--create", "x", "--aug-op-config", text, "--wait")
            self.assertEqual(code, 2, error)
            self.assertIn("aug_op_config", error["message"])
            self.assertIn(part, error["message"])


if __name__ == "__main__":
    road.main()
