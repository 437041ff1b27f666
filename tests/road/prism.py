#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prism as judge of every request and reply: tests ask it, it asks a relay in this process, the relay asks the server.

Prism writes requests and replies anew (it reads files as text, for one), so the server is sent what the test wrote and
the test is given what the server said; Prism's copy of both only decides whether docs/openapi.json allows them.
"""
import atexit
import http.client
import http.server
import itertools
import json
import os
import socket
import subprocess
import threading
import time

import road

PROGRAM = road.SOURCE / "tests/api/node_modules/.bin/prism" if road.SOURCE else None
MISSING = "redocly and Prism are not installed: tools/bootstrap --test, where npm reaches its registry"
START_SECONDS = 60
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")  # HEAD and OPTIONS follow from them and are in no document
NUMBER = "X-Test-Exchange"
OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Violation(AssertionError):
    """The server and its document do not agree."""


class Exchange:
    """A request of a test, until the relay has sent it; then its reply, or what went wrong."""

    def __init__(self, send):
        self.send, self.reply, self.fault, self.is_sent = send, None, None, False

    def run(self):
        self.is_sent = True
        try:
            self.reply = self.send()
        except Exception as fault:  # pylint: disable=broad-except
            self.fault = fault


class Relay(http.server.BaseHTTPRequestHandler):
    """Prism's upstream."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        exchange = self.server.exchanges[int(self.headers[NUMBER])]
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        exchange.run()
        if exchange.fault:
            self.close_connection = True
            return
        reply = self.server.spoil(exchange.reply)
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            if name.lower() not in OF_THE_CONNECTION:
                self.send_header(name, value)
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, *_):
        pass


class RelayServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass  # Prism has gone, or the server under test was killed


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Prism:
    """A running Prism. `spoil` makes of the server's reply what Prism is shown: for tests of the judge itself."""

    def __init__(self, document, spoil=lambda reply: reply):
        self.numbers = itertools.count()
        self.relay = RelayServer(("127.0.0.1", 0), Relay)
        self.relay.exchanges, self.relay.spoil = {}, spoil
        threading.Thread(target=self.relay.serve_forever, daemon=True).start()
        self.port = free_port()
        self.process = subprocess.Popen(
            [PROGRAM, "proxy", document, f"http://127.0.0.1:{self.relay.server_port}", "--errors", "--cors", "false",
             "--host", "127.0.0.1", "--port", str(self.port), "--verboseLevel", "fatal"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=dict(os.environ, NO_COLOR="1"))  # fmt: skip
        atexit.register(self.end)
        until = time.monotonic() + START_SECONDS
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"Prism does not start: {self.process.communicate(timeout=5)[1].decode()}")
            time.sleep(0.05)

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
            self.relay.shutdown()

    def ask(self, method, path, body, headers, send):
        """The reply that `send` got, if the document allows it; send is called exactly once."""
        number, exchange = next(self.numbers), Exchange(send)
        self.relay.exchanges[number] = exchange
        try:
            # Whom to let in is the server's to say: a request without credentials must be judged like any other.
            known = {"Authorization": "Bearer none", **headers, NUMBER: str(number)}
            verdict = self.judge(method, path, body, known, exchange)
        finally:
            del self.relay.exchanges[number]
        if exchange.fault:
            raise exchange.fault
        if exchange.is_sent:
            return exchange.reply
        reply = send()
        if reply.status < 400:
            raise Violation(f"{method} {path}: the document refuses what the server takes: {verdict}\n{reply}")
        return reply

    def judge(self, method, path, body, headers, exchange):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=road.WAIT_SECONDS)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as fault:
            return 0, f"Prism does not read it: {fault}"
        finally:
            connection.close()
        violations = [row for row in found_in(answer) if row["location"][0] == "response"]
        if exchange.reply and violations:
            raise Violation(f"{method} {path}: {json.dumps(violations)}\n{exchange.reply}")
        return answer.status, text.decode(errors="replace")[:1000]


def found_in(answer):
    text = answer.headers.get("sl-violations")
    if not text:
        return []
    if text.startswith("Too many"):
        return [{"location": ["response"], "message": text}]
    return json.loads(text)


def of_environment():
    """The judge that TROMMEL_TEST_PRISM=1 asks for, or None. Ends the test, skipped, where Prism is not installed."""
    if not os.environ.get("TROMMEL_TEST_PRISM"):
        return None
    if not PROGRAM.exists():
        print(f"1..0 # SKIP {MISSING}", flush=True)
        raise SystemExit(0)
    return Prism(road.SOURCE / "docs/openapi.json")
