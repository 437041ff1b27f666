#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How well each reason finds exactly its own fault, planted in 5 % of a clean stream.

    bench/quality/planted.py [REASON…] [--seed N] [--json]

Prints the table of docs/rules.md. Recall and precision are at the strength from which on a reason is listed; AUROC needs no threshold.
Needed: the strength from which on precision would be at least 0.8, and the recall there.
Moved: the share of planted images whose measured quantity lies beyond the training set's 1st or 99th percentile.
"""
import argparse
import json
import pathlib
import tempfile

import quality


def rows_of(bench, options):
    listed = bench.run(bench.programs / "planted_stream", "list").splitlines()
    for line in listed:
        reason, kind, what = line.split(" ", 2)
        if options.reasons and int(reason) not in options.reasons:
            continue
        case = bench.folder / f"planted-{reason}-{options.seed}"
        if not (case / "made").exists():
            bench.run(bench.programs / "planted_stream", case, reason, options.seed, quality.SOURCE / "demo/garments.labels.txt")
            bench.deploy(case, quality.SOURCE / f"demo/{kind}.onnx", case / "stream")
            (case / "made").touch()
        row = json.loads(bench.run(bench.programs / "planted", case, reason))
        row["fault"] = what
        yield row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reasons", nargs="*", type=int, metavar="REASON")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the cases, used again the next time")
    parser.add_argument("--build", type=pathlib.Path, default=quality.SOURCE / "build")
    options = parser.parse_args()
    if not options.json:
        print("| reason | planted fault | from strength | recall | precision | AUROC | moved | recall of moved | needed |")
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as made:
        bench = quality.Bench(options, (options.keep or pathlib.Path(made)).resolve())
        for row in rows_of(bench, options):
            if options.json:
                print(json.dumps(row), flush=True)
            else:
                moved = f"{row['moved']:.2f} | {row['moved_recall']:.2f}" if "moved" in row else "- | -"
                needed = f"{row['needed']:.2f} ({row['needed_recall']:.2f})" if "needed" in row else "-"
                print(f"| {row['reason']} {row['name']} | {row['fault']} | {row['speaks_from']:.2f} | {row['recall']:.2f} "
                      f"| {row['precision']:.2f} | {row['auroc']:.3f} | {moved} | {needed} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
