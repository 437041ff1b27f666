#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a source file includes a module that the layer table of ARCHITECTURE.md does not allow its own module.

The table has one row per module: | layer | `module` | `allowed` `allowed` ... |; the word "everything" allows all.
"""
import pathlib
import re
import sys

ROW = re.compile(r"^\|\s*(\d+)\s*\|\s*`(\w+)`\s*\|(.*)\|\s*$", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def read_table(text):
    """Returns {module: (layer, set of modules it may include)}."""
    rows = {name: (int(layer), allowed) for layer, name, allowed in ROW.findall(text)}
    return {
        name: (layer, set(rows) if "everything" in allowed else set(re.findall(r"`(\w+)`", allowed)))
        for name, (layer, allowed) in rows.items()
    }


def check_table(table):
    for name, (layer, allowed) in table.items():
        for other in sorted(allowed - {name}):
            if other not in table:
                yield f"ARCHITECTURE.md: `{name}` may include `{other}`, which has no row"
            elif table[other][0] > layer:
                yield f"ARCHITECTURE.md: `{name}` (layer {layer}) may include `{other}`, which lies above it"
            elif name in table[other][1] and name < other:
                yield f"ARCHITECTURE.md: `{name}` and `{other}` may include each other"


def check_file(path, module, allowed, source):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        target, slash, _ = found[1].partition("/")
        if not slash or not (source / found[1]).exists():
            yield f"{path}:{number}: include project headers as \"module/header.h\", not \"{found[1]}\""
        elif target != module and target not in allowed:
            yield f"{path}:{number}: {module}/ may not include {target}/"


def check_tree(root):
    source = root / "src"
    table = read_table((root / "ARCHITECTURE.md").read_text())
    if not table:
        yield "ARCHITECTURE.md: no layer table found"
    yield from check_table(table)
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        files = sorted(folder.rglob("*.[ch]"))
        if files and folder.name not in table:
            yield f"{folder}: module `{folder.name}` has no row in ARCHITECTURE.md's layer table"
            continue
        for path in files:
            yield from check_file(path, folder.name, table[folder.name][1], source)


def main():
    faults = list(check_tree(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(faults) or "layers: ok")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
