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


COLUMNS = ("reason", "planted fault", "from strength", "recall", "false alarms", "precision", "AUROC", "moved", "recall of moved", "needed")


def case_of(bench, name, *words, model):
    case = bench.folder / name
    if not (case / "made").exists():
        case.mkdir(parents=True, exist_ok=True)
        bench.load(case, quality.SOURCE / f"demo/{model}.onnx")
        bench.run(bench.programs / "planted_stream", case, *words, quality.SOURCE / "demo/garments.labels.txt")
        bench.serve(case, case / "stream")
        (case / "made").touch()
    return case


def rows_of(bench, options):
    for line in bench.run(bench.programs / "planted_stream", "list").splitlines():
        reason, model, what = line.split(" ", 2)
        if not options.reasons or int(reason) in options.reasons:
            case = case_of(bench, f"planted-{reason}-{options.seed}", reason, options.seed, model=model)
            yield {**json.loads(bench.run(bench.programs / "planted", case, reason)), "fault": what}


def cells_of(row):
    moved = (f"{row['moved']:.2f}", f"{row['moved_recall']:.2f}") if "moved" in row else ("-", "-")
    needed = f"{row['needed']:.2f}, recall {row['needed_recall']:.2f}" if "needed" in row else "-"
    return (f"{row['reason']} {row['name']}", row["fault"], f"{row['speaks_from']:.2f}", f"{row['recall']:.2f}",
            f"{row['false_alarms']:.3f}", f"{row['precision']:.2f}", f"{row['auroc']:.3f}", *moved, needed)  # fmt: skip


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
    if options.write and (options.reasons or options.json):
        parser.error("--write writes the table of all reasons")
    with tempfile.TemporaryDirectory() as made:
        bench = quality.Bench(options, (options.keep or pathlib.Path(made)).resolve())
        rows = list(rows_of(bench, options))
    if options.write:
        quality.write_between(options.write, MARKS, table_of(rows))
    else:
        print("\n".join(map(json.dumps, rows)) if options.json else table_of(rows), end="\n" if options.json else "")


if __name__ == "__main__":
    main()
