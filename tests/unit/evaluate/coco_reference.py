# SPDX-License-Identifier: Apache-2.0
"""COCO's twelve numbers, written down from their definition as plainly as can be: the reference for evaluate_coco.

    /usr/bin/python3 coco_reference.py FILE

FILE: a line `classes N`, then lines `T image x_min y_min x_max y_max label crowd area` and
`B image x_min y_min x_max y_max label score`. Prints ap, ap50, ap75, ap small, medium, large, ar 1, 10, 100, small, medium, large, then the
AP of each class; nan where no true box counts. Leaves with 77 where numpy is missing.
"""
import collections
import sys

try:
    import numpy as np
except ImportError:
    sys.exit(77)

THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
RANGES = {"all": (0, 1e10), "small": (0, 32**2), "medium": (32**2, 96**2), "large": (96**2, 1e10)}
Truth = collections.namedtuple("Truth", "box crowd area")
Box = collections.namedtuple("Box", "box score")


def area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def overlap(box, truth):
    width = min(box[2], truth.box[2]) - max(box[0], truth.box[0])
    height = min(box[3], truth.box[3]) - max(box[1], truth.box[1])
    common = max(width, 0) * max(height, 0)
    return common / (area(box) if truth.crowd else area(box) + area(truth.box) - common)


def verdicts(truths, boxes, threshold, bounds):
    """For each box, by descending score: True right, False wrong, None neither; and how many true boxes count."""
    def outside(size):
        return size < bounds[0] or size > bounds[1]

    ignored = [truth.crowd or outside(truth.area) for truth in truths]
    free = [True] * len(truths)
    answers = []
    for box in boxes:
        best = None
        for want_ignored in (False, True):
            for i, truth in enumerate(truths):
                if ignored[i] != want_ignored or not (free[i] or truth.crowd):
                    continue
                value = overlap(box.box, truth)
                # Of equal ones the last, as the published program has it.
                if value >= threshold and (best is None or value >= best[0]):
                    best = (value, i)
            if best:
                break
        if best:
            free[best[1]] = False
            answers.append(None if ignored[best[1]] else True)
        else:
            answers.append(None if outside(area(box.box)) else False)
    return answers, ignored.count(False)


def curve(images, threshold, bounds, limit):
    """Mean interpolated precision and highest recall of one class; None when nothing counts."""
    scored, counting = [], 0
    if not any(truths for truths, _ in images):
        return None
    for truths, boxes in images:
        best = sorted(boxes, key=lambda box: -box.score)[:100]
        answers, count = verdicts(truths, best, threshold, bounds)
        counting += count
        scored += [(-box.score, answer) for box, answer in list(zip(best, answers))[:limit]]
    if counting == 0:
        return None
    right = wrong = 0
    points = []
    for _, answer in sorted(scored, key=lambda pair: pair[0]):
        right += answer is True
        wrong += answer is False
        points.append((right / counting, right / max(right + wrong, 1)))
    precision = [max((p for r, p in points if r >= recall), default=0) for recall in RECALLS]
    return np.mean(precision), right / counting


def summary(classes, bounds, limit=100, thresholds=THRESHOLDS):
    """(AP, AR) over classes and thresholds, and the AP of each class."""
    values = [[curve(images, t, bounds, limit) for t in thresholds] for images in classes]
    kept = [row for row in values if row[0] is not None]
    per_class = [np.mean([p for p, _ in row]) if row[0] is not None else np.nan for row in values]
    if not kept:
        return np.nan, np.nan, per_class
    return np.mean([[p for p, _ in row] for row in kept]), np.mean([[r for _, r in row] for row in kept]), per_class


def read(path):
    """For each class a list of (true boxes, boxes), one for each image."""
    with open(path, encoding="ascii") as file:
        count = int(file.readline().split()[1])
        images = collections.defaultdict(lambda: [([], []) for _ in range(count)])
        for line in file:
            kind, image, *numbers = line.split()
            box = tuple(float(number) for number in numbers[:4])
            mine = images[int(image)][int(numbers[4])]
            if kind == "T":
                size = float(numbers[6])
                mine[0].append(Truth(box, numbers[5] == "1", size if size > 0 else area(box)))
            else:
                mine[1].append(Box(box, float(numbers[5])))
    return [[images[image][label] for image in sorted(images)] for label in range(count)]


def main():
    classes = read(sys.argv[1])
    everything = summary(classes, RANGES["all"])
    ranges = [summary(classes, RANGES[name]) for name in ("small", "medium", "large")]
    limited = [summary(classes, RANGES["all"], limit) for limit in (1, 10)]
    strict = [summary(classes, RANGES["all"], thresholds=[t])[0] for t in (THRESHOLDS[0], THRESHOLDS[5])]
    numbers = [everything[0], *strict, *(part[0] for part in ranges), *(part[1] for part in limited), everything[1],
               *(part[1] for part in ranges), *everything[2]]
    print("\n".join(f"{number:.9f}" for number in numbers))


if __name__ == "__main__":
    main()
