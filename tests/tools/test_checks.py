#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The checkers of tools/ find what they are there to find: each test plants one fault in a small tree."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
TABLE = "| layer | modules | may include |\n|---|---|---|\n| 1 | `store` | `base` |\n| 0 | `base` | |\n"


class TreeTest(unittest.TestCase):
    tool = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.write("ARCHITECTURE.md", TABLE)
        self.write("src/base/text.h", SPDX + "\n#ifndef BASE_TEXT_H\n#define BASE_TEXT_H\n#endif\n")
        self.write("src/store/store.c", SPDX + '\n#include "base/text.h"\n')

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_tool(self):
        return subprocess.run(["/usr/bin/python3", TOOLS / self.tool, self.root], capture_output=True, text=True)

    def assert_fault(self, expected):
        done = self.run_tool()
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(expected, done.stdout)


class LayersTest(TreeTest):
    tool = "check_layers.py"

    def test_a_clean_tree_passes(self):
        self.assertEqual(self.run_tool().returncode, 0)

    def test_an_include_upwards_fails(self):
        self.write("src/store/store.h", SPDX)
        self.write("src/base/text.c", SPDX + '#include "store/store.h"\n')
        self.assert_fault("text.c:2: base/ may not include store/")

    def test_an_include_without_its_module_fails(self):
        self.write("src/base/text.c", SPDX + '#include "text.h"\n')
        self.assert_fault("text.c:2: include project headers as")

    def test_a_folder_without_a_row_fails(self):
        self.write("src/extra/extra.c", SPDX)
        self.assert_fault("`extra` has no row")

    def test_a_row_that_allows_a_higher_module_fails(self):
        self.write("ARCHITECTURE.md", TABLE.replace("`base` | |", "`base` | `store` |"))
        self.assert_fault("which lies above it")


class StyleTest(TreeTest):
    tool = "check_style.py"

    def test_a_clean_tree_passes(self):
        self.assertEqual(self.run_tool().stdout, "style: ok, 3 files\n")

    def assert_line_fails(self, line, expected, name="src/base/text.c"):
        self.write(name, SPDX + line + "\n")
        self.assert_fault(expected)

    def test_sql_outside_the_database_files_fails(self):
        self.assert_line_fails('const char *q = "SELECT id FROM sample";', "SQL belongs in")
        self.assert_line_fails('const char *q = "delete from sample where id = $1";', "SQL belongs in")

    def test_sql_in_a_db_file_passes(self):
        self.write("src/store/store_db.c", SPDX + 'const char *q = "SELECT id FROM sample";\n')
        self.assertEqual(self.run_tool().returncode, 0)

    def test_a_banned_function_fails(self):
        self.assert_line_fails("int f(const char *s) { return atoi(s); }", "atoi is banned")

    def test_a_banned_name_in_a_comment_a_string_a_member_or_a_test_passes(self):
        self.write("tests/test_x.c", SPDX + "int f(void) { return system(0); }\n")
        self.write("src/base/text.c", SPDX + '/* not atoi(x) */\nconst char *s = "atoi(x)";\nint g(void) { return d->random(1); }\n')
        self.assertEqual(self.run_tool().returncode, 0)

    def test_exit_outside_app_fails(self):
        self.assert_line_fails("void f(void) { exit(1); }", "exit outside src/app")

    def test_a_wrong_guard_fails(self):
        self.write("src/base/other.h", SPDX + "#ifndef OTHER_H\n#define OTHER_H\n#endif\n")
        self.assert_fault("header guard must be BASE_OTHER_H")
        self.write("tests/unit/base/other.h", SPDX + "#ifndef OTHER_H\n#define OTHER_H\n#endif\n")
        self.assert_fault("header guard must be TESTS_OTHER_H")

    def test_a_missing_spdx_line_fails(self):
        self.write("src/base/text.c", "int a;\n")
        self.assert_fault("the first line must be")

    def test_two_files_of_one_name_fail(self):
        self.write("src/base/store.c", SPDX)
        self.assert_fault("same base name as")

    def test_text_faults_fail(self):
        self.assert_line_fails("int a; ", "trailing blanks")
        self.assert_line_fails("\tint a;", "tab")
        self.assert_line_fails("/* TO" "DO */", "an open end")
        self.assert_line_fails("#if 0", "dead code")
        self.assert_line_fails("// https://registry." "some.org/x", "package registry")
        self.assert_line_fails("// see /wo" "rk/x", "path of one machine")

    def test_a_file_of_too_many_lines_fails(self):
        self.assert_line_fails("\n" * 600, "split what has more than 600")


class CountTest(unittest.TestCase):
    def count(self, *runs):
        with tempfile.TemporaryDirectory() as folder:
            logs = pathlib.Path(folder, "meson-logs")
            logs.mkdir()
            (logs / "testlog.json").write_text("".join(json.dumps(run) + "\n" for run in runs))
            return subprocess.run(["/usr/bin/python3", TOOLS / "count_tests.py", folder], capture_output=True, text=True)

    def test_tap_cases_count_one_each(self):
        done = self.count({"result": "ERROR", "stdout": "1..3\nok 1 - a\nnot ok 2 - b\nok 3 # SKIP c\n"})
        self.assertEqual((done.stdout, done.returncode), ("1 passed, 1 failed, 1 skipped\n", 1))

    def test_a_program_without_tap_counts_as_one(self):
        done = self.count({"result": "OK", "stdout": "fine\n"}, {"result": "OK"})
        self.assertEqual((done.stdout, done.returncode), ("2 passed, 0 failed\n", 0))

    def test_a_program_that_died_after_a_passed_case_fails(self):
        done = self.count({"result": "TIMEOUT", "stdout": "1..3\nok 1 - a\n"})
        self.assertEqual((done.stdout, done.returncode), ("1 passed, 1 failed\n", 1))

    def test_nothing_run_is_a_failure(self):
        self.assertEqual(self.count().returncode, 1)


class TapRunner(unittest.TextTestResult):
    """Prints one TAP line per test, so that each counts."""

    def stopTest(self, test):
        super().stopTest(test)
        bad = any(test is other for other, _ in self.failures + self.errors)
        print(f"{'not ok' if bad else 'ok'} {self.testsRun} - {test.id()}", flush=True)


if __name__ == "__main__":
    program = unittest.main(testRunner=unittest.TextTestRunner(stream=sys.stderr, resultclass=TapRunner), exit=False)
    print(f"1..{program.result.testsRun}")
    sys.exit(not program.result.wasSuccessful())
