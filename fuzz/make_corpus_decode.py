# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of fuzz_decode: for each adapter outputs of its shape, with numbers that make a few boxes.

    /usr/bin/python3 fuzz/make_corpus_decode.py [FOLDER]
"""
import pathlib
import random
import sys

LOGITS, PROBABILITIES, SIGMOID_LOGITS, SIGMOID_PROBABILITIES = range(4)
FLOAT, INT64 = 0, 1
# In the order of the table: name, output_kind, sides in steps of 32 px, outputs as (element type, dimensions)
SEEDS = [
    ("classifier", LOGITS, 1, [(FLOAT, [1, 7])]),
    ("detr", LOGITS, 1, [(FLOAT, [1, 9, 4]), (FLOAT, [1, 9, 4])]),
    ("fastestdet", SIGMOID_PROBABILITIES, 2, [(FLOAT, [1, 8, 4, 4])]),
    ("rt_detr", SIGMOID_LOGITS, 1, [(FLOAT, [1, 9, 3]), (FLOAT, [1, 9, 4])]),
    ("ssd", SIGMOID_PROBABILITIES, 1, [(FLOAT, [1, 6, 4]), (INT64, [1, 6]), (FLOAT, [1, 6])]),
    ("tf_detection", SIGMOID_PROBABILITIES, 1, [(FLOAT, [1, 6, 4]), (FLOAT, [1, 6]), (FLOAT, [1, 6]), (FLOAT, [1])]),
    ("torchvision", SIGMOID_PROBABILITIES, 1, [(FLOAT, [6, 4]), (INT64, [6]), (FLOAT, [6])]),
    ("yolo_end2end", SIGMOID_PROBABILITIES, 1, [(FLOAT, [1, 6, 6])]),
    ("yolov5", SIGMOID_PROBABILITIES, 1, [(FLOAT, [1, 63, 8])]),
    ("yolov8", SIGMOID_PROBABILITIES, 1, [(FLOAT, [1, 7, 21])]),
    ("yolov8_rows", SIGMOID_PROBABILITIES, 1, [(FLOAT, [1, 21, 7])]),
    ("yolox", SIGMOID_PROBABILITIES, 1, [(FLOAT, [1, 21, 8])]),
]


def seed(index, kind, side, outputs, chance):
    head = [index, kind, 12, 115, side - 1, side - 1, 3, len(outputs) - 1]
    for element, dims in outputs:
        head += [element, len(dims), *dims]
    count = sum(len_of(dims) for _, dims in outputs)
    return bytes(head + [chance.choice([0, 20, 100, 160, 200, 205, 220]) if k % 3 else chance.randrange(201) for k in range(count)])


def len_of(dims):
    size = 1
    for dim in dims:
        size *= dim
    return size


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "corpus/decode")
    folder.mkdir(parents=True, exist_ok=True)
    for index, (name, kind, side, outputs) in enumerate(SEEDS):
        (folder / name).write_bytes(seed(index, kind, side, outputs, random.Random(index)))


if __name__ == "__main__":
    main()
