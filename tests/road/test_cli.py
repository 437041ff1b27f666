#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The command line keeps its word: help, JSON, tables for programs, ids, exit codes, settings, workers, two at once."""
import json
import re
import shutil
import subprocess
import threading
import time
import unittest

import road

IMAGES = 24
GLOBAL_OPTIONS = {
    "--data", "--server", "--cacert", "--project", "--json", "--quiet", "--columns", "--sort", "--no-header", "--progress", "--wait", "--no-wait",
    "--timeout", "--yes", "--dry-run", "--verbose", "--help",
}  # fmt: skip
OF_ROUTES = {"--sort", "--timeout", "--project"}  # a route may do these itself


def without_disk(lines):
    """How much is free changes while other programs write."""
    return [line for line in lines if not line.startswith("disk\t")]


class CliTest(unittest.TestCase):
    """All tests share one data folder with a finished service, a dataset of hard examples and a version."""

    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        road.make_pictures(cls.folder / "in", IMAGES)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.trommel.import_garments()
        cls.trommel.ok("service", "deploy", "--name", "s", "--model", "garments", "--input", cls.folder / "in",
                       "--output", cls.folder / "out", "--hard-examples", "--create", "hard",
                       "--algo-hard-threshold", 0, "--wait")  # fmt: skip
        cls.do = staticmethod(cls.trommel.run)
        first = cls.trommel.samples("hard")[0]["id"]
        cls.trommel.ok("samples", "confirm", first)
        cls.decided = cls.trommel.ok("operation", "list")[0]["id"]
        cls.trommel.ok("dataset", "publish", "hard", "--wait")
        for name in ("sent.bin", "gone.bin"):  # as a server leaves what was sent to it
            (cls.trommel.data / "uploads/0" / name).mkdir(parents=True)
            (cls.trommel.data / "uploads/0" / name / name).write_bytes(b"bytes")
        cls.manifest = road.write_manifest(cls.folder / "m.manifest", [road.labeled("/x/1.png", "bag")])
        overview = cls.plain("help").out
        cls.commands = re.findall(r"^  ([a-z][a-z -]*?)  +\S", overview, re.M)

    @classmethod
    def plain(cls, *args, **options):
        """Without --data."""
        trommel = road.Trommel(cls.folder / "data", **options.pop("environment", {}))
        done = subprocess.run([road.PROGRAM, *args], capture_output=True, text=True, env=trommel.environment,
                              stdin=subprocess.DEVNULL, timeout=road.WAIT_SECONDS, **options)  # fmt: skip
        return road.Done(done.returncode, done.stdout, done.stderr)

    def ids(self, *filters):
        return [row["id"] for row in self.trommel.samples("hard", *filters)]

    # ---- help ----

    def test_the_overview_lists_the_commands_and_calls_none_twice(self):
        self.assertGreater(len(self.commands), 30)
        self.assertEqual(len(set(self.commands)), len(self.commands))
        for given in ((), ("--help",), ("-h",), ("help",)):
            done = self.plain(*given)
            self.assertEqual((done.code, done.err), (0, ""))
            self.assertIn("trommel demo", done.out)

    def test_every_command_explains_itself_and_names_its_options(self):
        document = (road.SOURCE / "docs/cli.md").read_text()
        for command in self.commands:
            with self.subTest(command=command):
                done = self.plain(*command.split(), "--help")
                self.assertEqual((done.code, done.err), (0, ""))
                self.assertTrue(done.out.startswith(f"trommel {command}"))
                named = set(re.findall(r"^  (--[a-z][a-z-]*)", done.out, re.M))
                arguments = {"--" + name.lower() for name in re.findall(r"^  ([A-Z]+) ", done.out, re.M)}
                self.assertLessEqual(GLOBAL_OPTIONS, named | arguments & OF_ROUTES)
                section = document.split(f"\n## trommel {command}\n")[1].split("\n## ")[0]
                documented = set(re.findall(r"^\| `(--[a-z-]+)", section, re.M))
                self.assertEqual(named - GLOBAL_OPTIONS, documented - OF_ROUTES)
                self.assertEqual(self.plain("help", *command.split()).out, done.out)
                # what every command has is tried once
                for option in named - GLOBAL_OPTIONS if command != self.commands[0] else named:
                    refused = self.plain(*command.split(), option + "x" * 9, "--json")
                    self.assertEqual(refused.code, 2)

    def test_a_group_of_commands_lists_its_own(self):
        for given in (("service",), ("service", "--help"), ("help", "service")):
            done = self.plain(*given)
            self.assertEqual(done.code, 0)
            self.assertIn("service deploy", done.out)
            self.assertNotIn("dataset", done.out.split("\n")[0])

    def test_topics_are_explained(self):
        for topic in ("exit-codes", "environment", "filters", "formatting", "manifest", "reasons"):
            self.assertEqual(self.plain("help", topic).code, 0)
        self.assertEqual(len(self.plain("help", "reasons").out.splitlines()), 31)
        codes = re.findall(r"^(\d+) ", self.plain("help", "exit-codes").out, re.M)
        self.assertLessEqual({"0", "1", "2", "3", "4", "5", "6", "8", "10", "130"}, set(codes))

    # ---- mistakes ----

    def test_typing_errors_get_a_suggestion_and_exit_2(self):
        for given, words in (
            (("services", "list"), "service list"),
            (("dataset", "lst"), "dataset list"),
            (("versions",), "version"),
            (("service", "deploy", "--nmae", "x"), "--name"),
            (("samples", "list", "hard", "--limt=3"), "--limit"),
        ):
            with self.subTest(given=given):
                done = self.plain(*given)
                self.assertEqual((done.code, done.out), (2, ""))
                self.assertIn("did you mean", done.err)
                self.assertIn(words, done.err)

    def test_what_is_missing_or_too_much_is_named_with_exit_2(self):
        for given, words in (
            (("service", "deploy", "--model", "m"), "name"),
            (("service", "show"), "service"),
            (("service", "show", "a", "b"), "'b'"),
            (("samples", "list", "hard", "--limit", "many"), "limit"),
            (("samples", "list", "hard", "--limit", "0"), "limit"),
            (("samples", "list", "hard", "--limit", "1001"), "1000"),
            (("samples", "list", "hard", "--state", "lost"), "unlabeled"),
            (("samples", "list", "hard", "--cursor", "bogus"), "cursor"),
            (("samples", "confirm"), "ids"),
            (("task", "list", "--progress", "loud"), "--progress"),
            (("help", "nonsense"), "nonsense"),
            (("nonsense",), "nonsense"),
        ):
            with self.subTest(given=given):
                done = self.do(*given) if given[0] not in ("help", "nonsense") else self.plain(*given)
                self.assertEqual((done.code, done.out), (2, ""), done)
                self.assertIn(words, done.err)

    def test_an_option_without_its_value_is_named(self):
        for option in ("--name", "--input", "--data"):
            done = self.plain("service", "deploy", option)
            self.assertEqual((done.code, done.out), (2, ""))
            self.assertIn(f"'{option}'", done.err)

    def test_mistakes_are_json_when_json_is_wanted(self):
        for given in (
            ("nonsense", "--json"), ("--json", "nonsense"), ("--json",), ("help", "nonsense", "--json"),
            ("service", "list", "--bogus", "--json"), ("service", "list", "--json", "--bogus"),
            ("service", "show", "nobody", "--json"), ("samples", "list", "hard", "--limit", "0", "--json=id"),
        ):  # fmt: skip
            with self.subTest(given=given):
                done = self.plain(*given, environment={"TROMMEL_DATA": str(self.trommel.data)})
                self.assertEqual(done.out, "")
                self.assertIn(done.code, (2, 5))
                (line,) = done.err.splitlines()
                error = json.loads(line)["error"]
                self.assertIn(error["code"], ("invalid", "not-found"))
                self.assertTrue(error["message"])

    def test_options_of_every_command_may_stand_before_it(self):
        wanted = self.do("samples", "list", "hard", "--json").out
        data = str(self.trommel.data)
        for given in (
            ("--data", data, "--json", "samples", "list", "hard"),
            ("--json", f"--data={data}", "samples", "list", "hard"),
            ("--progress", "none", "--data", data, "samples", "list", "--json", "hard"),
        ):
            self.assertEqual(self.plain(*given).out, wanted)

    # ---- what goes to standard output ----

    def examples(self):
        """A use of each command that changes nothing that others need."""
        service = ("--model", "garments", "--input", self.folder / "in", "--output", self.folder / "out-json", "--wait")
        some = self.ids("--state", "tbc")[:4]
        self.password = self.folder / "password"
        self.password.write_text("correct horse\n")
        task = self.trommel.ok("task", "list", "--kind", "run_batch")[-1]["id"]
        mined = self.trommel.ok("task", "list", "--kind", "mine_hard")[-1]["id"]
        result = self.trommel.ok("service", "results", "s", "--limit", 1)[0]["id"]
        run = result.split("-")[0]
        compared = self.trommel.ok("dataset", "duplicates", "hard", "--wait")[0]["id"]
        self.trommel.run("dataset", "create", "target")  # there already when it is asked again
        merged = self.trommel.ok("dataset", "merge", "hard", "--into", "target", "--wait")[0]["id"]
        return {
            "api": ["GET", "datasets"], "completion": ["bash"], "config list": ["--origin"], "init": [], "login": None, "logout": None,
            "status": [], "audit list": [], "dataset create": ["fresh"], "dataset delete": ["fresh", "--yes"], "dataset import": ["fresh", self.manifest, "--wait"],
            "dataset duplicates": ["hard", "--wait"], "task duplicates": [compared],
            "dataset merge": ["hard", "--into", "target", "--wait"], "task merged": [merged],
            "dataset label create": ["fresh", "new"], "dataset label edit": ["fresh", "new", "--name", "newer"], "dataset label list": ["fresh"],
            "dataset label merge": ["fresh", "newer", "--into", "x", "--preview"], "dataset label delete": ["fresh", "newer", "--yes"],
            "dataset features": ["fresh", "--wait"], "dataset histograms": ["fresh"],
            "dataset export": ["fresh", self.folder / "exported", "--format", "csv", "--wait"],
            "dataset list": [], "dataset publish": ["fresh", "--wait"], "dataset sources": ["hard"], "dataset show": ["hard"], "dataset versions": ["hard"],
            "demo": None, "demo load": None, "path show": [self.folder / "in"], "doctor": [], "help": ["exit-codes"],
            "mine": ["--images", self.folder / "in", "--predictions", self.folder / "out", "-o", self.folder / "mined.manifest"], "model delete": ["copy", "--yes"],
            "model import": [road.SOURCE / "demo/garments.onnx", "--name", "copy"], "model list": [],
            "model show": ["garments"], "model test": ["garments", self.folder / "in/0000.png"],
            "operation list": ["--dataset", "hard"], "operation redo": [self.decided], "operation show": [self.decided],
            "operation undo": [self.decided], "project create": ["side"], "project delete": ["side", "--yes"], "project list": [],
            "project show": ["side"],
            "sample filter": ["s", "--create", "filtered", "--wait"], "sample sync": ["s", "--create", "synced", "--wait"],
            "sample tasks": ["s"], "samples annotate": [some[0], "--hard"], "samples facets": ["hard", "--state", "tbc"],
            "samples history": [self.ids("--state", "labeled")[0]], "samples clear-hard": [some[0]], "samples confirm": [some[1]], "samples exclude": [some[2]],
            "samples explain": [some[0]], "samples similar": [some[0], "--in", "dataset"],
            "samples include": [some[2]], "samples list": ["hard"], "samples mark-hard": [some[0]], "samples reject": [some[3]],
            "samples show": [some[0]], "serve": None, "service delete": ["other", "--yes"], "service deploy": ["--name", "other", *service],
            "service events": ["s"], "service hard disable": ["other"], "service hard enable": ["other", "--create", "h"],
            "service hard show": ["s"], "service list": [], "service restart": ["other", "--no-wait"], "service results": ["s"],
            "service estimate": ["s"], "service run": ["s", run], "service runs": ["s"], "service result": ["s", result],
            "service show": ["s"], "service start": ["other", "--wait"], "service stop": ["other"], "task list": [],
            "task logs": ["the background task"], "task report": [mined], "task retry": [task], "task show": [task], "task stop": [task], "task wait": [task],
            "token create": ["t", "--user", "ada"], "token delete": ["the token's id", "--yes"], "token list": [],
            "user add": ["ada", "--role", "admin", "--password-file", self.password], "user delete": ["ada", "--yes"],
            "user edit": ["ada", "--disabled=false"], "user list": [], "user password": ["ada", "--password-file", self.password],
            "upload delete": ["gone.bin", "--yes"], "upload list": [], "upload show": ["sent.bin"],
            "user show": ["ada"], "version": [], "whoami": [],
            "dataset edit": ["hard", "--description", "more"], "dataset use": ["fresh", "V001"], "dataset version show": ["fresh", "V001"],
            "dataset version diff": ["fresh", "V001", "V001"],
            "dataset version delete": ["fresh", "V001", "--yes"], "service edit": ["other", "--threads", 2], "settings": [],
        }  # fmt: skip

    def test_json_is_one_document_on_every_command(self):
        examples = self.examples()
        self.assertEqual(sorted(examples), sorted(self.commands))
        order = ["model import", "model delete", "dataset create", "dataset import", "dataset label create", "dataset label edit", "dataset label merge",
                 "dataset label delete", "dataset export", "dataset publish", "dataset features", "dataset histograms", "dataset use",
                 "dataset version show", "dataset version diff", "dataset version delete", "dataset delete",
                 "service deploy", "service hard enable", "service hard disable", "service start", "service restart",
                 "user add", "user edit", "user password", "token create", "operation undo", "operation redo",
                 "project create"]  # fmt: skip
        last = ["task logs", "service stop", "service delete", "token delete", "user delete", "project delete"]
        order += [name for name in examples if name not in order and name not in last] + last
        failing = {"dataset version delete", "task retry", "task stop", "service stop", "user delete"}  # the current version; their task has succeeded; the last administrator stays
        for command in order:
            with self.subTest(command=command):
                if examples[command] is None:
                    continue
                if command == "task logs":
                    background = self.trommel.ok("task", "list", "--kind", "run_batch")[0]["id"]
                    self.assertEqual(self.do("task", "wait", background).code, 0)
                    examples[command] = [background]
                if command == "token delete":
                    examples[command][0] = self.trommel.ok("token", "list")[0]["id"]
                done = self.do(*command.split(), *examples[command], "--json")
                if command in failing:
                    self.assertEqual((done.code, done.out), (6, ""), done)
                    self.assertIn("message", done.error)
                    continue
                self.assertEqual(done.code, 0, done)
                self.assertIsInstance(done.json, (dict, list))
                self.assertTrue(done.out.endswith("\n"))

    def test_help_is_json_too(self):
        self.assertIn("trommel version", self.do("version", "--help", "--json").json["text"])
        self.assertIn("service deploy", self.do("help", "service", "--json").json["text"])

    def test_json_takes_fields_and_lines(self):
        whole = self.trommel.ok("samples", "list", "hard", "--limit", 5)
        some = self.do("samples", "list", "hard", "--limit", 5, "--json=id,evidence.1.strength,none").json
        self.assertEqual([list(row) for row in some], [["id", "evidence.1.strength", "none"]] * 5)
        self.assertEqual([row["id"] for row in some], [row["id"] for row in whole])
        self.assertEqual(some[1]["evidence.1.strength"], whole[1]["evidence"]["1"]["strength"])
        lines = self.do("samples", "list", "hard", "--limit", 5, "--json=lines").out.splitlines()
        self.assertEqual([json.loads(line) for line in lines], whole)

    def test_piped_lists_are_tab_separated_with_a_header(self):
        for command, header in (
            (("dataset", "list"), "name dataset_type samples unlabeled to_be_confirmed labeled hard current_version id"),
            (("model", "list"), None),
            (("service", "list"), "id name status model images failed input updated"),
            (("service", "events", "s"), "time type event"),
            (("service", "runs", "s"), "id images failed skipped finished results"),
            (("samples", "list", "hard"), "id state hard_coefficient reasons labels source"),
            (("task", "list"), None),
            (("doctor",), "name is_ok found"),
        ):
            with self.subTest(command=command):
                lines = self.do(*command).out.splitlines()
                if header:
                    self.assertEqual(lines[0], header.replace(" ", "\t"))
                columns = lines[0].count("\t")
                self.assertTrue(all(line.count("\t") == columns for line in lines))
                self.assertGreater(len(lines), 1)
                again = self.do(*command, "--no-header").out.splitlines()
                self.assertEqual(without_disk(again), without_disk(lines[1:]))
                self.assertNotIn("\x1b", "".join(lines))

    def test_columns_are_picked_and_ordered(self):
        rows = self.trommel.ok("samples", "list", "hard", "--limit", 3)
        lines = self.do("samples", "list", "hard", "--limit", 3, "--columns", "source,id,width").out.splitlines()
        self.assertEqual(lines, ["source\tid\twidth"] + [f"{row['source']}\t{row['id']}\t{row['width']}" for row in rows])

    def test_piped_values_are_whole(self):
        source = "/" + "/".join(["very-long-folder-name" * 10] * 12) + "/äöü.png"
        labels = [f"label-number-{i:03}-with-a-long-name" for i in range(40)]
        line = {"source": source, "annotation": [{"type": "modelarts/image_classification", "name": name} for name in labels]}
        self.trommel.ok("dataset", "create", "long")
        self.trommel.ok("dataset", "import", "long", road.write_manifest(self.folder / "long.manifest", [line]), "--wait")
        done = self.do("samples", "list", "long", "--columns", "source,labels")
        self.assertEqual(done.out.splitlines()[1].split("\t"), [source, ", ".join(labels)])
        shown = self.do("samples", "show", self.trommel.samples("long")[0]["id"])
        self.assertIn(f"source\t{source}\n", shown.out)
        self.trommel.ok("dataset", "delete", "long", "--yes")

    def test_quiet_prints_ids_only(self):
        self.assertEqual(self.do("samples", "list", "hard", "-q").out.split(), self.ids())
        self.assertEqual(self.do("service", "list", "--quiet").out.split(), [row["id"] for row in self.trommel.ok("service", "list")])
        self.assertEqual(self.do("dataset", "versions", "hard", "-q").out.split(), ["V001"])
        examples = self.examples()
        for command in self.commands:
            if command.split()[-1] in ("list", "show", "events", "results", "versions", "tasks", "version", "doctor", "test", "runs", "history", "explain", "similar"):
                for line in self.do(*command.split(), *examples[command], "-q").out.splitlines():
                    self.assertTrue(line.strip(), f"{command} -q printed an empty line")

    def test_versions_are_told(self):
        self.assertRegex(self.plain("--version").out, r"^trommel \d+\.\d+\.\d+\n$")
        shown = self.trommel.ok("version")
        self.assertLessEqual({"trommel", "onnxruntime", "yyjson"}, set(shown))
        self.assertIn(shown["trommel"], self.plain("--version").out)

    def test_the_doctor_finds_this_machine_able(self):
        done = self.do("doctor", "--json")
        self.assertEqual((done.code, [row["name"] for row in done.json if not row["is_ok"]]), (0, []))
        (self.folder / "a file").write_text("")
        bad = road.Trommel(self.folder / "a file").run("doctor", "--json")
        self.assertEqual(bad.code, 1)
        (row,) = [row for row in bad.json if row["name"] == "data folder"]
        self.assertFalse(row["is_ok"])
        self.assertTrue(row["advice"])

    def test_a_full_disk_under_the_output_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([road.PROGRAM, "help", "reasons"], stdout=full, stderr=subprocess.PIPE, env=road.ENVIRONMENT)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write the output", done.stderr)

    # ---- on a terminal ----

    def test_a_terminal_shows_aligned_tables_with_short_ids(self):
        rows = self.trommel.ok("samples", "list", "hard", "--limit", 3)
        code, shown = self.trommel.on_terminal("samples", "list", "hard", "--limit", 3)
        lines = shown.splitlines()
        self.assertEqual((code, lines[0].split()), (0, ["ID", "STATE", "COEFFICIENT", "REASONS", "LABELS", "SOURCE"]))
        self.assertEqual([line[:8] for line in lines[1:4]], [row["id"][:8] for row in rows])
        self.assertEqual({line.index("/") for line in lines[1:4]}, {lines[0].index("SOURCE")})

    def test_on_a_terminal_work_is_waited_for_and_what_comes_next_is_said(self):
        code, shown = self.trommel.on_terminal("sample", "filter", "s", "--create", "filtered-here", "--algo-hard-threshold", 0)
        self.assertEqual(code, 0, shown)
        self.assertIn("✓ Dataset imported", shown)
        self.assertIn("Low confidence", shown)
        self.assertIn("Next: trommel samples list filtered-here --state tbc", shown)
        self.assertIn("\r", shown)  # a bar

    def test_on_a_terminal_a_deletion_asks_and_takes_no_for_an_answer(self):
        self.trommel.ok("dataset", "create", "dear")
        code, shown = self.trommel.on_terminal("dataset", "delete", "dear", text="n\n")
        self.assertEqual(code, 130)
        self.assertIn("dataset delete dear? [y/N]", shown)
        self.trommel.ok("dataset", "show", "dear")
        self.assertEqual(self.trommel.on_terminal("dataset", "delete", "dear", text="y\n")[0], 0)
        self.assertEqual(self.trommel.refused("dataset", "show", "dear")[0], 5)

    # ---- settings ----

    def data_of(self, *args, home=None, **environment):
        """The data folder that the doctor finds, and where it was said."""
        trommel = road.Trommel(self.folder / "unused")
        variables = dict(trommel.environment, HOME=str(home or self.folder / "home"), **environment)
        done = subprocess.run([road.PROGRAM, "doctor", *args, "--json=name,found"], capture_output=True, text=True, env=variables)
        (found,) = [row["found"] for row in json.loads(done.stdout) if row["name"] == "data folder"]
        return found

    def test_the_nearest_word_on_the_data_folder_wins(self):
        home, config = self.folder / "h", self.folder / "c"
        (config / "trommel").mkdir(parents=True)
        (home / ".config/trommel").mkdir(parents=True)
        said = {name: str(self.folder / "said" / name) for name in ("option", "variable", "file", "xdg", "home")}
        self.assertIn(f"{home}/.local/share/trommel", self.data_of(home=home))
        self.assertIn(f"{said['xdg']}/trommel", self.data_of(home=home, XDG_DATA_HOME=said["xdg"]))
        (home / ".config/trommel/config").write_text(f"data = {said['home']}\n")
        self.assertIn(said["home"] + " (", self.data_of(home=home, XDG_DATA_HOME=said["xdg"]))
        (config / "trommel/config").write_text(f"# mine\n\n  data={said['file']}  \nlog_level = info\n")
        found = self.data_of(home=home, XDG_CONFIG_HOME=str(config))
        self.assertEqual(found, f"{said['file']} ({config}/trommel/config)")
        found = self.data_of(home=home, XDG_CONFIG_HOME=str(config), TROMMEL_DATA=said["variable"])
        self.assertEqual(found, f"{said['variable']} (TROMMEL_DATA)")
        found = self.data_of("--data", said["option"], home=home, XDG_CONFIG_HOME=str(config), TROMMEL_DATA=said["variable"])
        self.assertEqual(found, f"{said['option']} (--data)")

    def test_a_bad_settings_file_is_named_with_its_line(self):
        config = self.folder / "bad"
        (config / "trommel").mkdir(parents=True)
        for text, words in (("data = /x\ndatta = /y\n", "line 2: there is no setting 'datta'"), ("data\n", "line 1")):
            (config / "trommel/config").write_text(text)
            done = self.plain("service", "list", environment={"XDG_CONFIG_HOME": str(config)})
            self.assertEqual((done.code, done.out), (2, ""))
            self.assertIn(f"{config}/trommel/config {words}", done.err)

    def test_a_database_elsewhere_is_named_without_its_password(self):
        url = "postgresql://anna:sesame@/garden?host=/no/such/folder"
        done = self.plain("service", "list", "--data", self.folder / "elsewhere", environment={"TROMMEL_DATABASE": url})
        self.assertEqual((done.code, done.out), (1, ""))
        self.assertIn("garden", done.err)
        self.assertNotIn("sesame", done.err)
        for wrong in ("postgres://anna:sesame@host/garden", "postgresql://anna:s@sesame@host/garden", "sesame"):
            done = self.plain("service", "list", "--data", self.folder / "elsewhere", environment={"TROMMEL_DATABASE": wrong})
            self.assertEqual(done.code, 2, done)
            self.assertNotIn("sesame", done.err)

    def test_a_folder_with_a_database_of_its_own_takes_no_other(self):
        done = self.plain("service", "list", "--data", self.trommel.data,
                          environment={"TROMMEL_DATABASE": "postgresql:///garden"})  # fmt: skip
        self.assertEqual(done.code, 6, done)
        self.assertIn("trommel.db", done.err)

    def test_options_have_twins_in_the_environment_and_win_over_them(self):
        self.assertEqual(len(self.do("samples", "list", "hard", "--json", TROMMEL_LIMIT="2").json), 2)
        self.assertEqual(len(self.do("samples", "list", "hard", "--json", "--limit", 3, TROMMEL_LIMIT="2").json), 3)
        self.assertEqual(self.do("samples", "list", "hard", TROMMEL_LIMIT="two").code, 2)
        self.assertEqual(self.do("task", "logs", "0", TROMMEL_FOLLOW="perhaps").code, 2)  # an option beside the route's

    def test_a_relative_data_folder_means_the_current_folder(self):
        done = subprocess.run([road.PROGRAM, "service", "list", "-q", "--data", "data"], capture_output=True, cwd=self.folder,
                              env=self.trommel.environment)  # fmt: skip
        self.assertEqual(done.returncode, 0)
        self.assertGreater(len(done.stdout), 0)

    # ---- long work ----

    def test_work_in_the_background_ends_and_can_be_waited_for(self):
        done = self.do("service", "deploy", "--name", "background", "--model", "garments", "--input", self.folder / "in",
                        "--output", self.folder / "out-background", "--no-wait", "--json")  # fmt: skip
        self.assertEqual(done.code, 0)
        waited = self.do("task", "wait", done.json["id"], "--json")
        self.assertEqual((waited.code, waited.json[0]["state"]), (0, "succeeded"), waited)
        self.assertEqual(waited.json[0]["result"]["images"], IMAGES)
        self.assertEqual(self.trommel.ok("service", "show", "background")["status"], "finished")
        again = self.do("task", "wait", done.json["id"][:10], "--json")
        self.assertEqual((again.code, again.json), (0, waited.json))

    def test_relative_paths_mean_the_same_in_the_background(self):
        done = self.do("service", "deploy", "--name", "relative", "--model", "garments", "--input", "in", "--output", "out-rel",
                        "--no-wait", "-q", cwd=self.folder)  # fmt: skip
        self.assertEqual(self.do("task", "wait", done.out.strip()).code, 0)
        self.assertEqual(self.trommel.ok("service", "show", "relative")["output"], str(self.folder / "out-rel"))

    def test_a_failed_task_ends_with_8_and_tells_the_code_and_what_to_do(self):
        (self.folder / "empty").mkdir()
        deploy = ("service", "deploy", "--name", "nothing", "--model", "garments", "--input", self.folder / "empty",
                  "--output", self.folder / "out-nothing", "--wait")  # fmt: skip
        done = self.do(*deploy)
        self.assertEqual(done.code, 8)
        self.assertIn("[ModelArts.3845]", done.err)
        self.assertIn("check its input path", done.err)

    def test_progress_is_told_on_standard_error_in_the_form_that_was_asked_for(self):
        filtering = ("sample", "filter", "s", "--create", "filtered", "--wait")
        told = self.do(*filtering, "--progress", "json").err.splitlines()
        stages = {json.loads(line)["stage"] for line in told if line.startswith("{")}
        self.assertGreater(len(stages), 0)
        for line in told:
            self.assertEqual(json.loads(line)["type"], "progress")
        self.assertEqual(self.do(*filtering, "--progress", "none").err, "")
        self.assertNotIn("\r", self.do(*filtering).err)

    # ---- two at once ----

    def test_decisions_of_two_people_at_once_are_all_kept(self):
        data = self.folder / "shared"
        shutil.copytree(self.trommel.data, data)
        trommel = road.Trommel(data)
        ids = [row["id"] for row in trommel.samples("hard", "--state", "tbc")]
        outcomes = []

        def decide(some, who):
            for sample in some:
                outcomes.append(trommel.run("samples", "confirm", sample, "--by", who, "--json").code)

        people = [threading.Thread(target=decide, args=(ids[i::3], f"person{i}")) for i in range(3)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        self.assertEqual(outcomes, [0] * len(ids))
        by = {row["id"]: row["labels"][0]["annotated_by"] for row in trommel.samples("hard", "--state", "labeled")}
        for i, sample in enumerate(ids):
            self.assertEqual(by[sample], f"human/person{i % 3}")
        self.assertEqual(trommel.ok("dataset", "show", "hard")["to_be_confirmed"], 0)

    def test_two_services_run_at_once_on_one_data_folder(self):
        processes = [
            self.trommel.start("service", "deploy", "--name", f"twin{i}", "--model", "garments", "--input", self.folder / "in",
                               "--output", self.folder / f"twin{i}", "--wait", "--shard-images", 4)
            for i in range(2)
        ]  # fmt: skip
        for process in processes:
            _, err = process.communicate(timeout=road.WAIT_SECONDS)
            self.assertEqual(process.returncode, 0, err)

    def test_a_new_data_folder_is_made_once_by_many(self):
        trommel = road.Trommel(self.folder / "new/data")
        processes = [trommel.start("dataset", "create", f"d{i}") for i in range(6)]
        for process in processes:
            _, err = process.communicate(timeout=road.WAIT_SECONDS)
            self.assertEqual(process.returncode, 0, err)
        self.assertEqual(len(trommel.ok("dataset", "list")), 6)


if __name__ == "__main__":
    road.main()
