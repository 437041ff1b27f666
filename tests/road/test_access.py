#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every route that the server's own document names, asked by whoever may not: nobody, a lesser role, another project."""
import json
import unittest

import road
from road_http import Server

PASSWORD = "correct horse"
ROLES = ("anyone", "read", "label", "admin")
METHODS = ("get", "post", "put", "patch", "delete")
NOWHERE = "fedcba98765432100123456789abcdef"  # an id that nothing has

# Bodies that would do something, if the caller might. A name in braces is a thing of the other project.
BODIES = {
    "dataset.import": {"manifest": "{folder}/in.manifest"},
    "dataset.export": {"folder": "{folder}/stolen", "format": "csv"},
    "dataset.version_use": {"version": "V001"}, "dataset.edit": {"name": "stolen"}, "service.edit": {"description": "stolen"},  # fmt: skip
    "hard.enable": {"create": "stolen"},
    "dataset.merge": {"into": "{dataset}"},
    "label.create": {"name": "stolen"}, "label.edit": {"name": "stolen"}, "label.merge": {"into": "bag"},  # fmt: skip
    "model.test": {"image": "{folder}/in/00000.png"},
    "sample.filter": {"create": "stolen"},
    "sample.sync": {"create": "stolen"},
    "samples.annotate": {"hard": True},
    "samples.decide_all": {"target": {"ids": ["{sample}"]}, "action": "exclude"},
    "samples.decide_one": {"action": "exclude"},
    "session.password": {"password": PASSWORD, "new_password": PASSWORD + "!"},
    "user.edit": {"role": "read"},
    "user.password": {"password": PASSWORD},
}
# Routes that take a file instead of JSON, and make what the path names in the caller's own project.
FILES = {"upload.put"}
# Query parameters without which a route says nothing else.
QUERIES = {"samples.crop": "?box=0", "samples.augmented": "?op=fliplr", "dataset.version_diff": "?to=V001",
           "service.result_crop": "?box=0"}
CHANGES_ONE = {"dataset.edit", "samples.annotate", "samples.decide_one"}  # they want If-Match
# Routes without a path parameter whose body names something of the other project.
NAMING = {
    "samples.decide": {"ids": ["{sample}"], "action": "exclude"},
    "service.deploy": {"name": "stolen", "model": "{model}", "input": "{folder}/in", "output": "{folder}/stolen"},
    "user.add": {"name": "mole", "password": PASSWORD, "project": "{project}"},
    "token.create": {"name": "mole", "user": "{user}"},
}
# Routes without a path parameter that name nothing of any project: what they make is the caller's.
OWN = {
    "model.import", "dataset.create", "project.create", "session.begin", "session.end", "session.password", "setup.admin",
    "api.events", "api.document", "demo.load", "health.live", "health.ready", "session.show",
}  # fmt: skip


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"} if secret else {}


class AccessTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        road.make_pictures(cls.folder / "in", 4)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.password = cls.folder / "password"
        cls.password.write_text(PASSWORD + "\n")
        cls.make_theirs()
        cls.callers = cls.make_callers()
        cls.server = Server(cls.trommel, "--task-workers", "0", auth="password")
        cls.put_theirs()
        cls.document = cls.server.ok("GET", "/api/v1/openapi.json")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    @classmethod
    def make_theirs(cls):
        """One of each thing, in a project of its own."""
        ok, there = cls.trommel.ok, ("--project", "theirs")
        project = ok("project", "create", "theirs")["id"]
        ok("user", "add", "root", "--role", "admin", "--password-file", cls.password)
        user = ok("user", "add", "victim", "--role", "admin", "--project", project, "--password-file", cls.password)["id"]
        model = ok("model", "import", road.SOURCE / "demo/garments.onnx", "--name", "secret-model", *there)["model"]["id"]
        lines = [
            json.dumps({"source": str(path), "annotation": [{"name": "bag", "type": "modelarts/image_classification"}]})
            for path in sorted((cls.folder / "in").iterdir())
        ]
        (cls.folder / "in.manifest").write_text("\n".join(lines) + "\n")
        dataset = ok("dataset", "create", "secret-dataset", *there)["id"]
        ok("dataset", "import", dataset, cls.folder / "in.manifest", "--wait", *there)
        ok("dataset", "publish", dataset, "--wait", *there)
        ok("service", "deploy", "--name", "secret-service", "--model", model, "--input", cls.folder / "in",
           "--output", cls.folder / "out", "--wait", *there)  # fmt: skip
        service = ok("service", "list", *there)[0]["id"]
        token = ok("token", "create", "victims", "--user", "victim")
        cls.victim = token["secret"]
        run, sample = ok("service", "runs", service, *there)[0]["id"], ok("samples", "list", dataset, *there)[0]["id"]
        ok("samples", "mark-hard", sample, *there)
        cls.theirs = {
            "project": project, "user": user, "model": model, "dataset": dataset, "service": service, "version": "V001",
            "task": ok("task", "list", *there)[0]["id"],
            "sample": sample, "run": run, "result": f"{run}-0", "neighbor": "0", "upload": "secret-upload",
            "operation": ok("operation", "list", *there)[0]["id"],
            "token": token.get("token", token)["id"], "label": "bag",
        }  # fmt: skip
        cls.names = {"model": "secret-model", "dataset": "secret-dataset", "service": "secret-service", "project": "theirs",
                     "user": "victim"}  # fmt: skip

    @classmethod
    def put_theirs(cls):
        """A file of theirs: it comes over HTTP only."""
        headers = {**bearer(cls.victim), "Content-Type": "application/octet-stream"}
        reply = cls.server.ask("PUT", "/api/v1/uploads/secret-upload", b"secret", headers)
        assert reply.status == 200, reply

    @classmethod
    def make_callers(cls):
        """A token of each role, all in a project that holds nothing."""
        project = cls.trommel.ok("project", "create", "ours")["id"]
        cls.ours = project
        callers = {"anyone": None}
        for role in ROLES[1:]:
            cls.trommel.ok("user", "add", role, "--role", role, "--project", project, "--password-file", cls.password)
            callers[role] = cls.trommel.ok("token", "create", "t", "--user", role)["secret"]
        return callers

    # ---- what the document says ----

    def operations(self):
        for path, operations in self.document["paths"].items():
            for method in METHODS:
                if method in operations:
                    operation = operations[method]
                    yield method.upper(), path, operation["operationId"], operation["x-role"]

    def path_of(self, path, things):
        """The path with things in it; a route with a parameter that nobody thought of fails here."""
        missing = [name for name in self.parameters(path) if name not in things]
        self.assertEqual(missing, [], f"{path}: what is an example of {missing}? Add it to make_theirs")
        return path.format(**things)

    def parameters(self, path):
        return [part[1:].split("}")[0] for part in path.split("/") if part.startswith("{")]

    def fill(self, value, things):
        if isinstance(value, list):
            return [self.fill(item, things) for item in value]
        if isinstance(value, dict):
            return {key: self.fill(item, things) for key, item in value.items()}
        return value.format(folder=self.folder, **things) if isinstance(value, str) else value

    def body_of(self, method, name, things):
        if name in FILES:
            return b"bytes"
        return self.fill(BODIES.get(name, NAMING.get(name, {} if method in ("POST", "PUT", "PATCH") else None)), things)

    def ask(self, method, path, name, caller, things=None):
        things = things or self.theirs
        headers = dict(bearer(self.callers[caller]), **{"If-Match": '"1"'} if name in CHANGES_ONE else {})
        if name in FILES:
            headers["Content-Type"] = "application/octet-stream"
        path = self.path_of(path, things) + QUERIES.get(name, "")
        return self.server.ask(method, path, self.body_of(method, name, things), headers)

    # ---- the loops ----

    def test_nobody_who_shows_nothing_may_ask_anything(self):
        for method, path, name, role in self.operations():
            with self.subTest(name):
                if role == "anyone":
                    continue
                reply = self.ask(method, path, name, "anyone")
                self.assertEqual(reply.status, 401, str(reply))
                self.assertTrue(reply.headers["WWW-Authenticate"])

    def test_a_lesser_role_may_not_ask(self):
        for method, path, name, role in self.operations():
            for lesser in ROLES[1 : ROLES.index(role)] if role in ROLES else []:
                with self.subTest(f"{lesser} asks {name}"):
                    self.assertEqual(self.ask(method, path, name, lesser).status, 403)

    def test_what_is_of_another_project_is_as_if_it_did_not_exist(self):
        before = self.state()
        for method, path, name, _ in self.operations():
            named = self.parameters(path)
            if (not named and name not in NAMING) or name in FILES:
                continue
            with self.subTest(name):
                self.refused_alike(method, path, name, self.theirs)
                if named and named[0] in self.names:
                    self.refused_alike(method, path, name, {**self.theirs, named[0]: self.names[named[0]]})
                if named and len(self.theirs[named[0]]) > 16:
                    self.refused_alike(method, path, name, {**self.theirs, named[0]: self.theirs[named[0]][:8]})
        self.assertEqual(self.state(), before)

    def refused_alike(self, method, path, name, things, statuses=(404,)):
        """The same words as for what nobody has."""
        none = {thing: NOWHERE[: len(value)] if len(value) > 7 else value for thing, value in things.items()}
        none["result"] = f"{NOWHERE}-0"
        theirs = self.ask(method, path, name, "admin", things)
        missing = self.ask(method, path, name, "admin", none)
        if name == "samples.decide":  # it tells of each sample what became of it
            self.assertEqual((theirs.status, theirs.json["done"], theirs.json["operation_id"]), (200, 0, None), str(theirs))
            self.assertEqual(missing.status, 200)
        else:
            self.assertIn(theirs.status, statuses, f"{method} {path} of {things}: {theirs}")
            self.assertEqual(theirs.status, missing.status)
        self.assertEqual(self.words(theirs, things), self.words(missing, none))

    def words(self, reply, things):
        problem = {key: value for key, value in reply.json.items() if key not in ("instance", "request_id", "trace_id")}
        text = json.dumps(problem, sort_keys=True)
        for thing, value in sorted(things.items(), key=lambda pair: -len(pair[1])):
            text = text.replace(value, "THING")
        return text

    def state(self):
        there = ("--project", "theirs")
        uploads = self.server.ok("GET", "/api/v1/uploads", headers=bearer(self.victim))
        return [uploads] + [
            self.trommel.ok(*command, *there)
            for command in (("model", "list"), ("service", "list"), ("dataset", "list"), ("task", "list"),
                            ("samples", "list", self.theirs["dataset"], "--include-excluded"), ("user", "list"),
                            ("operation", "list"))
        ]  # fmt: skip

    def test_lists_hold_nothing_of_another_project(self):
        for method, path, name, _ in self.operations():
            if method != "GET" or self.parameters(path) or name in OWN:
                continue
            with self.subTest(name):
                reply = self.ask(method, path, name, "admin")
                self.assertEqual(reply.status, 200, str(reply))
                if name == "audit.list":  # it repeats what its own project asked for
                    self.assertEqual({entry["project"] for entry in reply.json["entries"]} - {self.ours}, set())
                    continue
                for thing, value in [*self.theirs.items(), *self.names.items()]:
                    if len(value) > 7:
                        self.assertNotIn(value, reply.text, thing)
        self.assertNotIn('trommel_tasks{', self.server.ask("GET", "/metrics", headers=bearer(self.callers["admin"])).text)

    def test_no_route_is_forgotten(self):
        for method, path, name, _ in self.operations():
            is_list = method == "GET"
            self.assertTrue(
                self.parameters(path) or is_list or name in NAMING or name in OWN,
                f"{name} has no path parameter: does its body name something of a project (NAMING) or not (OWN)?",
            )

    def test_names_of_another_project_are_free(self):
        headers = bearer(self.callers["admin"])
        for wish in ({"name": "secret-dataset"},):
            self.assertEqual(self.server.ask("POST", "/api/v1/datasets", wish, headers).status, 201)
        self.server.ok("DELETE", "/api/v1/datasets/secret-dataset", headers=headers)
        made = self.server.ask("POST", "/api/v1/models", {"file": str(road.SOURCE / "demo/garments.onnx"), "name": "secret-model"}, headers)
        self.assertEqual((made.status, made.json["model"]["version"]), (201, "0.0.1"))
        self.server.ok("DELETE", "/api/v1/models/secret-model", headers=headers)
        theirs = self.server.ok("GET", "/api/v1/uploads", headers=bearer(self.victim))
        file = {**headers, "Content-Type": "application/octet-stream"}
        made = self.server.ask("PUT", "/api/v1/uploads/secret-upload", b"of our own", file)
        self.assertEqual((made.status, made.json["upload"]["bytes"]), (200, 10))
        self.server.ok("DELETE", "/api/v1/uploads/secret-upload", headers=headers)
        self.assertEqual(self.server.ok("GET", "/api/v1/uploads", headers=bearer(self.victim)), theirs)

    def test_an_upload_of_another_project_cannot_be_named(self):
        wish = {"name": "stolen", "file": "upload:secret-upload"}
        self.assertEqual(self.server.ask("POST", "/api/v1/models", wish, bearer(self.callers["admin"])).status, 404)

    def test_what_is_below_anothers_service_is_not_below_ones_own(self):
        """A path of two things: the first is the caller's, the second is not."""
        ours = ("--project", "ours")
        self.trommel.ok("model", "import", road.SOURCE / "demo/garments.onnx", "--name", "m", *ours)
        self.trommel.ok("service", "deploy", "--name", "s", "--model", "m", "--input", self.folder / "in", "--output",
                        self.folder / "out-ours", *ours)  # fmt: skip
        self.trommel.ok("dataset", "create", "d", *ours)
        own = {**self.theirs, "service": "s", "dataset": "d"}
        for method, path, name, _ in self.operations():
            named = self.parameters(path)
            if len(named) == 2 and named[0] in ("service", "dataset"):
                with self.subTest(name):
                    self.refused_alike(method, path, name, own, (400, 404))  # 400: there is no such finished run
        self.server.ok("DELETE", "/api/v1/datasets/d", headers=bearer(self.callers["admin"]))

    def test_only_the_default_project_makes_projects(self):
        reply = self.server.ask("POST", "/api/v1/projects", {"name": "more"}, bearer(self.callers["admin"]))
        self.assertEqual(reply.status, 403, str(reply))


if __name__ == "__main__":
    road.main()
