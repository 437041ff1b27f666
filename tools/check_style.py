#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the project's own rules over all files git knows: what no compiler or formatter looks at."""
import collections
import pathlib
import re
import subprocess
import sys

LINES_MAX = 600
SQL = re.compile(
    r'"\s*(?:SELECT\s|INSERT\s+(?:OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|ALTER\s+TABLE\s|DROP\s+\w+\s|PRAGMA\s'
    r"|CREATE\s+(?:TABLE|INDEX|UNIQUE|TRIGGER|VIEW|TEMP)"
    r"|(?i:select\s[^\"]+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s))"
)
STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.DOTALL)
HOST = re.compile(
    r"\b(?:registry|deb|proxy|mirrors?|archive|security|index|files|static)\.[\w-]+(?:\.[\w-]+)*\.(?:org|com|net|io)\b"
    r"|\b(?:pypi|crates|npmjs)\.(?:org|io|com)\b"
)
TEXT_RULES = [
    (re.compile(r"[ \t]+$"), "trailing blanks"),
    (re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b"), "an open end: do it, or file an issue"),
    (HOST, "names a package registry; the machine's own configuration knows it"),
    (re.compile(r"(?<![\w.*/-])/wor[k]/"), "names a path of one machine"),
]
NOT_OURS = re.compile(r"^(LICENSE|deps/package-lock\.json|fuzz/(corpus|regression)/|tests/golden/)")


def without_strings_and_comments(text):
    """Blanks them out, keeping the lines."""
    return STRING_OR_COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def read_banned():
    lines = pathlib.Path(__file__).with_name("banned.txt").read_text().splitlines()
    return {line.split()[0]: line.split(None, 1)[1] for line in lines if line and not line.startswith("#")}


def check_text(name, lines):
    for number, line in enumerate(lines, 1):
        for pattern, reason in TEXT_RULES:
            if pattern.search(line):
                yield f"{name}:{number}: {reason}"
        if "\t" in line and not name.endswith("Makefile"):
            yield f"{name}:{number}: tab"


def check_c(name, text, banned):
    lines = text.splitlines()
    if not lines or lines[0] != "/* SPDX-License-Identifier: Apache-2.0 */":
        yield f"{name}:1: the first line must be /* SPDX-License-Identifier: Apache-2.0 */"
    code = without_strings_and_comments(text)
    for number, line in enumerate(code.splitlines(), 1):
        for function in re.findall(r"(?<![\w.>])(\w+)\s*\(", line):
            if function in banned and not name.startswith("tests/"):
                yield f"{name}:{number}: {function} is banned; use {banned[function]}"
            if function in ("exit", "abort", "quick_exit") and name.startswith("src/") and not name.startswith("src/app/"):
                yield f"{name}:{number}: {function} outside src/app; return an error"
        if re.match(r"\s*#\s*if\s+0\b", line):
            yield f"{name}:{number}: dead code; git remembers"
    if name.startswith("src/") and not name.startswith("src/db/") and not name.endswith("_db.c"):
        for found in SQL.finditer(text):
            yield f"{name}:{text.count(chr(10), 0, found.start()) + 1}: SQL belongs in src/db/ or a file *_db.c"


def check_guard(name, text):
    top, *_, base = name.split("/")
    named_by = name[len("src/"):] if top == "src" else f"{top}/{base}"
    guard = re.sub(r"\W", "_", named_by).upper()
    if not re.search(rf"^#ifndef {guard}\n#define {guard}\n", text, re.MULTILINE):
        yield f"{name}: header guard must be {guard}"


def check_file(root, name, banned):
    try:
        text = (root / name).read_text()
    except UnicodeDecodeError:
        return
    lines = text.split("\n")
    yield from check_text(name, lines)
    if text and not text.endswith("\n"):
        yield f"{name}: no newline at the end"
    if name.endswith((".c", ".h", ".py")) and len(lines) > LINES_MAX:
        yield f"{name}: {len(lines)} lines; split what has more than {LINES_MAX}"
    if name.endswith((".c", ".h")):
        yield from check_c(name, text, banned)
    if name.endswith(".h"):
        yield from check_guard(name, text)
    if text.startswith("#!") and "SPDX-License-Identifier: Apache-2.0" not in "".join(lines[:2]):
        yield f"{name}:2: the second line of a script must be its SPDX line"


def check_unique_names(names):
    folders = collections.defaultdict(list)
    for name in names:
        if name.startswith("src/") and name.endswith((".c", ".h")):
            folders[pathlib.Path(name).name].append(name)
    for same in folders.values():
        if len(same) > 1:
            yield f"{same[0]}: same base name as {', '.join(same[1:])}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True, text=True).stdout
    names = sorted({name for name in listed.split("\0") if name and (root / name).is_file() and not NOT_OURS.match(name)})
    banned = read_banned()
    faults = [fault for name in names for fault in check_file(root, name, banned)]
    faults += check_unique_names(names)
    print("\n".join(faults) or f"style: ok, {len(names)} files")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
