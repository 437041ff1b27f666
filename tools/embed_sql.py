#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a C table of migrations: embed_sql.py OUT.c TABLE_NAME FILE.sql...

Files are named NNNN_name.sql and numbered 1, 2, 3... without gaps. Their bytes go into arrays of numbers,
because ISO C promises only 4095 bytes for a string literal.
"""
import os
import re
import sys


def array(name, content):
    lines = [", ".join("'\\x%02x'" % byte for byte in content[at:at + 16]) for at in range(0, len(content), 16)]
    return "static const char %s[] = {\n    %s, 0};\n" % (name, ",\n    ".join(lines))


def main():
    out, table, files = sys.argv[1], sys.argv[2], sorted(sys.argv[3:], key=os.path.basename)
    arrays, rows = [], []
    for number, path in enumerate(files, 1):
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", os.path.basename(path))
        if not match or int(match.group(1)) != number:
            sys.exit("%s: migrations are named NNNN_name.sql and numbered without gaps; %04d is next" % (path, number))
        with open(path, "rb") as file:
            content = file.read()
        arrays.append(array("sql_%d" % number, content))
        rows.append('    {%d, "%s", sql_%d},\n' % (number, match.group(2), number))
    with open(out, "w", encoding="ascii") as file:
        file.write("/* Written by tools/embed_sql.py. */\n#include \"db/driver.h\"\n\n")
        file.write("\n".join(arrays))
        file.write("\nconst struct db_migration %s[] = {\n%s    {0, NULL, NULL},\n};\n" % (table, "".join(rows)))


main()
