#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`trommel demo`, with what it promises for both kinds of images."""
import os
import pathlib
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

import road

ANSWERED = 100
FASHION = pathlib.Path("/usr/share/datasets/fashion-mnist")


@unittest.skipUnless(FASHION.is_dir(), "dataset-fashion-mnist is not installed")
class DemoTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.done = cls.demo("--n", 600, "--json")

    @classmethod
    def demo(cls, *args, folder=None):
        command = [road.PROGRAM, "demo", "--no-serve", "--dir", folder or cls.folder / "demo", *(str(arg) for arg in args)]
        trommel = road.Trommel(cls.folder / "unused")
        done = subprocess.run(command, capture_output=True, text=True, env=trommel.environment, timeout=road.WAIT_SECONDS)
        return road.Done(done.returncode, done.stdout, done.stderr)

    def test_the_demo_prints_one_document_with_what_was_promised(self):
        self.assertEqual(self.done.code, 0, self.done)
        both = self.done.json
        for found, kind, hard in ((both, "cls", "garments-hard"), (both["detection"], "det", "scenes-hard")):
            self.assertEqual((found["type"], found["images"], found["failed"]), (kind, 600, 0))
            self.assertEqual(found["hard"], 120)
            self.assertTrue(all(0 <= int(reason) <= 30 and count > 0 for reason, count in found["reasons"].items()))
            self.assertEqual(found["dataset"], hard)
            self.assertGreater(found["images_per_second"], 0)
            self.assertGreater(found["seconds"], 0)
            for name in (name for name in found if name.startswith("precision")):
                self.assertTrue(0 < found[name]["first_20_percent"] <= 1 and 0 < found[name]["first_5_percent"] <= 1)
            self.assertGreater(found["precision"]["first_20_percent"], found["wrong_predictions"] / 600)
            self.assertEqual(found["confirmed"] + found["relabeled"], ANSWERED)
        self.assertGreater(both["precision"]["auroc"], both["precision_of_plain_confidence"]["auroc"])

    def test_the_list_of_scenes_is_better_than_the_published_filters(self):
        found = self.done.json["detection"]
        for name in ("sedna_threshold", "sedna_ibt", "hilens_csf"):
            self.assertGreater(found["precision"]["auroc"], found["precision_of_" + name]["auroc"] + 0.05, name)

    def test_the_demo_leaves_a_data_folder_to_go_on_with(self):
        trommel = road.Trommel(self.folder / "demo")
        for found, service in ((self.done.json, "garments-nightly"), (self.done.json["detection"], "scenes-nightly")):
            self.assertEqual(len(road.json_lines(found["manifest"])), 120)
            shown = trommel.ok("dataset", "show", found["dataset"])
            self.assertEqual((shown["labeled"], shown["to_be_confirmed"]), (ANSWERED, 120 - ANSWERED))
            self.assertEqual(trommel.ok("service", "show", service)["status"], "finished")

    def test_the_published_boxes_of_labeled_scenes_are_the_true_ones(self):
        labels = (road.SOURCE / "demo/garments.labels.txt").read_text().split()
        truth = {row["file"]: row["boxes"] for row in road.json_lines(self.folder / "demo/scenes/stream.jsonl")}
        compared = 0
        for line in road.json_lines(self.done.json["detection"]["manifest"]):
            for annotation in line.get("annotation", []):
                found = []
                for item in ElementTree.parse(annotation["annotation-loc"]).getroot().iter("object"):
                    corners = [float(item.find("bndbox/" + name).text) for name in ("xmin", "ymin", "xmax", "ymax")]
                    found.append([labels.index(item.find("name").text), *corners])
                wanted = truth[pathlib.Path(line["source"]).name]
                compared += sorted(found) == sorted(wanted)
        self.assertGreaterEqual(compared, self.done.json["detection"]["relabeled"])

    def test_one_kind_alone_fills_the_document(self):
        done = self.demo("--type", "det", "--n", 100, "--json", folder=self.folder / "det")
        self.assertEqual((done.code, done.json["type"], done.json["images"]), (0, "det", 100), done)
        self.assertNotIn("detection", done.json)
        few = self.demo("--n", 99, "--json", folder=self.folder / "few")
        self.assertEqual((few.code, few.out), (2, ""), few)

    def test_a_demo_before_can_be_shown_again(self):
        again = self.demo("--keep", "--json")
        self.assertEqual((again.code, again.json), (0, self.done.json))
        words = self.demo("--keep")
        self.assertEqual(words.code, 0)
        self.assertEqual(words.out.count("first 5 %"), 2)
        self.assertIn("Sedna's Threshold", words.out)
        none = self.demo("--keep", "--json", folder=self.folder / "never")
        self.assertEqual((none.code, none.out), (5, ""))

    def test_the_demo_touches_no_folder_that_is_not_its_own(self):
        for name in ("images", "store", "logs", "output"):
            own = self.folder / f"mine-{name}" / name
            own.mkdir(parents=True)
            (own / "photo.png").write_bytes(b"dear to me")
            done = self.demo("--n", 100, "--json", folder=own.parent)
            self.assertEqual((done.code, done.out), (6, ""), done)
            self.assertEqual((own / "photo.png").read_bytes(), b"dear to me")
            self.assertEqual(os.listdir(own.parent), [name])


if __name__ == "__main__":
    road.main()
