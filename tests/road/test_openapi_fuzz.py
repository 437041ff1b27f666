#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every operation of docs/openapi.json asked with what nobody should send: each answer is one that the document knows, none is 5xx, and
what the server holds is as before. The same requests every time; TROMMEL_FUZZ_SEED=N for others, TROMMEL_FUZZ_EACH=N for more of them."""
import json
import os
import random
import urllib.parse

import road
import road_http
from road_http import Server, ServerCase

EACH = int(os.environ.get("TROMMEL_FUZZ_EACH", "5"))
SEED = int(os.environ.get("TROMMEL_FUZZ_SEED", "1"))
IMAGES = 6
ENDLESS = {"api.events"}  # a stream
# Without harm these would do what the test itself lives from.
KEPT = "kept"
TEXTS = (
    "", " ", "x", "-", "..", "../../etc/passwd", "/etc/passwd", "a/b", "0", "-1", "1e999", "nan", "true", "null", "*", "%", "%00", "\x00", "\r\nX-Evil: 1",
    "' OR 1=1 --", '"', "\\", "<script>", "ünï", "数据集", "🦊", "\u202e", "\ud83e", "a" * 4096, "a" * 4097, "é" * 2049, "0" * 32, "f" * 64, "[1,2", "{}",
)  # fmt: skip
NUMBERS = (0, 1, -1, 0.5, 1e308, -1e308, 2**31, 2**53 + 1, -(2**63), 2**64)
WRONG = (None, True, False, [], {}, [[]], [None], {"a": {"b": []}}, "", 0, -1.5, "x")
BODIES = (b"", b"{", b"[]", b"null", b"true", b'"x"', b"\xff\xfe", b"{}{}", b'{"a":1,"a":2}', b"[" * 2000, b'{"a":' * 500 + b"1" + b"}" * 500)


def resolved(schema):
    while "$ref" in schema:
        schema = road_http.DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


class Chance:
    """What is sent, by chance that can be repeated; `names` are of things that are there."""

    def __init__(self, seed, names):
        self.random, self.names = random.Random(seed), names

    def one(self, values):
        return self.random.choice(list(values))

    def is_so(self, share):
        return self.random.random() < share

    def text(self, schema):
        if "enum" in schema and self.is_so(0.7):
            return self.one(schema["enum"])
        most = schema.get("maxLength")
        edge = ["a" * (most - 1), "a" * most, "a" * (most + 1)] if most else []
        return self.one([*TEXTS, *edge, *self.names, *self.names, *self.names])

    def number(self, schema):
        edges = [schema[end] + step for end in ("minimum", "maximum") if end in schema for step in (-1, 0, 1)]
        return self.one([*edges, *edges, *NUMBERS])

    def value(self, schema, depth=0):
        schema = resolved(schema)
        if self.is_so(0.15) or depth > 4:
            return self.one(WRONG)
        if "anyOf" in schema:
            return self.value(self.one(schema["anyOf"]), depth + 1)
        kind = schema.get("type", "object")
        kind = self.one(kind) if isinstance(kind, list) else kind
        if kind == "string":
            return self.text(schema)
        if kind in ("integer", "number"):
            return self.number(schema)
        if kind == "boolean":
            return self.is_so(0.5)
        if kind == "array":
            return [self.value(schema.get("items", {"type": "string"}), depth + 1) for _ in range(self.one((0, 1, 2, 3)))]
        return self.members(schema, depth)

    def members(self, schema, depth=0):
        required = schema.get("required", ())
        told = {name: self.value(inner, depth + 1) for name, inner in schema.get("properties", {}).items() if self.is_so(0.9 if name in required else 0.25)}
        if self.is_so(0.1):
            told[self.one(("nobody_knows_me", "", "name\x00", "wait"))] = self.one(WRONG)
        return told


def quoted(text):
    return urllib.parse.quote(text.encode("utf-8", "surrogatepass"), safe="")


class FuzzTest(ServerCase):
    """A service that ran, its hard examples, a published version, and somebody who types whatever comes."""

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.trommel.import_garments()
        road.make_pictures(cls.folder / "in", IMAGES)
        cls.trommel.ok(
            "service", "deploy", "--name", "s", "--model", "garments", "--input", cls.folder / "in", "--output", cls.folder / "out",
            "--hard-examples", "--create", "hard", "--algo-hard-threshold", 0, "--wait",
        )  # fmt: skip
        cls.trommel.ok("sample", "sync", "s", "--create", KEPT, "--wait")
        # Nothing that is queued is worked off: what is asked here is what a request may hold.
        cls.server = Server(cls.trommel, "--task-workers", "0")
        cls.samples = cls.server.ok("GET", "/api/v1/datasets/hard/samples")["samples"]

    def kept(self):
        """What nothing here names, and so must not change."""
        rows = self.server.ok("GET", f"/api/v1/datasets/{KEPT}/samples")["samples"]
        shown = self.server.ok("GET", f"/api/v1/datasets/{KEPT}")["dataset"]
        return rows, {name: shown[name] for name in ("id", "name", "samples", "unlabeled", "to_be_confirmed", "labeled")}

    def outside(self):
        return sorted(str(path) for path in self.folder.rglob("*") if "data" not in path.relative_to(self.folder).parts[:1])

    def query_of(self, chance, operation):
        told = []
        for parameter in operation.get("parameters", ()):
            if parameter["in"] != "query" or not chance.is_so(0.5):
                continue
            value = chance.value(parameter["schema"])
            if parameter["name"] == "wait" and isinstance(value, (int, float)) and value > 0:
                value = 61  # nobody works: it would only be waited for
            text = value if isinstance(value, str) else json.dumps(value)
            told += [(parameter["name"], text)] * (2 if chance.is_so(0.05) else 1)
        if chance.is_so(0.05):
            told.append(("nobody_knows_me", "1"))
        return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in told)

    def path_of(self, chance, template, operation):
        path = template
        for parameter in operation.get("parameters", ()):
            if parameter["in"] != "path":
                continue
            value = chance.text(parameter["schema"]) or "x"
            path = path.replace(f"{{{parameter['name']}}}", "%2E%2E" if value == ".." else quoted(value))
        return path

    def body_of(self, chance, operation):
        """Bytes or an object, and the headers that go with it."""
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return (b"whatever" if content else None), ({"Content-Type": chance.one([*content, "text/plain"])} if content else {})
        if chance.is_so(0.15):
            return chance.one(BODIES), {"Content-Type": chance.one(("application/json", "text/plain", "application/json; charset=latin1"))}
        schema = resolved(content["application/json"]["schema"])
        told = chance.members(schema) if "properties" in schema else chance.value(schema)
        return json.dumps(told).encode(), {"Content-Type": "application/json"}

    def ask(self, chance, method, template, operation):
        path = self.path_of(chance, template, operation)
        query = self.query_of(chance, operation)
        body, headers = self.body_of(chance, operation)
        if chance.is_so(0.1):
            headers[chance.one(("Idempotency-Key", "If-Match", "If-None-Match", "Range"))] = chance.one(("", "x", '"1"', "bytes=5-1", "bytes=0-99999999999999999999", "k" * 129))
        target = f"{path}?{query}" if query else path
        reply = self.server.ask(method.upper(), target, body, headers)  # which compares it with the document
        documented = operation["responses"]
        if str(reply.status) not in documented and f"{reply.status // 100}XX" not in documented or reply.status >= 500:
            raise AssertionError(f"{method} {target} {body!r} {headers} gave {reply}")
        return reply.status

    def test_nothing_that_is_asked_brings_an_answer_that_the_document_does_not_know(self):
        kept, outside = self.kept(), self.outside()
        ids = [row["id"] for row in self.samples[:2]]
        names = ["hard", "s", "garments", "garments/0.0.1", *ids, self.samples[0]["source"], str(self.folder / "in/0000.png"), str(self.folder / "in")]
        answers, asked = {}, 0
        for template, operations in road_http.DOCUMENT["paths"].items():
            for method, operation in operations.items():
                if operation["operationId"] in ENDLESS:
                    continue
                # What deletes is asked about what is not there: else there would be nothing left to ask about.
                chance = Chance(f"{SEED} {operation['operationId']}", names if method != "delete" else ["nothing"])
                for _ in range(EACH):
                    status = self.ask(chance, method, template, operation)
                    answers[status] = answers.get(status, 0) + 1
                    asked += 1
        print(f"# {asked} requests: {', '.join(f'{count} x {status}' for status, count in sorted(answers.items()))}")
        self.assertGreater(asked, 100 * EACH)
        self.assertGreater(sum(count for status, count in answers.items() if status < 300), asked // 50)
        self.assertEqual(self.server.ok("GET", "/healthz"), {"status": "ok"})
        self.assertEqual(self.kept(), kept)
        self.assertEqual(self.outside(), outside)
        self.assertEqual(self.trommel.ok("dataset", "show", KEPT)["samples"], len(kept[0]))


if __name__ == "__main__":
    road.main()
