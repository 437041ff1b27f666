#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Filtering that asks the model again: killed in the middle it ends the same, and what was asked once is kept."""
import shutil

import road

KILLS = 3
LATER, LAST = "00000000000000000000000000000001", "00000000000000000000000000000002"


class AugmentTest(road.FilteringCase):
    IMAGES = 700

    def filter(self, *more, task=road.MINING, name="hard"):
        return ("sample", "filter", "s", "--create", name, "--train", self.train, "--aug-op-config", "all", "--aug-budget", 11,
                "--task-id", task, *more, "--wait")  # fmt: skip

    def outcome(self, trommel):
        """Report, coefficients, what is kept for the next time, and the list."""
        found = {b"task/" + name: body for name, body in road.tree(trommel.data / "store/tasks" / road.MINING).items()}
        views = trommel.data / "store/runs" / road.RUN / "views"
        found.update({b"views/" + name: body for name, body in road.tree(views).items()})
        rows = trommel.samples("hard", "--sort", "source")
        found["list"] = [(row["source"], row.get("hard_coefficient"), row.get("hard_reasons")) for row in rows]
        return found

    def views(self, trommel):
        """Files of views so far, of the run and of the training images."""
        return sum(1 for _ in (trommel.data / "store").glob("*/*/views/*/*.npy"))

    def test_killed_while_the_model_is_asked_again_it_ends_the_same(self):
        self.kill_and_resume(self.filter(), self.views, KILLS)

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
            self.assertEqual((result["images_gone"], result["analysed"]), (10, self.IMAGES))
            shutil.rmtree(self.input)
            shutil.rmtree(trommel.data / "store/runs" / road.RUN / "views")
            result = trommel.ok(*self.filter(*always, task=LAST, name="last"))[-1]["result"]
            self.assertEqual((result["images_gone"], result["analysed"]), (self.IMAGES, self.IMAGES))
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
