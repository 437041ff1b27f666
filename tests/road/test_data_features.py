#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Data features: what the images of a version are like, histograms of them, and whether others have shifted."""
import json
import os
import random
import shutil
import time
import unittest

import road
from road_http import Server

IMAGES, LINKS = 120, 1500
OF_IMAGES = ["resolution", "aspect_ratio", "brightness", "saturation", "colorfulness", "clarity"]


def shaded(seed, divisor=1):
    """Even levels, so that half of them is exact: all ratios, and with them the saturation, stay as they are."""
    dice = random.Random(seed)
    width, height = dice.randrange(20, 40), dice.randrange(20, 40)
    base = [dice.randrange(40, 200) for _ in range(3)]
    pixels = bytes((base[i % 3] + dice.randrange(56)) // 2 * 2 // divisor for i in range(3 * width * height))
    return road.png(width, height, pixels)


def voc(*boxes):
    sides = ("xmin", "ymin", "xmax", "ymax")
    objects = "".join(
        f"<object><name>{name}</name><bndbox>{''.join(f'<{side}>{at}</{side}>' for side, at in zip(sides, box))}</bndbox></object>"
        for name, *box in boxes
    )
    return f"<annotation><size><width>48</width><height>40</height><depth>3</depth></size>{objects}</annotation>"


class DataFeaturesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        for name, first, divisor in (("light", 0, 1), ("dark", 0, 2), ("alike", 1000, 1)):
            cls.make(name, IMAGES, first, divisor)

    @classmethod
    def make(cls, name, count, first=0, divisor=1):
        images = cls.folder / "in" / name
        images.mkdir(parents=True)
        lines = []
        for i in range(count):
            path = images / f"{i:04}.png"
            path.write_bytes(shaded(first + i, divisor))
            lines.append(road.labeled(path, "xy"[i % 2], usage="EVAL" if i % 4 == 3 else "TRAIN"))
        cls.trommel.ok("dataset", "create", name)
        cls.publish(name, lines)

    @classmethod
    def publish(cls, name, lines):
        cls.trommel.ok("dataset", "import", name, road.write_manifest(cls.folder / f"{name}.manifest", lines), "--wait")
        cls.trommel.ok("dataset", "publish", name, "--wait")

    def measure(self, *args):
        (task,) = self.trommel.ok("dataset", "features", *args, "--wait")
        told = task["result"]
        return told, {row["feature"]: row for row in told["features"]}

    def histograms(self, *args):
        return {row["feature"]: row for row in self.trommel.ok("dataset", "histograms", *args)}

    def test_a_darkened_copy_is_shifted_in_brightness_and_not_in_what_did_not_change(self):
        told, rows = self.measure("light", "--against", "dark")
        self.assertEqual(list(rows), OF_IMAGES)
        self.assertEqual([row["reason"] for row in rows.values()], list(range(5, 11)))
        self.assertEqual(rows["brightness"]["shift"], "shifted")
        self.assertAlmostEqual(rows["brightness"]["against_median"], rows["brightness"]["median"] / 2, places=6)
        self.assertGreater(rows["brightness"]["distance"], 0.8)
        for name in ("resolution", "aspect_ratio"):
            self.assertEqual((rows[name]["shift"], rows[name]["distance"]), ("not shifted", 0), name)
        self.assertEqual(rows["saturation"]["shift"], "not shifted")
        self.assertEqual(told["shifted"], sum(row["shift"] == "shifted" for row in rows.values()))
        self.assertEqual((told["of"]["samples"], told["against"]["dataset"], told["unreadable"]), (IMAGES, "dark", 0))

    def test_pictures_of_the_same_kind_are_not_shifted(self):
        told, rows = self.measure("light", "--against", "alike@V001")
        self.assertEqual({row["shift"] for row in rows.values()}, {"not shifted"})
        self.assertEqual((told["shifted"], told["too_few"]), (0, 0))

    def test_histograms_share_their_bins_and_hold_every_image(self):
        self.measure("light", "--against", "dark")
        rows = self.histograms("light", "--against", "dark", "--bins", 10)
        self.assertEqual(list(rows), OF_IMAGES)
        for row in rows.values():
            self.assertEqual(len(row["edges"]), 11)
            self.assertEqual(row["edges"], sorted(row["edges"]))
            for side in (row["of"], row["against"]):
                self.assertEqual((len(side["bins"]), sum(side["bins"]) + side["below"] + side["above"]), (10, IMAGES))
                self.assertLessEqual(side["p1"], side["median"])
                self.assertLessEqual(side["median"], side["p99"])
        self.assertEqual(list(self.histograms("light", "--feature", "clarity")), ["clarity"])
        alone = self.histograms("light")["clarity"]
        self.assertEqual((alone["against"], alone["shift"], alone["distance"]), (None, None, None))

    def test_usage_and_label_choose_images(self):
        self.measure("light")
        for filters, count in (
            (["--usage", "TRAIN"], IMAGES * 3 // 4), (["--usage", "EVAL"], IMAGES // 4), (["--label", "x"], IMAGES // 2),
            (["--label", "y", "--usage", "EVAL"], IMAGES // 4),
        ):  # fmt: skip
            self.assertEqual(self.histograms("light", *filters)["brightness"]["count"], count, filters)
        self.assertEqual(self.histograms("light", "--usage", "TEST"), {})
        eval_is_small = self.histograms("light", "--usage", "TRAIN", "--against", "light", "--against-usage", "EVAL")["brightness"]
        self.assertEqual((eval_is_small["count"], eval_is_small["against_count"]), (IMAGES * 3 // 4, IMAGES // 4))
        self.assertEqual(eval_is_small["shift"], "too few samples")
        refused = self.trommel.run("dataset", "histograms", "light", "--label", "z", "--json")
        self.assertEqual(refused.error["pointer"], "/label")

    def test_what_was_not_measured_or_not_published_is_refused(self):
        self.trommel.ok("dataset", "create", "empty")
        self.assertEqual(self.trommel.run("dataset", "features", "empty", "--json").error["pointer"], "/version")
        self.make("unmeasured", 3)
        refused = self.trommel.run("dataset", "histograms", "unmeasured", "--json")
        self.assertEqual(refused.error["code"], "conflict")
        self.assertIn("trommel dataset features unmeasured --version V001", refused.error["message"])
        for args, pointer in (
            (("light", "--against", "dark", "--run", "0" * 32), "/against"), (("light", "--run", "0" * 32), "/run"),
            (("light", "--against", "dark@V9"), "/against"), (("light", "--version", "V9"), "/version"),
            (("light", "--service", "nobody"), "/service"),
        ):  # fmt: skip
            self.assertEqual(self.trommel.run("dataset", "features", *args, "--json").error["pointer"], pointer, args)
        for bins, code in ((64, 0), (65, 2), (0, 2)):
            self.measure("light")
            self.assertEqual(self.trommel.run("dataset", "histograms", "light", "--bins", bins).code, code, bins)

    def test_images_are_measured_once_and_what_cannot_be_read_is_tried_again(self):
        self.make("once", 60)
        images, hidden = self.folder / "in/once", self.folder / "hidden"
        broken = images / "0005.png"
        whole = broken.read_bytes()
        broken.write_bytes(b"no image")
        told, rows = self.measure("once")
        self.assertEqual((told["unreadable"], rows["brightness"]["count"]), (1, 59))
        self.assertEqual([row["source"] for row in told["unreadable_samples"]], [str(broken)])
        self.trommel.ok("dataset", "publish", "once", "--wait")
        broken.write_bytes(whole)
        images.rename(hidden)
        images.mkdir()
        shutil.copy(hidden / broken.name, broken)
        for version in ("V001", "V002"):
            told, rows = self.measure("once", "--version", version)
            self.assertEqual((told["unreadable"], rows["brightness"]["count"]), (0, 60), version)

    def test_looking_for_duplicates_measures_them_too(self):
        self.make("looked", 60)
        self.trommel.ok("dataset", "duplicates", "looked", "--wait")
        (self.folder / "in/looked").rename(self.folder / "gone")
        self.assertEqual(self.measure("looked")[0]["unreadable"], 0)

    def test_the_diff_of_versions_tells_the_shift_once_both_are_measured(self):
        self.make("grows", 60)
        lines = [road.labeled(path, "x") for path in sorted((self.folder / "in/dark").iterdir())]
        self.publish("grows", lines)
        self.assertIsNone(self.trommel.ok("api", "GET", "datasets/grows/versions/V001/diff?to=V002")["diff"]["features"])
        self.measure("grows", "--version", "V001", "--against", "grows@V002")
        rows = self.trommel.ok("api", "GET", "datasets/grows/versions/V001/diff?to=V002&limit=0")["diff"]["features"]
        self.assertEqual({row["feature"]: row["shift"] for row in rows}["brightness"], "shifted")
        self.assertEqual([row["feature"] for row in rows], OF_IMAGES)

    def test_a_run_is_compared_by_its_records(self):
        self.trommel.import_garments()
        self.trommel.ok("service", "deploy", "--name", "s", "--model", "garments", "--input", self.folder / "in/dark", "--output",
                        self.folder / "out", "--wait")  # fmt: skip
        shutil.copytree(self.folder / "in/dark", self.folder / "kept")
        try:
            shutil.rmtree(self.folder / "in/dark")
            _, of_dark = self.measure("light", "--service", "s")
            self.assertEqual(of_dark["brightness"]["shift"], "shifted")
            self.assertEqual((of_dark["resolution"]["shift"], of_dark["resolution"]["distance"]), ("not shifted", 0))
            (run,) = self.trommel.ok("service", "runs", "s")
            told, rows = self.measure("light", "--run", run["id"])
            self.assertEqual((told["against"]["run"], rows), (run["id"], of_dark))
            seen = self.trommel.ok("service", "results", "s", "--limit", 1)[0]["label"]
            self.assertGreater(self.histograms("light", "--run", run["id"], "--label", seen)["brightness"]["against_count"], 0)
        finally:
            (self.folder / "kept").rename(self.folder / "in/dark")

    def test_boxes_are_those_of_the_version(self):
        folder = self.folder / "in/boxes"
        folder.mkdir(parents=True)
        lines = []
        for i in range(60):
            path = folder / f"{i:04}.png"
            path.write_bytes(road.picture(i, 48, 40))
            boxes = [("car", 0, 0, 24, 20)] if i % 2 else [("car", 12, 10, 36, 30), ("dog", 0, 0, 4, 8)]
            path.with_suffix(".xml").write_text(voc(*boxes) if i else voc())
            annotation = {"type": "modelarts/object_detection", "annotation-loc": path.with_suffix(".xml").name}
            lines.append({"source": str(path), "annotation": [{**annotation, "annotation-format": "PASCAL VOC"}]})
        manifest = road.write_manifest(folder / "boxes.manifest", lines)
        self.trommel.ok("dataset", "create", "boxes", "--type", "det")
        self.trommel.ok("dataset", "import", "boxes", manifest, "--wait")
        self.trommel.ok("dataset", "publish", "boxes", "--wait")
        self.trommel.ok("dataset", "duplicates", "boxes", "--wait")
        folder.rename(self.folder / "no_boxes")  # they were measured with the boxes
        told, rows = self.measure("boxes")
        self.assertEqual((told["unreadable"], len(rows)), (0, 14))
        counts = self.histograms("boxes", "--bins", 64)["box_count"]
        self.assertEqual(counts["edges"], [-0.5, 0.5, 1.5, 2.5])
        self.assertEqual(counts["of"]["bins"], [1, 30, 29])
        self.assertEqual(self.histograms("boxes", "--label", "dog")["box_count"]["count"], 29)
        one = self.histograms("boxes", "--feature", "box_area_ratio")["box_area_ratio"]
        self.assertAlmostEqual(one["of"]["p99"], 0.25)  # 24 x 20 of 48 x 40
        self.assertAlmostEqual(one["of"]["p1"], (0.25 + 32 / 1920) / 2)
        self.assertEqual(one["count"], 59)  # none in the first

    def test_samples_are_found_by_a_range_of_a_feature(self):
        self.measure("light")
        found = self.trommel.ok("dataset", "histograms", "light", "--feature", "brightness", "--bins", 4)[0]
        low, high = found["edges"][1], found["edges"][3]
        between = {"feature": {"name": "brightness", "min": low, "max": high}}
        counted = found["of"]["bins"][1] + found["of"]["bins"][2]
        listed = self.trommel.ok("samples", "list", "light", "--filter", json.dumps(between), "--limit", IMAGES)
        self.assertGreater(counted, 0)
        self.assertEqual(len(listed), counted)
        outside = self.trommel.ok("samples", "list", "light", "--filter", json.dumps({"not": between}), "--limit", IMAGES)
        self.assertEqual(len(outside), IMAGES - counted)
        for name in OF_IMAGES:
            every = self.trommel.ok("samples", "list", "light", "--filter", json.dumps({"feature": {"name": name}}), "--limit", IMAGES)
            self.assertEqual(len(every), IMAGES, name)
        self.assertEqual(self.trommel.ok("samples", "list", "light", "--filter", '{"feature":{"name":"box_count","min":0}}'), [])
        refused = self.trommel.run("samples", "list", "light", "--filter", '{"feature":{"name":"beauty"}}', "--json")
        self.assertEqual(refused.error["pointer"], "/filter")
        server = Server(self.trommel, "--task-workers", "0")
        try:
            asked = server.ok("POST", "/api/v1/datasets/light/samples:query", {"filter": between, "limit": 5})
            self.assertEqual((asked["total"], len(asked["samples"])), (counted, min(5, counted)))
            facets = server.ok("POST", "/api/v1/datasets/light/facets", {"filter": between})
            self.assertEqual(facets["total"], counted)
        finally:
            server.stop()

    def test_over_http(self):
        self.measure("light", "--against", "dark")
        server = Server(self.trommel, "--task-workers", "0")
        try:
            told = server.ok("GET", "/api/v1/datasets/light/features?against=dark&usage=TRAIN&bins=5")
            self.assertEqual(told["of"]["usages"], {"none": 0, "TRAIN": 90, "EVAL": 0, "TEST": 0, "INFERENCE": 0})
            self.assertEqual((told["of"]["counted"], told["of"]["samples"], told["of"]["is_small"]), (90, IMAGES, True))
            self.assertEqual((told["against"]["dataset"], told["against"]["version"], told["against"]["run"]), ("dark", "V001", None))
            self.assertEqual(len(told["features"][2]["of"]["bins"]), 5)
            server.refused(400, "GET", "/api/v1/datasets/light/features?bins=65")
            server.refused(400, "GET", "/api/v1/datasets/light/features?feature=beauty")
            server.refused(404, "GET", "/api/v1/datasets/light/features?version=V009")
            task = server.ok("POST", "/api/v1/datasets/light/feature-tasks", {"against": "dark"})["task"]
            self.assertEqual((task["kind"], task["state"]), ("measure_features", "queued"))
        finally:
            server.stop()

    def wait_until_some_are_measured(self, process):
        while process.poll() is None:
            tasks = [row for row in self.trommel.ok("task", "list", "--kind", "measure_features") if row["subject"] == self.many]
            if tasks and 500 <= tasks[0]["items_done"] < LINKS - 500:
                return tasks[0]["id"]
            time.sleep(0.02)
        self.fail("it was too quick to be killed")

    def test_killed_in_between_it_goes_on_where_it_ended(self):
        images, hidden = self.folder / "in/many", self.folder / "hidden_many"
        images.mkdir()
        for i in range(4):
            (images / f"base{i}.png").write_bytes(road.picture(i, 400, 300))
        lines = []
        for i in range(LINKS):
            os.link(images / f"base{i % 4}.png", images / f"{i:05}.png")
            lines.append(road.labeled(images / f"{i:05}.png", "x"))
        self.many = self.trommel.ok("dataset", "create", "many")["id"]
        self.publish("many", lines)
        process = self.trommel.start("dataset", "features", "many", "--wait")
        task = self.wait_until_some_are_measured(process)
        process.kill()
        process.communicate()
        images.rename(hidden)
        told = self.trommel.ok("task", "wait", task)[0]["result"]
        self.assertGreaterEqual(LINKS - told["unreadable"], 500)
        self.assertGreater(told["unreadable"], 0)
        hidden.rename(images)
        told, rows = self.measure("many")
        self.assertEqual((told["unreadable"], rows["brightness"]["count"]), (0, LINKS))
        made = {path.name: path.read_bytes() for path in self.trommel.data.glob("store/datasets/many-*/annotation/V001/features/*")}
        self.assertEqual(sorted(made), ["features.npy", "labels.npy", "samples.npy", "set.json"])
        for path in self.trommel.data.glob("store/datasets/many-*/annotation/V001/features/*"):
            path.unlink()
        self.measure("many")
        for path in self.trommel.data.glob("store/datasets/many-*/annotation/V001/features/*"):
            self.assertEqual(path.read_bytes(), made[path.name], path.name)


if __name__ == "__main__":
    road.main()
