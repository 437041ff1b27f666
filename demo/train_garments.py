# SPDX-License-Identifier: Apache-2.0
"""Trains the demo's garment classifier, measures it and writes it as ONNX.

    /usr/bin/python3 demo/train_garments.py

Needs the Debian packages python3-torch, python3-numpy, python3-onnx and dataset-fashion-mnist. The first 5,000 images of the official
train file (indices 0..4999, file order) are the training set; the demo publishes exactly these as its training dataset. Images 5000 and up
are the unseen stream, the t10k file is for tests only; both are only measured here, never trained on.

--without LABEL leaves one class out of training and of the model, as bench/quality does for what a model never learned.

The graph:  input [N, 3, 28, 28] float32, RGB, pixel / 255  ->  embedding [N, 128] (inner tensor, after ReLU)  ->  logits [N, 10]
"""

import argparse
import gzip
import hashlib
import io
import math
import pathlib
import platform

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional

HERE = pathlib.Path(__file__).resolve().parent
IMAGE_SIDE_PX = 28
TRAIN_IMAGES = 5000
STREAM_IMAGES = 6000
STEPS = 1200
BATCH_IMAGES = 128
PEAK_LEARNING_RATE = 3e-3
SHIFT_MAX_PX = 2
STREAM_SEED = 1
ONNX_OPSET = 13


def read_images(path):
    """Reads an IDX image file as uint8 [n, 28, 28]."""
    with gzip.open(path, "rb") as stream:
        content = stream.read()
    magic, count, height, width = np.frombuffer(content, ">u4", 4)
    if (magic, height, width) != (2051, IMAGE_SIDE_PX, IMAGE_SIDE_PX):
        raise SystemExit(f"{path}: not an IDX file of 28x28 images")
    return np.frombuffer(content, np.uint8, offset=16).reshape(count, height, width)


def read_classes(path):
    """Reads an IDX label file as int64 [n]."""
    with gzip.open(path, "rb") as stream:
        content = stream.read()
    if np.frombuffer(content, ">u4", 1)[0] != 2049:
        raise SystemExit(f"{path}: not an IDX label file")
    return np.frombuffer(content, np.uint8, offset=8).astype(np.int64)


def read_part(folder, part, unknown):
    """Images and classes as the model counts them; -1 is the class that it does not know."""
    classes = read_classes(folder / f"{part}-labels-idx1-ubyte.gz")
    if unknown is not None:
        classes = np.where(classes == unknown, -1, classes - (classes > unknown))
    return read_images(folder / f"{part}-images-idx3-ubyte.gz"), classes


def to_pixels(gray):
    """uint8 [n, 28, 28] -> float32 [n, 1, 28, 28] in 0..1."""
    return torch.from_numpy(gray.astype(np.float32) / 255).unsqueeze(1)


def to_rgb(pixels):
    """The product decodes every image to RGB; a gray PNG gives three equal channels."""
    return pixels.expand(-1, 3, -1, -1)


class GarmentNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.conv2, self.norm2 = nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32)
        self.conv3, self.norm3 = nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64)
        self.embed = nn.Linear(64 * 3 * 3, 128)
        self.classify = nn.Linear(128, classes)

    def forward(self, rgb):
        x = functional.max_pool2d(functional.relu(self.norm1(self.conv1(rgb))), 2)
        x = functional.max_pool2d(functional.relu(self.norm2(self.conv2(x))), 2)
        x = functional.max_pool2d(functional.relu(self.norm3(self.conv3(x))), 2)
        return self.classify(functional.relu(self.embed(x.flatten(1))))


def augment(pixels, generator):
    """Flips half of the images and shifts each by up to SHIFT_MAX_PX, black coming in at the edge."""
    count = pixels.shape[0]
    flip = torch.rand(count, generator=generator) < 0.5
    pixels = torch.where(flip.view(-1, 1, 1, 1), pixels.flip(3), pixels)
    padded = functional.pad(pixels, [SHIFT_MAX_PX] * 4)
    top = torch.randint(0, 2 * SHIFT_MAX_PX + 1, (count, 1, 1), generator=generator)
    left = torch.randint(0, 2 * SHIFT_MAX_PX + 1, (count, 1, 1), generator=generator)
    side = torch.arange(IMAGE_SIDE_PX)
    rows, columns = top + side.view(1, -1, 1), left + side.view(1, 1, -1)
    return padded[torch.arange(count).view(-1, 1, 1), 0, rows, columns].unsqueeze(1)


def batches(count, generator):
    """Endless index batches; every image once before any comes again, within a batch's length."""
    waiting = torch.empty(0, dtype=torch.int64)
    while True:
        while waiting.numel() < BATCH_IMAGES:
            waiting = torch.cat([waiting, torch.randperm(count, generator=generator)])
        yield waiting[:BATCH_IMAGES]
        waiting = waiting[BATCH_IMAGES:]


def fit(net, pixels, classes, generator, steps=STEPS):
    """Trains the net by the one recipe there is; yields step and loss."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=PEAK_LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=PEAK_LEARNING_RATE, total_steps=steps)
    for step, chosen in zip(range(steps), batches(len(pixels), generator)):
        loss = functional.cross_entropy(net(to_rgb(augment(pixels[chosen], generator))), classes[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        yield step + 1, loss.item()


def train(pixels, classes, class_count, seed):
    torch.manual_seed(seed)
    net = GarmentNet(class_count)
    for step, loss in fit(net, pixels, classes, torch.Generator().manual_seed(seed)):
        if step % 200 == 0:
            print(f"step {step:5d}  loss {loss:.4f}", flush=True)
    return net.eval()


def transform(pixels, matrix):
    """Resamples bilinearly around the image centre; matrix maps output to input coordinates, outside is black."""
    theta = torch.tensor([[*matrix[0], 0.0], [*matrix[1], 0.0]]).expand(len(pixels), 2, 3)
    grid = functional.affine_grid(theta, list(pixels.shape), align_corners=False)
    return functional.grid_sample(pixels, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def blur_twice(pixels, _generator):
    row = torch.tensor([1.0, 2.0, 1.0]) / 4
    kernel = torch.outer(row, row).view(1, 1, 3, 3)
    for _ in range(2):
        pixels = functional.conv2d(functional.pad(pixels, [1] * 4, mode="replicate"), kernel)
    return pixels


def turn(pixels, _generator):
    angle = math.radians(20)
    return transform(pixels, [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


DISTURBANCES = (
    ("untouched", lambda pixels, generator: pixels),
    ("darkened to 0.45", lambda pixels, generator: pixels * 0.45),
    ("blurred (3x3 binomial, twice)", blur_twice),
    ("noise N(0, 0.15^2)", lambda pixels, generator: pixels + 0.15 * torch.randn(pixels.shape, generator=generator)),
    ("shrunk to 0.75", lambda pixels, generator: transform(pixels, [[1 / 0.75, 0.0], [0.0, 1 / 0.75]])),
    ("turned by 20 degrees", turn),
)


def disturb(pixels):
    """Gives each image one of the six disturbances, equally likely, then rounds to 8 bits as a PNG does."""
    generator = torch.Generator().manual_seed(STREAM_SEED)
    kinds = torch.randint(0, len(DISTURBANCES), (len(pixels),), generator=generator)
    stream = torch.empty_like(pixels)
    for kind, (_, apply) in enumerate(DISTURBANCES):
        stream[kinds == kind] = apply(pixels[kinds == kind], generator)
    return torch.round(stream.clamp(0, 1) * 255) / 255, kinds


@torch.no_grad()
def is_right(net, pixels, classes):
    found = [net(to_rgb(part)).argmax(1) for part in pixels.split(1000)]
    return (torch.cat(found) == classes).float()


def measure(net, data, train_pixels, train_classes):
    images, classes = data["train"]
    stream_range = slice(TRAIN_IMAGES, TRAIN_IMAGES + STREAM_IMAGES)
    stream, kinds = disturb(to_pixels(images[stream_range]))
    stream_right = is_right(net, stream, torch.from_numpy(classes[stream_range]))
    clean_right = is_right(net, to_pixels(images[stream_range]), torch.from_numpy(classes[stream_range]))
    t10k_right = is_right(net, to_pixels(data["t10k"][0]), torch.from_numpy(data["t10k"][1]))
    rows = [
        ("train 0..4999", is_right(net, train_pixels, train_classes)),
        ("t10k, clean", t10k_right),
        ("train 5000..10999, clean", clean_right),
        ("train 5000..10999, shifted", stream_right),
    ]
    rows += [("  " + name, stream_right[kinds == kind]) for kind, (name, _) in enumerate(DISTURBANCES)]
    print("\n| images | count | accuracy |\n| --- | ---: | ---: |")
    for name, right in rows:
        print(f"| {name} | {len(right)} | {right.mean().item():.4f} |")


def rename_tensor(graph, old, new):
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]


def export(net, labels, path):
    """Writes the graph with batch norm folded into the convolutions, and the labels as metadata."""
    content = io.BytesIO()
    axes = {"input": {0: "N"}, "logits": {0: "N"}}
    torch.onnx.export(net, torch.zeros(1, 3, IMAGE_SIDE_PX, IMAGE_SIDE_PX), content, input_names=["input"],
                      output_names=["logits"], dynamic_axes=axes, opset_version=ONNX_OPSET)
    model = onnx.load_from_string(content.getvalue())
    last = model.graph.node[-1]
    if last.op_type != "Gemm" or any(node.op_type == "BatchNormalization" for node in model.graph.node):
        raise SystemExit("the exporter gave an unexpected graph: wanted a last Gemm and no batch normalisation")
    rename_tensor(model.graph, last.input[0], "embedding")
    model.graph.name = "garments"
    onnx.helper.set_model_props(model, {"labels": ",".join(labels)})
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist", help="folder of the *.gz files")
    parser.add_argument("--output", type=pathlib.Path, default=HERE / "garments.onnx")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without", metavar="LABEL", help="train without the images of this class, and without the class")
    options = parser.parse_args()

    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)  # sums in one order only: the file repeats byte for byte on the same kind of processor
    labels = (HERE / "garments.labels.txt").read_text(encoding="ascii").split()
    unknown = labels.index(options.without) if options.without else None
    data = {part: read_part(options.data, part, unknown) for part in ("train", "t10k")}
    classes = data["train"][1][:TRAIN_IMAGES]
    pixels, classes = to_pixels(data["train"][0][:TRAIN_IMAGES][classes >= 0]), torch.from_numpy(classes[classes >= 0])
    labels = [label for label in labels if label != options.without]

    print(f"python {platform.python_version()}, torch {torch.__version__}, numpy {np.__version__}, onnx {onnx.__version__}, seed {options.seed}")
    net = train(pixels, classes, len(labels), options.seed)
    measure(net, data, pixels, classes)
    export(net, labels, options.output)
    content = options.output.read_bytes()
    print(f"\n{options.output.name}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
