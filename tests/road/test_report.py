#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The report of a filtering: as JSON, and as one HTML file that opens without the server."""
import html.parser
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import road
from road_http import Server

FASHION = pathlib.Path("/usr/share/datasets/fashion-mnist")
IMAGES = 70  # of fewer no operation would be believed
HOSTILE = "<img src=x onerror=alert(1)>&\"'.png"
VOID = {"meta", "img", "br"}
LOADS = {"src", "href", "srcset", "data", "action", "poster", "background", "xlink:href"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_SECONDS = 90


class Page(html.parser.HTMLParser):
    """What a browser would make of the page; what it would have to repair is a fault."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.elements, self.text = [], [], [], []
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"never closed: {self.open}")

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice: {names}")
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes another")

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag, of_class=None):
        return [found for name, found in self.elements if name == tag and (of_class is None or found.get("class") == of_class)]


def filter_everything(trommel, model, folder, *more):
    """Service "s" over folder/in, whose images are all hard; ids of its run's task and of the filtering's."""
    return [task["id"] for task in trommel.ok(
        "service", "deploy", "--name", "s", "--model", model, "--input", folder / "in", "--output", folder / "out", "--hard-examples", *more,
        "--create", "hard", "--algo-hard-threshold", 0, "--top", "100%", "--wait")]  # fmt: skip


class ReportCase(unittest.TestCase):
    def page(self, *more, trommel=None):
        path = self.folder / "report.html"
        told = (trommel or self.trommel).ok("task", "report", self.task, "--html", "-o", path, *more)
        self.assertEqual(told, {"file": str(path)})
        return path.read_text()

    def check(self, text):
        page = Page(text)
        self.assertEqual(page.faults, [])
        ids = [found["id"] for _, found in page.elements if "id" in found]
        self.assertEqual(len(ids), len(set(ids)))
        targets = {found["href"] for _, found in page.elements if "href" in found}
        self.assertLessEqual(targets, {f"#{one}" for one in ids})
        for tag, found in page.elements:
            self.assertNotIn(tag, ("script", "iframe", "object", "embed", "link", "form"))
            self.assertFalse([name for name in found if name.startswith("on") or name == "style"], found)
            for name in LOADS & set(found) - {"href"}:
                self.assertTrue(found[name].startswith("data:image/jpeg;base64,"), (tag, name, found[name][:60]))
        return page

    def console(self, path):
        """What a browser that opens the page says about it."""
        if not CHROMIUM:
            self.skipTest("there is no chromium here")
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
             "--disable-component-update", "--no-first-run", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=3000",
             f"--user-data-dir={self.folder / 'browser'}", "--dump-dom", path.as_uri()],
            capture_output=True, timeout=CHROMIUM_SECONDS, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.assertIn(b"</html>", done.stdout, done.stderr.decode(errors="replace")[-2000:])
        return [line for line in done.stderr.decode(errors="replace").splitlines() if "CONSOLE" in line]


class ClassifierTest(ReportCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.trommel.import_garments()
        road.make_pictures(cls.folder / "in", IMAGES)
        (cls.folder / "in" / HOSTILE).write_bytes(road.picture(999))
        train = road.make_training(cls.folder / "train", 60, ("bag", "coat", "shirt"), first=500)
        cls.run_task, cls.task = filter_everything(cls.trommel, "garments", cls.folder, "--train", train)

    def report(self, *more):
        return self.trommel.ok("task", "report", self.task, *more)

    def test_examples_are_the_hard_samples_hardest_first(self):
        told = self.report()
        samples = self.trommel.samples("hard")
        self.assertEqual((told["hard"], told["report"]["images"]["total"]), (IMAGES + 1, IMAGES + 1))
        self.assertEqual({one["sample"] for one in told["examples"]}, {one["id"] for one in samples})
        coefficients = [one["hard_coefficient"] for one in told["examples"]]
        self.assertEqual(coefficients, sorted(coefficients, reverse=True))
        self.assertIsNone(told["examples_note"])
        self.assertEqual((told["service"], told["model"], told["dataset"]), ("s", "garments/0.0.1", "hard"))
        by_id = {one["id"]: one for one in samples}
        for one in told["examples"]:
            same = by_id[one["sample"]]
            self.assertEqual([reason["id"] for reason in one["reasons"]], [reason["id"] for reason in same["reasons"]])
            self.assertEqual((one["label"], one["state"]), (same["labels"][0]["name"], same["state"]))
            self.assertEqual(len(one["neighbors"]), 5)
            cosines = [neighbor["cosine"] for neighbor in one["neighbors"]]
            self.assertEqual(cosines, sorted(cosines, reverse=True))
            for reason in one["reasons"]:
                self.assertTrue(reason["sentence"] and reason["suggestion"], reason)
                self.assertEqual("augmented" in reason, 19 <= reason["id"] <= 29)

    def test_so_many_examples_are_shown_as_asked_for(self):
        whole = self.report()["examples"]
        self.assertEqual(self.report("--examples", 3)["examples"], whole[:3])
        self.assertEqual(self.report("--examples", 0)["examples"], [])
        self.assertEqual(self.trommel.refused("task", "report", self.task, "--examples", 201)[0], 2)

    def test_the_page_shows_every_example_with_pictures_reasons_and_neighbours(self):
        told, page = self.report(), self.check(self.page())
        self.assertEqual(len(page.all("article", "example")), len(told["examples"]))
        self.assertEqual(len(page.all("img")), (1 + 5) * (IMAGES + 1))
        text = "".join(page.text)
        for one in told["examples"]:
            self.assertIn(one["name"], text)
            for reason in one["reasons"]:
                self.assertIn(reason["sentence"], text)
        for reason in told["report"]["reasons_off"]:
            self.assertIn(reason["why"], text)
        self.assertGreater(len(page.all("svg", "chart")), 3)

    def test_augmented_copies_stand_beside_their_image(self):
        ended = self.trommel.ok(
            "sample", "filter", "s", "--create", "again", "--algo-hard-threshold", 0, "--top", "100%", "--aug-budget", 11,
            "--aug-op-config", "fliplr:1+gaussianblur:1@2", "--comprehensive-algo-config", "aug_consistent_mining:0.9", "--wait",
        )  # fmt: skip
        task, path = ended[0]["id"], self.folder / "again.html"
        told = self.trommel.ok("task", "report", task)
        copies = [reason["augmented"] for one in told["examples"] for reason in one["reasons"] if "augmented" in reason]
        self.assertGreater(len(copies), 0)
        self.trommel.ok("task", "report", task, "--html", "-o", path)
        page = self.check(path.read_text())
        self.assertEqual(len(page.all("figure", "pair")), len(copies))
        self.assertEqual(len(page.all("img")), len(told["examples"]) + 2 * len(copies))
        pictures = [found["src"] for found in page.all("img") if found["alt"] in ("The image", "Its augmented copy")]
        self.assertEqual(len(pictures), 2 * len(copies))
        for before, after in zip(pictures[::2], pictures[1::2]):
            self.assertNotEqual(before, after)

    def test_a_hostile_file_name_is_text(self):
        text = self.page()
        self.assertNotIn("<img src=x", text)
        self.assertIn("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;.png", text)

    def test_the_same_report_is_the_same_page_also_of_a_server(self):
        text = self.page()
        self.assertEqual(self.page(), text)
        server = Server(self.trommel)
        self.addCleanup(server.stop)
        reply = server.ask("GET", f"/api/v1/tasks/{self.task}/report.html")
        self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertEqual(reply.headers["Content-Disposition"], f'attachment; filename="hard-examples-{self.task[:8]}.html"')
        self.assertEqual(reply.text, text)
        again = server.ask("GET", f"/api/v1/tasks/{self.task}/report.html", headers={"If-None-Match": reply.headers["ETag"]})
        self.assertEqual(again.status, 304)
        self.assertEqual(server.ok("GET", f"/api/v1/tasks/{self.task}/report"), self.report())
        self.assertEqual(self.page(), text)  # through the server by now

    def test_images_outside_the_roots_of_a_server_are_not_in_its_page(self):
        server = Server(self.trommel, roots=[road.SOURCE])
        self.addCleanup(server.stop)
        page = self.check(server.ask("GET", f"/api/v1/tasks/{self.task}/report.html").text)
        self.assertEqual(page.all("img"), [])
        self.assertGreater(len(page.all("div", "gone")), IMAGES)

    def test_an_image_that_is_gone_leaves_its_words(self):
        moved = self.folder / "in/0003.png"
        moved.rename(self.folder / "0003.png")
        self.addCleanup((self.folder / "0003.png").rename, moved)
        shutil.rmtree(self.trommel.data / "cache")
        page = self.check(self.page())
        self.assertGreater(len(page.all("div", "gone")), 0)
        self.assertEqual(len(page.all("article", "example")), IMAGES + 1)

    def test_only_a_filtering_that_ended_has_a_report(self):
        code, error = self.trommel.refused("task", "report", self.run_task)
        self.assertEqual(code, 2, error)
        self.assertIn("run_batch", error["message"])
        self.assertEqual(self.trommel.refused("task", "report", "0123456789abcdef0123456789abcdef")[0], 5)

    def test_the_terminal_gets_it_in_short(self):
        code, shown = self.trommel.on_terminal("task", "report", self.task)
        self.assertEqual(code, 0, shown)
        for words in ("garments/0.0.1", "Low confidence", "--html -o report.html"):
            self.assertIn(words, shown)

    def test_a_file_is_written_as_a_whole_or_not_at_all(self):
        path = self.folder / "report.json"
        self.trommel.ok("task", "report", self.task, "-o", path)
        self.assertEqual(json.loads(path.read_text()), self.report())
        before = sorted(self.folder.iterdir())
        code, error = self.trommel.refused("task", "report", self.run_task, "--html", "-o", self.folder / "none.html")
        self.assertEqual((code, sorted(self.folder.iterdir())), (2, before), error)
        self.assertNotEqual(self.trommel.run("task", "report", self.task, "-o", self.folder / "nowhere/x.json").code, 0)
        self.assertFalse((self.folder / "nowhere").exists())

    def test_a_pipe_is_written_to_and_stays_one(self):
        path = self.folder / "report.pipe"
        os.mkfifo(path)
        reader = subprocess.Popen(["cat", path], stdout=subprocess.PIPE)
        self.trommel.ok("task", "report", self.task, "-o", path)
        self.assertEqual(json.loads(reader.communicate(timeout=road.WAIT_SECONDS)[0]), self.report())
        self.assertTrue(path.is_fifo())

    def test_a_browser_opens_the_page_without_a_word_on_its_console(self):
        self.page()
        path = self.folder / "report.html"
        self.assertEqual(self.console(path), [])
        bad = self.folder / "bad.html"  # the browser would tell what the policy forbids
        bad.write_text(path.read_text().replace("<main>", '<main><script>alert(1)</script><img src="http://127.0.0.1:9/x.png">'))
        self.assertGreaterEqual(len(self.console(bad)), 2)


class ChangedTest(ReportCase):
    """What people did since the filtering."""

    def setUp(self):
        self.folder = road.temp_folder(type(self))
        self.trommel = road.Trommel(self.folder / "data")
        self.trommel.import_garments()
        road.make_pictures(self.folder / "in", 12)
        _, self.task = filter_everything(self.trommel, "garments", self.folder)

    def test_what_a_person_decided_stands_beside_what_the_model_said(self):
        first = self.trommel.ok("task", "report", self.task)["examples"][0]
        self.assertEqual((first["neighbors"], "confirmed" in first), ([], False))
        self.trommel.ok("samples", "reject", first["sample"], "--labels", "bag")
        again = self.trommel.ok("task", "report", self.task)["examples"][0]
        self.assertEqual((again["sample"], again["confirmed"], again["label"]), (first["sample"], ["bag"], first["label"]))
        self.assertIn("a person says: bag", "".join(self.check(self.page()).text))

    def test_without_the_run_the_rest_of_the_report_stays(self):
        before = self.trommel.ok("task", "report", self.task)
        self.trommel.ok("service", "delete", "s", "--yes")
        told = self.trommel.ok("task", "report", self.task)
        self.assertEqual((told["report"], told["examples"], told["service"]), (before["report"], [], None))
        self.assertIn("not there any more", told["examples_note"])
        self.check(self.page())


class DetectorTest(ReportCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.trommel.import_detector()
        road.make_pictures(cls.folder / "in", 20)
        _, cls.task = filter_everything(cls.trommel, "detector", cls.folder)

    def test_boxes_are_drawn_over_the_images(self):
        told, page = self.trommel.ok("task", "report", self.task), self.check(self.page())
        kept = sum(min(50, len(one["detections"]["boxes"])) for one in told["examples"])
        near = sum(min(20, len(one["detections"]["near_misses"])) for one in told["examples"])
        self.assertGreater(kept + near, 0)
        self.assertEqual((len(page.all("rect", "kept")), len(page.all("rect", "near"))), (kept, near))


@unittest.skipUnless(FASHION.is_dir(), "dataset-fashion-mnist is not installed")
class DemoTest(ReportCase):
    """Both reports of the demo, as a newcomer would ask for them."""

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "demo")
        done = subprocess.run(
            [road.PROGRAM, "demo", "--no-serve", "--n", "300", "--dir", cls.folder / "demo", "--json"],
            capture_output=True, env=cls.trommel.environment, timeout=road.WAIT_SECONDS, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        cls.tasks = [task["id"] for task in cls.trommel.ok("task", "list", "--kind", "mine_hard")]

    def test_the_pages_of_the_demo_show_its_hard_examples_and_please_the_browser(self):
        self.assertEqual(len(self.tasks), 2)
        for self.task in self.tasks:
            told, page = self.trommel.ok("task", "report", self.task), self.check(self.page())
            self.assertEqual((told["hard"], len(told["examples"])), (60, 60))
            self.assertEqual(len(page.all("article", "example")), 60)
            self.assertEqual(page.all("div", "gone"), [])
            self.assertGreaterEqual(len(page.all("img")), 60 * 6)
            boxes = sum(len(one.get("detections", {}).get("boxes", ())) for one in told["examples"])
            self.assertEqual(len(page.all("rect", "kept")), boxes)
            self.assertEqual(self.console(self.folder / "report.html"), [])


if __name__ == "__main__":
    road.main()
