#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Kills at any moment cost only time: what comes out is byte for byte what an undisturbed run gives."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import sys
import time
import unittest

import road

SEED = int(os.environ.get("ROAD_SEED", "20261122"))
# Each kill on PostgreSQL costs a database of its own; what is in the files does not depend on where the tables are.
KILLS, KILLS_IN_ONE_RUN, SMALL_KILLS = (6, 4, 2) if road.SERVER else (20, 8, 5)
IMAGES, IMPORT_LINES, LONG_RUN = 480, 6000, 12000
TASK, MINING = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
TRIES = 10  # to hit a process that may end before the blow


class Kills(unittest.TestCase):
    """A run of a model, undisturbed, and what it takes to disturb it."""

    MODEL = "garments"

    @classmethod
    def import_model(cls):
        road.Trommel(cls.prepared).import_garments()

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.input, cls.output = cls.folder / "in", cls.folder / "out"
        road.make_pictures(cls.input, IMAGES)
        (cls.input / "damaged.png").write_bytes(road.picture(1)[:500])
        (cls.input / "notes.txt").write_text("not an image\n")
        cls.dice = random.Random(SEED)
        road.note(f"seed {SEED}; another with ROAD_SEED")
        cls.prepared = cls.folder / "prepared"
        cls.import_model()
        trommel = cls.fresh(cls.prepared)
        start = time.monotonic()
        done = trommel.run(*cls.deploy())
        cls.seconds = time.monotonic() - start
        assert done.code == 3, done  # the damaged image
        cls.wanted = cls.outcome(trommel)
        cls.finished = cls.folder / "finished"
        road.rename_data(trommel.data, cls.finished)
        road.note(f"the undisturbed run took {cls.seconds:.2f} s and left {len(cls.wanted)} files")

    @classmethod
    def fresh(cls, prepared):
        """A data folder as prepared, and no output."""
        data = cls.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(cls.output, ignore_errors=True)
        road.copy_data(prepared, data)
        return road.Trommel(data)

    @classmethod
    def deploy(cls):
        return ("service", "deploy", "--name", "s", "--model", cls.MODEL, "--input", cls.input, "--output", cls.output,
                "--task-id", TASK, "--threads", 2, "--shard-images", 16, "--wait")  # fmt: skip

    @classmethod
    def records(cls, trommel):
        return trommel.data / "store/runs" / TASK / "records"

    @classmethod
    def outcome(cls, trommel):
        """All that a run leaves for others: its output folder and its records."""
        found = {b"out/" + name: body for name, body in road.tree(cls.output).items()}
        found.update({b"records/" + name: body for name, body in road.tree(cls.records(trommel)).items()})
        return found

    def assert_same(self, found, wanted):
        self.assertEqual(sorted(found), sorted(wanted))
        self.assertEqual([name for name in wanted if found[name] != wanted[name]], [])

    def kill_after(self, trommel, command, seconds):
        """Kills the command's process; False when it was faster."""
        process = trommel.start(*command)
        time.sleep(seconds)
        process.kill()
        process.communicate()
        return process.returncode == -signal.SIGKILL

    def finished_shards(self, trommel):
        """Shards that are there as a whole: their files by inode and time."""
        shards = {}
        for done in self.records(trommel).glob("shard-*/shard.json"):
            for file in done.parent.iterdir():
                shards[file] = (file.stat().st_ino, file.stat().st_mtime_ns)
        return shards

    def resume(self, trommel, times=3):
        """What a person does after a crash: restart --resume; deploy again when there was no service yet."""
        for _ in range(times):
            done = trommel.run("service", "restart", "s", "--resume", "--wait", "--json")
            if done.code == 3:
                return done.json[-1]
            if done.code == 5:
                done = trommel.run(*self.deploy(), "--json")
                self.assertEqual(done.code, 3, done)
                return done.json[-1]
            state = trommel.ok("task", "show", TASK)["state"]
            if state == "succeeded":  # killed after its last write
                return trommel.ok("task", "show", TASK)
        self.fail(f"could not be resumed: {done}")

    def stage_of(self, trommel):
        done = trommel.run("task", "show", TASK, "--json")
        return "nothing yet" if done.code else "{stage} {items_done} of {items_total}".format(**done.json)

    def kill_at_random_moments(self, wanted_kills):
        kills = 0
        for _ in range(wanted_kills * TRIES):
            if kills == wanted_kills:
                break
            trommel = self.fresh(self.prepared)
            delay = self.dice.uniform(0, self.seconds)
            if not self.kill_after(trommel, self.deploy(), delay):
                continue
            kills += 1
            stage, kept = self.stage_of(trommel), self.finished_shards(trommel)
            finished = len({file.parent for file in kept})
            road.note(f"kill {kills} after {delay:.3f} s: {stage}, {finished} shards finished")
            task = self.resume(trommel)
            self.assertEqual((task["state"], task["result"]["images"]), ("succeeded", IMAGES + 1))
            self.assert_same(self.outcome(trommel), self.wanted)
            again = self.finished_shards(trommel)
            self.assertEqual([file for file in kept if again[file] != kept[file]], [], "finished shards were redone")
            self.assertEqual(trommel.ok("service", "show", "s")["status"], "finished")
        self.assertEqual(kills, wanted_kills, "the runs were too fast to be hit")


class KillTest(Kills):
    def test_a_run_killed_at_random_moments_leaves_what_an_undisturbed_one_leaves(self):
        self.kill_at_random_moments(KILLS)

    def test_a_run_killed_again_and_again_gets_there(self):
        trommel = self.fresh(self.prepared)
        command, kills = self.deploy(), 0
        for _ in range(KILLS_IN_ONE_RUN):
            kills += self.kill_after(trommel, command, self.dice.uniform(0.1, 0.5) * self.seconds)
            if trommel.run("service", "show", "s").code == 0:
                command = ("service", "restart", "s", "--resume", "--wait")
        road.note(f"{kills} kills, then: {self.stage_of(trommel)}")
        self.assertGreater(kills, 0)
        task = self.resume(trommel)
        self.assertEqual(task["result"]["images"], IMAGES + 1)
        self.assert_same(self.outcome(trommel), self.wanted)

    def test_every_image_is_in_the_results_once_and_in_order(self):
        lines = [json.loads(line) for line in self.wanted[f"out/infer-result-{TASK}.manifest".encode()].splitlines()]
        names = sorted(os.fsencode(path) for path in self.input.rglob("*.png"))
        self.assertEqual([os.fsencode(line["source"]) for line in lines], names)
        self.assertEqual([line["source"] for line in lines if line["result"] == "FAILED"], [str(self.input / "damaged.png")])
        results = [name for name in self.wanted if name.endswith(b"_result.txt")]
        self.assertEqual(len(results), IMAGES)

    # ---- other kinds of task ----

    def hard_examples(self, trommel):
        rows = trommel.samples("hard", "--sort", "source")
        for row in rows:
            for name in ("id", "created", "updated"):
                del row[name]
        return rows

    def kill_small(self, prepared, command, task, seconds, look, clear=lambda: None):
        """Kills a command at random moments and lets `task wait` finish it; `look` tells what came out. `clear` takes away
        what lies outside the data folder."""
        kills = 0
        for _ in range(SMALL_KILLS * TRIES):
            if kills == SMALL_KILLS:
                return
            trommel = self.fresh(prepared)
            clear()
            delay = self.dice.uniform(0, seconds)
            if not self.kill_after(trommel, command, delay):
                continue
            kills += 1
            tasks = [row for row in trommel.ok("task", "list") if row["kind"] == task]
            road.note(f"{task} killed after {delay:.3f} s: {tasks[0]['state'] if tasks else 'nothing yet'}")
            if not tasks:
                self.assertEqual(trommel.run(*command).code, 0)
            else:
                done = trommel.run("task", "wait", tasks[0]["id"], "--json")
                self.assertEqual(done.code, 0, done)
            look(trommel)
        self.fail("too fast to be hit")

    def test_filtering_killed_at_random_moments_finds_the_same_hard_examples(self):
        pictures = sorted(self.input.glob("0*.png"))
        train = road.write_manifest(
            self.folder / "train.manifest", (road.labeled(path, ("trouser", "bag")[i % 2]) for i, path in enumerate(pictures[:300]))
        )
        command = ("sample", "filter", "s", "--create", "hard", "--top", "60%", "--algo-hard-threshold", 0,
                   "--train", train, "--task-id", MINING, "--wait")  # fmt: skip
        trommel = self.fresh(self.finished)
        start = time.monotonic()
        self.assertEqual(trommel.run(*command).code, 0)
        seconds = time.monotonic() - start
        wanted, report = self.hard_examples(trommel), road.tree(trommel.data / "store/tasks" / MINING)
        self.assertGreater(len(wanted), IMAGES // 4)

        def look(other):
            self.assertEqual(self.hard_examples(other), wanted)
            self.assert_same(road.tree(other.data / "store/tasks" / MINING), report)
            counts = other.ok("dataset", "show", "hard")
            self.assertEqual((counts["to_be_confirmed"], counts["samples"]), (len(wanted), len(wanted)))

        self.kill_small(self.finished, command, "mine_hard", seconds, look)

    def test_an_import_killed_at_random_moments_doubles_nothing(self):
        manifest = road.write_manifest(
            self.folder / "many.manifest", (road.labeled(f"/pictures/{i}.png", f"label_{i % 7}") for i in range(IMPORT_LINES))
        )
        prepared = self.folder / "with_dataset"
        road.copy_data(self.prepared, prepared)
        road.Trommel(prepared).ok("dataset", "create", "d")
        command = ("dataset", "import", "d", manifest, "--wait")
        trommel = self.fresh(prepared)
        start = time.monotonic()
        self.assertEqual(trommel.run(*command).code, 0)
        seconds = time.monotonic() - start

        def look(other):
            counts = other.ok("dataset", "show", "d")
            self.assertEqual((counts["labeled"], counts["samples"]), (IMPORT_LINES, IMPORT_LINES))
            sources = [row["source"] for row in other.samples("d")]
            self.assertEqual(sorted(sources), sorted(f"/pictures/{i}.png" for i in range(IMPORT_LINES)))

        look(trommel)
        self.kill_small(prepared, command, "import_manifest", seconds, look)

    def test_an_export_killed_at_random_moments_shows_one_whole_folder(self):
        pictures = sorted(self.input.glob("0*.png"))
        manifest = road.write_manifest(
            self.folder / "pictures.manifest", (road.labeled(path, ("trouser", "bag")[i % 2]) for i, path in enumerate(pictures))
        )
        prepared, place = self.folder / "to_export", self.folder / "shown"
        road.copy_data(self.prepared, prepared)
        road.Trommel(prepared).ok("dataset", "create", "d")
        road.Trommel(prepared).ok("dataset", "import", "d", manifest, "--wait")
        command = ("dataset", "export", "d", place / "out", "--format", "imagenet", "--train-ratio", "0.8", "--wait")
        trommel = self.fresh(prepared)
        start = time.monotonic()
        self.assertEqual(trommel.run(*command).code, 0)
        seconds = time.monotonic() - start
        wanted = road.tree(place)
        self.assertEqual(sum(name.endswith(b".png") for name in wanted), len(pictures))

        def look(_):
            self.assert_same(road.tree(place), wanted)

        self.kill_small(prepared, command, "export_dataset", seconds, look, lambda: shutil.rmtree(place))


class DetectionKillTest(Kills):
    MODEL = "detector"

    @classmethod
    def import_model(cls):
        road.Trommel(cls.prepared).import_detector()

    def test_a_run_of_a_detector_killed_at_random_moments_leaves_what_an_undisturbed_one_leaves(self):
        self.kill_at_random_moments(SMALL_KILLS)

    def test_the_undisturbed_run_found_boxes(self):
        results = [json.loads(body) for name, body in self.wanted.items() if name.endswith(b"_result.txt")]
        self.assertEqual(len(results), IMAGES)
        self.assertGreater(sum(len(result["detection_boxes"]) for result in results), IMAGES)
        self.assertGreater(len({tuple(result["detection_scores"]) for result in results}), IMAGES // 2)


class Frozen(Exception):
    """A process was stopped while it was writing: nobody else can."""


class StopTest(unittest.TestCase):
    """Ctrl-C and stop wishes: the input is repeated so often that the run lasts."""

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        pictures = road.make_pictures(cls.folder / "in", 20)
        sources = sorted(str(path) for path in pictures.rglob("*.png"))
        cls.manifest = road.write_manifest(cls.folder / "x.manifest", ({"source": source} for source in sources * (LONG_RUN // 20)))
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.trommel.import_garments()

    def deploy(self, name, *more):
        return ("service", "deploy", "--name", name, "--model", "garments", "--input", self.manifest, "--output",
                self.folder / name, "--threads", 2, "--shard-images", 16, *more)  # fmt: skip

    def wait_for_shards(self, name):
        """The run's id, once something of it is finished."""
        for _ in range(2000):
            done = self.trommel.run("service", "show", name, "--json")
            run = done.json["run"] if done.code == 0 else None
            if run and (self.trommel.data / "store/runs" / run / "records" / road.SHARD / "shard.json").exists():
                return run
            time.sleep(0.01)
        self.fail("the run did not begin")

    def status(self, name):
        return self.trommel.ok("service", "show", name)["status"]

    def interrupt(self, name):
        process = self.trommel.start(*self.deploy(name, "--wait"))
        run = self.wait_for_shards(name)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        return run, err.decode()

    def finish(self, run, *command):
        """Finishes a long run by the shards that are there: only the counts matter here."""
        done = self.trommel.run(*command, "--wait", "--json")
        self.assertEqual(done.code, 0, done)
        result = done.json[-1]["result"]
        self.assertEqual((done.json[-1]["id"], result["images"], result["failed"]), (run, LONG_RUN, 0))
        self.assertLess(result["predicted_now"], LONG_RUN)

    def test_ctrl_c_stops_with_130_and_the_run_can_be_resumed(self):
        run, err = self.interrupt("a")
        self.assertEqual(self.status("a"), "stopped")
        self.assertEqual(self.trommel.ok("task", "show", run)["state"], "stopped")
        self.assertIn("trommel ", err)
        self.finish(run, "service", "restart", "a", "--resume")
        self.assertEqual(self.status("a"), "finished")

    def test_the_command_that_ctrl_c_advises_goes_on_with_the_run(self):
        run, err = self.interrupt("b")
        advised = err.split("Go on with: trommel ")[1].split()
        self.finish(run, *advised)
        self.assertEqual(self.status("b"), "finished")

    def test_a_second_process_stops_a_run_in_the_background(self):
        self.assertEqual(self.trommel.run(*self.deploy("c", "--no-wait")).code, 0)
        run = self.wait_for_shards("c")
        self.trommel.ok("service", "stop", "c")
        done = self.trommel.run("task", "wait", run, "--json")
        self.assertEqual((done.code, done.json[-1]["state"]), (130, "stopped"))
        self.assertEqual(self.status("c"), "stopped")
        code, error = self.trommel.refused("service", "stop", "c")
        self.assertEqual((code, error["error_code"]), (6, "ModelArts.3519"))

    def expire_lease(self, process, task):
        """Freezes the process as a machine that sleeps does, until its lease has run out."""
        for _ in range(50):
            process.send_signal(signal.SIGSTOP)
            try:
                if road.SERVER:
                    self.take_lease_on_server(task)
                    return
                with contextlib.closing(sqlite3.connect(self.trommel.data / "trommel.db", timeout=0.5)) as db:
                    db.execute("UPDATE task SET lease_until_ms = 1 WHERE id = ?", [task])
                    db.commit()
                return
            except (sqlite3.OperationalError, Frozen):  # frozen while it was writing
                process.send_signal(signal.SIGCONT)
                time.sleep(0.02)
        self.fail("the lease could not be taken away")

    def take_lease_on_server(self, task):
        time.sleep(0.02)  # what was sent before it froze
        database = road.database_of(self.trommel.data)
        writing = road.ask_server(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())", database=database)  # fmt: skip
        if int(writing) > 0:
            raise Frozen
        road.ask_server(f"UPDATE task SET lease_until_ms = 1 WHERE id = '{task}'", database=database)

    def test_a_run_that_another_process_took_over_is_ended_by_that_one(self):
        sleeper = self.trommel.start(*self.deploy("e", "--wait"))
        run = self.wait_for_shards("e")
        self.expire_lease(sleeper, run)
        other = self.trommel.start("task", "wait", run)
        while self.trommel.ok("task", "show", run)["attempts"] < 2:
            time.sleep(0.01)
        sleeper.send_signal(signal.SIGCONT)
        for process in (sleeper, other):
            _, err = process.communicate(timeout=road.WAIT_SECONDS)
            self.assertEqual(process.returncode, 0, err)
        task = self.trommel.ok("task", "show", run)
        self.assertEqual((task["state"], task["attempts"], task["result"]["images"]), ("succeeded", 2, LONG_RUN))
        self.assertEqual(self.status("e"), "finished")

    def test_a_running_service_is_neither_started_nor_deleted_nor_resumed_twice(self):
        self.assertEqual(self.trommel.run(*self.deploy("d", "--no-wait")).code, 0)
        run = self.wait_for_shards("d")
        for command in (("start", "d"), ("restart", "d"), ("restart", "d", "--resume"), ("delete", "d", "--yes")):
            code, error = self.trommel.refused("service", *command)
            self.assertEqual(code, 6, error)
        self.assertEqual(self.status("d"), "running")
        self.trommel.ok("service", "stop", "d")
        self.assertEqual(self.trommel.run("task", "wait", run).code, 130)


if __name__ == "__main__":
    road.main()
