#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How well lists of hard examples find a model's mistakes: ours, beside what others publish.

    bench/quality/quality.py                                   every set, development seeds 0 to 4
    bench/quality/quality.py garments-shifted --seeds 0 --n 3000 --keep /tmp/q
    bench/quality/quality.py --seeds 10-14 --keep /tmp/final   the final table: seeds that nothing was chosen on
    bench/quality/quality.py --images DIR --truth X.manifest --model X.onnx [--train X.manifest]

Makes each case with the product's own commands (garments from Debian's dataset-fashion-mnist), then runs build/bench/quality/quality
over them. With --keep what was made stays in that folder and is used again: predictions and copies are then not inferred twice.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DEVELOPMENT_SEEDS = range(5)
DEBIAN_PYTHON = "/usr/bin/python3"  # has python3-torch and python3-onnx where they are installed


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.build = options.build.resolve()
        self.programs = self.build / "bench/quality"
        self.data = pathlib.Path(os.environ["TROMMEL_TEST_DATA"]) if os.environ.get("TROMMEL_TEST_DATA") else None

    def run(self, *command, text=None):
        done = subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
        return done.stdout

    def trommel(self, case, *words):
        return self.run(self.build / "trommel", *words, "--data", case / "data", "--progress", "none")

    def load(self, case, model, *model_options):
        self.trommel(case, "model", "import", model, "--name", "model", *model_options)

    def serve(self, case, images):
        self.trommel(case, "service", "deploy", "--name", "quality", "--model", "model", "--input", images,
                     "--output", case / "output", "--wait")  # fmt: skip

    def deploy(self, case, model, images, *model_options):
        """A batch service over the images, by the commands that a user has."""
        self.load(case, model, *model_options)
        self.serve(case, images)

    def table(self, title, cases):
        """Prints the table of these cases as they come."""
        words = ["--title", title, "--rows", self.options.rows]
        words += ["--only", self.options.only] if self.options.only else []
        words += ["--feature-extractor", self.options.feature_extractor] if self.options.feature_extractor else []
        words += ["--json"] if self.options.json else []
        subprocess.run([str(self.programs / "quality"), *words, *map(str, cases)], check=True)


def manifest_line(source, usage, annotation):
    return json.dumps({"source": str(source), "annotation": [annotation], **({"usage": usage} if usage else {})}) + "\n"


def class_line(source, label, usage=None):
    return manifest_line(source, usage, {"type": "modelarts/image_classification", "name": label})


def boxes_line(case, source, boxes, usage=None):
    """A line with its annotation file; boxes are (label, x_min, y_min, x_max, y_max) in px."""
    loc = case / "annotation" / (pathlib.Path(source).parent.name + "-" + pathlib.Path(source).stem + ".xml")
    loc.parent.mkdir(exist_ok=True)
    sides = ("xmin", "ymin", "xmax", "ymax")
    objects = "".join(
        f"<object><name>{label}</name><bndbox>{''.join(f'<{side}>{value}</{side}>' for side, value in zip(sides, box))}</bndbox></object>"
        for label, *box in boxes)  # fmt: skip
    loc.write_text(f"<annotation>{objects}</annotation>")
    form = {"type": "modelarts/object_detection", "annotation-loc": str(loc), "annotation-format": "PASCAL VOC"}
    return manifest_line(source, usage, form)


# ---- sets: each makes one case in a folder; returns False where it cannot be made on this machine ----


def make_garments(bench, case, seed, kind):
    bench.run(bench.programs / "garment_stream", case, seed, bench.options.n, kind, SOURCE / "demo/garments.labels.txt")
    bench.deploy(case, SOURCE / "demo/garments.onnx", case / "stream")
    return True


def model_without(bench, label):
    """The demo's classifier, trained without one class; None where the Debian packages for it are not installed."""
    model = bench.folder / f"garments-without-{label}.onnx"
    if not model.exists():
        if subprocess.run([DEBIAN_PYTHON, "-c", "import numpy, onnx, torch"], capture_output=True, check=False).returncode != 0:
            return None
        half = model.with_suffix(".half")
        bench.run(DEBIAN_PYTHON, SOURCE / "demo/train_garments.py", "--without", label, "--output", half)
        half.rename(model)
    return model


def make_novelty(bench, case, seed):
    """The shifted stream under a model that never saw one of the ten classes: another one for each seed, 0 to 4 and 10 to 14 have all."""
    labels = (SOURCE / "demo/garments.labels.txt").read_text().split()
    unknown = labels[(seed + seed // 10 * 5) % len(labels)]
    model = model_without(bench, unknown)
    if not model:
        return False
    bench.run(bench.programs / "garment_stream", case, seed, bench.options.n, "shifted", SOURCE / "demo/garments.labels.txt", unknown)
    bench.deploy(case, model, case / "stream")
    return True


def make_cifar(bench, case, seed, kind):
    """1,000 of the 2,000 images are the stream, drawn by the seed; the others are labeled: the model saw neither."""
    if not bench.data or not (bench.data / "cifar10-2000").is_dir():
        return False
    images = bench.data / "cifar10-2000"
    files = [line.split(",")[0] for line in (images / "labels.csv").read_text().splitlines()[1:]]
    random.Random(seed).shuffle(files)
    stream, labeled = files[:1000], files[1000:]
    bench.run(bench.programs / "image_stream", case, seed, kind, text="".join(f"{images / name}\n" for name in stream))
    (case / "truth.manifest").write_text(
        "".join(class_line(case / f"stream/{i:05}.png", name.split("/")[0]) for i, name in enumerate(stream)))
    (case / "train.manifest").write_text("".join(class_line(images / name, name.split("/")[0], "EVAL") for name in labeled))
    bench.deploy(case, bench.data / "models/cifar10_resnet20.onnx", case / "stream", "--labels", bench.data / "models/labels/cifar10.txt",
                 "--scale", 1 / 255, "--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225")  # fmt: skip
    return True


DETECTORS = {"yolox": "yolox_nano_coco_416.onnx", "fastestdet": "fastestdet_coco_352.onnx"}


def coco_boxes(path):
    """File name -> boxes, without the images in which a crowd is marked: what is right there is not known."""
    content = json.loads(path.read_text())
    names = {row["id"]: row["name"] for row in content["categories"]}
    boxes, crowded = {row["id"]: [] for row in content["images"]}, set()
    for row in content["annotations"]:
        if row.get("iscrowd"):
            crowded.add(row["image_id"])
        left, top, width, height = row["bbox"]
        boxes[row["image_id"]].append((names[row["category_id"]], left, top, left + width, top + height))
    return {row["file_name"]: boxes[row["id"]] for row in content["images"] if row["id"] not in crowded}


def make_coco(bench, case, _seed, detector, folder="coco-ccby", truth="annotations.json", **rules):
    if not bench.data or not (bench.data / folder).is_dir():
        return False
    images = (bench.data / folder / "images").resolve()
    if truth:
        lines = (boxes_line(case, images / name, boxes) for name, boxes in coco_boxes(bench.data / folder / truth).items())
        (case / "truth.manifest").write_text("".join(lines))
    (case / "truth.json").write_text(json.dumps(rules))
    bench.deploy(case, bench.data / "models" / DETECTORS[detector], images, "--labels", bench.data / "models/labels/coco80.txt")
    return True


def make_scenes(bench, case, seed):
    """Scenes composed of garments, as the demo has them: the 1,000 labeled ones untroubled, half of the stream troubled."""
    labels = (SOURCE / "demo/garments.labels.txt").read_text().split()
    for kind, name, count in (("train", "train", 1000), ("stream", "truth", min(bench.options.n, 2000))):
        # Training scenes of another seed than the model's own; streams of the seeds from the demo's on.
        bench.run(bench.build / "demo/compose", kind, seed + (100 if kind == "train" else 20), count, case / kind)
        rows = map(json.loads, (case / kind / "scenes.jsonl").read_text().splitlines())
        lines = (boxes_line(case, case / kind / row["file"], [(labels[box[0]], *box[1:]) for box in row["boxes"]],
                            "EVAL" if kind == "train" else None) for row in rows)  # fmt: skip
        (case / f"{name}.manifest").write_text("".join(lines))
        (case / kind / "scenes.jsonl").unlink()
    bench.deploy(case, SOURCE / "demo/scenes.onnx", case / "stream")
    return True


class Set:
    def __init__(self, make, *arguments, is_fixed=False, needs="a folder that TROMMEL_TEST_DATA names", **rules):
        self.make, self.arguments, self.rules = make, arguments, rules  # rules: of truth.json
        self.is_fixed = is_fixed  # there is one of it, whatever the seed
        self.needs = needs


SETS = {
    "garments-shifted": Set(make_garments, "shifted"),
    "garments-clean": Set(make_garments, "clean"),
    "garments-novelty": Set(make_novelty, needs="python3-torch and python3-onnx"),
    "cifar10-shifted": Set(make_cifar, "shifted"),
    "cifar10-clean": Set(make_cifar, "clean"),
    "scenes": Set(make_scenes),
    # Small detectors err in most of these crowded photos: the half with more errors counts as wrong.
    "coco-yolox": Set(make_coco, "yolox", is_fixed=True, errors_allowed=2),
    "coco-fastestdet": Set(make_coco, "fastestdet", is_fixed=True, errors_allowed=10),
    "seq-person": Set(make_coco, "yolox", "seq-person", "coco.json", is_fixed=True, only_class="person"),
    "seq-bottles": Set(make_coco, "yolox", "seq-bottles", None, is_fixed=True),
}
DEFAULT_IMAGES = 6000


def case_of(bench, name, seed, make, *arguments, **rules):
    """The folder of one case, made unless it is there whole; None where it cannot be made."""
    case = bench.folder / f"{name}-{bench.options.n}-{seed}"
    mark = case / "made"
    if not mark.exists():
        case.mkdir(parents=True, exist_ok=True)
        if not make(bench, case, seed, *arguments, **rules):
            return None
        mark.touch()
    return case


def make_given(bench, case):
    options = bench.options
    shutil.copyfile(options.truth, case / "truth.manifest")
    if options.train:
        shutil.copyfile(options.train, case / "train.manifest")
    bench.deploy(case, options.model, options.images)
    return True


def write_between(path, marks, table):
    """Puts a table between its two marks in a document."""
    text = path.read_text()
    before, rest = text.split(marks[0])
    path.write_text(before + marks[0] + "\n" + table + "\n" + marks[1] + rest.split(marks[1])[1])


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
    parser.add_argument("--feature-extractor", metavar="FILE.onnx", help="our rows compare images by it instead of by their looks")
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
            found = SETS[name]
            seeds = [0] if found.is_fixed else options.seeds
            cases = [case_of(bench, name, seed, found.make, *found.arguments, **found.rules) for seed in seeds]
            if None in cases:
                print(f"{name}: skipped: needs {found.needs}", file=sys.stderr)
                continue
            bench.table(name, cases)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
