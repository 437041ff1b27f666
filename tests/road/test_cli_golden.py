#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What commands print, word for word, and how they end: the same in process, by a server's socket, and by --server.

Each case is a file of tests/golden/cli; what differs from run to run (ids, times, folders) has a name there.
`test_cli_golden.py PROGRAM SOURCE --rewrite` writes the files anew, from the run in process.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import unittest

REWRITE = "--rewrite" in sys.argv
if REWRITE:
    sys.argv.remove("--rewrite")

import road  # noqa: E402

GOLDEN = road.SOURCE / "tests/golden/cli" if road.SOURCE else None
IMAGES = 6
PASSWORD = "correct horse battery staple"
CHANGING = (
    (re.compile(r"(_seconds\t|_seconds\": ?)[0-9.e-]+"), r"\1SECONDS"),  # before ids: a long fraction looks like one
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "ID32"),
    (re.compile(r"\b(?=[a-z]*\d)[0-9a-z]{19}\b"), "ID19"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "TIME"),
    (re.compile(r"\bnow\b|\b\d+ (?:s|min) ago\b"), "AGO"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "URL"),
    (re.compile(r"(?<=milliseconds\t)[0-9.e-]+"), "MILLISECONDS"),
    (re.compile(r"\(\d+ images/s\)"), "(N images/s)"),
    (re.compile(r"(?<=task retry )[0-9a-f]{8}"), "ID8"),
    (re.compile(r"(?<=trommel )\d+\.\d+\.\d+"), "VERSION"),
)
WAYS = ("in process", "socket", "server")

# name, words, how: "terminal" shows it on one, "input" is typed or piped, "code" is the exit code.
CASES = [
    ("help-command", ["service", "stop", "--help"], {}),
    ("help-group", ["help", "task"], {}),
    ("help-exit-codes", ["help", "exit-codes"], {}),
    ("help-environment", ["help", "environment"], {}),
    ("help-filters", ["help", "filters"], {}),
    ("help-formatting", ["help", "formatting"], {}),
    ("help-json", ["help", "manifest", "--json"], {}),
    ("model-list-tsv", ["model", "list"], {}),
    ("model-list-terminal", ["model", "list", "--columns", "name,version,card.width,labels"], {"terminal": True}),
    ("dataset-list-tsv", ["dataset", "list"], {}),
    ("dataset-list-terminal", ["dataset", "list", "--columns", "name,dataset_type,samples,labeled"], {"terminal": True}),
    ("dataset-list-narrow", ["dataset", "list", "--columns", "name,dataset_type,samples"], {"terminal": True, "COLUMNS": "30"}),
    ("dataset-list-no-header", ["dataset", "list", "--no-header", "--columns", "name,samples"], {}),
    ("dataset-list-json", ["dataset", "list", "--json=name,samples,none"], {}),
    ("dataset-list-lines", ["dataset", "list", "--json=lines", "--columns", "name"], {"fields": ("name", "samples")}),
    ("dataset-list-sorted", ["dataset", "list", "--sort", "-name", "--columns", "name"], {}),
    ("dataset-list-quiet", ["dataset", "versions", "d", "-q"], {}),
    ("dataset-show-terminal", ["dataset", "show", "d"], {"terminal": True}),
    ("samples-list-tsv", ["samples", "list", "one", "--columns", "state,labels,source"], {}),
    ("samples-list-terminal", ["samples", "list", "one", "--columns", "state,labels,source"], {"terminal": True, "COLUMNS": "200"}),
    ("samples-list-page", ["samples", "list", "d", "--columns", "state", "--limit", "2"], {"hide": re.compile(r"(?<=--cursor )\S+")}),
    ("samples-list-nothing", ["samples", "list", "d", "--state", "tbc"], {"terminal": True}),
    ("service-events", ["service", "events", "s", "--columns", "type,event"], {}),
    ("service-runs", ["service", "runs", "s", "--columns", "images,failed,skipped"], {}),
    ("service-results", ["service", "results", "s", "--columns", "state,label,box_count,source"], {}),
    ("service-estimate", ["service", "estimate", "s", "--algo-hard-threshold", "0.4"], {}),
    ("samples-facets", ["samples", "facets", "d"], {"terminal": True}),
    ("samples-history", ["samples", "history", "{sample}", "--columns", "action,samples,state,before.state,after.state"], {}),
    ("operation-list", ["operation", "list", "--columns", "action,samples,state,decided_by"], {"terminal": True}),
    ("operation-show", ["operation", "show", "{operation}", "--columns", "before.state,after.state,revision_after"], {}),
    ("project-list", ["project", "list"], {"terminal": True}),
    ("upload-list", ["upload", "list"], {}),
    ("help-mine", ["mine", "--help"], {}),
    ("help-samples", ["help", "samples"], {}),
    ("help-operation-undo", ["operation", "undo", "--help"], {}),
    ("task-list", ["task", "list", "--columns", "kind,state,items_done", "--sort", "kind"], {}),
    ("api-get", ["api", "GET", "datasets/d/versions"], {}),
    ("api-page", ["api", "GET", "datasets/d/samples?limit=4", "--paginate"], {"count": True}),
    ("dry-run", ["dataset", "create", "no", "--type", "cls", "--labels", "a", "--dry-run"], {}),
    ("wait-for-what-has-ended", ["task", "wait", "{task}", "--progress", "none"], {}),
    ("deploy-terminal", ["service", "deploy", "--name", "t", "--model", "garments", "--input", "{folder}/in", "--output", "{folder}/out-{way}",
                         "--progress", "none"], {"terminal": True}),
    ("exit-2-option", ["dataset", "list", "--colums", "name"], {"code": 2}),
    ("exit-2-command", ["datset", "list"], {"code": 2}),
    ("exit-2-argument", ["samples", "list", "d", "--limit", "1001"], {"code": 2}),
    ("exit-2-json", ["dataset", "create", "d2", "--type", "sound", "--json"], {"code": 2}),
    ("exit-2-without-yes", ["dataset", "delete", "d"], {"code": 2}),
    ("exit-3-some-failed", ["dataset", "import", "d", "{bad}", "--wait", "--progress", "none"], {"code": 3}),
    ("exit-5-not-found", ["dataset", "show", "nothing"], {"code": 5}),
    ("exit-5-json", ["model", "show", "nothing", "--json"], {"code": 5}),
    ("exit-5-path", ["api", "GET", "nothing"], {"code": 5}),
    ("exit-6-conflict", ["dataset", "create", "d", "--type", "cls"], {"code": 6}),
    ("exit-8-task-failed", ["service", "deploy", "--name", "n", "--model", "garments", "--input", "{folder}/empty",
                            "--output", "{folder}/out-{way}-n", "--wait", "--progress", "none"], {"code": 8}),
    ("exit-130-stopped", ["task", "wait", "{stopped}", "--progress", "none"], {"code": 130}),
]  # fmt: skip


class Served:
    """A server on a data folder, and the options that ask it."""

    def __init__(self, trommel, *options):
        self.process = subprocess.Popen(
            trommel.command(["serve", "--listen", "127.0.0.1:0", "--access-log", "none", "--json", *options]),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=trommel.environment,
            cwd=trommel.data.parent,
        )  # fmt: skip
        self.line = json.loads(self.process.stdout.readline())
        self.url = self.line["url"]

    def end(self, signal=None):
        self.process.send_signal(signal or 15)
        self.process.wait(60)
        self.process.stdout.close()


class GoldenTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        road.make_pictures(cls.folder / "in", IMAGES)
        cls.first = road.Trommel(cls.folder / "first")
        t = cls.first
        t.import_garments()
        lines = [road.labeled(cls.folder / f"in/{i:04}.png", ("dress", "coat")[i % 2]) for i in range(IMAGES)]
        t.ok("dataset", "create", "d", "--type", "cls", "--labels", "dress,coat")
        t.ok("dataset", "create", "e", "--type", "cls")
        t.ok("dataset", "import", "d", road.write_manifest(cls.folder / "m.manifest", lines), "--wait")
        t.ok("dataset", "publish", "d", "--wait")
        t.ok("dataset", "create", "one", "--type", "cls")
        t.ok("dataset", "import", "one", road.write_manifest(cls.folder / "one.manifest", lines[:1]), "--wait")
        t.ok("service", "deploy", "--name", "s", "--model", "garments", "--input", cls.folder / "in", "--output", cls.folder / "out",
             "--wait")  # fmt: skip
        t.ok("service", "deploy", "--name", "u", "--model", "garments", "--input", cls.folder / "in", "--output", cls.folder / "out-u",
             "--wait")  # fmt: skip
        cls.task = t.ok("task", "list", "--kind", "run_batch")[0]["id"]
        cls.stopped = cls.stop_one(t)
        cls.sample = t.samples("d")[0]["id"]
        t.ok("samples", "mark-hard", cls.sample)
        cls.operation = t.ok("operation", "list")[0]["id"]
        cls.bad = cls.folder / "bad.manifest"
        cls.bad.write_text('{"source":\n')
        (cls.folder / "empty").mkdir()

    @classmethod
    def stop_one(cls, t):
        """A task that waits, and is stopped: on a server that works on none."""
        server = Served(t, "--task-workers", "0", "--auth", "none", "--roots", cls.folder)
        task = t.ok("service", "start", "u", "--no-wait", "--server", server.url)["id"]
        t.ok("task", "stop", task)
        server.end()
        return task

    def words(self, case, way):
        places = {"folder": self.folder, "sample": self.sample, "operation": self.operation, "task": self.task, "stopped": self.stopped, "bad": self.bad, "way": way.replace(" ", "-")}
        return [word.format(**places) for word in case[1]]

    def plain(self, text, way):
        text = text.replace(str(self.folder / way.replace(" ", "-")), "DATA").replace(str(self.folder), "FOLDER")
        text = text.replace("out-" + way.replace(" ", "-"), "out-WAY")
        for pattern, name in CHANGING:
            text = pattern.sub(name, text)
        return re.sub(r" +(?=\n)", "", text)

    def shown(self, case, way, more):
        """Exit code and output, as the file of the case has them."""
        name, _, how = case
        trommel = self.trommel
        words = self.words(case, way) + more
        if how.get("terminal"):
            trommel.environment["COLUMNS"] = how.get("COLUMNS", "160")
            here = os.getcwd()
            os.chdir(self.folder)
            code, out = trommel.on_terminal(*words)
            os.chdir(here)
            del trommel.environment["COLUMNS"]
            err = ""
        else:
            done = trommel.run(*words, cwd=self.folder)
            code, out, err = done.code, done.out, done.err
        if how.get("fields"):
            rows = [json.loads(line) for line in out.splitlines()]
            out = "".join(json.dumps({field: row[field] for field in how["fields"]}) + "\n" for row in rows)
        if how.get("count"):
            out = "".join(f"{len(json.loads(line)['samples'])} samples\n" for line in out.splitlines())
        if how.get("hide"):
            err = how["hide"].sub("HIDDEN", err)
        self.assertEqual(code, how.get("code", 0), f"{name}: {out}{err}")
        text = f"$ trommel {' '.join(case[1])}\n{out}"
        if err:
            text += f"--- standard error\n{err}"
        return self.plain(text + f"--- exit {code}\n", way)

    def all_cases(self, way, more=()):
        for case in CASES:
            with self.subTest(case=case[0], way=way):
                text = self.shown(case, way, list(more))
                file = GOLDEN / f"{case[0]}.txt"
                if REWRITE and way == WAYS[0]:
                    file.write_text(text)
                self.assertEqual(text, file.read_text())

    def take(self, way):
        data = self.folder / way.replace(" ", "-")
        road.copy_data(self.first.data, data)
        self.trommel = road.Trommel(data)
        return self.trommel

    # ---- three ways ----

    def test_1_commands_print_what_they_printed_in_process(self):
        self.take(WAYS[0])
        if REWRITE:
            shutil.rmtree(GOLDEN, ignore_errors=True)
            GOLDEN.mkdir(parents=True)
        self.all_cases(WAYS[0])
        self.assertEqual({file.stem for file in GOLDEN.iterdir()}, {case[0] for case in CASES})

    def test_2_and_by_the_socket_of_the_server_that_holds_the_folder(self):
        server = Served(self.take(WAYS[1]))
        self.addCleanup(server.process.kill)
        self.assertIn("holds the data folder", self.trommel.run("status", "--verbose").err)
        self.assertEqual(self.trommel.run("status").err, "")
        self.all_cases(WAYS[1])
        server.end()

    def test_3_and_of_a_server_that_is_named(self):
        server = Served(self.take(WAYS[2]), "--auth", "none", "--roots", self.folder)
        self.addCleanup(server.process.kill)
        self.all_cases(WAYS[2], ["--server", server.url])
        self.trommel.environment["TROMMEL_URL"] = server.url
        self.assertIn(f"asking {server.url} (TROMMEL_URL)", self.trommel.run("status", "--verbose").err)
        server.end()

    # ---- the other exit codes ----

    def test_4_denied_without_a_token_and_asked_with_one(self):
        trommel = self.take("people")
        server = Served(trommel)
        self.addCleanup(server.process.kill)
        asked = ["--server", server.url]
        denied = trommel.run("model", "list", *asked)
        self.assertEqual((denied.code, denied.out), (4, ""))
        self.assertIn("trommel login", denied.err)
        body = json.dumps({"name": "anna", "password": PASSWORD, "token": server.line["first_token"]})
        self.assertEqual(trommel.run("api", "POST", "setup", "-d", "-", *asked, text=body).code, 0)
        wrong = trommel.run("login", server.url, "--user", "anna", "--password-file", "-", text="wrong\n")
        self.assertEqual((wrong.code, wrong.out), (4, ""))
        done = trommel.run("login", server.url, "--user", "anna", "--password-file", "-", text=PASSWORD + "\n")
        self.assertEqual(done.code, 0, done)
        kept = pathlib.Path(trommel.environment["HOME"]) / ".config/trommel/credentials"
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        self.assertNotIn(PASSWORD, kept.read_text())
        self.assertEqual(trommel.run("whoami", "--json", *asked).json["user"], "anna")
        self.assertEqual(trommel.run("model", "list", *asked).code, 0)
        secret = json.loads(kept.read_text())["servers"][server.url]["token"]
        kept.chmod(0o644)
        self.assertEqual(trommel.run("model", "list", *asked).code, 4)
        self.assertEqual(trommel.run("model", "list", *asked, TROMMEL_TOKEN=secret).code, 0)
        kept.chmod(0o600)
        self.assertEqual(trommel.run("logout").code, 0)
        self.assertEqual(trommel.run("model", "list", *asked, TROMMEL_TOKEN=secret).code, 4)
        far = trommel.run("model", "list", "--server", "http://192.0.2.1:1", TROMMEL_TOKEN="x")
        self.assertEqual(far.code, 4)  # a token is not sent in the clear
        self.assertIn("https://", far.err)
        server.end()

    def test_5_unreachable_timed_out_and_too_much(self):
        trommel = self.take("codes")
        done = trommel.run("model", "list", "--server", "http://127.0.0.1:1")
        self.assertEqual((done.code, done.out), (7, ""))
        for url in ("ftp://127.0.0.1", "127.0.0.1:8080", "http://anna:pw@127.0.0.1", "http://127.0.0.1/?x=1"):
            self.assertEqual(trommel.run("model", "list", "--server", url).code, 2, url)
        here = trommel.run("serve", "--server", "http://127.0.0.1:1")
        self.assertEqual(here.code, 2)
        server = Served(trommel, "--task-workers", "0", "--auth", "none", "--roots", self.folder)
        self.addCleanup(server.process.kill)
        asked = ["--server", server.url]
        task = trommel.ok("service", "start", "s", "--no-wait", *asked)["id"]
        late = trommel.run("task", "wait", task, "--timeout", 1, "--progress", "none", *asked)
        self.assertEqual((late.code, trommel.ok("task", "show", task, *asked)["state"]), (9, "queued"))
        self.assertIn("goes on", late.err)
        body = self.folder / "much"
        body.write_bytes(b" " * (17 << 20))
        self.assertEqual(trommel.run("api", "POST", "datasets", "-d", f"@{body}", *asked).code, 10)
        # By the socket of a server that works on no tasks, a process of ours does.
        ended = trommel.run("task", "wait", task, "--progress", "none")
        self.assertEqual(ended.code, 0, ended)
        server.end()

    # ---- a server that dies ----

    def test_6_a_server_that_was_killed_leaves_a_socket_that_nobody_minds(self):
        trommel = self.take("killed")
        server = Served(trommel)
        self.addCleanup(server.process.kill)
        socket = trommel.data / "trommel.sock"
        self.assertEqual(socket.stat().st_mode & 0o777, 0o600)
        second = trommel.run("serve", "--listen", "127.0.0.1:0")
        self.assertEqual(second.code, 6)
        self.assertIn(str(server.process.pid), second.err)
        server.end(9)
        self.assertTrue(socket.exists())
        done = trommel.run("dataset", "list", "-q", "--verbose")
        self.assertEqual((done.code, done.err), (0, ""))
        again = Served(trommel)
        self.addCleanup(again.process.kill)
        self.assertIn("holds the data folder", trommel.run("dataset", "list", "--verbose").err)
        again.end()
        self.assertFalse(socket.exists())

    # ---- completion and man pages ----

    def complete(self, *words):
        done = subprocess.run([road.PROGRAM, "complete", "--", *words], capture_output=True, text=True, env=self.trommel.environment)
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    def test_7_words_options_values_and_names_are_completed(self):
        self.take("words")
        data = ["--data", str(self.trommel.data)]
        self.assertIn("service", self.complete("se"))
        self.assertIn("deploy", self.complete("service", ""))
        self.assertEqual(self.complete("service", "hard", "en"), ["enable"])
        self.assertIn("--model", self.complete("service", "deploy", "--mod"))
        self.assertEqual(self.complete("completion", ""), ["bash", "zsh", "fish"])
        self.assertIn("json", self.complete("--progress", ""))
        self.assertEqual(self.complete(*data, "service", "show", ""), ["u", "s"])
        self.assertEqual(self.complete(*data, "service", "deploy", "--model", "g"), ["garments"])
        self.assertEqual(self.complete("service", "show", ""), [])
        home = pathlib.Path(self.trommel.environment["HOME"])
        self.assertFalse((home / ".local/share/trommel").exists(), "a data folder was made only to complete a word")
        for hidden in ("complete", "docs", "man"):
            self.assertNotIn(hidden, self.complete(""))

    def test_8_scripts_of_the_shells_work(self):
        self.take("shells")
        asks = {
            "bash": 'COMP_WORDS=(trommel model im); COMP_CWORD=2; _trommel; printf "%s\\n" "${COMPREPLY[@]}"',
            "zsh": '_describe() { local -a found=("${(@P)2}"); print ${found%%:*}; }; words=(trommel model im); CURRENT=3; _trommel',
            "fish": "complete -C 'trommel model im' | string split -f1 \\t",
        }
        for shell, ask in asks.items():
            script = self.folder / f"script.{shell}"
            script.write_text(self.trommel.run("completion", shell).out)
            if not shutil.which(shell):
                road.note(f"no {shell} here: its script is only printed")
                self.assertIn("complete --", script.read_text())
                continue
            path = f"{road.PROGRAM.parent}:{os.environ['PATH']}"
            done = subprocess.run([shell, "-c", f"source {script}; {ask}"], capture_output=True, text=True, env=dict(self.trommel.environment, PATH=path))
            self.assertEqual((done.stdout.split(), done.stderr), (["import"], ""), shell)

    def test_9_man_pages_are_sound_roff(self):
        if not shutil.which("groff"):
            self.skipTest("no groff to read man pages with")
        self.take("pages")
        pages = self.folder / "man"
        self.assertEqual(self.trommel.run("man", pages).code, 0)
        names = {page.name for page in pages.iterdir()}
        self.assertLessEqual({"trommel.1", "trommel-service.1", "trommel-samples.1", "trommel-serve.1"}, names)
        for page in sorted(pages.iterdir()):
            done = subprocess.run(["groff", "-man", "-Tutf8", "-Kutf8", "-ww", page], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), page.name)
            shown = re.sub("\x1b\\[[0-9;]*m|.\b", "", done.stdout)  # no bold letters
            self.assertIn("EXIT STATUS", shown)
            self.assertIn(f"{page.stem}(1)".upper(), shown)


if __name__ == "__main__":
    road.main()
