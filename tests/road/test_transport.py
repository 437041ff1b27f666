#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What operators rely on: metrics that Prometheus reads, logs that can be joined, ready or not, readers that do not read."""
import concurrent.futures
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest

import road
from road_http import Events, Server, read_all, status_of

LARGE_BYTES = 64 * 1024 * 1024
QUIET_SECONDS = 3
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABELS = r'(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABELS})\}})? (NaN|[+-]Inf|-?[0-9.]+(?:e[+-]?\d+)?)")


def families_of(text):
    """name → (type, {(sample, labels): value}); AssertionError where Prometheus' text format is not kept."""
    families, current = {}, None
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current = line.split(" ", 3)[2]
            assert current not in families and re.fullmatch(NAME, current), line
            families[current] = [None, {}]
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current and families[name] == [None, {}], line
            assert kind in ("counter", "gauge", "histogram"), line
            families[name][0] = kind
        else:
            found = SAMPLE.fullmatch(line)
            assert found, line
            kind, rows = families[current]
            suffix = found[1].removeprefix(current)
            assert suffix in (("_bucket", "_sum", "_count") if kind == "histogram" else ("",)), line
            assert (found[1], found[2]) not in rows, line
            rows[(found[1], found[2])] = float(found[3])
    return families


class TransportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.log = cls.folder / "access.log"
        cls.server = Server(cls.trommel, "--quiet-timeout", QUIET_SECONDS, "--task-workers", "0", log=str(cls.log))
        large = cls.folder / "large.png"
        with open(large, "wb") as file:  # an image, and much behind it
            file.write(road.picture(1))
            file.truncate(LARGE_BYTES)
        cls.server.ok("POST", "/api/v1/datasets", {"name": "d", "labels": ["a"]})
        lines = [road.labeled(large, "a")]
        cls.trommel.ok("dataset", "import", "d", road.write_manifest(cls.folder / "m.manifest", lines), "--wait")
        cls.image = f"/api/v1/samples/{cls.trommel.samples('d')[0]['id']}/image"

    @classmethod
    def tearDownClass(cls):
        code, said = cls.server.stop()
        assert code == 0, said

    def until(self, holds, seconds=20):
        end = time.monotonic() + seconds
        while not (found := holds()):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        return found

    def metrics(self):
        return families_of(self.server.ask("GET", "/metrics").text)

    # ---- metrics ----

    def test_metrics_are_what_prometheus_reads(self):
        for path, count in (("/api/v1/datasets", 3), ("/api/v1/tasks?limit=0", 2), ("/nothing", 1)):
            for _ in range(count):
                self.server.ask("GET", path)
        families = self.metrics()
        kind, rows = families["trommel_http_requests_total"]
        self.assertEqual(kind, "counter")
        self.assertGreaterEqual(rows["trommel_http_requests_total", 'route="dataset.list",status="2xx"'], 3)
        self.assertEqual(rows["trommel_http_requests_total", 'route="task.list",status="4xx"'], 2)
        self.histograms_add_up(families["trommel_http_request_duration_seconds"][1])
        for name, (kind, rows) in families.items():
            self.assertIsNotNone(kind, name)
            self.assertEqual(kind == "counter", name.endswith("_total"), name)

    def histograms_add_up(self, rows):
        name = "trommel_http_request_duration_seconds"
        routes = {labels.split('"')[1] for _, labels in rows}
        self.assertIn("dataset.list", routes)
        for route in routes:
            buckets = [(float(re.search('le="([^"]*)"', labels)[1]), value) for (sample, labels), value in rows.items()
                       if sample == name + "_bucket" and f'route="{route}"' in labels]  # fmt: skip
            self.assertEqual(buckets, sorted(buckets))
            self.assertEqual([value for _, value in buckets], sorted(value for _, value in buckets))
            self.assertEqual(buckets[-1], (float("inf"), rows[name + "_count", f'route="{route}"']))
            self.assertGreaterEqual(rows[name + "_sum", f'route="{route}"'], 0)

    @unittest.skipUnless(shutil.which("promtool"), "no promtool here")
    def test_promtool_finds_nothing_to_say(self):
        text = self.server.ask("GET", "/metrics").text
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_parser_of_this_test_refuses_what_prometheus_would(self):
        good = '# HELP a_total x\n# TYPE a_total counter\na_total{l="v"} 1\n'
        self.assertEqual(families_of(good), {"a_total": ["counter", {("a_total", 'l="v"'): 1}]})
        for bad in (good[:-1], good + 'a_total{l="v"} 2\n', good + "b 1\n", good.replace('"v"', '"v'), good.replace(" 1", " x"), good + good,
                    good.replace("counter", "number")):  # fmt: skip
            with self.assertRaises(AssertionError):
                families_of(bad)

    # ---- logs ----

    def test_log_lines_are_joined_by_request_id_and_trace(self):
        trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
        self.server.ask("GET", "/api/v1/datasets", headers={"traceparent": f"00-{trace}-{span}-01", "X-Request-Id": "traced"})
        self.server.ask("GET", "/api/v1/datasets", headers={"traceparent": "nonsense\"", "X-Request-Id": "not-traced"})
        rows = self.until(lambda: (found := {row["request_id"]: row for row in road.json_lines(self.log)}) and "not-traced" in found and found)
        self.assertEqual((rows["traced"]["trace_id"], rows["traced"]["parent_span_id"]), (trace, span))
        self.assertNotIn("trace_id", rows["not-traced"])
        for row in rows.values():
            self.assertEqual(list(row)[:4], ["ts", "level", "msg", "request_id"])
            self.assertRegex(row["ts"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertGreaterEqual(row["dur_ms"], 0)

    def test_many_at_once_write_whole_lines(self):
        def ask(number):
            return self.server.ask("GET", "/api/v1/datasets", headers={"X-Request-Id": f"many-{number}"}).status

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            self.assertEqual(set(pool.map(ask, range(200))), {200})
        self.until(lambda: sum(row["request_id"].startswith("many-") for row in road.json_lines(self.log)) == 200)

    # ---- readers that do not read ----

    def test_who_does_not_read_is_cut_off_and_who_reads_slowly_is_not(self):
        request = f"GET {self.image} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        with socket.create_connection((self.server.host, self.server.port), timeout=20) as stuck:
            stuck.sendall(request)
            self.assertEqual(status_of(stuck.recv(64)), 200)
            self.until(lambda: self.row_of_image(LARGE_BYTES), 5 * QUIET_SECONDS + 10)
            rest = read_all(stuck, 2)
            self.assertLess(len(rest), LARGE_BYTES - 1)
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=20)
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        connection.request("GET", self.image)
        answer, taken = connection.getresponse(), 0
        for _ in range(8):  # longer than the time that one may not read at all
            time.sleep(QUIET_SECONDS / 6)
            taken += len(answer.read(2 * 1024 * 1024))
        while piece := answer.read(1024 * 1024):
            taken += len(piece)
        self.assertEqual(taken, LARGE_BYTES)
        connection.close()

    def row_of_image(self, size):
        return [row for row in road.json_lines(self.log) if row.get("route") == "samples.image" and row["bytes"] == size]

    def test_ranges_put_together_are_the_file(self):
        tag = self.server.ask("HEAD", self.image).headers["ETag"]
        step, parts = LARGE_BYTES // 4 + 1, []
        for first in range(0, LARGE_BYTES, step):
            part = self.server.ask("GET", self.image, headers={"Range": f"bytes={first}-{first + step - 1}", "If-Range": tag})
            self.assertEqual(part.status, 206)
            parts.append(part.body)
        with open(self.folder / "large.png", "rb") as file:
            self.assertTrue(b"".join(parts) == file.read(), "the parts are not the file")
        self.assertEqual(self.server.ask("GET", self.image, headers={"Range": "bytes=0-9", "If-Range": "W/" + tag}).status, 200)

    # ---- alive, ready ----

    def test_without_its_database_it_lives_but_is_not_ready(self):
        keeper = os.environ.get("TROMMEL_TEST_KEEPER")
        if not keeper:
            self.skipTest("only a database that is a server can be away: tests/with_postgresql.py")
        events = Events(self.server)
        os.kill(int(keeper), signal.SIGUSR1)
        self.until(lambda: self.server.ask("GET", "/readyz").status == 503, 60)
        self.assertEqual(self.server.ask("GET", "/healthz").status, 200)
        problem = self.server.ask("GET", "/api/v1/datasets")
        self.assertIn(problem.status, (502, 503))
        self.assertTrue(problem.json["retryable"])
        os.kill(int(keeper), signal.SIGUSR2)
        self.until(lambda: self.server.ask("GET", "/readyz").status == 200, 60)
        self.assertEqual([row["name"] for row in self.server.ok("GET", "/api/v1/datasets")["datasets"]], ["d"])
        self.server.ok("POST", "/api/v1/datasets", {"name": f"after-{time.time_ns()}", "labels": ["a"]})
        self.assertEqual(events.next(30)[0], "heartbeat")
        events.close()


if __name__ == "__main__":
    road.main()
