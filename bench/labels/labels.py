#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How much a model learns from the images that people are given to label: ours, beside chance and what others publish.

    bench/labels/labels.py                                  five seeds; goes on where it was ended
    bench/labels/labels.py --seeds 0 --minutes 10 --only ours

For each seed a stream of disturbed garments under demo/garments.onnx, as bench/quality/quality.py makes it. Each choice names k images of
it; their labels are taken from the truth; the demo's net is trained further on its training set and these by the recipe of
demo/train_garments.py; accuracy is that on Fashion-MNIST's test file under the same disturbances. What is finished stays in the folder
--keep: throw it away when mining has changed.
"""
import argparse
import json
import multiprocessing
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "quality"))
import plot  # noqa: E402
import quality  # noqa: E402
import retrain  # noqa: E402
from choices import CHOICES  # noqa: E402

COUNTS = (250, 400, 1000, 2000)
WANTED_COUNT = 1000  # labels chosen by chance, whose accuracy the others are to reach with fewer
NOTHING = "nothing"
MARKS = ("<!-- label efficiency: made by bench/labels/labels.py --write -->\n", "<!-- end of label efficiency -->\n")


class Bench(quality.Bench):
    def trommel_says(self, case, *words):
        """What it says on stdout and on stderr."""
        command = [self.build / "trommel", *words, "--data", case / "data", "--progress", "none"]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr}")
        return done.stdout, done.stderr


class Job:
    """One seed: its stream, and what the model said of it."""

    def __init__(self, bench, seed, garments):
        self.bench, self.seed, self.garments = bench, seed, garments
        self.case = quality.case_of(bench, "garments-shifted", seed, quality.make_garments, "shifted")
        self.stream = retrain.Stream(self.case)
        self.logits, self.embeddings = (self.of_records(name) for name in ("logits", "embeddings"))
        self.is_wrong = self.logits.argmax(1) != self.stream.classes.numpy()

    def of_records(self, name):
        """An array of the run's records, a row an image in the order of the stream."""
        shards = sorted((self.case / "data").glob(f"**/runs/**/shard-*/{name}.npy"))
        return np.concatenate([np.load(path) for path in shards]).astype(np.float64)

    def cell(self, name, count):
        chosen = CHOICES[name](self, count) if name != NOTHING else []
        if len(set(chosen)) != count:
            raise SystemExit(f"{name}, seed {self.seed}: {len(set(chosen))} images instead of {count}")
        accuracy = self.garments.taught(self.stream, chosen, self.seed, self.bench.options.steps)
        return {"seed": self.seed, "choice": name, "labels": count, "steps": self.bench.options.steps, "accuracy": accuracy,
                "wrong": float(self.is_wrong[chosen].mean()) if count else None}  # fmt: skip


def cells_path(bench, seed):
    return bench.folder / f"cells-{bench.options.n}-{seed}.jsonl"


def read_cells(bench, seed):
    path = cells_path(bench, seed)
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [row for row in rows if row["steps"] == bench.options.steps]


def names_of(options):
    return [name for name in CHOICES if not options.only or any(text in name for text in options.only.split(","))]


def wanted_cells(options):
    yield NOTHING, 0
    for count in COUNTS:
        for name in names_of(options):
            yield name, count


def work(bench, seed):
    """The cells of one seed that are not there yet, until time is up. One process a seed."""
    retrain.set_up_process()
    done = {(row["choice"], row["labels"]) for row in read_cells(bench, seed)}
    missing = [cell for cell in wanted_cells(bench.options) if cell not in done]
    job = None
    for name, count in missing:
        if time.monotonic() > bench.ends:
            return
        job = job or Job(bench, seed, retrain.Garments())
        row = job.cell(name, count)
        with cells_path(bench, seed).open("a") as stream:
            stream.write(json.dumps(row) + "\n")
        print(f"seed {seed}, {count} by {name}: {row['accuracy']:.4f}", file=sys.stderr, flush=True)


def mean_and_spread(values):
    return statistics.mean(values), statistics.stdev(values) if len(values) > 1 else 0.0


def lines_of(cells, names):
    """Choice -> labels -> mean and deviation between seeds."""
    return {name: {count: mean_and_spread(found) for count in COUNTS
                   if (found := [row["accuracy"] for row in cells if (row["choice"], row["labels"]) == (name, count)])}
            for name in names}  # fmt: skip


def labels_needed(line, start, wanted):
    """Labels at which the straight line through the means reaches the wanted accuracy; None: it does not."""
    before = (0, start)
    for count, (mean, _) in line.items():
        if mean >= wanted:
            return before[0] + (count - before[0]) * (wanted - before[1]) / (mean - before[1])
        before = (count, mean)
    return None


def shortened(value):
    return f"{value:.3f}".lstrip("0")


def table_of(cells, options):
    lines = lines_of(cells, names_of(options))
    start, _ = mean_and_spread([row["accuracy"] for row in cells if row["choice"] == NOTHING])
    chance = lines.get("random", {}).get(WANTED_COUNT)
    text = f"| chosen by | {' | '.join(f'{count:,} labels' for count in COUNTS)} | labels for random's {WANTED_COUNT:,} | wrong of {COUNTS[1]} |\n"
    text += f"| --- |{' ---: |' * (len(COUNTS) + 2)}\n"
    for name, line in lines.items():
        needed = labels_needed(line, start, chance[0]) if chance else None
        wrong = [row["wrong"] for row in cells if (row["choice"], row["labels"]) == (name, COUNTS[1])]
        figures = [f"{shortened(line[count][0])} ± {shortened(line[count][1])}" if count in line else "-" for count in COUNTS]
        text += f"| {name} | {' | '.join(figures)} | {f'{needed:.0f}' if needed else '-'} | {shortened(statistics.mean(wrong)) if wrong else '-'} |\n"
    return text + f"\nTrained as long without any: {shortened(start)}.\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=quality.seeds_of, default=range(5), help="one, or FIRST-LAST (default 0-4)")
    parser.add_argument("--n", type=int, default=12000, help="images of a stream (default %(default)s)")
    parser.add_argument("--steps", type=int, default=250, help="of training, 128 images each (default %(default)s)")
    parser.add_argument("--only", help="choices with one of these texts in their name: random,margin")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin nothing new after so long; the next call goes on")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="every figure, a line each")
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE", help="a document with the marks")
    parser.add_argument("--plot", type=pathlib.Path, metavar="SVG", help="write the plot here")
    parser.add_argument("--build", type=pathlib.Path, default=quality.SOURCE / "build")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for cases and cells (default labels in the build folder)")
    options = parser.parse_args()
    bench = Bench(options, (options.keep or options.build / "labels").resolve())
    bench.folder.mkdir(parents=True, exist_ok=True)
    bench.ends = time.monotonic() + options.minutes * 60
    with multiprocessing.Pool(options.processes) as pool:
        pool.starmap(work, [(bench, seed) for seed in options.seeds], chunksize=1)
    names = [NOTHING, *names_of(options)]
    cells = [row for seed in options.seeds for row in read_cells(bench, seed) if row["choice"] in names]
    if not any(row["choice"] == NOTHING for row in cells):
        raise SystemExit("no cell is finished yet: call it again")
    table = table_of(cells, options)
    print("\n".join(map(json.dumps, cells)) if options.json else table)
    if options.plot:
        options.plot.write_text(plot.svg_of(lines_of(cells, names_of(options)), WANTED_COUNT))
    if options.write:
        quality.write_between(options.write, MARKS, table)


if __name__ == "__main__":
    main()
