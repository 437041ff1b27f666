#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How well lists of hard examples find a model's mistakes: ours, beside what others publish.

    bench/quality/quality.py                                   every set, development seeds 0 to 4
    bench/quality/quality.py garments-shifted --seeds 0 --n 3000 --keep /tmp/q
    bench/quality/quality.py --images DIR --truth X.manifest --model X.onnx [--train X.manifest]

Makes each case with the product's own commands (garments from Debian's dataset-fashion-mnist), then runs build/bench/quality/quality
over them. With --keep what was made stays in that folder and is used again: predictions and copies are then not inferred twice.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DEVELOPMENT_SEEDS = range(5)


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.build = options.build.resolve()
        self.programs = self.build / "bench/quality"
        self.data = pathlib.Path(os.environ["TROMMEL_TEST_DATA"]) if os.environ.get("TROMMEL_TEST_DATA") else None

    def run(self, *command):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
        return done.stdout

    def trommel(self, case, *words):
        return self.run(self.build / "trommel", *words, "--data", case / "data", "--progress", "none")

    def deploy(self, case, model, images, *model_options):
        """A batch service over the images, by the commands that a user has."""
        self.trommel(case, "model", "import", model, "--name", "model", *model_options)
        self.trommel(case, "service", "deploy", "--name", "quality", "--model", "model", "--input", images,
                     "--output", case / "output", "--wait")  # fmt: skip

    def table(self, title, cases):
        """Prints the table of these cases as they come."""
        words = ["--title", title, "--rows", self.options.rows]
        words += ["--only", self.options.only] if self.options.only else []
        words += ["--json"] if self.options.json else []
        subprocess.run([str(self.programs / "quality"), *words, *map(str, cases)], check=True)


# ---- sets: each makes one case in a folder; returns False where it cannot be made on this machine ----


def make_garments(bench, case, seed, kind):
    bench.run(bench.programs / "garment_stream", case, seed, bench.options.n, kind, SOURCE / "demo/garments.labels.txt")
    bench.deploy(case, SOURCE / "demo/garments.onnx", case / "stream")
    return True


SETS = {
    "garments-shifted": lambda bench, case, seed: make_garments(bench, case, seed, "shifted"),
    "garments-clean": lambda bench, case, seed: make_garments(bench, case, seed, "clean"),
}
DEFAULT_IMAGES = 6000


def case_of(bench, name, seed, make):
    """The folder of one case, made unless it is there whole; None where it cannot be made."""
    case = bench.folder / f"{name}-{bench.options.n}-{seed}"
    mark = case / "made"
    if not mark.exists():
        case.mkdir(parents=True, exist_ok=True)
        if not make(bench, case, seed):
            return None
        mark.touch()
    return case


def make_given(bench, case):
    options = bench.options
    (case / "truth.manifest").symlink_to(options.truth.resolve())
    if options.train:
        (case / "train.manifest").symlink_to(options.train.resolve())
    bench.deploy(case, options.model, options.images)
    return True


def seeds_of(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"{', '.join(SETS)}; default: all")
    parser.add_argument("--seeds", type=seeds_of, default=DEVELOPMENT_SEEDS, help="one, or FIRST-LAST (default 0-4)")
    parser.add_argument("--n", type=int, default=DEFAULT_IMAGES, help="images of a stream (default %(default)s)")
    parser.add_argument("--rows", default="ours,baselines,methods", help="groups: ours, baselines, methods, reasons")
    parser.add_argument("--only", help="rows with this text in their name")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the cases, used again the next time")
    parser.add_argument("--build", type=pathlib.Path, default=SOURCE / "build")
    parser.add_argument("--images", type=pathlib.Path, help="a set of your own: folder of images …")
    parser.add_argument("--truth", type=pathlib.Path, help="… manifest with absolute sources and what they show …")
    parser.add_argument("--model", type=pathlib.Path, help="… the model …")
    parser.add_argument("--train", type=pathlib.Path, help="… and its training manifest")
    options = parser.parse_args()
    unknown = [name for name in options.sets if name not in SETS]
    if unknown:
        parser.error(f"no set {unknown[0]}: {', '.join(SETS)}")
    with tempfile.TemporaryDirectory() as made:
        bench = Bench(options, (options.keep or pathlib.Path(made)).resolve())
        if options.images:
            bench.table(str(options.images), [case_of(bench, "given", 0, lambda _bench, case, _seed: make_given(bench, case))])
            return
        for name in options.sets or SETS:
            cases = [case_of(bench, name, seed, SETS[name]) for seed in options.seeds]
            if None in cases:
                print(f"{name}: skipped: TROMMEL_TEST_DATA names no folder with it", file=sys.stderr)
                continue
            bench.table(name, cases)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
