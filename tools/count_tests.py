#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints 'N passed, N failed' over the last test run of each build folder named, one per test case.

Reads Meson's testlog.json, not its JUnit file: that one counts a program that crashed or timed out as passed.
"""
import json
import pathlib
import re
import sys

CASE = re.compile(r"^(ok|not ok) \d+(.*)$", re.MULTILINE)
BAD = {"FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS"}


def count_program(run):
    """Counts the cases of one test program: its TAP lines, or itself when it prints none."""
    passed = failed = skipped = 0
    for result, rest in CASE.findall(run.get("stdout") or ""):
        if "# SKIP" in rest:
            skipped += 1
        elif result == "ok":
            passed += 1
        else:
            failed += 1
    if run["result"] in BAD and not failed:
        failed = 1  # it died before it could say so
    elif passed + failed + skipped == 0:
        skipped, passed = (1, 0) if run["result"] == "SKIP" else (0, 1)
    return passed, failed, skipped


def count_builds(folders):
    totals = [0, 0, 0]
    for folder in folders:
        log = pathlib.Path(folder, "meson-logs", "testlog.json")
        runs = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        counts = [count_program(run) for run in runs] or [(0, 1, 0)]  # nothing ran: a failure
        totals = [total + sum(column) for total, column in zip(totals, zip(*counts))]
    return totals


def main():
    passed, failed, skipped = count_builds(sys.argv[1:])
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
