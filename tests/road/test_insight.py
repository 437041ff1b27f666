#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Looking into what a run found: its results, small images, crops, why a sample is hard, what is like it, estimates."""
import concurrent.futures
import json
import os
import re
import struct
import time
import urllib.parse

import road
from road_http import Server, ServerCase

IMAGES, TRAINING = 60, 90


def jpeg_size(data):
    """Width and height in a JPEG file's frame header."""
    at = 2
    while data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if marker in (0xC0, 0xC1, 0xC2):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise AssertionError("no frame header")


def wide_picture(seed, width, height):
    """Quick to make, unlike road.picture."""
    row = bytes((seed * 37 + x) % 256 for x in range(width * 3))
    return road.png(width, height, row * height)


def counted(server):
    return sum(1 for _ in server.cache.rglob("*.jpg"))


class InsightTest(ServerCase):
    """A garments run filtered against a training set, behind one server."""

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.trommel.import_garments()
        road.make_pictures(cls.folder / "in", IMAGES)
        (cls.folder / "in/broken.png").write_bytes(road.picture(1)[:200])
        (cls.folder / "in/notes.txt").write_text("not an image")
        names = (road.SOURCE / "demo/garments.labels.txt").read_text().split("\n")
        cls.manifest = road.make_training(cls.folder / "train", TRAINING, names[:3], first=1000, usage="TRAIN")
        deployed = cls.trommel.run(
            "service", "deploy", "--name", "s", "--model", "garments", "--input", cls.folder / "in", "--output", cls.folder / "out",
            "--shard-images", 16, "--hard-examples", "--train", cls.manifest, "--create", "hard", "--algo-hard-threshold", 0.05, "--wait",
        )  # fmt: skip
        assert deployed.code == 3, deployed  # one image is broken
        cls.server = Server(cls.trommel)
        cls.server.cache = cls.folder / "data/cache/pictures"
        cls.samples = cls.server.ok("GET", "/api/v1/datasets/hard/samples?limit=1000")["samples"]
        assert len(cls.samples) > 5, cls.samples

    def image(self, path, status=200, headers=None):
        reply = self.server.ask("GET", path, headers=headers)
        self.assertEqual(reply.status, status, reply)
        return reply

    def add_images(self, name, files):
        """Samples of a dataset of their own, by file name."""
        folder = self.folder / name
        folder.mkdir()
        for file, data in files.items():
            (folder / file).write_bytes(data)
        lines = [road.labeled(folder / file, "a") for file in files]
        self.trommel.ok("dataset", "create", name, "--type", "cls", "--labels", "a")
        self.trommel.ok("dataset", "import", name, road.write_manifest(self.folder / f"{name}.manifest", lines), "--wait")
        rows = self.server.ok("GET", f"/api/v1/datasets/{name}/samples?limit=1000")["samples"]
        return {os.path.basename(row["source"]): row["id"] for row in rows}

    # ---- images ----

    def test_thumb_and_mid_are_jpeg_of_their_size_and_never_larger_than_the_source(self):
        rows = self.add_images("sizes", {"large.png": wide_picture(1, 3000, 1500), "small.png": road.picture(5)})
        large, small = f"/api/v1/samples/{rows['large.png']}/image", f"/api/v1/samples/{rows['small.png']}/image"
        for path, size, wanted in ((large, "thumb", (256, 128)), (large, "mid", (1280, 640)), (small, "thumb", (48, 40)), (small, "mid", (48, 40))):
            reply = self.image(f"{path}?size={size}")
            self.assertEqual(reply.headers["Content-Type"], "image/jpeg")
            self.assertEqual(jpeg_size(reply.body), wanted)
            self.assertEqual(reply.headers["Cache-Control"], "private, no-cache")
        self.assertEqual(self.image(small).body, road.picture(5))

    def test_a_picture_has_ranges_and_an_etag_and_is_kept_for_ever_only_by_its_content(self):
        sample = self.samples[0]
        path = f"/api/v1/samples/{sample['id']}/image?size=thumb"
        whole = self.image(path)
        part = self.image(path, 206, {"Range": "bytes=2-9"})
        self.assertEqual(part.body, whole.body[2:10])
        self.assertEqual(self.image(path, 304, {"If-None-Match": whole.headers["ETag"]}).body, b"")
        for rev in (sample["content_hash"], sample["content_hash"][:8], sample["revision"]):
            for size in ("thumb", "mid", "orig"):
                reply = self.image(f"/api/v1/samples/{sample['id']}/image?size={size}&rev={rev}")
                self.assertIn("immutable", reply.headers["Cache-Control"], (rev, size))
                self.assertIn("private", reply.headers["Cache-Control"])
        for rev in ("0" * 32, sample["revision"] + 1, sample["content_hash"][:4]):
            self.assertNotIn("immutable", self.image(f"{path}&rev={rev}").headers["Cache-Control"], rev)

    def test_a_thumb_wanted_many_times_at_once_is_made_once(self):
        rows = self.add_images("many", {"one.png": wide_picture(9, 4000, 3000)})
        before = counted(self.server)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(lambda _: self.image(f"/api/v1/samples/{rows['one.png']}/image?size=thumb"), range(32)))
        self.assertEqual(len({reply.body for reply in replies}), 1)
        self.assertEqual(counted(self.server), before + 1)

    def test_a_damaged_a_missing_and_a_foreign_file_are_problems_with_a_code(self):
        rows = self.add_images(
            "bad", {"cut.png": road.picture(3)[:300], "gone.png": road.picture(4), "text.png": b"a secret, no image", "later.png": road.picture(6)}
        )
        (self.folder / "bad/gone.png").unlink()
        for file, status, code in (("cut.png", 400, "image-damaged"), ("gone.png", 404, "image-missing"), ("text.png", 400, "image-damaged")):
            for size in ("thumb", "mid"):
                problem = self.server.refused(status, "GET", f"/api/v1/samples/{rows[file]}/image?size={size}")
                self.assertTrue(problem["type"].endswith(code), problem)
                self.assertNotIn("secret", json.dumps(problem))
        for file in ("gone.png", "text.png"):
            self.server.refused(404, "GET", f"/api/v1/samples/{rows[file]}/image")

    def test_a_changed_file_gives_a_new_picture_that_is_not_kept_for_ever(self):
        rows = self.add_images("changed", {"c.png": road.picture(11)})
        path = f"/api/v1/samples/{rows['c.png']}/image?size=thumb"
        first = self.image(path)
        (self.folder / "changed/c.png").write_bytes(road.picture(12))
        second = self.image(path)
        self.assertNotEqual(first.headers["ETag"], second.headers["ETag"])
        self.assertNotEqual(first.body, second.body)
        for rev in (1, "0" * 32):
            self.assertNotIn("immutable", self.image(f"{path}&rev={rev}").headers["Cache-Control"], rev)

    def test_a_crop_is_the_box_with_a_margin(self):
        rows = self.add_images("crops", {"w.png": wide_picture(2, 1000, 800)})
        path = f"/api/v1/samples/{rows['w.png']}/crop"
        self.assertEqual(jpeg_size(self.image(f"{path}?box=100,100,200,200").body), (130, 130))
        self.assertEqual(jpeg_size(self.image(f"{path}?box=0,0,1000,800&size=mid").body), (1000, 800))
        self.assertEqual(jpeg_size(self.image(f"{path}?box=900,700,2000,2000").body), (115, 115))
        for box in ("2000,2000,2100,2100", "5,5,5,9", "1,2,3", "x", "0", "nan,0,1,1", "9,9,1,1"):
            problem = self.server.refused(400, "GET", f"{path}?box={urllib.parse.quote(box)}")
            self.assertIn("invalid-argument", problem["type"], box)

    # ---- results ----

    def results(self, query=""):
        rows, cursor = [], ""
        while True:
            page = self.server.ok("GET", f"/api/v1/services/s/results?limit=7{query}{cursor}")
            rows += page["results"]
            if not page["next_cursor"]:
                self.assertEqual(len(rows), page["total"])
                return rows
            cursor = f"&cursor={page['next_cursor']}"

    def test_pages_of_results_hold_every_image_once_and_filters_agree(self):
        rows = self.results()
        self.assertEqual(len(rows), IMAGES + 1)
        self.assertEqual(len({row["source"] for row in rows}), IMAGES + 1)
        failed = self.results("&state=failed")
        self.assertEqual([os.path.basename(row["source"]) for row in failed], ["broken.png"])
        self.assertTrue(failed[0]["error"])
        self.assertEqual(self.results("&state=ok"), [row for row in rows if row["state"] == "ok"])
        label = rows[0]["label"] or rows[1]["label"]
        self.assertEqual(self.results(f"&class={urllib.parse.quote(label)}"), [row for row in rows if row["label"] == label])
        sure = self.results("&score_min=0.5&score_max=0.9")
        self.assertEqual(sure, [row for row in rows if row["score"] is not None and 0.5 <= row["score"] <= 0.9])
        self.assertEqual(self.trommel.ok("service", "results", "s", "--limit", 1000), rows)

    def test_one_result_tells_scores_and_measures_and_shows_its_image(self):
        row = next(row for row in self.results("&state=ok"))
        shown = self.server.ok("GET", f"/api/v1/services/s/results/{row['id']}")["result"]
        self.assertEqual({name: shown[name] for name in row}, row)
        self.assertEqual((shown["scores"][0]["label"], round(shown["scores"][0]["score"], 6)), (row["label"], round(row["score"], 6)))
        self.assertAlmostEqual(shown["features"]["resolution"], 48 * 40)
        with open(row["source"].removeprefix("file://"), "rb") as file:
            self.assertEqual(self.image(row["image"]).body, file.read())
        self.assertEqual(jpeg_size(self.image(row["image"] + "?size=thumb").body), (48, 40))
        kept = self.image(f"{row['image']}?size=mid&rev={shown['content_hash']}")
        self.assertIn("immutable", kept.headers["Cache-Control"])

    def test_what_is_no_result_is_refused(self):
        run = self.server.ok("GET", "/api/v1/services/s/runs")["runs"][0]["id"]
        for result in ("x", f"{run}-999999", f"{run}-", "0" * 32 + "-0"):
            reply = self.server.ask("GET", f"/api/v1/services/s/results/{result}")
            self.assertIn(reply.status, (400, 404), result)
        for query in ("cursor=x", f"cursor={run}-5&run={'0' * 32}", "class=zebra", "limit=0", "state=skipped"):
            self.assertIn(self.server.ask("GET", f"/api/v1/services/s/results?{query}").status, (400, 404), query)

    def test_a_run_counts_its_classes_and_scores(self):
        run = self.server.ok("GET", "/api/v1/services/s/runs")["runs"][0]["id"]
        shown = self.server.ok("GET", f"/api/v1/services/s/runs/{run}")
        self.assertEqual((shown["run"]["images"], shown["run"]["failed"], shown["run"]["skipped"]), (IMAGES + 1, 1, 1))
        self.assertEqual(sum(row["images"] for row in shown["classes"]), IMAGES)
        self.assertEqual(sum(shown["scores"]["bins"]), IMAGES)
        self.assertEqual(self.trommel.ok("service", "runs", "s")[0]["id"], run)

    # ---- why ----

    def test_an_explanation_has_each_reason_with_its_sentence_and_adds_up(self):
        for sample in self.samples:
            why = self.server.ok("GET", f"/api/v1/samples/{sample['id']}/explanation")
            self.assertEqual([reason["id"] for reason in why["reasons"]], [reason["id"] for reason in sample["reasons"]])
            for reason in why["reasons"]:
                self.assertTrue(reason["sentence"] and reason["suggestion"], reason)
                self.assertEqual(reason["evidence"], sample["evidence"][str(reason["id"])])
                said = reason["evidence"]["said"]
                self.assertEqual(re.sub(r"\{(\d+)\}", lambda place: said["values"][int(place[1])], said["message"]), reason["sentence"])
            silence = 1.0
            for method in why["combination"]["methods"]:
                silence *= 1 - method["weight"] * method["strength"]
            together = 1 - silence * (1 - why["combination"]["weaker_reasons"])
            self.assertAlmostEqual(together, sample["hard_coefficient"], places=5)
            self.assertEqual(self.server.ok("GET", why["result"])["result"]["source"], sample["source"])

    def test_histograms_hold_the_run_and_the_training_set_with_the_sample_in_its_bin(self):
        seen = 0
        for sample in self.samples:
            for reason in self.server.ok("GET", f"/api/v1/samples/{sample['id']}/explanation")["reasons"]:
                histogram = reason["histogram"]
                if not histogram:
                    continue
                seen += 1
                self.assertEqual((sum(histogram["run"]), sum(histogram["training"])), (IMAGES, TRAINING), reason)
                self.assertGreater(histogram["run"][histogram["bin"]], 0, reason)
        self.assertGreater(seen, 0)

    def test_an_imported_sample_has_an_empty_explanation_and_no_neighbours(self):
        rows = self.add_images("plain", {"p.png": road.picture(77)})
        why = self.server.ok("GET", f"/api/v1/samples/{rows['p.png']}/explanation")
        self.assertEqual((why["reasons"], why["task"], why["result"]), ([], None, None))
        problem = self.server.refused(409, "GET", f"/api/v1/samples/{rows['p.png']}/neighbors")
        self.assertIn("no-training-profile", problem["type"])

    def test_an_explanation_is_quick(self):
        times = []
        for sample in self.samples:
            began = time.monotonic()
            self.server.ok("GET", f"/api/v1/samples/{sample['id']}/explanation")
            times.append(time.monotonic() - began)
        road.note(f"explanation: median {sorted(times)[len(times) // 2] * 1000:.1f} ms, slowest {max(times) * 1000:.1f} ms")
        self.assertLess(sorted(times)[len(times) // 2], 0.1)

    # ---- what is like it ----

    def test_neighbours_come_nearest_first_with_label_and_image(self):
        sample = self.samples[0]["id"]
        found = self.server.ok("GET", f"/api/v1/samples/{sample}/neighbors?k=7")
        self.assertEqual((found["searched"], len(found["neighbors"])), (TRAINING, 7))
        distances = [row["distance"] for row in found["neighbors"]]
        self.assertEqual(distances, sorted(distances))
        for row in found["neighbors"]:
            self.assertEqual((len(row["labels"]), row["usage"], row["sample"]), (1, "TRAIN", None))
            self.assertEqual(jpeg_size(self.image(row["image"]).body), (48, 40))
            with open(row["source"].removeprefix("file://"), "rb") as file:
                self.assertEqual(self.image(row["image"] + "?size=orig").body, file.read())
        self.server.refused(404, "GET", f"/api/v1/samples/{sample}/neighbors/{TRAINING}/image")
        self.server.refused(400, "GET", f"/api/v1/samples/{sample}/neighbors?k=51")

    def test_neighbours_in_the_dataset_are_its_samples_and_not_itself(self):
        ids = {sample["id"] for sample in self.samples}
        sample = self.samples[1]["id"]
        found = self.server.ok("GET", f"/api/v1/samples/{sample}/neighbors?in=dataset&k=5")
        self.assertTrue(found["is_exact"])
        self.assertEqual(len(found["neighbors"]), 5)
        self.assertLessEqual({row["sample"] for row in found["neighbors"]}, ids - {sample})
        distances = [row["distance"] for row in found["neighbors"]]
        self.assertEqual(distances, sorted(distances))

    # ---- estimates ----

    def estimate(self, **settings):
        return self.server.ok("POST", "/api/v1/services/s/hard-example-filtering:estimate", settings)

    def test_an_estimate_is_what_the_filtering_with_the_same_settings_finds_and_adds_nothing(self):
        before = self.server.ok("GET", "/api/v1/datasets")["datasets"]
        for number, settings in enumerate((
            {"algo_hard_threshold": 0.05}, {"algo_hard_threshold": 0.3, "aug_budget": 0}, {"algo_hard_threshold": 0.0, "top": "7", "aug_budget": 0},
            {"algo_hard_threshold": 0.0, "reasons": "1,5..10", "top": "30%"}, {"comprehensive_algo_config": "predict_score_mining:0.9", "algo_hard_threshold": 0.1},
        )):  # fmt: skip
            told = self.estimate(**settings)
            self.assertEqual(told["copies_missing"], 0, settings)
            self.compare_estimate(told, self.filter_again(f"e{number}", settings, "--train", self.manifest), settings)
        made = {row["name"] for row in self.server.ok("GET", "/api/v1/datasets")["datasets"]} - {row["name"] for row in before}
        self.assertEqual(made, {f"e{number}" for number in range(5)})

    def filter_again(self, name, settings, *train):
        options = [part for name, value in settings.items() for part in ("--" + name.replace("_", "-"), value)]
        return self.trommel.ok("sample", "filter", "s", *train, "--create", name, *options, "--wait")[-1]["result"]

    def compare_estimate(self, told, result, settings):
        self.assertEqual(told["hard"], result["hard"], settings)
        self.assertEqual({str(row["id"]): row["hard"] for row in told["reasons"]}, result["reasons"], settings)
        self.assertEqual((told["images"], told["analysed"], sum(told["coefficients"]["bins"])), (IMAGES + 1, IMAGES, IMAGES))

    def test_an_estimate_counts_copies_nobody_asked_about_and_is_exact_once_they_were(self):
        whole = {"aug_budget": 11, "aug_op_config": "fliplr:1+gaussianblur:1", "algo_hard_threshold": 0}
        self.assertGreater(self.estimate(train="none", **whole)["copies_missing"], 0)
        first = self.filter_again("e-whole", whole)
        self.assertGreater(first["copies_inferred"], 0)
        heard = 0
        for number, changed in enumerate(({}, {"algo_hard_threshold": 0.2}, {"top": "9"}, {"aug_budget": 2},
                                          {"comprehensive_algo_config": "aug_consistent_mining:0.8"})):  # fmt: skip
            settings = whole | changed
            told = self.estimate(train="none", **settings)
            self.assertEqual(told["copies_missing"], 0, settings)
            self.compare_estimate(told, self.filter_again(f"e-whole-{number}", settings), settings)
            heard += sum(row["hard"] for row in told["reasons"] if 19 <= row["id"] <= 29)
        self.assertGreater(heard, 0)

    # ---- what the model was shown when it was asked again ----

    def test_an_explanation_shows_both_answers_and_the_copy(self):
        settings = {"aug_budget": 11, "aug_op_config": "fliplr:1+gaussianblur:1@2", "algo_hard_threshold": 0.1,
                    "comprehensive_algo_config": "aug_consistent_mining:0.9+predict_score_mining:0.1"}  # fmt: skip
        self.filter_again("shown", settings)
        shown = 0
        for sample in self.server.ok("GET", "/api/v1/datasets/shown/samples?limit=1000")["samples"]:
            why = self.server.ok("GET", f"/api/v1/samples/{sample['id']}/explanation")
            silence = 1.0
            for method in why["combination"]["methods"]:
                silence *= 1 - method["weight"] * method["strength"]
            together = 1 - silence * (1 - why["combination"]["weaker_reasons"])
            self.assertAlmostEqual(together, sample["hard_coefficient"], places=5)
            for reason in why["reasons"]:
                self.assertEqual("augmented" in reason, 19 <= reason["id"] <= 29, reason)
                if "augmented" not in reason:
                    continue
                shown += 1
                copy = reason["augmented"]
                self.assertTrue(copy["label"] and copy["copy_label"] and copy["score"] and copy["copy_score"], copy)
                picture = self.image(copy["image"])
                self.assertEqual((picture.headers["Content-Type"], jpeg_size(picture.body)), ("image/jpeg", (48, 40)))
                plain = self.image(f"/api/v1/samples/{sample['id']}/image?size=thumb")
                self.assertNotEqual(picture.body, plain.body)
                again = self.server.ask("GET", copy["image"], headers={"If-None-Match": picture.headers["ETag"]})
                self.assertEqual(again.status, 304)
        self.assertGreater(shown, 0)

    def test_only_an_operation_on_an_image_that_a_run_saw_is_shown(self):
        sample = self.samples[0]["id"]
        self.assertEqual(jpeg_size(self.image(f"/api/v1/samples/{sample}/augmented?op=invert&size=mid").body), (48, 40))
        for query in ("op=rotate", "op=", "", "op=fliplr&size=orig"):
            problem = self.server.refused(400, "GET", f"/api/v1/samples/{sample}/augmented?{query}")
            self.assertIn("invalid-argument", problem["type"], query)
        rows = self.add_images("unasked", {"p.png": road.picture(78)})
        problem = self.server.refused(400, "GET", f"/api/v1/samples/{rows['p.png']}/augmented?op=fliplr")
        self.assertIn("no-samples", problem["type"])

    def test_copies_of_an_image_are_one_row_of_the_list_that_names_them(self):
        folder = self.folder / "copies"
        folder.mkdir()
        for i in range(12):
            (folder / f"{i:02}.png").write_bytes(road.picture(500 + i // 3))
        self.trommel.ok("service", "deploy", "--name", "copies", "--model", "garments", "--input", folder, "--output", self.folder / "copies-out", "--wait")
        settings = {"algo_hard_threshold": 0, "aug_budget": 0}
        told = self.server.ok("POST", "/api/v1/services/copies/hard-example-filtering:estimate", settings)
        options = ("--algo-hard-threshold", 0, "--aug-budget", 0, "--wait")
        result = self.trommel.ok("sample", "filter", "copies", "--create", "grouped", *options)[-1]["result"]
        self.assertEqual((told["hard"], told["represented"], told["before_grouping"]), (result["hard"], 12 - result["hard"], False))
        rows = self.server.ok("GET", "/api/v1/datasets/grouped/samples?limit=1000")["samples"]
        self.assertEqual(len(rows), result["hard"])
        self.assertLessEqual(len(rows), 4)
        others = set()
        for row in rows:
            group = self.server.ok("GET", f"/api/v1/samples/{row['id']}/explanation")["group"]
            self.assertEqual(group["count"], len(group["images"]))
            self.assertGreaterEqual(group["count"], 2)
            others |= {image["source"] for image in group["images"]}
            shown = self.trommel.ok("samples", "show", row["id"])
            self.assertEqual(shown["evidence"]["group"], group)
        everything = {str(path) for path in folder.iterdir()}
        self.assertEqual(others, everything - {row["source"] for row in rows})
        self.trommel.ok("sample", "filter", "copies", "--create", "loose", "--group=false", *options)
        rows = self.server.ok("GET", "/api/v1/datasets/loose/samples?limit=1000")["samples"]
        self.assertEqual(len(rows), 12)
        self.assertIsNone(self.server.ok("GET", f"/api/v1/samples/{rows[0]['id']}/explanation")["group"])

    def test_an_estimate_without_training_measures_once_and_an_unknown_training_set_is_refused_in_words(self):
        told = self.estimate(train="none")
        self.assertIsNone(told["train"])
        again = self.estimate(train="none")
        self.assertEqual(told["hard"], again["hard"])
        lines = [road.labeled(self.folder / "train/0000.png", "a")]
        other = road.write_manifest(self.folder / "other.manifest", lines)
        problem = self.server.refused(
            409, "POST", "/api/v1/services/s/hard-example-filtering:estimate", {"train": str(other)}
        )
        self.assertIn("no-training-profile", problem["type"])
        self.server.refused(400, "POST", "/api/v1/services/s/hard-example-filtering:estimate", {"comprehensive_algo_config": "x:2"})

    def test_the_command_line_estimates_too(self):
        told = self.trommel.ok("service", "estimate", "s", "--algo-hard-threshold", 0.05)
        self.assertEqual(told["hard"], self.estimate(algo_hard_threshold=0.05)["hard"])
        sample = self.samples[0]["id"]
        self.assertEqual(len(self.trommel.ok("samples", "similar", sample, "--k", 3)), 3)
        self.assertEqual([row["id"] for row in self.trommel.ok("samples", "explain", sample)], [row["id"] for row in self.samples[0]["reasons"]])


class DetectorTest(ServerCase):
    """Boxes: crops by number, near misses, likeness without an embedding."""

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.trommel.import_detector()
        road.make_pictures(cls.folder / "in", 20)
        cls.trommel.ok(
            "service", "deploy", "--name", "d", "--model", "detector", "--input", cls.folder / "in", "--output", cls.folder / "out",
            "--hard-examples", "--create", "hard", "--algo-hard-threshold", 0, "--top", 10, "--wait",
        )  # fmt: skip
        cls.server = Server(cls.trommel)

    def test_boxes_and_near_misses_are_told_and_cut_out(self):
        results = self.server.ok("GET", "/api/v1/services/d/results?limit=100")["results"]
        shown = [self.server.ok("GET", f"/api/v1/services/d/results/{row['id']}")["result"] for row in results]
        self.assertEqual([len(one["boxes"]) for one in shown], [row["box_count"] for row in results])
        boxed = next(one for one in shown if one["boxes"] or one["near_misses"])
        crop = self.server.ask("GET", f"/api/v1/services/d/results/{boxed['id']}/crop?box=0")
        self.assertEqual((crop.status, crop.body[:2]), (200, b"\xff\xd8"))
        self.server.refused(400, "GET", f"/api/v1/services/d/results/{boxed['id']}/crop?box=99999")

    def test_an_explanation_shows_the_boxes_and_a_sample_can_be_cut_by_label(self):
        for sample in self.server.ok("GET", "/api/v1/datasets/hard/samples")["samples"]:
            why = self.server.ok("GET", f"/api/v1/samples/{sample['id']}/explanation")
            self.assertGreaterEqual(len(why["detections"]["boxes"]), len(sample["labels"]))
            for number in range(len(sample["labels"])):
                crop = self.server.ask("GET", f"/api/v1/samples/{sample['id']}/crop?box={number}")
                self.assertEqual((crop.status, crop.headers["Content-Type"]), (200, "image/jpeg"))
            self.server.refused(400, "GET", f"/api/v1/samples/{sample['id']}/crop?box={len(sample['labels'])}")

    def test_without_a_training_set_there_are_neighbours_in_the_dataset_only(self):
        sample = self.server.ok("GET", "/api/v1/datasets/hard/samples")["samples"][0]["id"]
        self.server.refused(409, "GET", f"/api/v1/samples/{sample}/neighbors?in=training")
        found = self.server.ok("GET", f"/api/v1/samples/{sample}/neighbors?in=dataset&k=3")
        self.assertEqual(len(found["neighbors"]), 3)


if __name__ == "__main__":
    road.main()
