#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Events, waiting, keys; death and restart of servers and workers."""
import concurrent.futures
import os
import pathlib
import signal
import threading
import time
import unittest

import road
from road_http import Events, Server, deploy_request

IMAGES = 24
MANY = 2000  # so that a run is seen while it runs
KEY_TRIES = 8


class TaskTest(unittest.TestCase):
    """Events, waiting, keys, and what is left when the server or a worker dies."""

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        road.make_pictures(cls.folder / "in", IMAGES)

    def start(self, name, *options):
        trommel = road.Trommel(self.folder / name)
        if not trommel.data.exists():
            trommel.import_garments()
        server = Server(trommel, *options)
        self.addCleanup(server.kill)
        return trommel, server

    def deploy(self, server, name, key=None, query="", **members):
        headers = {"Idempotency-Key": key} if key else {}
        return server.ask("POST", "/api/v1/services" + query, deploy_request(self.folder, name, **members), headers)

    # ---- waiting and events ----

    def test_wait_holds_the_reply_back_until_the_end_or_the_time(self):
        _, server = self.start("wait")
        task = self.deploy(server, "w", query="?wait=60").json["task"]
        self.assertEqual((task["state"], task["items_done"]), ("succeeded", IMAGES))
        server.stop()
        _, idle = self.start("wait", "--task-workers", "0")
        started = time.monotonic()
        waits = self.deploy(idle, "x", query="?wait=1")
        self.assertEqual((waits.status, waits.json["task"]["state"]), (202, "queued"))
        self.assertGreater(time.monotonic() - started, 0.9)
        path = f"/api/v1/tasks/{waits.json['task']['id']}"
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(idle.ok, "GET", path + "?wait=30")
            time.sleep(0.5)
            idle.ok("POST", path + "/stop")
            self.assertEqual(asked.result(10)["task"]["state"], "stopped")

    def test_events_tell_a_run_from_its_beginning_to_its_end(self):
        _, server = self.start("events")
        events, of_others = Events(server), Events(server, "?topics=service:none")
        task = self.deploy(server, "e").json["task"]["id"]
        told = events.until(lambda e: e[0] == "task" and e[2]["id"] == task and e[2]["state"] == "succeeded")
        states = [data["state"] for kind, _, data in told if kind == "task" and data["id"] == task]
        self.assertEqual(states[-1], "succeeded")
        told += events.until(lambda e: e[0] == "service") if "service" not in [e[0] for e in told] else []
        numbers = [int(id.split("-")[1]) for _, id, _ in told]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.replays(server, told, task)
        server.stop()
        self.assertEqual([of_others.next()], [None], "an event that nobody asked for")

    def replays(self, server, told, task):
        again = Events(server, headers={"Last-Event-ID": told[0][1]})
        self.assertEqual([again.next() for _ in told[1:]], told[1:])
        mine = Events(server, f"?topics=task:{task}", {"Last-Event-ID": told[0][1]})
        self.assertEqual(mine.next()[2]["id"], task)
        epoch = told[0][1].split("-")[0]
        for strange in (f"{epoch}-999999", "0-1", "nonsense", f"{epoch}-"):
            reset = Events(server, headers={"Last-Event-ID": strange})
            self.assertEqual(reset.next()[0], "reset")
            reset.close()
        again.close()
        mine.close()

    def test_a_quiet_stream_has_a_heartbeat(self):
        _, server = self.start("heart", "--task-workers", "0")
        started = time.monotonic()
        self.assertEqual(Events(server).next(30)[0], "heartbeat")
        self.assertGreater(time.monotonic() - started, 10)

    def test_the_sixty_fifth_reader_is_told_to_come_later(self):
        _, server = self.start("readers", "--task-workers", "0")
        readers = [Events(server) for _ in range(64)]
        self.assertEqual({reader.answer.status for reader in readers}, {200})
        reply = server.ask("GET", "/api/v1/events")
        self.assertEqual((reply.status, reply.headers["Retry-After"]), (503, "1"))
        self.assertEqual(server.stop()[0], 0)
        self.assertEqual([reader.next() for reader in readers], [None] * 64)

    # ---- keys ----

    def test_a_key_queues_one_task_however_often_it_is_sent(self):
        _, server = self.start("keys", "--task-workers", "0")
        first = self.deploy(server, "k", key="key-1")
        again = self.deploy(server, "k", key="key-1")
        self.assertEqual((again.status, again.headers["Idempotency-Replayed"]), (202, "true"))
        self.assertEqual(again.json, first.json)
        self.assertEqual(again.headers["Location"], first.headers["Location"])
        self.assertNotIn("Idempotency-Replayed", first.headers)
        problem = self.deploy(server, "other", key="key-1")
        self.assertEqual(problem.status, 422)
        self.assertEqual(self.deploy(server, "k", key="key-2").status, 409, "another key is another wish")
        for key in ("", "x" * 129, "caf\u00e9"):
            self.assertEqual(self.deploy(server, "z", key=key or " ").status, 400)
        self.assertEqual(self.deploy(server, "x" * 20, key="x" * 128).status, 202)

    def test_what_was_refused_may_be_tried_again_with_its_key(self):
        _, server = self.start("again", "--task-workers", "0")
        wish = {"create": "none"}
        self.assertEqual(server.ask("POST", "/api/v1/services/late/sample-tasks/sync", wish, {"Idempotency-Key": "k"}).status, 404)
        self.assertEqual(server.ask("POST", "/api/v1/services/late/sample-tasks/sync", wish, {"Idempotency-Key": "k"}).status, 404)

    def test_of_many_with_one_key_one_queues(self):
        _, server = self.start("race", "--task-workers", "0")
        with concurrent.futures.ThreadPoolExecutor(KEY_TRIES) as pool:
            replies = list(pool.map(lambda _: self.deploy(server, "r", key="same"), range(KEY_TRIES)))
        self.assertLessEqual({reply.status for reply in replies}, {202, 409})
        self.assertEqual(len({reply.json["task"]["id"] for reply in replies if reply.status == 202}), 1)
        self.assertEqual(len(server.ok("GET", "/api/v1/tasks")["tasks"]), 1)

    def test_a_key_holds_when_the_server_is_killed_at_any_moment(self):
        trommel, server = self.start("killed", "--task-workers", "0")
        for turn in range(KEY_TRIES):
            sender = threading.Thread(target=self.try_deploy, args=(server, f"n{turn}", f"key-{turn}"))
            sender.start()
            time.sleep(0.004 * turn)
            server.kill()
            sender.join()
            server = Server(trommel, "--task-workers", "0")
            self.addCleanup(server.kill)
            self.assertEqual(self.deploy(server, f"n{turn}", key=f"key-{turn}").status, 202)
            self.assertEqual(len(server.ok("GET", "/api/v1/tasks")["tasks"]), turn + 1)
            self.assertEqual(len(server.ok("GET", "/api/v1/services")["services"]), turn + 1)

    def try_deploy(self, server, name, key):
        try:
            self.deploy(server, name, key=key)
        except Exception:  # noqa: BLE001  the server is killed meanwhile
            pass

    # ---- death ----

    def test_what_was_queued_is_done_after_the_server_was_killed(self):
        trommel, idle = self.start("queued", "--task-workers", "0")
        task = self.deploy(idle, "q").json["task"]["id"]
        idle.kill()
        server = Server(trommel)
        self.addCleanup(server.kill)
        self.assertEqual(server.wait(task)["items_done"], IMAGES)

    def test_a_killed_server_leaves_work_alone_and_its_port_free(self):
        trommel = road.Trommel(self.folder / "port")
        trommel.import_garments()
        pictures = road.make_pictures(self.folder / "port-in", MANY)
        server = Server(trommel)
        self.addCleanup(server.kill)
        events, port = Events(server), server.port
        wish = dict(deploy_request(self.folder, "p"), input=str(pictures), threads=1, shard_images=32)
        task = server.ok("POST", "/api/v1/services", wish)["task"]["id"]
        events.until(lambda e: e[0] == "task" and e[2]["id"] == task and e[2]["state"] == "running")
        server.kill()
        again = Server(trommel, listen=f"127.0.0.1:{port}")
        self.addCleanup(again.kill)
        done = again.wait(task)
        self.assertEqual((done["items_done"], done["attempts"]), (MANY, 1))

    def test_a_task_whose_worker_was_killed_is_taken_up_again(self):
        trommel = road.Trommel(self.folder / "worker")
        trommel.import_garments()
        pictures = road.make_pictures(self.folder / "many", MANY)
        server = Server(trommel)
        self.addCleanup(server.kill)
        events = Events(server)
        wish = dict(deploy_request(self.folder, "w"), input=str(pictures), threads=1, shard_images=32)
        task = server.ok("POST", "/api/v1/services", wish)["task"]["id"]
        events.until(lambda e: e[0] == "task" and e[2]["id"] == task and e[2]["state"] == "running")
        killed = self.kill_worker(task)
        done = server.wait(task)
        self.assertEqual(done["items_done"], MANY)
        self.assertTrue(killed, "the worker had ended already")
        self.assertEqual(done["attempts"], 2)

    def test_a_task_whose_worker_dies_three_times_fails_with_words(self):
        trommel = road.Trommel(self.folder / "thrice")
        trommel.import_garments()
        pictures = road.make_pictures(self.folder / "thrice-in", 3000)
        server = Server(trommel)
        self.addCleanup(server.kill)
        wish = dict(deploy_request(self.folder, "t"), input=str(pictures), threads=1, shard_images=32)
        task = server.ok("POST", "/api/v1/services", wish)["task"]["id"]
        for attempt in (1, 2, 3):
            self.until(lambda: self.shown(server, task)["state"] == "running"
                       and self.shown(server, task)["attempts"] == attempt and self.kill_worker(task))
        self.until(lambda: self.shown(server, task)["state"] == "failed")
        failed = self.shown(server, task)
        self.assertEqual((failed["state"], failed["attempts"], failed["error"]["code"]), ("failed", 3, "failed"))
        self.assertIn("died 3 times", failed["error"]["message"])
        service = server.ok("GET", "/api/v1/services/t")["service"]
        self.assertEqual(service["status"], "failed")
        self.assertIn("died 3 times", service["error_message"])

    def shown(self, server, task):
        return server.ok("GET", f"/api/v1/tasks/{task}")["task"]

    def until(self, holds, seconds=60):
        deadline = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def kill_worker(self, task):
        """True when one was there to be killed."""
        wanted = b"\0task\0work\0" + task.encode() + b"\0"
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if wanted in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
                    return True
            except OSError:
                pass
        return False

    def test_sigterm_lets_requests_finish_and_takes_no_new_ones(self):
        _, server = self.start("term", "--task-workers", "0")
        task = self.deploy(server, "t").json["task"]["id"]
        events, kept = Events(server), server.connect()
        self.assertEqual(server.ask("GET", "/healthz", connection=kept).status, 200)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(server.ask, "GET", f"/api/v1/tasks/{task}?wait=50")
            time.sleep(0.5)
            started = time.monotonic()
            code, said = server.stop()
            self.assertEqual((code, said), (0, ""))
            self.assertLess(time.monotonic() - started, 5)
            self.assertEqual((asked.result().status, asked.result().json["task"]["state"]), (200, "queued"))
        told = [event for event in iter(events.next, None)]  # what happened before; then the stream ends
        self.assertLessEqual(len(told), 2)
        with self.assertRaises(OSError):
            server.connect().connect()


if __name__ == "__main__":
    road.main()
