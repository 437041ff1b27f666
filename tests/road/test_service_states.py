#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A service is never stuck: whatever died or was refused at whatever moment, there is a command that goes on."""
import json
import unittest

import road

TASK = "0123456789abcdef0123456789abcdef"


class ServiceStatesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        road.make_pictures(cls.folder / "in", 12)
        cls.template = road.Trommel(cls.folder / "template")
        cls.template.import_garments()

    def setUp(self):
        name = self.id().split(".")[-1]
        self.trommel = road.Trommel(self.folder / name / "data")
        self.trommel.data.parent.mkdir()
        road.copy_data(self.template.data, self.trommel.data)
        self.output = self.folder / name / "out"

    def deploy(self, *more, name="s"):
        return ("service", "deploy", "--name", name, "--model", "garments", "--input", self.folder / "in",
                "--output", self.output, *more)  # fmt: skip

    def status(self):
        return self.trommel.ok("service", "show", "s")["status"]

    def leave_a_run_that_never_began(self, *more):
        """No worker can be started while a file is where its log must go."""
        logs = self.trommel.data / "logs"
        logs.write_text("in the way\n")
        done = self.trommel.run(*self.deploy("--no-wait", "--json", *more))
        self.assertEqual((done.code, done.out), (1, ""), done)
        logs.unlink()
        self.assertEqual(self.status(), "deploying")
        return self.trommel.ok("task", "list")[0]["id"]

    def test_a_run_that_never_began_is_resumed_under_its_own_id(self):
        run = self.leave_a_run_that_never_began("--task-id", TASK)
        self.assertEqual(run, TASK)
        tasks = self.trommel.ok("service", "restart", "s", "--resume", "--wait")
        self.assertEqual([task["id"] for task in tasks], [TASK])
        self.assertEqual(self.status(), "finished")

    def test_a_run_that_never_began_can_be_waited_for(self):
        run = self.leave_a_run_that_never_began()
        self.assertEqual(self.trommel.ok("task", "wait", run)[0]["state"], "succeeded")
        self.assertEqual(self.status(), "finished")

    def test_starting_a_service_puts_an_end_to_a_run_that_never_began(self):
        run = self.leave_a_run_that_never_began()
        tasks = self.trommel.ok("service", "start", "s", "--wait")
        self.assertNotEqual(tasks[0]["id"], run)
        self.assertEqual(self.trommel.ok("task", "show", run)["state"], "stopped")
        self.assertEqual(self.status(), "finished")

    def test_a_service_deployed_without_starting_waits_for_its_first_run(self):
        self.assertEqual(self.trommel.ok(*self.deploy("--no-start"))["status"], "stopped")
        self.assertEqual(self.trommel.ok("task", "list"), [])
        self.assertEqual(self.trommel.refused("service", "restart", "s", "--resume")[0], 6)
        self.trommel.ok("service", "start", "s", "--wait")
        self.assertEqual(self.status(), "finished")
        self.trommel.refused(*self.deploy("--no-start", "--task-id", TASK, name="t"))

    def test_stopping_the_task_of_a_run_stops_its_service(self):
        run = self.leave_a_run_that_never_began()
        self.trommel.ok("task", "stop", run)
        self.assertEqual(self.status(), "stopped")
        self.trommel.ok("service", "delete", "s", "--yes")
        self.assertEqual(self.trommel.refused("service", "show", "s")[0], 5)

    def test_stopping_a_service_stops_a_run_that_never_began(self):
        run = self.leave_a_run_that_never_began()
        self.assertEqual(self.trommel.ok("service", "stop", "s")["id"], run)
        self.assertEqual(self.status(), "stopped")

    def test_a_retried_run_goes_on(self):
        run = self.leave_a_run_that_never_began()
        self.trommel.ok("service", "stop", "s")
        self.assertEqual(self.trommel.ok("task", "retry", run, "--wait")[0]["state"], "succeeded")
        self.assertEqual(self.status(), "finished")

    def test_an_old_run_is_not_retried_beside_a_new_one(self):
        run = self.leave_a_run_that_never_began()
        self.trommel.ok("service", "stop", "s")
        self.trommel.data.joinpath("logs").write_text("in the way\n")
        self.trommel.run("service", "start", "s", "--no-wait")
        code, error = self.trommel.refused("task", "retry", run)
        self.assertEqual((code, error["error_code"]), (6, "ModelArts.3519"))

    def test_a_deployment_with_a_bad_or_taken_task_id_leaves_no_service(self):
        self.trommel.ok(*self.deploy("--task-id", TASK, "--wait"))
        for bad, expected in ((TASK, 6), ("xyz", 2), (TASK.upper(), 2)):
            code, error = self.trommel.refused(*self.deploy("--task-id", bad, name="other"))
            self.assertEqual((code, error["pointer"]), (expected, "/task_id"))
        self.assertEqual([row["name"] for row in self.trommel.ok("service", "list")], ["s"])

    def test_a_start_with_a_taken_task_id_leaves_the_service_as_it_was(self):
        self.trommel.ok(*self.deploy("--task-id", TASK, "--wait"))
        before = self.trommel.ok("service", "show", "s")
        self.assertEqual(self.trommel.refused("service", "start", "s", "--task-id", TASK)[0], 6)
        self.assertEqual(self.trommel.ok("service", "show", "s"), before)

    def test_a_complete_run_is_not_resumed(self):
        self.trommel.ok(*self.deploy("--wait"))
        code, error = self.trommel.refused("service", "restart", "s", "--resume")
        self.assertEqual((code, error["detail"]), (6, "service-state"))
        self.assertEqual(self.status(), "finished")
        code, error = self.trommel.refused("service", "restart", "s", "--resume", "--task-id", TASK)
        self.assertEqual((code, error["pointer"]), (2, "/task_id"))

    def test_resume_goes_on_with_the_filtering_after_a_run(self):
        tasks = self.trommel.ok(*self.deploy("--hard-examples", "--create", "hard", "--wait"))
        self.assertEqual([task["kind"] for task in tasks], ["run_batch", "mine_hard"])
        # the output dataset of the next run's filtering is of another type by then
        self.trommel.ok("dataset", "delete", "hard", "--yes")
        self.trommel.ok("dataset", "create", "hard", "--type", "det")
        done = self.trommel.run("service", "start", "s", "--wait", "--json")
        self.assertEqual(done.code, 8)
        self.assertEqual([task["state"] for task in done.json], ["succeeded", "failed"])
        self.assertEqual(done.json[1]["error"]["detail"], "dataset-type-mismatch")
        self.trommel.ok("dataset", "delete", "hard", "--yes")
        again = self.trommel.ok("service", "restart", "s", "--resume", "--wait")
        self.assertEqual([(task["id"], task["state"]) for task in again], [(done.json[1]["id"], "succeeded")])
        self.assertEqual(self.status(), "finished")
        self.assertEqual(self.trommel.refused("service", "restart", "s", "--resume")[0], 6)

    def test_a_run_whose_input_is_gone_fails_and_says_why(self):
        self.trommel.ok(*self.deploy("--wait"))
        moved = self.folder / "moved"
        (self.folder / "in").rename(moved)
        self.addCleanup(moved.rename, self.folder / "in")
        done = self.trommel.run("service", "start", "s", "--wait", "--json")
        self.assertEqual((done.code, done.json[0]["state"]), (8, "failed"))
        shown = self.trommel.ok("service", "show", "s")
        self.assertEqual(shown["status"], "failed")
        self.assertIn(str(self.folder / "in"), shown["error_message"])
        events = self.trommel.ok("service", "events", "s")
        self.assertEqual((events[-1]["type"], events[-1]["event"]), ("abnormal", shown["error_message"]))

    def test_the_events_tell_the_story(self):
        self.trommel.ok(*self.deploy("--wait"))
        self.trommel.ok("service", "start", "s", "--wait")
        events = [row["event"] for row in self.trommel.ok("service", "events", "s")]
        self.assertEqual(
            events,
            [
                "the run began",
                "12 images predicted, 0 failed, 0 files skipped",
                "started again: the whole input, current settings",
                "the run began",
                "12 images predicted, 0 failed, 0 files skipped",
            ],
        )


if __name__ == "__main__":
    road.main()
