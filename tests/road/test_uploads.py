#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Files sent to the server: whole, in parts, broken off, too long, by two at once; and what they are for."""
import hashlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time
import unittest

import road
from road_http import Server, ServerCase, read_all, status_of

UPLOAD_MAX = 3 * 1024 * 1024
UPLOADS_MAX_BYTES = 64 * 1024 * 1024 * 1024  # of a project
LARGE_BYTES = 300 * 1024 * 1024
GROWTH_MAX_BYTES = 64 * 1024 * 1024


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class UploadTest(ServerCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.server = Server(cls.trommel, "--max-upload", UPLOAD_MAX, "--max-body", "4096", "--body-timeout", "2")

    def put(self, name, data, query="", headers=None, status=200):
        reply = self.server.ask("PUT", f"/api/v1/uploads/{name}{query}", data, {"Content-Type": "application/octet-stream", **(headers or {})})
        self.assertEqual(reply.status, status, reply)
        return reply.json["upload"] if status == 200 else reply.json

    def kept(self, name):
        return (self.trommel.data / "uploads/0" / name / name).read_bytes()

    def show(self, name):
        return self.server.ok("GET", f"/api/v1/uploads/{name}")["upload"]

    def head(self, name, length, query=""):
        return f"PUT /api/v1/uploads/{name}{query} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n".encode()

    # ---- whole ----

    def test_what_is_sent_is_kept_byte_for_byte(self):
        for length in (0, 1, 4097, 65536, 300001):
            data = random.Random(length).randbytes(length)
            made = self.put("bytes.bin", data, f"?sha256={sha256(data)}")
            self.assertEqual((made["bytes"], made["is_complete"], made["sha256"]), (length, True, sha256(data)))
            self.assertEqual(self.kept("bytes.bin"), data)
        self.assertIn("bytes.bin", [row["name"] for row in self.server.ok("GET", "/api/v1/uploads")["uploads"]])
        self.server.ok("DELETE", "/api/v1/uploads/bytes.bin")
        self.server.refused(404, "GET", "/api/v1/uploads/bytes.bin")
        self.server.refused(404, "DELETE", "/api/v1/uploads/bytes.bin")
        self.assertFalse((self.trommel.data / "uploads/0/bytes.bin").exists())

    def test_another_hash_throws_it_away_and_keeps_what_was_there(self):
        self.put("hash.bin", b"the first")
        problem = self.put("hash.bin", b"the second", "?sha256=" + sha256(b"the third"), status=400)
        self.assertEqual(problem["errors"][0]["pointer"], "/sha256")
        self.assertEqual(self.kept("hash.bin"), b"the first")
        self.assertTrue(self.show("hash.bin")["is_complete"])
        for nonsense in ("", "x", "A" * 64, "0" * 63):
            self.put("hash.bin", b"x", f"?sha256={nonsense}", status=400)

    def test_a_chunked_body_needs_no_length(self):
        data = os.urandom(100000)
        connection = self.server.connect()
        connection.request("PUT", "/api/v1/uploads/chunked.bin", iter([data[:7], data[7:70000], data[70000:]]), encode_chunked=True)
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        self.assertEqual(self.kept("chunked.bin"), data)

    # ---- in parts ----

    def test_parts_become_a_whole_at_the_total(self):
        data = os.urandom(1000)
        for first, last in ((0, 400), (400, 999)):
            made = self.put("parts.bin", data[first:last], f"?offset={first}&total=1000")
            self.assertEqual((made["bytes"], made["is_complete"]), (last, False))
            self.assertNotIn("sha256", made)
        self.server.refused(409, "POST", "/api/v1/models", {"file": "upload:parts.bin"})
        made = self.put("parts.bin", data[999:], "", {"Content-Range": "bytes 999-999/1000"})
        self.assertEqual((made["is_complete"], made["sha256"]), (True, sha256(data)))
        self.assertEqual(self.kept("parts.bin"), data)

    def test_a_part_goes_on_where_the_last_one_ended(self):
        self.put("offset.bin", b"01234", "?total=10")
        for offset in (4, 6):
            problem = self.put("offset.bin", b"x", f"?offset={offset}&total=10", status=409)
            self.assertIn("5 bytes", problem["detail"])
        self.put("offset.bin", b"567890", "?offset=5&total=10", status=413)
        self.put("offset.bin", b"5", "?offset=11&total=10", status=400)
        self.put("offset.bin", b"x", "?offset=5", {"Content-Range": "bytes 5-5/10"}, 400)
        for strange in ("bytes 5-4/10", "bytes 5-10/10", "bytes */10", "lines 1-2/3", "5-6/7", "bytes 5-/7"):
            self.put("offset.bin", b"5", "", {"Content-Range": strange}, 400)
        self.put("none.bin", b"x", "?offset=1&total=2", status=404)
        self.put("offset.bin", b"56789", "?offset=5&total=10")
        self.assertEqual(self.kept("offset.bin"), b"0123456789")

    def test_what_was_broken_off_can_be_gone_on_with(self):
        data = os.urandom(200000)
        with socket.create_connection((self.server.host, self.server.port), timeout=10) as client:
            client.sendall(self.head("broken.bin", len(data)) + data[:150000])
            self.until(lambda: self.server.ask("GET", "/api/v1/uploads/broken.bin").status == 200 and self.show("broken.bin")["bytes"] == 150000)
            self.put("broken.bin", b"mine", status=409)
        self.until(lambda: self.server.ask("PUT", "/api/v1/uploads/broken.bin?offset=1", b"x").json["detail"].startswith("150000 bytes"))
        made = self.put("broken.bin", data[150000:], "?offset=150000&sha256=" + sha256(data))
        self.assertTrue(made["is_complete"])
        self.assertEqual(self.kept("broken.bin"), data)

    def until(self, holds):
        end = time.monotonic() + 10
        while not holds():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def test_an_upload_that_runs_comes_to_its_end_when_the_server_is_to_stop(self):
        server = Server(road.Trommel(self.folder / "stopped"), "--task-workers", "0")
        self.addCleanup(server.kill)
        data = os.urandom(100000)
        with socket.create_connection((server.host, server.port), timeout=30) as client:
            client.sendall(self.head("stop.bin", len(data)) + data[:60000])
            self.until(lambda: (server.ask("GET", "/api/v1/uploads/stop.bin").status == 200))
            server.process.send_signal(signal.SIGTERM)
            self.until(lambda: self.is_refused(server))
            client.sendall(data[60000:])
            answer = read_all(client, 10)
        self.assertEqual(status_of(answer), 200)
        self.assertIn(b"Connection: close", answer)
        self.assertEqual(server.process.wait(30), 0)
        self.assertEqual((self.folder / "stopped/uploads/0/stop.bin/stop.bin").read_bytes(), data)

    def is_refused(self, server):
        try:
            server.connect().connect()
            return False
        except OSError:
            return True

    # ---- limits ----

    def test_a_file_ends_at_its_limit_with_or_without_a_length(self):
        self.put("limit.bin", b"x" * UPLOAD_MAX)
        self.assertEqual(status_of(self.server.raw(self.head("limit.bin", UPLOAD_MAX + 1))), 413)
        connection = self.server.connect()
        connection.request("PUT", "/api/v1/uploads/limit.bin", iter([b"x" * UPLOAD_MAX, b"x"]), encode_chunked=True)
        self.assertEqual(connection.getresponse().status, 413)
        connection.close()
        self.assertEqual(len(self.kept("limit.bin")), UPLOAD_MAX)

    def test_a_whole_file_counts_also_while_another_comes_in_its_place(self):
        self.put("room.bin", b"x")
        self.put("room.bin", b"xx", "?total=4")
        whole = self.trommel.data / "uploads/0/room.bin/room.bin"
        self.addCleanup(os.truncate, whole, 1)
        os.truncate(whole, UPLOADS_MAX_BYTES)  # of holes
        self.put("more.bin", b"x", status=413)
        os.truncate(whole, 1)
        self.put("more.bin", b"x")

    def test_names_are_plain(self):
        for name in ("a" * 128, "A-b_c.9", "part"):
            self.put(name, b"x")
        for name in ("a" * 129, ".hidden", "a%2Fb", "..%2f..%2fx", "a%20b", "caf%C3%A9", "~part", "a~"):
            self.put(name, b"x", status=400)
        self.assertEqual(sorted(path.name for path in (self.trommel.data / "uploads").iterdir()), ["0"])

    def test_who_expects_100_continue_hears_of_a_refusal_before_sending(self):
        ask = self.head("expect.bin", 5).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(status_of(self.server.raw(ask)), 100)
        self.assertEqual(status_of(self.server.raw(ask.replace(b"expect.bin", b".expect"))), 400)
        self.assertEqual(status_of(self.server.raw(ask.replace(b": 5", b": 4000000"))), 413)

    def test_a_file_in_drops_is_cut_off_and_a_steady_one_is_not(self):
        with socket.create_connection((self.server.host, self.server.port), timeout=10) as client:
            client.sendall(self.head("slow.bin", 1000))
            started = time.monotonic()
            with self.assertRaises(OSError):
                while time.monotonic() < started + 10:
                    client.sendall(b"x")
                    time.sleep(0.1)
        self.assertLess(time.monotonic() - started, 8)
        with socket.create_connection((self.server.host, self.server.port), timeout=10) as client:
            client.sendall(self.head("steady.bin", UPLOAD_MAX))
            for _ in range(6):  # longer than the time for a body, but a step of it within that
                client.sendall(b"x" * (UPLOAD_MAX // 6))
                time.sleep(0.6)
            self.assertEqual(status_of(client.recv(4096)), 200)

    def test_a_page_of_another_origin_sends_nothing(self):
        self.put("origin.bin", b"x", "", {"Origin": "http://evil.example"}, 403)
        self.server.refused(404, "GET", "/api/v1/uploads/origin.bin")

    # ---- what they are for ----

    def test_models_manifests_and_images_come_as_uploads(self):
        self.put("garments.onnx", (road.SOURCE / "demo/garments.onnx").read_bytes())
        made = self.server.ok("POST", "/api/v1/models", {"file": "upload:garments.onnx"})
        self.assertEqual(made["model"]["name"], "garments")
        self.put("one.png", road.picture(1))
        tested = self.server.ok("POST", "/api/v1/models/garments/test", {"image": "upload:one.png"})
        self.assertIn("predicted_label", tested["prediction"])
        picture = self.folder / "p.png"
        picture.write_bytes(road.picture(2))
        manifest = road.write_manifest(self.folder / "m.manifest", [road.labeled(picture, "a")])
        self.put("m.manifest", manifest.read_bytes())
        self.server.ok("POST", "/api/v1/datasets", {"name": "d", "labels": ["a"]})
        done = self.server.ok("POST", "/api/v1/datasets/d/import-tasks?wait=60", {"manifest": "upload:m.manifest"})
        self.assertEqual(done["task"]["state"], "succeeded")
        (self.folder / "in").mkdir()
        (self.folder / "in/1.png").write_bytes(road.picture(3))
        self.server.ok("POST", "/api/v1/services", {"name": "s", "model": "garments", "input": str(self.folder / "in"), "output": str(self.folder / "out")})
        filtering = "/api/v1/services/s/hard-example-filtering"
        self.put("train.manifest", road.write_manifest(self.folder / "t.manifest", [road.labeled(picture, "Coat", usage="TRAIN")]).read_bytes())
        kept = self.server.ok("PUT", filtering, {"create": "hard", "train": "upload:train.manifest"})["hard_example_filtering"]
        self.assertEqual(kept["train"], str(self.trommel.data / "uploads/0/train.manifest/train.manifest"))
        problem = self.server.refused(404, "PUT", filtering, {"create": "hard", "train": "upload:none", "replace": True})
        self.assertEqual(problem["errors"][0]["pointer"], "/train")
        self.server.refused(404, "POST", "/api/v1/models", {"file": "upload:none"})
        self.server.refused(400, "POST", "/api/v1/models", {"file": "upload:../../etc/passwd"})
        self.assertEqual([row["name"] for row in self.trommel.run("upload", "list", "--json").json if row["name"] == "one.png"], ["one.png"])


class LargeTest(unittest.TestCase):
    @unittest.skipUnless(shutil.which("curl"), "no curl here")
    def test_300_megabytes_by_curl_leave_memory_flat(self):
        folder = road.temp_folder(self)
        server = Server(road.Trommel(folder / "data"), "--task-workers", "0")
        self.addCleanup(server.kill)
        block, digest = os.urandom(1024 * 1024), hashlib.sha256()
        with open(folder / "large.bin", "wb") as file:
            for i in range(LARGE_BYTES // len(block)):
                piece = block[i:] + block[:i]
                file.write(piece)
                digest.update(piece)
        (folder / "small.bin").write_bytes(block)
        self.send(server, folder / "small.bin", "small.bin")
        before = self.peak_bytes(server)
        self.send(server, folder / "large.bin", f"large.bin?sha256={digest.hexdigest()}")
        grown = self.peak_bytes(server) - before
        self.assertLess(grown, GROWTH_MAX_BYTES)
        self.assertEqual(server.ok("GET", "/api/v1/uploads/large.bin")["upload"]["bytes"], LARGE_BYTES)
        road.note(f"{LARGE_BYTES >> 20} MiB sent: memory grew by {grown >> 10} KiB")

    def send(self, server, path, name):
        done = subprocess.run(["curl", "--silent", "--show-error", "--fail-with-body", "-T", path, f"{server.url}/api/v1/uploads/{name}"],
                              capture_output=True, text=True, timeout=road.WAIT_SECONDS)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def peak_bytes(self, server):
        for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmHWM")


if __name__ == "__main__":
    road.main()
