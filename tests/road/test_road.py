#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The road from a batch service to a published dataset, walked by the commands that people type."""
import json
import pathlib
import re
import unittest

import road

IMAGES = 40
LABELS = ["t-shirt-top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"]


class RoadTest(unittest.TestCase):
    """Each test begins with a finished service 's' without filtering."""

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.input = road.make_pictures(cls.folder / "in", IMAGES)
        cls.images = sorted(str(path) for path in cls.input.rglob("*.png"))
        training = road.make_pictures(cls.folder / "train", 30, first=500)
        cls.train_lines = [road.labeled(path, LABELS[i % 3]) for i, path in enumerate(sorted(training.rglob("*.png")))]
        cls.train = road.write_manifest(cls.folder / "train.manifest", cls.train_lines)
        template = road.Trommel(cls.folder / "template")
        template.import_garments()
        cls.deployed = template.ok(*cls.deploy(cls.folder / "out-template", "--wait"))
        cls.template = template.data

    @classmethod
    def deploy(cls, output, *more, name="s"):
        return ("service", "deploy", "--name", name, "--model", "garments", "--input", cls.input,
                "--output", output, *more)  # fmt: skip

    def setUp(self):
        self.here = self.folder / self.id().split(".")[-1]
        self.here.mkdir()
        self.trommel = road.Trommel(self.here / "data")
        road.copy_data(self.template, self.trommel.data)
        self.ok, self.refused = self.trommel.ok, self.trommel.refused

    def counts(self, dataset):
        shown = self.ok("dataset", "show", dataset)
        return tuple(shown[name] for name in ("samples", "unlabeled", "to_be_confirmed", "labeled", "hard"))

    def filter_all(self, *more):
        tasks = self.ok("sample", "filter", "s", "--create", "hard", "--algo-hard-threshold", 0, *more, "--wait")
        return tasks[0]["result"]

    def assert_refused(self, code, modelarts, *command, pointer=None):
        found, error = self.refused(*command)
        self.assertEqual((found, error.get("error_code")), (code, modelarts), error)
        if pointer:
            self.assertEqual(error.get("pointer"), pointer)
        return error["message"]

    # ---- deploying ----

    def test_a_deployed_service_runs_at_once_and_finishes(self):
        (task,) = self.deployed
        self.assertEqual((task["kind"], task["state"]), ("run_batch", "succeeded"))
        result = task["result"]
        self.assertEqual((result["images"], result["failed"], result["skipped"]), (IMAGES, 0, 0))
        shown = self.ok("service", "show", "s")
        self.assertEqual((shown["status"], shown["images"], shown["failed"]), ("finished", IMAGES, 0))
        self.assertEqual((shown["model"], shown["model_type"]), ("garments/0.0.1", "image_classification"))
        self.assertIsNone(shown["hard_example_filtering"])
        self.assertEqual(self.ok("sample", "tasks", "s"), [])

    def test_a_name_is_taken_once(self):
        self.assert_refused(6, "ModelArts.3503", *self.deploy(self.here / "out"), pointer="/name")

    def test_what_is_not_there_is_named_with_exit_5(self):
        for command, code in (
            (("service", "show", "nobody"), "3502"),
            (("service", "start", "nobody"), "3502"),
            (("sample", "sync", "nobody", "--create", "x"), "3502"),
            (("sample", "filter", "nobody", "--create", "x"), "3502"),
            (("service", "hard", "enable", "nobody", "--create", "x"), "3502"),
            (("dataset", "show", "nobody"), "4352"),
            (("dataset", "publish", "nobody"), "4352"),
            (("sample", "sync", "s", "--dataset", "nobody"), "4352"),
            (("sample", "filter", "s", "--dataset", "nobody"), "4352"),
            (("model", "show", "nobody"), "3507"),
            (("task", "show", "abcdef"), "3850"),
            (("samples", "show", "0123456789abcdef"), "4412"),
            (("sample", "filter", "s", "--create", "x", "--train", "nobody@V001"), "4352"),
        ):
            with self.subTest(command=command):
                self.assert_refused(5, "ModelArts." + code, *command)
        self.ok("dataset", "create", "d")
        self.assert_refused(5, "ModelArts.4353", "sample", "filter", "s", "--create", "x", "--train", "d@V001")

    def test_a_model_in_use_cannot_be_deleted(self):
        self.assertEqual(self.refused("model", "delete", "garments", "--yes")[0], 6)

    def test_deleting_asks_for_yes(self):
        code, error = self.refused("service", "delete", "s")
        self.assertEqual(code, 2)
        self.assertIn("--yes", error["message"])
        self.ok("service", "delete", "s", "--yes")
        self.assertEqual(self.ok("service", "list"), [])

    # ---- synchronizing ----

    def test_synchronizing_puts_every_image_on_unlabeled_and_twice_adds_nothing(self):
        first = self.ok("sample", "sync", "s", "--create", "raw", "--wait")[0]["result"]
        self.assertEqual((first["added"], first["unchanged"]), (IMAGES, 0))
        self.assertEqual(self.counts("raw"), (IMAGES, IMAGES, 0, 0, 0))
        before = self.trommel.samples("raw")
        self.assertEqual(sorted(row["source"] for row in before), self.images)
        self.assertEqual({row["state"] for row in before}, {"unlabeled"})
        again = self.ok("sample", "sync", "s", "--dataset", "raw", "--wait")[0]["result"]
        self.assertEqual((again["added"], again["unchanged"]), (0, IMAGES))
        self.assertEqual(self.trommel.samples("raw"), before)

    def test_synchronizing_after_filtering_leaves_the_states_as_they_are(self):
        self.filter_all("--top", 10)
        before = {row["source"]: row for row in self.trommel.samples("hard")}
        self.ok("sample", "sync", "s", "--dataset", "hard", "--wait")
        self.assertEqual(self.counts("hard"), (IMAGES, IMAGES - 10, 10, 0, 10))
        for row in self.trommel.samples("hard", "--hard"):
            self.assertEqual(row, before[row["source"]])

    # ---- filtering ----

    def test_filtering_enabled_later_acts_on_the_next_run_only(self):
        enabled = self.ok("service", "hard", "enable", "s", "--create", "hard", "--algo-hard-threshold", 0, "--top", "25%")
        self.assertTrue(enabled["is_enabled"])
        self.assertEqual(self.ok("sample", "tasks", "s"), [])
        self.assertEqual(self.ok("dataset", "list"), [])
        run, mining = self.ok("service", "restart", "s", "--wait")
        self.assertEqual((run["kind"], mining["kind"]), ("run_batch", "mine_hard"))
        self.assertEqual(mining["result"]["hard"], IMAGES // 4)
        self.assertEqual(self.counts("hard"), (10, 0, 10, 0, 10))
        (row,) = self.ok("sample", "tasks", "s")
        self.assertEqual((row["status"], row["result"]["dataset"]), ("Dataset imported", "hard"))

    def test_filtering_at_deployment_fills_to_be_confirmed(self):
        tasks = self.ok(*self.deploy(self.here / "out", "--hard-examples", "--train", self.train, "--create", "hard",
                                     "--algo-hard-threshold", 0, "--top", 8, "--wait", name="t"))  # fmt: skip
        self.assertEqual([task["state"] for task in tasks], ["succeeded", "succeeded"])
        self.assertEqual(self.counts("hard"), (8, 0, 8, 0, 8))
        stored = self.ok("service", "hard", "show", "t")["hard_example_filtering"]
        self.assertEqual((stored["train"], stored["create"], stored["top"]), (str(self.train), "hard", "8"))

    def test_stored_results_are_filtered_now_without_predicting_again(self):
        (self.folder / "in").rename(self.folder / "moved")
        self.addCleanup((self.folder / "moved").rename, self.folder / "in")
        result = self.filter_all("--train", self.train)
        self.assertEqual((result["analysed"], result["hard"], result["added"]), (IMAGES, IMAGES, IMAGES))
        (row,) = self.ok("sample", "tasks", "s")
        self.assertEqual(row["status"], "Dataset imported")
        self.assertEqual(len(self.ok("service", "runs", "s")), 1)

    def test_every_hard_example_says_why_and_comes_hardest_first(self):
        self.filter_all("--train", self.train)
        rows = self.trommel.samples("hard")
        coefficients = [row["hard_coefficient"] for row in rows]
        self.assertEqual(coefficients, sorted(coefficients, reverse=True))
        for row in rows:
            self.assertTrue(0 <= row["hard_coefficient"] <= 1)
            self.assertGreater(len(row["reasons"]), 0)
            for reason in row["reasons"]:
                evidence = row["evidence"][str(reason["id"])]
                self.assertTrue(0 < evidence["strength"] <= 1)
            (label,) = row["labels"]
            self.assertIn(label["name"], LABELS)
            self.assertEqual((label["state"], row["state"], row["hard"]), ("suggested", "to_be_confirmed", True))

    def test_filtering_again_with_other_settings_updates_and_doubles_nothing(self):
        self.filter_all("--top", 10)
        again = self.filter_all("--top", 20)
        self.assertEqual((again["added"], again["unchanged"]), (10, 10))
        self.assertEqual(self.counts("hard"), (20, 0, 20, 0, 20))

    def test_what_a_person_decided_survives_the_next_filtering(self):
        self.filter_all("--top", 5)
        first = self.trommel.samples("hard")[0]
        self.ok("samples", "confirm", first["id"], "--labels", "coat")
        self.filter_all("--top", 5)
        kept = self.ok("samples", "show", first["id"])
        self.assertEqual((kept["state"], kept["labels"][0]["name"]), ("labeled", "coat"))

    def test_no_hard_example_is_a_success_that_says_so(self):
        tasks = self.ok("sample", "filter", "s", "--create", "hard", "--algo-hard-threshold", 1, "--wait")
        self.assertEqual(tasks[0]["result"]["hard"], 0)
        self.assertEqual(self.ok("sample", "tasks", "s")[0]["status"], "No samples")

    def test_filtering_can_be_enabled_once_replaced_and_disabled(self):
        hard = ("service", "hard")
        self.assert_refused(2, "ModelArts.3838", *hard, "disable", "s")
        self.assert_refused(2, "ModelArts.3838", "sample", "filter", "s")
        self.ok(*hard, "enable", "s", "--create", "hard")
        self.assert_refused(2, "ModelArts.3839", *hard, "enable", "s", "--create", "other")
        replaced = self.ok(*hard, "enable", "s", "--create", "other", "--replace")
        self.assertEqual(replaced["hard_example_filtering"]["create"], "other")
        self.assertEqual(self.ok("sample", "filter", "s", "--wait")[0]["result"]["dataset"], "other")
        self.assertFalse(self.ok(*hard, "disable", "s")["is_enabled"])
        self.assertFalse(self.ok(*hard, "show", "s")["is_enabled"])

    def test_types_that_do_not_fit_are_refused_before_any_work(self):
        self.ok("dataset", "create", "boxes", "--type", "det")
        mismatch = (2, "ModelArts.3842")
        enable = ("service", "hard", "enable", "s")
        self.assert_refused(*mismatch, *enable, "--dataset", "boxes", pointer="/dataset")
        self.assert_refused(*mismatch, *enable, "--create", "boxes")
        self.assert_refused(*mismatch, *enable, "--create", "x", "--model-type", "det", pointer="/model_type")
        self.assert_refused(*mismatch, "sample", "filter", "s", "--dataset", "boxes", pointer="/dataset")
        self.assert_refused(*mismatch, "sample", "filter", "s", "--create", "boxes")
        self.assert_refused(*mismatch, "sample", "sync", "s", "--dataset", "boxes", pointer="/dataset")
        self.assert_refused(*mismatch, "sample", "sync", "s", "--create", "boxes")
        deploy = self.deploy(self.here / "out", "--hard-examples", "--dataset", "boxes", name="t")
        self.assert_refused(*mismatch, *deploy, pointer="/dataset")
        unsupported = (2, "ModelArts.3841")
        self.assert_refused(*unsupported, *enable, "--create", "x", "--model-type", "predict_analysis", pointer="/model_type")
        self.assert_refused(*unsupported, "dataset", "create", "x", "--type", "text_classification", pointer="/type")
        self.assertEqual(len(self.ok("service", "list")), 1)

    def test_bad_settings_are_refused_by_name(self):
        filtering = ("sample", "filter", "s", "--create", "hard")
        for option, value, field in (
            ("--top", "0", "/top"),
            ("--top", "101%", "/top"),
            ("--reasons", "31", "/reasons"),
            ("--algo-hard-threshold", "1.5", "/algo_hard_threshold"),
            ("--comprehensive-algo-config", "guess_mining:1", "/comprehensive_algo_config"),
        ):
            with self.subTest(option=option, value=value):
                code, error = self.refused(*filtering, option, value)
                self.assertEqual((code, error["pointer"]), (2, field))
        self.assertEqual(self.refused("sample", "filter", "s", "--create", "a/b")[0], 2)
        self.assertEqual(self.refused("sample", "sync", "s", "--create", "a/b")[0], 2)
        self.assertEqual(self.refused("sample", "sync", "s")[0], 2)
        self.assertEqual(self.refused("sample", "sync", "s", "--create", "a", "--dataset", "b")[0], 2)
        self.assertEqual(self.ok("task", "list", "--kind", "mine_hard"), [])

    def test_a_bad_training_manifest_is_refused_and_its_line_named(self):
        lines = [json.dumps(line) for line in self.train_lines]
        lines[6] = '{"source": "/x.png", "annotation": 7}'
        bad = road.write_manifest(self.here / "bad.manifest", lines)
        for command in (("sample", "filter", "s"), ("service", "hard", "enable", "s")):
            message = self.assert_refused(2, "ModelArts.4355", *command, "--create", "x", "--train", bad, pointer="/train")
            self.assertIn("line 7", message)
        unlabeled = road.write_manifest(self.here / "bare.manifest", [{"source": "/x.png"}])
        filtering = ("sample", "filter", "s", "--create", "x", "--train")
        self.assert_refused(2, "ModelArts.4355", *filtering, unlabeled, pointer="/train")
        self.assert_refused(2, "ModelArts.3551", *filtering, self.here / "missing.manifest", pointer="/train")
        empty = road.write_manifest(self.here / "empty.manifest", [])
        self.assert_refused(2, "ModelArts.4355", *filtering, empty, pointer="/train")

    def test_without_a_finished_run_there_is_nothing_to_collect(self):
        (self.here / "empty").mkdir()
        done = self.trommel.run("service", "deploy", "--name", "e", "--model", "garments", "--input", self.here / "empty",
                                "--output", self.here / "out", "--wait", "--json")  # fmt: skip
        self.assertEqual((done.code, done.json[0]["error"]["detail"]), (8, "no-samples"), done)
        self.assertEqual(self.ok("service", "show", "e")["status"], "failed")
        self.assert_refused(2, "ModelArts.3845", "sample", "filter", "e", "--create", "x")
        self.assert_refused(2, "ModelArts.3845", "sample", "sync", "e", "--create", "x")

    # ---- deciding ----

    def test_confirming_rejecting_and_relabeling_move_samples(self):
        self.filter_all("--top", 6)
        rows = self.trommel.samples("hard")
        confirmed, relabeled, rejected = rows[:3]
        reply = self.ok("samples", "confirm", confirmed["id"], "--by", "ann")
        self.assertEqual((reply["done"], reply["failed"]), (1, 0))
        self.ok("samples", "reject", relabeled["id"], "--labels", "dress")
        self.ok("samples", "reject", rejected["id"])
        self.assertEqual(self.counts("hard"), (6, 1, 3, 2, 5))  # what was rejected is no longer hard, what was corrected is

        def show(row):
            now = self.ok("samples", "show", row["id"])
            return now["state"], [(label["name"], label["state"], label["annotated_by"]) for label in now["labels"]]

        self.assertEqual(show(confirmed), ("labeled", [(confirmed["labels"][0]["name"], "confirmed", "human/ann")]))
        self.assertEqual(show(relabeled), ("labeled", [("dress", "confirmed", "human")]))
        self.assertEqual(show(rejected), ("unlabeled", []))

    def test_deciding_by_filter_and_by_standard_input(self):
        self.filter_all()
        ids = self.trommel.run("samples", "list", "hard", "--limit", 7, "-q").out
        self.assertEqual(len(ids.split()), 7)
        done = self.trommel.run("samples", "confirm", "-", text=ids)
        self.assertEqual((done.code, done.err.splitlines()[-1]), (0, "7 done, 0 failed"))
        self.assertEqual(self.counts("hard")[3], 7)
        reply = self.ok("samples", "confirm", "--dataset", "hard", "--state", "tbc", "--score-min", 0.5, "--limit", 1000)
        expected = [row for row in self.trommel.samples("hard", "--state", "labeled")]
        self.assertEqual(self.counts("hard")[3], 7 + reply["done"])
        self.assertEqual(len(expected), 7 + reply["done"])

    def test_a_decision_that_cannot_be_is_named_and_the_others_are_done(self):
        self.filter_all("--top", 3)
        rows = self.trommel.samples("hard")
        self.ok("samples", "reject", rows[0]["id"])
        done = self.trommel.run("samples", "confirm", *(row["id"] for row in rows), "--json")
        self.assertEqual(done.code, 3)
        self.assertEqual((done.json["done"], done.json["failed"]), (2, 1))
        (bad,) = [row for row in done.json["outcomes"] if not row["is_done"]]
        self.assertEqual(bad["id"], rows[0]["id"])
        self.assertTrue(bad["reason"])

    def test_a_label_that_the_dataset_does_not_know_is_refused(self):
        self.filter_all("--top", 3)
        sample = self.trommel.samples("hard")[0]["id"]
        done = self.trommel.run("samples", "confirm", sample, "--labels", "drss", "--json")
        self.assertEqual((done.code, done.json["failed"]), (3, 1))
        self.assertIn("drss", done.json["outcomes"][0]["reason"])
        self.assertEqual(self.counts("hard"), (3, 0, 3, 0, 3))

    # ---- publishing ----

    def published(self, *more):
        result = self.ok("dataset", "publish", "hard", *more, "--wait")[0]["result"]
        return result, pathlib.Path(result["manifest_path"])

    def test_a_published_manifest_is_exactly_as_specified(self):
        self.filter_all("--top", 5)
        rows = self.trommel.samples("hard")
        self.ok("samples", "confirm", rows[0]["id"])
        self.ok("samples", "reject", rows[1]["id"])
        result, path = self.published()
        self.assertEqual((result["version"], result["samples"], result["labeled"]), ("V001", 5, 1))
        dataset = self.ok("dataset", "show", "hard")
        place = f"hard-{dataset['id']}/annotation/V001/V001.manifest"
        self.assertTrue(str(path).endswith(place), path)
        text = path.read_text()
        self.assertTrue(text.endswith("\n"))
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual([line["id"] for line in lines], sorted(row["id"] for row in rows))
        by_id = {line["id"]: line for line in lines}
        for row in rows[1:]:
            self.assertEqual(by_id[row["id"]], {"source": row["source"], "id": row["id"]})
        labeled = by_id[rows[0]["id"]]
        time = labeled["annotation"][0].pop("creation-time")
        self.assertRegex(time, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        annotation = {"name": rows[0]["labels"][0]["name"], "type": "modelarts/image_classification", "annotated-by": "human"}
        self.assertEqual(labeled, {"annotation": [annotation], "source": rows[0]["source"], "id": rows[0]["id"]})
        for line in text.splitlines():
            self.assertEqual(list(json.loads(line))[-2:], ["source", "id"])
            self.assertRegex(json.loads(line)["id"], r"^[0-9a-f]{32}$")

    def test_the_hard_example_switch_adds_hard_coefficient_and_reasons(self):
        self.filter_all("--top", 4)
        rows = {row["id"]: row for row in self.trommel.samples("hard")}
        some = next(iter(rows))
        self.ok("samples", "confirm", some)
        _, path = self.published("--hard-attributes")
        for line in road.json_lines(path):
            row = rows[line["id"]]
            for part in [line, *line.get("annotation", [])]:
                self.assertEqual(part["hard"], "true")
                self.assertEqual(part["hard-coefficient"], row["hard_coefficient"])
                self.assertEqual(part["hard-reasons"], "-".join(str(reason["id"]) for reason in row["reasons"]))
        self.assertEqual([line["id"] for line in road.json_lines(path) if "annotation" in line], [some])

    def test_a_published_version_never_changes(self):
        self.filter_all("--top", 5)
        rows = self.trommel.samples("hard")
        self.ok("samples", "confirm", rows[0]["id"])
        _, first = self.published("--hard-attributes")
        before, stat = first.read_bytes(), first.stat()
        self.ok("samples", "confirm", *(row["id"] for row in rows[1:]))
        self.ok("samples", "clear-hard", rows[0]["id"])
        result, second = self.published()
        self.assertEqual(result["version"], "V002")
        self.filter_all()
        self.ok("dataset", "import", "hard", self.train, "--wait")
        self.assert_version_exists_once()
        self.ok("dataset", "delete", "hard", "--yes")
        self.assertEqual(first.read_bytes(), before)
        self.assertEqual((first.stat().st_mtime_ns, first.stat().st_ino), (stat.st_mtime_ns, stat.st_ino))
        self.assertNotEqual(second.read_bytes(), before)

    def assert_version_exists_once(self):
        done = self.trommel.run("dataset", "publish", "hard", "--name", "V001", "--wait", "--json")
        self.assertEqual(done.code, 8)
        self.assertEqual(done.json[0]["error"]["detail"], "version-exists")
        names = [row["name"] for row in self.ok("dataset", "versions", "hard")]
        self.assertEqual(sorted(names), ["V001", "V002"])

    def test_a_published_version_trains_the_next_filtering(self):
        self.filter_all()
        self.ok("samples", "confirm", "--dataset", "hard", "--state", "tbc", "--limit", 1000)
        self.published()
        tasks = self.ok("sample", "filter", "s", "--train", "hard@V001", "--create", "again", "--wait")
        self.assertEqual(tasks[0]["state"], "succeeded")
        self.assertEqual(self.ok("sample", "filter", "s", "--train", "hard@", "--create", "again", "--wait")[0]["state"], "succeeded")

    def test_nothing_labeled_cannot_be_published(self):
        self.filter_all("--top", 5)
        done = self.trommel.run("dataset", "publish", "hard", "--wait", "--json")
        self.assertEqual((done.code, done.json[0]["error"]["detail"]), (8, "nothing-to-publish"))
        self.assertEqual(self.ok("dataset", "versions", "hard"), [])
        self.assertEqual(road.tree(self.trommel.data / "store/datasets"), {})

    # ---- importing ----

    def test_an_import_takes_the_good_lines_and_names_the_bad(self):
        good = [json.dumps(line) for line in self.train_lines]
        lines = good[:3] + ["{not json", '{"annotation": []}', "", good[3], '{"source": "/x.png", "usage": "LUNCH"}'] + good[4:]
        manifest = road.write_manifest(self.here / "mixed.manifest", lines)
        self.ok("dataset", "create", "d")
        done = self.trommel.run("dataset", "import", "d", manifest, "--wait", "--json")
        self.assertEqual(done.code, 3)
        result = done.json[0]["result"]
        self.assertEqual([row["line"] for row in result["bad_lines"]], [4, 5, 8])
        self.assertTrue(all(row["reason"] for row in result["bad_lines"]))
        self.assertEqual((result["bad"], result["added"]), (3, 30))
        self.assertEqual(self.counts("d"), (30, 0, 0, 30, 0))
        done = self.trommel.run("dataset", "import", "d", manifest, "--stop-at-bad-line", "--wait", "--json")
        self.assertEqual(done.code, 8)
        self.assertIn("line 4", done.json[0]["error"]["message"])

    def test_an_import_may_ask_for_confirmation(self):
        self.ok("dataset", "create", "d")
        self.ok("dataset", "import", "d", self.train, "--to-be-confirmed", "--wait")
        self.assertEqual(self.counts("d"), (30, 0, 30, 0, 0))

    def test_what_was_published_imports_as_it_was(self):
        self.filter_all("--top", 12)
        self.ok("samples", "confirm", *(row["id"] for row in self.trommel.samples("hard")[:5]))
        _, path = self.published("--hard-attributes")
        self.ok("dataset", "create", "copy", "--labels", ",".join(LABELS))
        self.ok("dataset", "import", "copy", path, "--wait")

        def essence(dataset):
            return sorted(
                (row["source"], row["state"] == "labeled", row["hard"], row["hard_coefficient"],
                 [reason["id"] for reason in row["reasons"]],
                 [label["name"] for label in row["labels"] if row["state"] == "labeled"])
                for row in self.trommel.samples(dataset)
            )  # fmt: skip

        self.assertEqual(essence("copy"), essence("hard"))


if __name__ == "__main__":
    road.main()
