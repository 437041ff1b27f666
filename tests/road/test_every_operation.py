#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The whole road over HTTP: every operation of the document is called, every reply is as the document says."""
import os
import unittest

import road
import road_http
from road_http import Events, Server, deploy_request

IMAGES = 24


class RoadTest(unittest.TestCase):
    """The whole road over HTTP; every operation of the document is called at least once."""

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        road.make_pictures(cls.folder / "in", IMAGES)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.server = Server(cls.trommel)

    @classmethod
    def tearDownClass(cls):
        code, said = cls.server.stop()
        assert code == 0, said

    def test_every_operation_answers_as_the_document_says(self):
        s = self.server
        self.health()
        self.settings()
        self.models()
        self.service()
        self.hard_examples()
        self.dataset()
        self.samples()
        self.queries()
        self.operations()
        self.results()
        self.insights()
        self.tasks()
        self.uploads()
        self.projects()
        s.ok("DELETE", "/api/v1/datasets/raw")
        s.ok("POST", "/api/v1/services/s/start?wait=60", {})
        s.ok("DELETE", "/api/v1/services/s")
        s.ok("DELETE", "/api/v1/models/garments%2F0.0.2")
        self.demo()
        named = {o["operationId"] for path in road_http.DOCUMENT["paths"].values() for o in path.values()}
        of_people = {name for name in named if name.split(".")[0] in ("audit", "session", "setup", "token", "user")}
        self.assertEqual(named - of_people - Server.seen, set())  # those of people: test_sign_in.py

    def health(self):
        s = self.server
        self.assertEqual(s.ok("GET", "/healthz"), {"status": "ok"})
        self.assertEqual(s.ok("GET", "/readyz"), {"status": "ok"})
        served = s.ok("GET", "/api/v1/openapi.json")
        self.assertEqual(served, road_http.DOCUMENT)
        metrics = s.ask("GET", "/metrics").text
        self.assertRegex(metrics, r'(?m)^trommel_http_requests_total\{route="health.live",status="2xx"\} 1$')
        self.assertRegex(metrics, r"(?m)^trommel_http_connections \d+$")
        for line in metrics.splitlines():
            self.assertRegex(line, r"^(# (HELP|TYPE) trommel_\w+ .+|trommel_\w+(\{[^}]*\})? [0-9.e+-]+)$")
        events = Events(s)
        self.assertEqual(events.answer.status, 200)
        Server.seen.add("api.events")
        events.close()

    def settings(self):
        rows = {row["name"]: row for row in self.server.ok("GET", "/api/v1/settings")["settings"]}
        self.assertEqual(rows["data"]["value"], str(self.trommel.data))
        self.assertTrue(rows["data"]["origin"])
        self.assertIn(rows["database"]["value"], (None, "(set)"))

    def models(self):
        s = self.server
        wish = {"file": str(road.SOURCE / "demo/garments.onnx"), "name": "garments"}
        made = s.ask("POST", "/api/v1/models", wish)
        self.assertEqual((made.status, made.json["model"]["version"]), (201, "0.0.1"))
        s.ok("POST", "/api/v1/models", wish)
        self.assertEqual(len(s.ok("GET", "/api/v1/models")["models"]), 2)
        self.assertEqual(s.ok("GET", "/api/v1/models/garments%2F0.0.1")["model"]["id"], made.json["model"]["id"])
        tested = s.ok("POST", "/api/v1/models/garments%2F0.0.1/test", {"image": str(self.folder / "in/0000.png")})
        self.assertIn("predicted_label", tested["prediction"])

    def service(self):
        s = self.server
        wish = deploy_request(self.folder, "s", model="garments/0.0.1")
        begun = s.ask("POST", "/api/v1/services", wish)
        self.assertEqual(begun.status, 202)
        self.assertEqual(begun.headers["Location"], f"/api/v1/tasks/{begun.json['task']['id']}")
        done = s.wait(begun.json["task"]["id"])
        self.assertEqual(done["items_done"], IMAGES)
        self.assertEqual(s.ok("GET", "/api/v1/services/s")["service"]["images"], IMAGES)
        self.assertEqual(len(s.ok("GET", "/api/v1/services")["services"]), 1)
        self.assertGreater(len(s.ok("GET", "/api/v1/services/s/events")["events"]), 1)
        self.assertTrue(s.ok("GET", "/api/v1/services/s/runs")["runs"][0]["is_complete"])
        again = s.ok("POST", "/api/v1/services/s/restart?wait=60", {})
        self.assertEqual(again["task"]["state"], "succeeded")
        s.refused(409, "POST", "/api/v1/services/s/stop")
        before = s.ok("GET", "/api/v1/services/s")["service"]
        edited = s.ok("PATCH", "/api/v1/services/s", {"description": "nightly", "threads": 2})["service"]
        self.assertEqual((edited["description"], edited["settings"]), ("nightly", {**before["settings"], "threads": 2}))
        s.refused(400, "PATCH", "/api/v1/services/s", {})
        s.refused(400, "PATCH", "/api/v1/services/s", {"threads": 257})

    def hard_examples(self):
        s = self.server
        path = "/api/v1/services/s/hard-example-filtering"
        self.assertFalse(s.ok("GET", path)["is_enabled"])
        self.assertTrue(s.ok("PUT", path, {"create": "hard", "algo_hard_threshold": 0})["is_enabled"])
        s.refused(400, "PUT", path, {"create": "hard"})
        self.assertFalse(s.ok("DELETE", path)["is_enabled"])
        wish = {"create": "hard", "algo_hard_threshold": 0}
        mined = s.ok("POST", "/api/v1/services/s/sample-tasks/filter?wait=60", wish)
        self.assertEqual(mined["task"]["state"], "succeeded")
        synced = s.ok("POST", "/api/v1/services/s/sample-tasks/sync?wait=60", {"create": "raw"})
        self.assertEqual(synced["task"]["state"], "succeeded")
        self.assertEqual(len(s.ok("GET", "/api/v1/services/s/sample-tasks")["tasks"]), 2)

    def dataset(self):
        s = self.server
        self.assertEqual(s.ask("POST", "/api/v1/datasets", {"name": "cats", "labels": ["cat", "bag"]}).status, 201)
        self.assertIn("cats", [row["name"] for row in s.ok("GET", "/api/v1/datasets")["datasets"]])
        manifest = road.write_manifest(self.folder / "m.manifest", [road.labeled(self.folder / "in/0000.png", "bag")])
        wish = {"manifest": str(manifest)}
        self.assertEqual(s.ok("POST", "/api/v1/datasets/cats/import-tasks?wait=60", wish)["task"]["state"], "succeeded")
        self.assertEqual(s.ok("GET", "/api/v1/datasets/cats")["dataset"]["labeled"], 1)
        self.assertEqual(s.ok("POST", "/api/v1/datasets/cats/versions?wait=60", {})["task"]["state"], "succeeded")
        version = s.ok("GET", "/api/v1/datasets/cats/versions")["versions"][0]
        self.assertEqual(version["name"], "V001")
        got = s.ask("GET", "/api/v1/datasets/cats/versions/V001/manifest")
        with open(version["manifest_path"], "rb") as file:
            self.assertEqual(got.body, file.read())
        self.assertEqual(got.headers["ETag"], f'"{version["manifest_hash"]}"')
        s.refused(404, "GET", "/api/v1/datasets/cats/versions/V009/manifest")
        self.dataset_edited()
        self.features()
        self.sources()
        self.versions(version)
        self.copies()
        self.merged()
        self.labels()

    def copies(self):
        """Of the dataset in another form, and of images in the dataset."""
        s = self.server
        wish = {"folder": str(self.folder / "exported"), "format": "csv"}
        self.assertEqual(s.ok("POST", "/api/v1/datasets/cats/export-tasks?wait=60", wish)["task"]["result"]["exported"], 1)
        s.refused(400, "POST", "/api/v1/datasets/cats/export-tasks", {**wish, "train_ratio": 2})
        task = s.ok("POST", "/api/v1/datasets/cats/duplicate-tasks?wait=60", {})["task"]
        self.assertEqual(task["result"]["compared"], 1)
        self.assertEqual(s.ok("GET", f"/api/v1/tasks/{task['id']}/duplicates")["groups"], [])

    def merged(self):
        s = self.server
        self.assertEqual(s.ask("POST", "/api/v1/datasets", {"name": "more-cats"}).status, 201)
        done = s.ok("POST", "/api/v1/datasets/cats/merge-tasks?wait=60", {"into": "more-cats"})["task"]
        self.assertEqual((done["state"], done["result"]["added"]), ("succeeded", 1))
        self.assertEqual(s.ok("GET", f"/api/v1/tasks/{done['id']}/merged"), {"samples": [], "next_cursor": None})
        s.refused(400, "POST", "/api/v1/datasets/cats/merge-tasks", {"into": "cats"})
        s.refused(404, "POST", "/api/v1/datasets/cats/merge-tasks", {"into": "no-cats"})
        s.ok("DELETE", "/api/v1/datasets/more-cats")

    def labels(self):
        s, path = self.server, "/api/v1/datasets/cats/labels"
        made = s.ask("POST", path, {"name": "hat", "color": "#3399FF", "shortcut": "h", "attributes": [{"name": "size", "type": "text"}]})
        self.assertEqual((made.status, made.json["label"]["color"], made.json["label"]["position"]), (201, "#3399ff", 2))
        self.assertEqual(s.refused(409, "POST", path, {"name": "cap", "shortcut": "h"})["errors"][0]["pointer"], "/shortcut")
        self.assertEqual(s.refused(400, "POST", path, {"name": "cap", "attributes": [{"name": "a", "type": "x"}]})["errors"][0]["pointer"], "/attributes/0")
        edited = s.ok("PATCH", f"{path}/bag", {"name": "tote bag/人", "preview": False})
        self.assertEqual((edited["label"]["name"], edited["change"]["samples"]), ("tote bag/人", 1))
        self.assertEqual(s.ok("PATCH", f"{path}/tote%20bag%2F%E4%BA%BA", {"color": "#000000"})["change"]["operation_id"], None)
        merged = s.ok("POST", f"{path}/hat/merge", {"into": "cat"})["change"]
        self.assertEqual((merged["samples"], merged["left"]), (0, 0))
        self.assertEqual([row["name"] for row in s.ok("GET", path)["labels"]], ["cat", "tote bag/人"])
        gone = s.ok("DELETE", f"{path}/tote%20bag%2F%E4%BA%BA?policy=samples&preview=true")["change"]
        self.assertEqual((gone["removed"], gone["preview"], gone["operation_id"]), (1, True, None))
        s.refused(404, "DELETE", f"{path}/hat")
        s.ok("POST", f"/api/v1/operations/{edited['change']['operation_id']}/undo")
        self.assertEqual(s.ok("GET", "/api/v1/datasets/cats")["dataset"]["labels"], s.ok("GET", path)["labels"])

    def dataset_edited(self):
        s = self.server
        path = "/api/v1/datasets/cats"
        seen = s.ask("GET", path)
        revision = seen.json["dataset"]["revision"]
        self.assertRegex(seen.headers["ETag"], f'^"{revision}-[0-9a-f]{{16}}"$')
        s.refused(428, "PATCH", path, {"description": "x"})
        done = s.ask("PATCH", path, {"name": "felines", "description": "all sizes"}, {"If-Match": seen.headers["ETag"]})
        self.assertEqual((done.status, done.json["dataset"]["name"], done.json["dataset"]["revision"]), (200, "felines", revision + 1))
        self.assertEqual(done.headers["ETag"], s.ask("GET", "/api/v1/datasets/felines").headers["ETag"])
        stale = s.refused(412, "PATCH", "/api/v1/datasets/felines", {"name": "cats"}, {"If-Match": seen.headers["ETag"]})
        self.assertEqual(s.ok("GET", "/api/v1/datasets/felines")["dataset"]["description"], "all sizes", stale)
        s.refused(409, "PATCH", "/api/v1/datasets/felines", {"name": "hard"}, {"If-Match": "*"})
        s.refused(400, "PATCH", "/api/v1/datasets/felines", {}, {"If-Match": "*"})
        s.ok("PATCH", "/api/v1/datasets/felines", {"name": "cats"}, {"If-Match": "*"})

    def features(self):
        s = self.server
        s.refused(409, "GET", "/api/v1/datasets/cats/features")
        told = s.ok("POST", "/api/v1/datasets/cats/feature-tasks?wait=60", {"service": "s"})["task"]
        self.assertEqual((told["state"], told["result"]["of"]["samples"]), ("succeeded", 1))
        found = s.ok("GET", "/api/v1/datasets/cats/features?label=bag&service=s&bins=8")
        self.assertEqual((found["of"]["counted"], found["against"]["samples"]), (1, IMAGES))
        self.assertEqual({row["shift"] for row in found["features"]}, {"too few samples"})

    def sources(self):
        found = self.server.ok("GET", "/api/v1/datasets/hard/sources")["sources"]
        self.assertEqual({row["origin"] for row in found}, {"hard_examples"})
        self.assertEqual({(row["kind"], row["service"]) for row in found}, {("mine_hard", "s")})
        whole = self.server.ok("GET", "/api/v1/datasets/hard")["dataset"]
        for name in ("samples", "unlabeled", "to_be_confirmed", "labeled", "hard"):
            self.assertEqual(sum(row[name] for row in found), whole[name], name)
        brought = found[0]
        asked = {"filter": {"origin_task": brought["task"]}, "limit": 1}
        self.assertEqual(self.server.ok("POST", "/api/v1/datasets/hard/samples:query", asked)["total"], brought["samples"])
        self.server.refused(404, "GET", "/api/v1/datasets/nosuch/sources")
        self.server.refused(400, "GET", "/api/v1/datasets/hard/sources?limit=1001")

    def versions(self, first):
        s = self.server
        path = "/api/v1/datasets/cats/"
        self.assertEqual(s.ok("GET", path + "versions/V001")["version"], first)
        s.refused(404, "GET", path + "versions/V009")
        s.ok("POST", path + "versions?wait=60", {})
        second = s.ok("GET", path + "versions/V002")["version"]
        self.assertEqual(s.ok("GET", path + "versions/V001/diff?to=V002")["changes"], [])
        s.refused(409, "DELETE", path + "versions/V002")
        s.refused(404, "PUT", path + "current-version", {"version": "V009"})
        self.assertEqual(s.ok("PUT", path + "current-version", {"version": "V001"})["dataset"]["current_version"], "V001")
        self.assertEqual(s.ok("DELETE", path + "versions/V002"), {"deleted": "V002"})
        self.assertFalse(os.path.exists(second["manifest_path"]))
        self.assertTrue(os.path.exists(first["manifest_path"]))
        self.assertEqual([row["name"] for row in s.ok("GET", path + "versions")["versions"]], ["V001"])

    def samples(self):
        s = self.server
        page = s.ok("GET", "/api/v1/datasets/hard/samples?limit=10&state=to_be_confirmed")
        self.assertEqual(len(page["samples"]), 10)
        rest = s.ok("GET", f"/api/v1/datasets/hard/samples?limit=10&state=tbc&cursor={page['next_cursor']}")
        ids = [row["id"] for row in page["samples"] + rest["samples"]]
        self.assertEqual(len(set(ids)), len(ids))
        self.assertEqual(s.ok("GET", f"/api/v1/samples/{ids[0]}")["sample"]["id"], ids[0])
        told = s.ok("POST", "/api/v1/samples:decide", {"action": "confirm", "ids": ids[:2]})
        self.assertEqual((told["done"], told["failed"]), (2, 0))
        tag = s.ask("GET", f"/api/v1/samples/{ids[2]}").headers["ETag"]
        s.ok("POST", f"/api/v1/samples/{ids[2]}/decide", {"action": "confirm"}, {"If-Match": tag})
        image = s.ask("GET", f"/api/v1/samples/{ids[0]}/image")
        self.assertEqual((image.status, image.headers["Content-Type"], image.body[:4]), (200, "image/png", b"\x89PNG"))

    def queries(self):
        s = self.server
        path = "/api/v1/datasets/hard"
        found = s.ok("POST", f"{path}/samples:query", {"state": "to_be_confirmed", "limit": 3})
        self.assertEqual(len(found["samples"]), 3)
        ids = s.ok("POST", f"{path}/samples:query", {"ids_only": True, "limit": 5})["ids"]
        self.assertEqual(len(ids), 5)
        facets = s.ok("GET", f"{path}/facets")
        self.assertEqual(s.ok("POST", f"{path}/facets", {})["total"], facets["total"])
        told = s.ok("POST", f"{path}/samples:decide", {"target": {"ids": ids[:2]}, "action": "mark_hard"})
        self.assertEqual(told["failed"], 0)
        told = s.ok("POST", f"{path}/samples:decide", {"target": {"query": {"state": "to_be_confirmed"}}, "action": "exclude"})
        self.assertEqual(told["failed"], 0)
        self.assertGreater(told["done"], 0)

    def operations(self):
        s = self.server
        newest = s.ok("GET", "/api/v1/operations?dataset=hard")["operations"][0]
        path = f"/api/v1/operations/{newest['id']}"
        self.assertEqual(len(s.ok("GET", f"{path}?limit=1000")["changes"]), newest["samples"])
        self.assertEqual(s.ok("POST", f"{path}/undo")["done"], newest["samples"])
        self.assertEqual(s.ok("POST", f"{path}/redo")["done"], newest["samples"])
        s.ok("POST", f"{path}/undo")
        sample = s.ok("GET", "/api/v1/datasets/hard/samples")["samples"][0]
        one, tag = f"/api/v1/samples/{sample['id']}", f'"{sample["revision"]}"'
        self.assertTrue(s.ok("PATCH", f"{one}/annotation", {"hard": True}, {"If-Match": tag})["sample"]["hard"])
        self.assertGreater(len(s.ok("GET", f"{one}/history")["history"]), 0)

    def results(self):
        s = self.server
        page = s.ok("GET", "/api/v1/services/s/results?limit=10")
        self.assertEqual((page["total"], len(page["results"])), (IMAGES, 10))
        path = f"/api/v1/services/s/results/{page['results'][0]['id']}"
        self.assertEqual(s.ok("GET", path)["result"]["source"], page["results"][0]["source"])
        self.assertEqual(s.ask("GET", f"{path}/image?size=thumb").headers["Content-Type"], "image/jpeg")
        self.assertEqual(s.ask("GET", f"{path}/crop?box=0,0,20,20").headers["Content-Type"], "image/jpeg")
        run = s.ok("GET", "/api/v1/services/s/runs")["runs"][0]["id"]
        self.assertEqual(s.ok("GET", f"/api/v1/services/s/runs/{run}")["run"]["images"], IMAGES)
        manifest = s.ask("GET", f"/api/v1/services/s/runs/{run}/manifest").text
        self.assertEqual(len(manifest.splitlines()), IMAGES)
        self.assertEqual(s.ok("GET", f"/api/v1/paths?path={self.folder / 'in'}")["images"], IMAGES)
        self.assertEqual(s.ok("GET", "/api/v1/status")["status"]["data_folder"], str(self.trommel.data))

    def demo(self):
        """Begun and stopped; loaded to its end: test_console.py."""
        s = self.server
        begun = s.ask("POST", "/api/v1/demo")
        self.assertEqual(begun.status, 202)
        path = f"/api/v1/tasks/{begun.json['task']['id']}"
        s.refused(409, "POST", "/api/v1/demo")
        s.ok("POST", path + "/stop")
        self.assertIn(s.ok("GET", path + "?wait=60")["task"]["state"], ("stopping", "stopped"))

    def insights(self):
        """Of a run that was compared with a training set."""
        s = self.server
        names = (road.SOURCE / "demo/garments.labels.txt").read_text().split("\n")
        train = str(road.make_training(self.folder / "train", IMAGES, names[:3], first=500, usage="TRAIN"))
        wish = {"create": "compared", "train": train, "algo_hard_threshold": 0}
        mined = s.ok("POST", "/api/v1/services/s/sample-tasks/filter?wait=60", wish)["task"]
        self.assertEqual(s.wait(mined["id"])["state"], "succeeded")
        told = s.ok("POST", "/api/v1/services/s/hard-example-filtering:estimate", {"train": train, "algo_hard_threshold": 0.5})
        self.assertEqual((told["images"], told["train"]), (IMAGES, train))
        path = f"/api/v1/samples/{s.ok('GET', '/api/v1/datasets/compared/samples')['samples'][0]['id']}"
        self.assertGreater(len(s.ok("GET", f"{path}/explanation")["reasons"]), 0)
        near = s.ok("GET", f"{path}/neighbors?k=2")["neighbors"]
        self.assertEqual(len(near), 2)
        for image in (near[0]["image"], f"{path}/crop?box=0,0,20,20", f"{path}/augmented?op=fliplr"):
            reply = s.ask("GET", image)
            self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, "image/jpeg"))
        report = s.ok("GET", f"/api/v1/tasks/{mined['id']}/report?examples=2")
        self.assertEqual((report["task"], len(report["examples"])), (mined["id"], 2))
        page = s.ask("GET", f"/api/v1/tasks/{mined['id']}/report.html?examples=2")
        self.assertEqual((page.status, page.headers["Content-Type"]), (200, "text/html; charset=utf-8"))

    def uploads(self):
        s = self.server
        s.ok("PUT", "/api/v1/uploads/a.bin", b"bytes", {"Content-Type": "application/octet-stream"})
        self.assertEqual(s.ok("GET", "/api/v1/uploads/a.bin")["upload"]["bytes"], 5)
        self.assertEqual([row["file"] for row in s.ok("GET", "/api/v1/uploads")["uploads"]], ["upload:a.bin"])
        s.ok("DELETE", "/api/v1/uploads/a.bin")

    def projects(self):
        s = self.server
        made = s.ask("POST", "/api/v1/projects", {"name": "more"})
        self.assertEqual(made.status, 201)
        s.refused(409, "POST", "/api/v1/projects", {"name": "more"})
        self.assertEqual([p["name"] for p in s.ok("GET", "/api/v1/projects")["projects"]], ["default", "more"])
        self.assertEqual(s.ok("GET", "/api/v1/projects/more")["project"], made.json["project"])
        s.refused(409, "DELETE", "/api/v1/projects/default")
        self.assertEqual(s.ok("DELETE", "/api/v1/projects/more"), {"deleted": made.json["project"]["id"]})
        s.refused(404, "DELETE", "/api/v1/projects/more")

    def tasks(self):
        s = self.server
        tasks = s.ok("GET", "/api/v1/tasks?kind=run_batch")["tasks"]
        self.assertEqual({row["kind"] for row in tasks}, {"run_batch"})
        log = s.ask("GET", f"/api/v1/tasks/{tasks[0]['id']}/log")
        self.assertEqual((log.status, log.headers["Content-Type"]), (200, "text/plain; charset=utf-8"))
        s.refused(409, "POST", f"/api/v1/tasks/{tasks[0]['id']}/retry")
        self.stop_and_retry()

    def stop_and_retry(self):
        """On a server that works on no tasks, so that they wait."""
        trommel = road.Trommel(self.folder / "idle")
        idle = Server(trommel, "--task-workers", "0")
        trommel.import_garments()
        task = idle.ok("POST", "/api/v1/services", deploy_request(self.folder, "waits"))["task"]
        self.assertEqual(idle.ok("POST", "/api/v1/services/waits/stop")["task"]["state"], "stopped")
        self.assertEqual(idle.ok("POST", f"/api/v1/tasks/{task['id']}/retry")["task"]["state"], "queued")
        self.assertEqual(idle.ok("POST", f"/api/v1/tasks/{task['id']}/stop")["task"]["state"], "stopped")
        self.assertEqual(idle.stop()[0], 0)


if __name__ == "__main__":
    road.main()
