#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The same input, model and settings give the same bytes, whatever the number of threads and the size of shards."""
import json
import struct
import unittest

import road

IMAGES, TRAINING = 300, 120
RUN, MINING = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
WAYS = [(threads, shard) for shard in (16, 64) for threads in (1, 2, 3, 5)]


def coefficients(array):
    """The doubles of a one-dimensional .npy file, as bytes, so that NaN equals NaN."""
    assert array[:6] == b"\x93NUMPY", array[:6]
    (header,) = struct.unpack("<H", array[8:10])
    assert b"'<f8'" in array[10 : 10 + header]
    body = array[10 + header :]
    return [body[i : i + 8] for i in range(0, len(body), 8)]


class DeterminismTest(unittest.TestCase):
    MODEL, WAYS = "garments", WAYS

    @classmethod
    def import_model(cls):
        road.Trommel(cls.prepared).import_garments()

    @classmethod
    def training_line(cls, number, path):
        return road.labeled(path, ("trouser", "bag", "sneaker")[number % 3])

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.input, cls.output = cls.folder / "in", cls.folder / "out"
        road.make_pictures(cls.input, IMAGES)
        (cls.input / "0150.jpg").write_bytes(b"\xff\xd8\xff\xe0 not much of a JPEG")
        training = road.make_pictures(cls.folder / "train", TRAINING, first=1000)
        cls.train = road.write_manifest(
            cls.folder / "train.manifest",
            (cls.training_line(i, path) for i, path in enumerate(sorted(training.rglob("*.png")))),
        )
        cls.prepared = cls.folder / "prepared"
        cls.import_model()
        cls.found = {way: cls.walk(*way) for way in cls.WAYS}
        cls.first = cls.found[cls.WAYS[0]]

    @classmethod
    def walk(cls, threads, shard_images):
        """One run and one filtering; everything that came of them."""
        trommel = road.Trommel(cls.folder / f"data-{threads}-{shard_images}")
        road.copy_data(cls.prepared, trommel.data)
        done = trommel.run("service", "deploy", "--name", "s", "--model", cls.MODEL, "--input", cls.input,
                           "--output", cls.output, "--task-id", RUN, "--threads", threads, "--shard-images",
                           shard_images, "--wait")  # fmt: skip
        assert done.code == 3, done  # the damaged image
        output = road.tree(cls.output)
        road.shutil.rmtree(cls.output)
        trommel.ok("sample", "filter", "s", "--train", cls.train, "--create", "hard", "--algo-hard-threshold", 0.05,
                   "--task-id", MINING, "--wait")  # fmt: skip
        mining = road.tree(trommel.data / "store/tasks" / MINING)
        rows = trommel.samples("hard")
        for row in rows:
            for name in ("id", "created", "updated"):
                del row[name]
        return {
            "output": output,
            "records": road.tree(trommel.data / "store/runs" / RUN / "records"),
            "coefficients": coefficients(mining[b"coefficients.npy"]),
            "report": json.loads(mining[b"report.json"]),
            "hard": rows,
        }

    def assert_all_the_same(self, what):
        for way in self.WAYS[1:]:
            with self.subTest(threads=way[0], shard_images=way[1]):
                self.assertEqual(self.found[way][what], self.first[what])

    def test_the_results_are_the_same(self):
        self.assertEqual(len(self.first["output"]), 1 + IMAGES)
        self.assert_all_the_same("output")

    def test_the_records_of_equal_shards_are_the_same(self):
        for shard in (16, 64):
            group = [self.found[way]["records"] for way in self.WAYS if way[1] == shard]
            shards = {name.split(b"/")[0] for name in group[0] if b"/" in name}
            self.assertEqual(len(shards), (IMAGES + 1 + shard - 1) // shard)
            for other in group[1:]:
                self.assertEqual(sorted(other), sorted(group[0]))
                self.assertEqual([name for name in other if other[name] != group[0][name]], [])

    def test_the_coefficients_are_the_same_bits(self):
        self.assertEqual(len(self.first["coefficients"]), IMAGES + 1)
        self.assertGreater(len(set(self.first["coefficients"])), IMAGES // 2)
        self.assert_all_the_same("coefficients")

    def test_the_hard_examples_their_order_and_their_evidence_are_the_same(self):
        self.assertGreater(len(self.first["hard"]), 20)
        self.assert_all_the_same("hard")

    def test_the_report_is_the_same(self):
        self.assert_all_the_same("report")


class DetectionDeterminismTest(DeterminismTest):
    MODEL, WAYS = "detector", [(1, 16), (3, 16), (1, 64), (2, 64)]

    @classmethod
    def import_model(cls):
        road.Trommel(cls.prepared).import_detector()

    @classmethod
    def training_line(cls, number, path):
        """Up to three boxes, their places by the number."""
        boxes = "".join(
            f"<object><name>{('tree', 'house', 'boat')[(number + i) % 3]}</name><bndbox><xmin>{1 + number % 9 + 8 * i}</xmin><ymin>{2 + i}</ymin>"
            f"<xmax>{20 + number % 7 + 8 * i}</xmax><ymax>{12 + number % 20 + i}</ymax></bndbox></object>"
            for i in range(number % 4)
        )
        file = cls.folder / f"boxes-{number}.xml"
        file.write_text(f"<annotation><size><width>48</width><height>40</height><depth>3</depth></size>{boxes}</annotation>")
        annotation = {"type": "modelarts/object_detection", "annotation-loc": str(file), "annotation-format": "PASCAL VOC"}
        return {"source": str(path), "annotation": [annotation]}


if __name__ == "__main__":
    road.main()
