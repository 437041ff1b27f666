#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Paths that requests name: only in the roots, whatever links and manifests say; and no host is ever asked."""
import json
import shutil
import socket
import unittest

import road
import road_http
from road_http import Server

LABEL = [{"name": "bag", "type": "modelarts/image_classification"}]
# Every member of every request that names a file or folder: the route, and a body without it.
PATHS = {
    "model.import": ("POST", "/api/v1/models", {"name": "stolen"}, ("file", "card")),
    "model.test": ("POST", "/api/v1/models/garments/test", {}, ("image",)),
    "service.deploy": ("POST", "/api/v1/services", {"name": "stolen", "model": "garments"}, ("input", "output")),
    "dataset.import": ("POST", "/api/v1/datasets/d/import-tasks", {}, ("manifest", "images")),
    "dataset.export": ("POST", "/api/v1/datasets/d/export-tasks", {"format": "csv"}, ("folder",)),
}


def line(source, annotation=LABEL):
    return json.dumps({"source": str(source), "annotation": annotation}) + "\n"


def pointer_of(problem):
    return problem["errors"][0]["pointer"]


class RootsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.root = cls.folder / "root"
        cls.outside = cls.folder / "outside"
        road.make_pictures(cls.root / "in", 6)
        road.make_pictures(cls.outside, 6)
        cls.pictures = sorted((cls.root / "in").iterdir())
        cls.secret = sorted(cls.outside.iterdir())[0]
        shutil.copy(road.SOURCE / "demo/garments.onnx", cls.root / "garments.onnx")
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.trommel.import_garments()
        cls.trommel.ok("dataset", "create", "d")
        cls.server = Server(cls.trommel, roots=[cls.root])
        cls.good = {"file": str(cls.root / "garments.onnx"), "input": str(cls.root / "in"), "output": str(cls.root / "made"),
                    "image": str(cls.pictures[0]), "images": str(cls.root / "in"), "folder": str(cls.root / "exported"),
                    "manifest": str(cls.write("good", line(cls.pictures[0])))}  # fmt: skip

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    @classmethod
    def write(cls, name, text):
        path = cls.root / f"{name}.manifest"
        path.write_text(text)
        return path

    def body(self, name, member, path):
        _, _, body, members = PATHS[name]
        return {**body, **{other: self.good[other] for other in members if other in self.good and other != member}, member: path}

    def each_member(self):
        for name, (method, path, _, members) in PATHS.items():
            for member in members:
                yield name, method, path, member

    def test_no_member_leads_out_of_the_roots(self):
        (self.root / "way").symlink_to("../outside")
        (self.root / "direct").symlink_to(self.outside)
        data = next((self.folder / "data/store/models").rglob("*.onnx"))
        for name, method, path, member in self.each_member():
            there = {"file": data, "card": self.secret, "image": self.secret, "manifest": self.secret}.get(member, self.outside)
            for given in (there, self.outside / "nothing", f"{self.root}/../outside/x", f"file://{there}", "/", data):
                with self.subTest(f"{name} {member} {given}"):
                    problem = self.server.refused(403, method, path, self.body(name, member, str(given)))
                    self.assertEqual(pointer_of(problem), f"/{member}")
                    self.assertIn(str(self.root), problem["detail"])
        for name, method, path, member in self.each_member():
            end = "" if member in ("input", "output", "images", "folder") else "/" + self.secret.name
            for link in ("way", "direct"):
                with self.subTest(f"{name} {member} by {link}"):
                    problem = self.server.refused(403, method, path, self.body(name, member, f"{self.root}/{link}{end}"))
                    self.assertIn("link", problem["detail"])
        self.assertEqual(sorted(self.outside.iterdir())[0], self.secret)
        self.assertEqual(self.trommel.ok("service", "list"), [])

    def test_existing_and_missing_files_outside_are_refused_alike(self):
        for name, method, path, member in self.each_member():
            said = [
                self.server.refused(403, method, path, self.body(name, member, given))["detail"].replace(given, "PATH")
                for given in ("/etc/passwd", "/etc/passwx")
            ]
            self.assertEqual(said[0], said[1], f"{name} {member}")

    def test_relative_paths_and_other_schemes_are_refused_in_words(self):
        with socket.create_server(("127.0.0.1", 0)) as host:
            host.settimeout(0.2)
            port = host.getsockname()[1]
            for name, method, path, member in self.each_member():
                for given in (f"http://127.0.0.1:{port}/a.onnx", f"https://127.0.0.1:{port}/a", "s3://bucket/a", "obs://b/a",
                              f"ftp://127.0.0.1:{port}/a", f"file://127.0.0.1:{port}/a"):  # fmt: skip
                    with self.subTest(f"{name} {member} {given}"):
                        problem = self.server.refused(400, method, path, self.body(name, member, given))
                        self.assertIn("not of this machine", problem["detail"])
                        self.assertEqual(pointer_of(problem), f"/{member}")
                problem = self.server.refused(400, method, path, self.body(name, member, "in/00000.png"))
                self.assertIn("relative", problem["detail"])
            with self.assertRaises(TimeoutError):
                host.accept()

    def test_what_is_in_the_roots_works(self):
        made = self.server.ask("POST", "/api/v1/models", {"file": f"file://{self.good['file']}", "name": "again"})
        self.assertEqual(made.status, 201, str(made))
        self.server.ok("POST", "/api/v1/models/again/test", {"image": self.good["image"]})
        begun = self.server.ok("POST", "/api/v1/services", {"name": "good", "model": "again", "input": self.good["input"],
                               "output": str(self.root / "deep/new/out")})  # fmt: skip
        self.assertEqual(self.server.wait(begun["task"]["id"])["result"]["images"], 6)
        self.assertTrue(any((self.root / "deep/new/out").iterdir()))
        self.server.ok("DELETE", "/api/v1/services/good")

    def test_a_manifest_cannot_name_images_outside(self):
        inside = self.root / "inside-link.png"
        inside.symlink_to("../outside/" + self.secret.name)
        lines = [line(self.pictures[0]), line(self.secret), line("/etc/shadow"), line("/etc/shadowx"), line("../outside/x.png"),
                 line(inside), line("http://127.0.0.1:1/x.png")]  # fmt: skip
        manifest = self.write("mixed", "".join(lines))
        begun = self.server.ok("POST", "/api/v1/services", {"name": "mixed", "model": "garments", "input": str(manifest),
                               "output": str(self.root / "mixed-out")})  # fmt: skip
        ended = self.server.wait(begun["task"]["id"])
        self.assertEqual((ended["result"]["images"], ended["result"]["failed"]), (7, 6))
        results = [p for p in (self.root / "mixed-out").glob("*.manifest")][0].read_text()
        self.assertIn("roots", results)
        words = [json.loads(row).get("error_message") or "" for row in results.splitlines()]
        said = {word.replace("/etc/shadowx", "X").replace("/etc/shadow", "X") for word in words if "/etc/shadow" in word}
        self.assertEqual(len(said), 1, said)
        self.server.ok("DELETE", "/api/v1/services/mixed")

    def test_samples_whose_image_is_outside_show_nothing(self):
        manifest = self.write("foreign", line(self.secret) + line("/etc/hostname") + line(self.pictures[1]))
        self.server.ok("POST", "/api/v1/datasets", {"name": "foreign"})
        task = self.server.ok("POST", "/api/v1/datasets/foreign/import-tasks", {"manifest": str(manifest)})["task"]["id"]
        self.server.wait(task)
        samples = self.server.ok("GET", "/api/v1/datasets/foreign/samples")["samples"]
        self.assertEqual(len(samples), 3)
        for sample in samples:
            reply = self.server.ask("GET", f"/api/v1/samples/{sample['id']}/image")
            is_inside = sample["source"].startswith(str(self.root))
            self.assertEqual(reply.status, 200 if is_inside else 403, str(reply))

    def test_a_published_version_trains_although_the_data_folder_is_closed(self):
        self.server.ok("POST", "/api/v1/datasets", {"name": "train"})
        manifest = self.write("train", "".join(line(path) for path in self.pictures))
        task = self.server.ok("POST", "/api/v1/datasets/train/import-tasks", {"manifest": str(manifest)})["task"]["id"]
        self.server.wait(task)
        self.server.wait(self.server.ok("POST", "/api/v1/datasets/train/versions", {})["task"]["id"])
        begun = self.server.ok("POST", "/api/v1/services", {"name": "trained", "model": "garments", "input": self.good["input"],
                               "output": str(self.root / "trained-out"), "hard_examples": True, "train": "train@V001",
                               "create": "trained-hard"})  # fmt: skip
        ended = self.server.wait(begun["task"]["id"])
        self.assertEqual((ended["kind"], ended["result"]["images_gone"]), ("mine_hard", 0))
        self.assertGreater(ended["result"]["copies_inferred"], 0)  # of the training images
        version = self.server.ok("GET", "/api/v1/datasets/train/versions")["versions"][0]["manifest_path"]
        wish = {"train": version, "create": "stolen", "replace": True}
        problem = self.server.refused(403, "PUT", "/api/v1/services/trained/hard-example-filtering", wish)
        self.assertEqual(pointer_of(problem), "/train")
        self.server.ok("DELETE", "/api/v1/services/trained")

    def test_images_in_the_roots_are_read_again_for_augmented_copies(self):
        begun = self.server.ok("POST", "/api/v1/services", {"name": "again", "model": "garments", "input": self.good["input"],
                               "output": str(self.root / "again-out"), "hard_examples": True, "create": "again-hard"})  # fmt: skip
        ended = self.server.wait(begun["task"]["id"])
        self.assertEqual((ended["kind"], ended["result"]["images_gone"]), ("mine_hard", 0))
        self.assertGreater(ended["result"]["copies_inferred"], 0)
        self.server.ok("DELETE", "/api/v1/services/again")

    def test_a_feature_extractor_lies_in_the_roots_or_is_an_imported_model(self):
        outside, data = self.outside / "second.onnx", next((self.folder / "data/store/models").rglob("*.onnx"))
        shutil.copy(self.good["file"], outside)
        (self.root / "second-link.onnx").symlink_to(outside)
        begun = self.server.ok("POST", "/api/v1/services", {"name": "second", "model": "garments", "input": self.good["input"],
                               "output": str(self.root / "second-out")})  # fmt: skip
        self.server.wait(begun["task"]["id"])
        path, wish = "/api/v1/services/second/sample-tasks/filter", {"create": "second-hard", "algo_hard_threshold": 0}
        said = set()
        for given in (outside, self.outside / "nothing.onnx", f"{self.root}/../outside/second.onnx", f"file://{outside}", data,
                      self.root / "second-link.onnx"):  # fmt: skip
            with self.subTest(str(given)):
                problem = self.server.refused(403, "POST", path, {**wish, "feature_extractor": str(given)})
                self.assertEqual(pointer_of(problem), "/feature_extractor")
        for given in ("/etc/passwd", "/etc/passwx"):
            said.add(self.server.refused(403, "POST", path, {**wish, "feature_extractor": given})["detail"].replace(given, "PATH"))
        self.assertEqual(len(said), 1, said)
        for given in (self.good["file"], "garments"):
            begun = self.server.ok("POST", path, {**wish, "feature_extractor": given})
            ended = self.server.wait(begun["task"]["id"])
            self.assertEqual((ended["state"], ended["result"]["feature_extractor"]), ("succeeded", given))
        self.assertEqual(self.server.refused(404, "POST", path, {**wish, "feature_extractor": "nobody"})["detail"].count("nobody"), 1)
        self.server.ok("DELETE", "/api/v1/services/second")

    def test_a_label_that_is_a_file_outside_is_refused(self):
        wish = {"file": self.good["file"], "name": "labels", "labels": ["/etc/passwd"]}
        self.assertEqual(pointer_of(self.server.refused(403, "POST", "/api/v1/models", wish)), "/labels")

    def test_every_member_that_names_a_path_is_tried_here(self):
        named = {
            (operation["operationId"], name)
            for operations in road_http.DOCUMENT["paths"].values() for operation in operations.values()
            for name, schema in operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
                                         .get("properties", {}).items()
            if schema.get("format") == "path"
        }  # fmt: skip
        self.assertEqual(named, {(name, member) for name, _, _, member in self.each_member()})


class WithoutRootsTest(unittest.TestCase):
    def setUp(self):
        self.folder = road.temp_folder(self)
        road.make_pictures(self.folder / "in", 2)
        self.trommel = road.Trommel(self.folder / "data")

    def serve_without_roots(self, *options, **more):
        self.trommel.import_garments()
        server = Server(self.trommel, *options, roots=[], **more)
        self.addCleanup(server.kill)
        return server

    def test_a_server_without_roots_opens_no_path_over_http(self):
        server = self.serve_without_roots("--task-workers", "0")
        wish = {"image": str(self.folder / "in/0000.png")}
        problem = server.refused(403, "POST", "/api/v1/models/garments/test", wish)
        self.assertIn("no roots are set", problem["detail"])
        self.assertEqual(pointer_of(problem), "/image")

    def test_who_comes_by_the_socket_of_the_data_folder_is_not_confined(self):
        log = self.folder / "access.log"
        server = self.serve_without_roots(log=str(log))
        picture = self.folder / "in/0000.png"
        self.trommel.ok("model", "test", "garments", picture)
        self.trommel.ok("service", "deploy", "--name", "s", "--model", "garments", "--input", self.folder / "in", "--output",
                        self.folder / "out", "--wait")  # fmt: skip
        self.assertTrue(any((self.folder / "out").iterdir()))
        seen = [(row["route"], row["remote"]) for row in road.json_lines(log)]
        for route in ("model.test", "service.deploy"):
            self.assertIn((route, "local"), seen)
        server.refused(403, "POST", "/api/v1/models/garments/test", {"image": str(picture)})

    def test_the_command_line_without_a_server_keeps_to_roots_that_it_is_given(self):
        self.trommel.import_garments()
        picture = self.folder / "in/0000.png"
        self.trommel.ok("model", "test", "garments", picture)
        refused = self.trommel.run("model", "test", "garments", picture, "--json", TROMMEL_ROOTS=str(self.folder / "elsewhere"))
        self.assertEqual((refused.code != 0, refused.error["pointer"]), (True, "/image"))
        self.trommel.ok("model", "test", "garments", picture, TROMMEL_ROOTS=str(self.folder))

    def test_what_was_uploaded_is_read_although_no_roots_are_set(self):
        server = self.serve_without_roots()
        secret = self.folder / "in/0000.png"
        files = {"a.onnx": (road.SOURCE / "demo/garments.onnx").read_bytes(), "a.png": road.picture(5),
                 "a.manifest": (line(secret) + line("/etc/hostname")).encode()}  # fmt: skip
        for name, data in files.items():
            server.ok("PUT", f"/api/v1/uploads/{name}", data, {"Content-Type": "application/octet-stream"})
        made = server.ask("POST", "/api/v1/models", {"name": "sent", "file": "upload:a.onnx"})
        self.assertEqual(made.status, 201, str(made))
        server.ok("POST", "/api/v1/models/sent/test", {"image": "upload:a.png"})
        server.ok("POST", "/api/v1/datasets", {"name": "sent"})
        server.wait(server.ok("POST", "/api/v1/datasets/sent/import-tasks", {"manifest": "upload:a.manifest"})["task"]["id"])
        samples = server.ok("GET", "/api/v1/datasets/sent/samples")["samples"]
        self.assertEqual(len(samples), 2)
        for sample in samples:  # what an upload names is not opened by that
            for query in ("", "?size=thumb"):
                server.refused(403, "GET", f"/api/v1/samples/{sample['id']}/image{query}")
        for wish in ("upload:../a.onnx", "upload:a.onnx/../../x", "upload:none", "upload:"):
            reply = server.ask("POST", "/api/v1/models", {"name": "sent", "file": wish})
            self.assertIn(reply.status, (400, 404), str(reply))
        for folder in ("uploads", "uploads/1", "store"):  # uploads/0 is the caller's own project
            server.refused(403, "POST", "/api/v1/models", {"name": "sent", "file": str(self.folder / "data" / folder / "a.onnx")})

    def test_a_run_begun_over_http_stays_confined_when_the_input_was_named_by_hand(self):
        self.trommel.import_garments()
        self.trommel.ok("service", "deploy", "--name", "s", "--model", "garments", "--input", self.folder / "in", "--output",
                        self.folder / "out", "--wait")  # fmt: skip
        server = Server(self.trommel, roots=[self.folder / "elsewhere"])
        self.addCleanup(server.kill)
        task = server.ok("POST", "/api/v1/services/s/start?wait=60", {})["task"]
        self.assertEqual(task["state"], "failed", task)
        self.assertIn("roots", task["error"]["message"])


if __name__ == "__main__":
    road.main()
