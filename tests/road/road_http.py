#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What tests of the server share: starting it, asking it, and comparing each reply with docs/openapi.json."""
import atexit
import gzip
import http.client
import json
import re
import signal
import socket
import subprocess
import time
import unittest
import urllib.parse

import prism
import road

SECONDS = 60
DOCUMENT = json.loads((road.SOURCE / "docs/openapi.json").read_text()) if road.SOURCE else {}
TYPES = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list, "null": type(None),
}  # fmt: skip
JUDGE = prism.of_environment()
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


# ---- the document ----


def misfits(schema, value, where="reply"):
    """What is wrong with a value, as sentences."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        found = [misfits(one, value, where) for one in schema["anyOf"]]
        return [] if [] in found else found[0]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    fits = [k for k in kinds if isinstance(value, TYPES[k]) and not (isinstance(value, bool) and k != "boolean")]
    if kinds and not fits:
        return [f"{where} is {value!r}, not {kinds}"]
    found = []
    if schema.get("format") == "date-time" and value is not None and not TIME.fullmatch(value):
        found.append(f"{where} is no time: {value!r}")
    if isinstance(value, dict):
        found += [f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                found += misfits(inner, value[name], f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            found += misfits(schema["items"], item, f"{where}[{i}]")
    return found


def operation_of(method, path):
    """The operation of the document that a request means; None when there is none."""
    best = None
    for template, operations in DOCUMENT["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method.lower() in operations:
            if best is None or template.count("{") < best[0]:
                best = template.count("{"), operations[method.lower()]
    return best and best[1]


# ---- asking ----


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        plain = gzip.decompress(self.body) if self.headers.get("Content-Encoding") == "gzip" else self.body
        return plain.decode()

    @property
    def json(self):
        return json.loads(self.text)

    def __str__(self):
        return f"{self.status} {dict(self.headers)}\n{self.body[:2000]!r}"


def deploy_request(folder, name, **members):
    return {"name": name, "model": "garments", "input": str(folder / "in"), "output": str(folder / f"out-{name}"), **members}


class Server:
    """A running server with the data folder of a road.Trommel."""

    seen = set()  # operations that were answered with success, by any server

    def __init__(self, trommel, *options, log="none", listen="127.0.0.1:0", auth="none", roots=None):
        """`roots`: folders that requests may name; what lies beside the data folder, if nothing else is said."""
        allowed = ":".join(map(str, [trommel.data.parent, road.SOURCE] if roots is None else roots))
        serve = ["serve", "--listen", listen, "--auth", auth, "--access-log", log, "--roots", allowed, "--json"]
        self.process = subprocess.Popen(
            trommel.command([*serve, *options]),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=trommel.environment,
            start_new_session=True,
        )  # fmt: skip
        atexit.register(self.process.kill)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the server did not start: {self.process.communicate()[1].decode()}")
        self.said = json.loads(line)
        self.url = self.said["url"]
        parts = urllib.parse.urlsplit(self.url)
        self.host, self.port = parts.hostname, parts.port

    def connect(self, seconds=SECONDS):
        return http.client.HTTPConnection(self.host, self.port, timeout=seconds)

    def ask(self, method, path, body=None, headers=None, connection=None):
        """`body`: an object that becomes JSON, or bytes sent as they are."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")

        def send():
            own = connection or self.connect()
            own.request(method, path, body=body, headers=headers)
            answer = own.getresponse()
            reply = Reply(answer.status, answer.headers, answer.read())
            if not connection:
                own.close()
            return reply

        is_judged = JUDGE and method in prism.METHODS
        reply = JUDGE.ask(method, path, body, headers, send) if is_judged else send()
        self.check(method, path, reply, has_body=bool(body))
        return reply

    def check(self, method, path, reply, has_body=False):
        found = []
        operation = operation_of("GET" if method == "HEAD" else method, path.split("?")[0])
        if not reply.headers.get("X-Request-Id"):
            found.append("no X-Request-Id")
        if reply.headers.get("X-Content-Type-Options") != "nosniff" or "Access-Control-Allow-Origin" in reply.headers:
            found.append("the security headers are not as they must be")
        if reply.status >= 400 and method != "HEAD":
            if reply.headers["Content-Type"] != "application/problem+json":
                found.append("a problem that is not problem+json")
            found += misfits({"$ref": "#/components/schemas/Problem"}, reply.json)
            found += [] if reply.json["status"] == reply.status else ["another status in the body"]
        elif operation and reply.status < 300 and method not in ("HEAD", "OPTIONS"):
            if has_body and "requestBody" not in operation:
                found.append("a body, and the document has none")
            described = operation["responses"].get(str(reply.status))
            if not described:
                found.append(f"{reply.status} is not in the document")
            elif "application/json" in described.get("content", {}):
                found += misfits(described["content"]["application/json"]["schema"], reply.json)
            Server.seen.add(operation["operationId"])
        if found:
            raise AssertionError(f"{method} {path}: {'; '.join(found)}\n{reply}")

    def ok(self, method, path, body=None, headers=None):
        reply = self.ask(method, path, body, headers)
        if reply.status >= 300:
            raise AssertionError(f"{method} {path} gave {reply}")
        return reply.json

    def refused(self, status, method, path, body=None, headers=None):
        """The problem of a request that must be refused with this status."""
        reply = self.ask(method, path, body, headers)
        if reply.status != status:
            raise AssertionError(f"{method} {path} gave {reply}, not {status}")
        return reply.json if method != "HEAD" else None

    def wait(self, task):
        """The task, and those that follow it, when they have ended well."""
        until = time.monotonic() + road.WAIT_SECONDS
        while time.monotonic() < until:
            shown = self.ok("GET", f"/api/v1/tasks/{task}?wait=30")["task"]
            if shown["state"] in ("failed", "stopped"):
                raise AssertionError(shown)
            if shown["state"] == "succeeded":
                following = (shown["result"] or {}).get("next_task")
                return self.wait(following) if following else shown
        raise AssertionError(f"task {task} does not end")

    # ---- raw bytes ----

    def raw(self, data, seconds=10, shut=False):
        """All bytes that come back until the server closes, or has nothing more to say for a second."""
        with socket.create_connection((self.host, self.port), timeout=seconds) as client:
            try:
                client.sendall(data)
                if shut:
                    client.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return read_all(client, 1.5)

    # ---- ending ----

    def stop(self):
        """Exit code and what was said on standard error."""
        self.process.send_signal(signal.SIGTERM)
        said = self.process.communicate(timeout=SECONDS)[1].decode()
        return self.process.returncode, said

    def kill(self):
        self.process.kill()
        self.process.communicate(timeout=SECONDS)


class ServerCase(unittest.TestCase):
    """Tests of one server, `cls.server`, which ends well when they are over."""

    @classmethod
    def tearDownClass(cls):
        code, said = cls.server.stop()
        assert code == 0, said


def read_all(client, quiet_seconds):
    client.settimeout(quiet_seconds)
    data = b""
    try:
        while piece := client.recv(65536):
            data += piece
    except OSError:
        pass
    return data


def status_of(data):
    found = re.match(rb"HTTP/1\.[01] (\d{3})", data)
    return int(found[1]) if found else None


class Events:
    """The event stream, read one event at a time."""

    def __init__(self, server, query="", headers=None, seconds=SECONDS):
        self.connection = server.connect(seconds)
        self.connection.request("GET", "/api/v1/events" + query, headers=headers or {})
        self.answer = self.connection.getresponse()
        self.ended = False

    def next(self, seconds=SECONDS):
        """(event, id, data); None at the end of the stream."""
        self.connection.sock and self.connection.sock.settimeout(seconds)
        event = {}
        while True:
            line = self.answer.readline().decode()
            if not line:
                self.ended = True
                return None
            line = line.rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
            elif "data" in event:
                return event.get("event"), event.get("id"), json.loads(event["data"])

    def until(self, wanted, most=1000):
        """The events up to the first that is wanted."""
        found, end = [], time.monotonic() + road.WAIT_SECONDS
        for _ in range(most):
            if time.monotonic() > end:
                raise AssertionError(f"not the one in time: {found[-3:]}")
            event = self.next()
            if event is None:
                raise AssertionError(f"the stream ended after {found}")
            found.append(event)
            if wanted(event):
                return found
        raise AssertionError(f"{most} events, but not the one: {found[-3:]}")

    def close(self):
        self.connection.close()
