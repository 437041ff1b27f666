#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/openapi.json is clean to redocly, and Prism, which judges the server's tests, sees what it is there to see."""
import copy
import json
import os
import subprocess
import sys
import unittest

import prism
import road
import road_http

TOOLS = road.SOURCE / "tests/api/node_modules/.bin"
DOCUMENT = road.SOURCE / "docs/openapi.json"


def spoiled(reply, **changes):
    """A copy of a reply with other members, or without those that are None; `status` and `type` are the reply's own."""
    other = copy.copy(reply)
    other.status = changes.pop("status", reply.status)
    other.headers = {name: value for name, value in reply.headers.items() if name.lower() != "content-encoding"}
    other.headers["Content-Type"] = changes.pop("type", reply.headers["Content-Type"])
    members = {**reply.json, **changes}
    other.body = json.dumps({name: value for name, value in members.items() if value is not None}).encode()
    return other


class DocumentTest(unittest.TestCase):
    def lint(self, document):
        folder = road.temp_folder(self)
        path = folder / "openapi.json"
        path.write_text(json.dumps(document))
        environment = dict(os.environ, REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true", NO_COLOR="1")
        return subprocess.run([TOOLS / "redocly", "lint", "--max-problems", "1000", "openapi.json"], cwd=folder, env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)  # fmt: skip

    def test_redocly_finds_the_document_clean_without_a_warning(self):
        done = self.lint(json.loads(DOCUMENT.read_text()))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("is valid", done.stdout)
        self.assertNotIn("warning", done.stdout.lower())

    def test_redocly_sees_a_fault_that_was_put_in(self):
        for spoil in (lambda get: get.update(operationId="task.show"), lambda get: get["parameters"].append({"name": "x", "in": "nowhere"}),
                      lambda get: get["responses"]["200"].update(content={"application/json": {"schema": {"$ref": "#/nothing"}}})):  # fmt: skip
            document = json.loads(DOCUMENT.read_text())
            spoil(document["paths"]["/api/v1/tasks"]["get"])
            self.assertNotEqual(self.lint(document).returncode, 0)


class JudgeTest(unittest.TestCase):
    """A Prism that is shown spoiled replies of a real server."""

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.server = road_http.Server(road.Trommel(cls.folder / "data"), "--task-workers", "0")
        cls.changes = None
        cls.judge = prism.Prism(DOCUMENT, lambda reply: cls.changes(reply) if cls.changes else reply)
        cls.kept, road_http.JUDGE = road_http.JUDGE, cls.judge
        cls.server.ok("POST", "/api/v1/datasets", {"name": "d", "labels": ["a"]})

    @classmethod
    def tearDownClass(cls):
        road_http.JUDGE = cls.kept
        cls.judge.end()
        assert cls.server.stop()[0] == 0

    def tearDown(self):
        type(self).changes = None

    def test_what_server_and_document_agree_on_passes(self):
        self.assertEqual([row["name"] for row in self.server.ok("GET", "/api/v1/datasets")["datasets"]], ["d"])
        self.server.refused(404, "GET", "/api/v1/datasets/none")
        self.server.refused(400, "GET", "/api/v1/datasets/d/samples?limit=many")
        self.server.refused(400, "POST", "/api/v1/datasets", b"{", {"Content-Type": "application/json"})
        self.server.refused(404, "GET", "/nothing")

    def test_a_spoiled_reply_is_a_violation(self):
        for name, spoil in (
            ("a member is missing", lambda reply: spoiled(reply, datasets=None)),
            ("a member has another type", lambda reply: spoiled(reply, datasets="d")),
            ("a member of a row is missing", lambda reply: spoiled(reply, datasets=[{"id": "x"}])),
            ("a status that is not in the document", lambda reply: spoiled(reply, status=203)),
            ("another kind of content", lambda reply: spoiled(reply, type="text/html")),
        ):
            with self.subTest(name=name):
                type(self).changes = staticmethod(spoil)
                with self.assertRaises(prism.Violation):
                    self.server.ok("GET", "/api/v1/datasets")

    def test_a_request_that_only_the_server_takes_is_a_violation(self):
        document = json.loads(DOCUMENT.read_text())
        for parameter in document["paths"]["/api/v1/tasks"]["get"]["parameters"]:
            if parameter["name"] == "limit":
                parameter["schema"]["maximum"] = 7
        strict = self.folder / "strict.json"
        strict.write_text(json.dumps(document))
        road_http.JUDGE = prism.Prism(strict)
        try:
            self.server.ok("GET", "/api/v1/tasks?limit=7")
            with self.assertRaises(prism.Violation):
                self.server.ok("GET", "/api/v1/tasks?limit=8")
        finally:
            road_http.JUDGE.end()
            road_http.JUDGE = self.judge


if __name__ == "__main__":
    if not prism.PROGRAM.exists():
        print(f"1..0 # SKIP {prism.MISSING}")
        sys.exit(0)
    road.main()
