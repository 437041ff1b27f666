#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How well each reason finds exactly its own fault, planted in 5 % of a clean stream.

    bench/quality/planted.py [REASON…] [--seed N] [--json] [--write docs/rules.md]

Prints a table, or writes it between the marks in a document. Recall and precision are at the strength from which on a reason is listed; AUROC needs no threshold.
Needed: the strength from which on precision would be at least 0.8, and the recall there.
Moved: the share of planted images whose measured quantity lies beyond the training set's 1st or 99th percentile.
"""
import argparse
import json
import pathlib
import tempfile

import quality


COPIES = range(19, 30)
COLUMNS = ("reason", "planted fault", "from strength", "recall", "precision", "AUROC", "moved", "recall of moved", "needed")


def case_of(bench, name, make, *words, model):
    case = bench.folder / name
    if not (case / "made").exists():
        bench.run(bench.programs / make, case, *words, quality.SOURCE / "demo/garments.labels.txt")
        bench.deploy(case, quality.SOURCE / f"demo/{model}.onnx", case / "stream")
        (case / "made").touch()
    return case


def rows_of(bench, options):
    faults = [line.split(" ", 2) for line in bench.run(bench.programs / "planted_stream", "list").splitlines()]
    faults += [(str(reason), "copies", "none: images of a clean stream whose copy gets another class") for reason in COPIES]
    for reason, kind, what in sorted(faults, key=lambda fault: int(fault[0])):
        if options.reasons and int(reason) not in options.reasons:
            continue
        if kind == "copies":
            case = case_of(bench, f"copies-{options.seed}", "garment_stream", options.seed, 1000, "clean", model="garments")
        else:
            case = case_of(bench, f"planted-{reason}-{options.seed}", "planted_stream", reason, options.seed, model=kind)
        yield {**json.loads(bench.run(bench.programs / "planted", case, reason)), "fault": what}


def cells_of(row):
    moved = (f"{row['moved']:.2f}", f"{row['moved_recall']:.2f}") if "moved" in row else ("-", "-")
    needed = f"{row['needed']:.2f}, recall {row['needed_recall']:.2f}" if "needed" in row else "-"
    return (f"{row['reason']} {row['name']}", row["fault"], f"{row['speaks_from']:.2f}", f"{row['recall']:.2f}",
            f"{row['precision']:.2f}", f"{row['auroc']:.3f}", *moved, needed)  # fmt: skip


MARKS = ("<!-- planted faults: made by bench/quality/planted.py --write -->\n", "<!-- end of planted faults -->\n")


def table_of(rows):
    head = f"| {' | '.join(COLUMNS)} |\n|{' --- |' * 2}{' ---: |' * (len(COLUMNS) - 2)}\n"
    return head + "".join(f"| {' | '.join(cells_of(row))} |\n" for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reasons", nargs="*", type=int, metavar="REASON")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE", help="a document with the marks; all reasons")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the cases, used again the next time")
    parser.add_argument("--build", type=pathlib.Path, default=quality.SOURCE / "build")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        bench = quality.Bench(options, (options.keep or pathlib.Path(made)).resolve())
        rows = list(rows_of(bench, options))
    if options.write:
        quality.write_between(options.write, MARKS, table_of(rows))
    else:
        print("\n".join(map(json.dumps, rows)) if options.json else table_of(rows), end="\n" if options.json else "")


if __name__ == "__main__":
    main()
