#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The server's manners: whom it serves, limits, strange and slow clients, conditions, ranges, compression, log, TLS."""
import concurrent.futures
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import time
import unittest

import road
from road_http import Server, status_of

BODY_MAX = 4096


class ProtocolTest(unittest.TestCase):
    """One server with small limits."""

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.log = cls.folder / "access.log"
        cls.server = Server(cls.trommel, "--max-body", BODY_MAX, "--head-timeout", 2, "--body-timeout", 2, log=str(cls.log))
        cls.server.ok("POST", "/api/v1/datasets", {"name": "d", "labels": ["a", "b"]})
        picture = cls.folder / "p.png"
        picture.write_bytes(road.picture(1))
        text = cls.folder / "t.png"
        text.write_bytes(b"no image at all, but a secret")
        lines = [road.labeled(picture, "a"), road.labeled(text, "b")]
        cls.trommel.ok("dataset", "import", "d", road.write_manifest(cls.folder / "m.manifest", lines), "--wait")
        rows = {row["source"]: row["id"] for row in cls.trommel.samples("d")}
        cls.image, cls.secret, cls.png = rows[str(picture)], rows[str(text)], picture.read_bytes()

    @classmethod
    def tearDownClass(cls):
        code, said = cls.server.stop()
        assert code == 0, said

    def tearDown(self):
        self.assertEqual(self.server.ok("GET", "/healthz"), {"status": "ok"})

    # ---- methods, keep-alive ----

    def test_head_is_get_without_a_body(self):
        for path in ("/api/v1/datasets", f"/api/v1/samples/{self.image}/image", "/api/v1/events", "/nothing"):
            head = self.server.ask("HEAD", path)
            self.assertEqual((head.status, head.body), (404 if path == "/nothing" else 200, b""))
        got = self.server.ask("GET", "/api/v1/datasets")
        self.assertEqual(self.server.ask("HEAD", "/api/v1/datasets").headers["Content-Length"], str(len(got.body)))

    def test_options_and_wrong_methods_tell_what_is_allowed(self):
        options = self.server.ask("OPTIONS", "/api/v1/datasets/d")
        self.assertEqual((options.status, options.body), (204, b""))
        self.assertEqual(set(options.headers["Allow"].split(", ")), {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"})
        for method, path in (("PUT", "/api/v1/datasets/d"), ("DELETE", "/api/v1/samples:decide"), ("PATCH", "/healthz")):
            reply = self.server.ask(method, path)
            self.assertEqual(reply.status, 405)
            self.assertNotIn(method, reply.headers["Allow"].split(", "))
        self.server.refused(501, "BREW", "/api/v1/datasets")

    def test_a_connection_serves_many_requests_also_after_a_refusal(self):
        connection = self.server.connect()
        for _ in range(5):
            for path, status in (("/api/v1/datasets", 200), ("/nothing", 404), ("/api/v1/tasks?limit=0", 400)):
                self.assertEqual(self.server.ask("GET", path, connection=connection).status, status)
                self.assertIsNotNone(connection.sock, "the connection was closed")
        connection.close()

    def test_pipelined_requests_are_answered_in_order(self):
        host = f"Host: 127.0.0.1:{self.server.port}\r\n"
        two = f"GET /healthz HTTP/1.1\r\n{host}\r\nGET /nothing HTTP/1.1\r\n{host}Connection: close\r\n\r\n"
        data = self.server.raw(two.encode())
        self.assertEqual(re.findall(rb"HTTP/1\.1 (\d+)", data), [b"200", b"404"])

    # ---- whose request it is ----

    def test_other_names_and_origins_are_refused(self):
        port = self.server.port
        for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1:{port + 1}", "127.0.0.1.evil.example", "[::2]", "127.0.0.2"):
            self.server.refused(421, "GET", "/api/v1/datasets", headers={"Host": host})
        for host in ("localhost", f"localhost:{port}", "127.0.0.1", f"[::1]:{port}"):
            self.server.ok("GET", "/api/v1/datasets", headers={"Host": host})
        wish = {"name": "stolen"}
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": f"https://127.0.0.1:{port}"},
                        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):  # fmt: skip
            self.server.refused(403, "POST", "/api/v1/datasets", wish, headers)
        self.server.refused(415, "POST", "/api/v1/datasets", b'{"name":"stolen"}', {"Content-Type": "text/plain"})
        self.server.refused(415, "POST", "/api/v1/datasets", b'{"name":"stolen"}')
        self.assertEqual([row["name"] for row in self.server.ok("GET", "/api/v1/datasets")["datasets"]], ["d"])
        own = {"Origin": f"http://127.0.0.1:{port}", "Sec-Fetch-Site": "same-origin"}
        self.server.ok("GET", "/api/v1/datasets", headers=own)

    def test_without_sign_in_it_listens_on_loopback_only(self):
        for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:8080"):
            code, error = self.trommel.refused("serve", "--listen", address, "--auth", "none")
            self.assertEqual((code, error["code"]), (4, "denied"))
            self.assertIn("sign-in", error["message"])
        for address in ("8080", "localhost", "example.org:80", "127.0.0.1:70000", ":80", "[::1:80"):
            self.assertEqual(self.trommel.refused("serve", "--listen", address)[0], 2)
        self.assertEqual(self.trommel.refused("serve", "--listen", "127.0.0.1:0", "--tls-key", "x")[0], 2)
        taken = self.trommel.refused("serve", "--listen", f"127.0.0.1:{self.server.port}")
        self.assertEqual(taken[0], 1)

    def test_only_images_leave_as_images_of_samples(self):
        self.assertEqual(self.server.ask("GET", f"/api/v1/samples/{self.image}/image").body, self.png)
        problem = self.server.refused(404, "GET", f"/api/v1/samples/{self.secret}/image")
        self.assertNotIn("secret", json.dumps(problem))

    # ---- parameters ----

    def test_parameters_are_checked_and_the_member_at_fault_is_named(self):
        for method, path, body, pointer in (
            ("GET", "/api/v1/datasets/d/samples?limit=many", None, "/limit"),
            ("GET", "/api/v1/datasets/d/samples?limit=1&limit=2", None, "/limit"),
            ("GET", "/api/v1/datasets/d/samples?state=x", None, "/state"),
            ("GET", "/api/v1/datasets/d/samples?nonsense=1", None, "/nonsense"),
            ("GET", "/api/v1/datasets/d?dataset=e", None, "/dataset"),
            ("GET", "/api/v1/datasets?wait=1", None, "/wait"),
            ("GET", "/api/v1/tasks/00?wait=61", None, "/wait"),
            ("GET", "/api/v1/events?topics=nonsense", None, "/topics"),
            ("POST", "/api/v1/datasets", {"name": 7}, "/name"),
            ("POST", "/api/v1/datasets", {"name": "x", "nonsense": 1}, "/nonsense"),
            ("POST", "/api/v1/datasets?name=x", {}, "/name"),
            ("POST", "/api/v1/samples:decide", {}, "/action"),
            ("POST", "/api/v1/services/s/start", {"service": "t"}, "/service"),
        ):
            with self.subTest(path=path, body=body):
                problem = self.server.refused(400, method, path, body)
                self.assertEqual(problem["errors"][0]["pointer"], pointer)
                self.assertEqual(problem["error_code"], "ModelArts.0101")
                self.assertEqual(problem["error_msg"], problem["detail"])
        for body in (b"", b"{", b"[]", b"7", b'{"name":"x"}x', b'\xff', b'{"name":"\xff"}', b'{"name":"\\u0000"}', b"\0"):
            self.server.refused(400, "POST", "/api/v1/datasets", body, {"Content-Type": "application/json"})

    def test_names_with_slashes_blanks_and_umlauts_come_through_the_path(self):
        problem = self.server.refused(404, "GET", "/api/v1/models/caf%C3%A9%2F0.0.1")
        self.assertIn("café/0.0.1", problem["detail"])
        problem = self.server.refused(404, "GET", "/api/v1/datasets/a%20b+c")
        self.assertIn("a b+c", problem["detail"])

    # ---- limits ----

    def test_the_target_ends_at_8192_bytes(self):
        start = "/api/v1/tasks?kind="
        fits = start + "x" * (4096) + "&subject=" + "y" * (8192 - len(start) - 4096 - len("&subject="))
        self.assertEqual(len(fits), 8192)
        self.server.ok("GET", fits)
        self.server.refused(414, "GET", fits + "z")
        self.assertEqual(status_of(self.server.raw(f"GET /{'x' * 200000} HTTP/1.1\r\n".encode())), 414)

    def test_the_path_ends_at_16_segments_and_the_query_at_128(self):
        self.assertEqual(self.server.ask("GET", "/a" * 16).status, 404)
        self.assertEqual(self.server.ask("GET", "/a" * 17).status, 414)
        many = "&".join(f"p{i}=1" for i in range(128))
        self.assertEqual(self.server.ask("GET", f"/api/v1/datasets?{many}").status, 400)
        self.assertEqual(self.server.ask("GET", f"/api/v1/datasets?{many}&q=1").status, 414)

    def headers(self, lines, value_bytes):
        names = [f"X-Filler-{i:04}" for i in range(lines)]
        return "".join(f"{name}: {'v' * value_bytes}\r\n" for name in names)

    def ask_with_headers(self, extra):
        head = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{extra}\r\n"
        return status_of(self.server.raw(head.encode()))

    def test_the_head_ends_at_100_lines_and_16384_bytes(self):
        self.assertEqual(self.ask_with_headers(self.headers(98, 1)), 200)
        self.assertEqual(self.ask_with_headers(self.headers(99, 1)), 431)
        used = len("Host127.0.0.1Connectionclose") + len("X-Filler-0000")
        self.assertEqual(self.ask_with_headers(self.headers(1, 16384 - used)), 200)
        self.assertEqual(self.ask_with_headers(self.headers(1, 16384 - used + 1)), 431)
        self.assertEqual(self.ask_with_headers(self.headers(1, 300000)), 431)

    def body_of(self, length):
        return b'{"name":"' + b"x" * (length - len(b'{"name":""}')) + b'"}'

    def test_the_body_ends_at_its_limit_with_or_without_a_length(self):
        json_type = {"Content-Type": "application/json"}
        problem = self.server.refused(400, "POST", "/api/v1/datasets", self.body_of(BODY_MAX), json_type)
        self.assertIn("name", problem["detail"])
        self.server.refused(413, "POST", "/api/v1/datasets", self.body_of(BODY_MAX + 1), json_type)
        for length, status in ((BODY_MAX, 400), (BODY_MAX + 1, 413)):
            connection = self.server.connect()
            connection.request("POST", "/api/v1/datasets", iter([self.body_of(length)]), json_type, encode_chunked=True)
            self.assertEqual(connection.getresponse().status, status)
            connection.close()

    def test_a_body_without_end_is_cut_off(self):
        head = b"POST /api/v1/datasets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        with socket.create_connection((self.server.host, self.server.port), timeout=10) as client:
            client.sendall(head)
            sent = 0
            with self.assertRaises(OSError):
                while sent < 64 * 1024 * 1024:
                    client.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
                    sent += 65536
            self.assertLess(sent, 16 * 1024 * 1024)

    def test_who_expects_100_continue_hears_of_a_refusal_before_sending(self):
        head = (f"POST /api/v1/datasets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                f"Expect: 100-continue\r\nContent-Length: {{}}\r\n\r\n")  # fmt: skip
        self.assertEqual(status_of(self.server.raw(head.format(BODY_MAX + 1).encode())), 413)
        self.assertEqual(status_of(self.server.raw(head.format(10).encode())), 100)
        self.assertEqual(status_of(self.server.raw(head.format(10).replace("100-c", "200-c").encode())), 417)

    def test_json_ends_at_32_levels(self):
        json_type = {"Content-Type": "application/json"}
        for levels, words in ((31, "must be"), (32, "in one another"), (2000, "in one another")):
            body = b'{"name":' + b"[" * levels + b"]" * levels + b"}"
            problem = self.server.refused(400, "POST", "/api/v1/datasets", body, json_type)
            self.assertIn(words, problem["detail"])

    # ---- strange clients ----

    def test_malformed_requests_are_refused_and_harm_nothing(self):
        host = "Host: localhost\r\n"
        for name, data, statuses in (
            ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", (None, 400)),
            ("zeros", b"\0" * 5000, (None, 400, 414, 431)),
            ("no host", b"GET /healthz HTTP/1.1\r\n\r\n", (400,)),
            ("two hosts", f"GET /healthz HTTP/1.1\r\n{host}{host}\r\n".encode(), (400,)),
            ("another version", f"GET /healthz HTTP/9.9\r\n{host}\r\n".encode(), (None, 400, 505)),
            ("no path", f"GET healthz HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("whole address", f"GET http://localhost/healthz HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("star", f"OPTIONS * HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("bad escape", f"GET /%zz HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("half an escape", f"GET /a%2 HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("escaped zero", f"GET /a%00b HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("escaped dots", f"GET /api/%2e%2e/x HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("dots", f"GET /../../etc/passwd HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("empty segments", f"GET //healthz HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("no UTF-8", f"GET /%ff HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("overlong UTF-8", f"GET /%c0%af HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("fragment", f"GET /healthz#x HTTP/1.1\r\n{host}\r\n".encode(), (400,)),
            ("two lengths", f"POST /api/v1/datasets HTTP/1.1\r\n{host}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}".encode(), (400,)),
            ("length and chunks", f"POST /api/v1/datasets HTTP/1.1\r\n{host}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{{}}".encode(), (400,)),
            ("negative length", f"POST /api/v1/datasets HTTP/1.1\r\n{host}Content-Length: -1\r\n\r\n".encode(), (400,)),
            ("bad chunk", f"POST /api/v1/datasets HTTP/1.1\r\n{host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".encode(), (None, 400)),
            ("body of GET", f"GET /healthz HTTP/1.1\r\n{host}Content-Length: 2\r\n\r\n{{}}".encode(), (400,)),
        ):  # fmt: skip
            with self.subTest(name=name):
                self.assertIn(status_of(self.server.raw(data, shut=True)), statuses)

    def test_clients_that_are_too_slow_are_cut_off(self):
        started = time.monotonic()
        heads = {
            "nothing at all": [],
            "a head in drops": [b"GET /healthz HTTP/1.1\r\n"] + [b"X: y\r\n"] * 60,
            "a body in drops": [b"POST /api/v1/datasets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"] + [b" "] * 60,
        }  # fmt: skip

        def drip(pieces):
            with socket.create_connection((self.server.host, self.server.port), timeout=10) as client:
                try:
                    for piece in pieces:
                        client.sendall(piece)
                        time.sleep(0.2)
                    while client.recv(4096):
                        pass
                except OSError:
                    pass
            return time.monotonic() - started

        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            for name, seconds in zip(heads, pool.map(drip, heads.values())):
                with self.subTest(name=name):
                    self.assertGreater(seconds, 1.5)
                    self.assertLess(seconds, 8)

    def test_clients_that_leave_at_once_harm_nothing(self):
        body = b'{"name":"d"}'
        post = b"POST /api/v1/datasets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n" + body
        for data in (b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n", post, post[:-5],
                     b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"):  # fmt: skip
            for _ in range(50):
                with socket.create_connection((self.server.host, self.server.port), timeout=10) as client:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.sendall(data)

    def test_connections_end_at_their_limits(self):
        for option, most in (("--max-connections", 6), ("--max-connections-per-ip", 4)):
            server = Server(road.Trommel(self.folder / f"data{option}"), option, most, "--task-workers", "0")
            clients = [socket.create_connection((server.host, server.port), timeout=5) for _ in range(most)]
            for client in clients:
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertEqual(status_of(client.recv(4096)), 200)
            with self.subTest(option=option):
                self.assertEqual(server.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"), b"")
            clients.pop().close()
            until = time.monotonic() + 10
            while status_of(server.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")) != 200:
                self.assertLess(time.monotonic(), until)
                time.sleep(0.05)
            for client in clients:
                client.close()
            self.assertEqual(server.stop()[0], 0)

    # ---- conditions, ranges, compression ----

    def test_what_has_not_changed_is_not_sent_again(self):
        for path in ("/api/v1/datasets", f"/api/v1/samples/{self.image}", f"/api/v1/samples/{self.image}/image", "/api/v1/openapi.json"):
            tag = self.server.ask("GET", path).headers["ETag"]
            self.assertRegex(tag, r'^"[^"]+"$')
            for header in (tag, f'"x", {tag}', f"W/{tag}", "*"):
                again = self.server.ask("GET", path, headers={"If-None-Match": header})
                self.assertEqual((again.status, again.body), (304, b""))
            self.assertEqual(self.server.ask("GET", path, headers={"If-None-Match": '"x"'}).status, 200)

    def test_a_sample_changes_only_from_the_revision_that_was_seen(self):
        path = f"/api/v1/samples/{self.image}"
        decide = {"action": "mark_hard"}
        first = self.server.ask("GET", path)
        self.assertEqual(first.headers["ETag"], f'"{first.json["sample"]["revision"]}"')
        self.server.refused(428, "POST", path + "/decide", decide)
        self.server.refused(412, "POST", path + "/decide", decide, {"If-Match": '"99"'})
        self.server.refused(412, "POST", path + "/decide", decide, {"If-Match": "nonsense"})
        done = self.server.ask("POST", path + "/decide", decide, {"If-Match": first.headers["ETag"]})
        self.assertEqual((done.status, done.json["sample"]["hard"]), (200, True))
        self.assertNotEqual(done.headers["ETag"], first.headers["ETag"])
        self.server.refused(412, "POST", path + "/decide", {"action": "clear_hard"}, {"If-Match": first.headers["ETag"]})
        self.server.ok("POST", path + "/decide", {"action": "clear_hard"}, {"If-Match": done.headers["ETag"]})
        self.server.refused(412, "POST", "/api/v1/datasets", {"name": "e"}, {"If-Match": "*"})

    def test_of_many_who_saw_one_revision_one_wins(self):
        path = f"/api/v1/samples/{self.image}"
        seen = self.server.ask("GET", path).headers["ETag"]
        is_hard = self.server.ok("GET", path)["sample"]["hard"]
        decide = {"action": "clear_hard" if is_hard else "mark_hard"}
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(self.server.ask, "POST", path + "/decide", decide, {"If-Match": seen}) for _ in range(8)]
        self.assertEqual(sorted(one.result().status for one in asked), [200] + [412] * 7)

    def test_a_range_of_a_file_is_that_part_of_it(self):
        path = f"/api/v1/samples/{self.image}/image"
        size = len(self.png)
        for wanted, first, last in (("0-0", 0, 0), ("0-", 0, size - 1), (f"{size - 1}-", size - 1, size - 1), ("10-19", 10, 19),
                                    ("-5", size - 5, size - 1), (f"-{size + 9}", 0, size - 1), (f"3-{size + 9}", 3, size - 1)):  # fmt: skip
            part = self.server.ask("GET", path, headers={"Range": f"bytes={wanted}"})
            self.assertEqual((part.status, part.body), (206, self.png[first : last + 1]))
            self.assertEqual(part.headers["Content-Range"], f"bytes {first}-{last}/{size}")
        for wanted in (f"{size}-", "-0", f"{size + 5}-{size + 6}"):
            reply = self.server.ask("GET", path, headers={"Range": f"bytes={wanted}"})
            self.assertEqual((reply.status, reply.headers["Content-Range"]), (416, f"bytes */{size}"))
        for wanted in ("bytes=5-2", "bytes=a-b", "lines=0-1", "bytes=0-1,3-4", "bytes=", "bytes=0", "bytes=99999999999999999999-"):
            whole = self.server.ask("GET", path, headers={"Range": wanted})
            self.assertEqual((whole.status, whole.body), (200, self.png))
        tag = whole.headers["ETag"]
        self.assertEqual(self.server.ask("GET", path, headers={"Range": "bytes=0-1", "If-Range": tag}).status, 206)
        self.assertEqual(self.server.ask("GET", path, headers={"Range": "bytes=0-1", "If-Range": '"x"'}).status, 200)

    def test_long_replies_are_compressed_for_who_wants_it(self):
        plain = self.server.ask("GET", "/api/v1/openapi.json")
        self.assertNotIn("Content-Encoding", plain.headers)
        for accept in ("gzip", "br, gzip;q=0.5", "*"):
            small = self.server.ask("GET", "/api/v1/openapi.json", headers={"Accept-Encoding": accept})
            self.assertEqual((small.headers["Content-Encoding"], small.headers["Vary"]), ("gzip", "Accept-Encoding"))
            self.assertLess(len(small.body), len(plain.body) // 4)
            self.assertEqual(small.text, plain.text)
            self.assertNotEqual(small.headers["ETag"], plain.headers["ETag"])
            known = {"Accept-Encoding": accept, "If-None-Match": small.headers["ETag"]}
            self.assertEqual(self.server.ask("GET", "/api/v1/openapi.json", headers=known).status, 304)
        for accept in ("br", "gzip;q=0", "identity", "*;q=0"):
            reply = self.server.ask("GET", "/api/v1/openapi.json", headers={"Accept-Encoding": accept})
            self.assertNotIn("Content-Encoding", reply.headers)

    # ---- log, TLS ----

    def test_each_request_is_one_line_of_json_in_the_log(self):
        given = self.server.ask("GET", "/api/v1/datasets?x=secret", headers={"X-Request-Id": "my-id.7"})
        self.assertEqual(given.headers["X-Request-Id"], "my-id.7")
        self.assertEqual(given.json["instance"], "/requests/my-id.7")
        refused = self.server.ask("GET", "/api/v1/datasets", headers={"X-Request-Id": "a b<c>"})
        self.assertRegex(refused.headers["X-Request-Id"], r"^[a-z0-9]{16}$")
        until = time.monotonic() + 10
        while not (lines := [row for row in road.json_lines(self.log) if row["request_id"] == "my-id.7"]):
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)
        wanted = {"msg": "request", "method": "GET", "path": "/api/v1/datasets", "route": "dataset.list", "status": 400}
        self.assertEqual({name: lines[0][name] for name in wanted}, wanted)
        self.assertNotIn("secret", self.log.read_text())

    @unittest.skipUnless(shutil.which("openssl"), "no openssl here")
    def test_it_speaks_tls(self):
        key, cert = self.folder / "key.pem", self.folder / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                        "-out", cert, "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True, timeout=60)  # fmt: skip
        trommel = road.Trommel(self.folder / "data-tls")
        trommel.ok("dataset", "create", "d", "--labels", "a,b")
        trommel.ok("dataset", "import", "d", self.folder / "m.manifest", "--wait")
        image = next(row["id"] for row in trommel.samples("d") if row["source"].endswith("p.png"))
        server = Server(trommel, "--tls-cert", cert, "--tls-key", key, "--task-workers", "0")
        self.assertTrue(server.url.startswith("https://"))
        context = ssl.create_default_context(cafile=cert)
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=20, context=context)
        connection.request("GET", f"/api/v1/samples/{image}/image")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()), (200, self.png))
        self.assertIn(connection.sock.version(), ("TLSv1.2", "TLSv1.3"))
        connection.close()
        self.assertEqual(server.stop()[0], 0)
        self.assertEqual(trommel.refused("serve", "--tls-cert", cert)[0], 2)
        self.assertEqual(trommel.refused("serve", "--listen", "127.0.0.1:0", "--tls-cert", key, "--tls-key", self.log)[0], 2)

    # ---- many ----

    def test_many_connections_read_and_decide_without_an_error(self):
        path = f"/api/v1/samples/{self.image}"
        took = []

        def one_client(number):
            connection = self.server.connect()
            for turn in range(12):
                started = time.monotonic()
                action = "mark_hard" if (number + turn) % 2 else "clear_hard"
                asked = [("GET", path, None), ("GET", "/api/v1/datasets/d/samples?limit=50", None),
                         ("POST", "/api/v1/samples:decide", {"action": action, "ids": [self.image]})]  # fmt: skip
                for method, where, body in asked[: 3 if turn % 4 == 0 else 2]:
                    reply = self.server.ask(method, where, body, connection=connection)
                    if reply.status != 200:
                        return str(reply)
                took.append((time.monotonic() - started) / 2)
            connection.close()
            return None

        count = 8 if os.environ.get("TROMMEL_TEST_PRISM") else 64  # a judge is one process
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            self.assertEqual([fault for fault in pool.map(one_client, range(count)) if fault], [])
        took.sort()
        road.note(f"{count} connections: p50 {took[len(took) // 2] * 1000:.1f} ms, p99 {took[len(took) * 99 // 100] * 1000:.1f} ms")


if __name__ == "__main__":
    road.main()
