# SPDX-License-Identifier: Apache-2.0
"""Trains the demo's garment detector, measures it and writes it as ONNX.

    ninja -C build demo/compose && /usr/bin/python3 demo/train_scenes.py

Needs the Debian packages python3-torch, python3-numpy, python3-onnx, python3-pil and dataset-fashion-mnist. The scenes come from the demo's own
program build/demo/compose: training scenes show only garments 0..4999 of the train file, the streams that are measured only 5000 and up.

The graph:  images [N, 3, 160, 160] float32, RGB, pixel / 255  ->  output [N, 525, 15], YOLOX's layout: one row per cell of the strides 8, 16
and 32: x, y (cells from the cell's corner), log width, log height (in strides), objectness, 10 class scores, the last 11 after the sigmoid.
"""

import argparse
import hashlib
import io
import json
import pathlib
import platform
import subprocess
import tempfile
import time

import numpy as np
import onnx
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

HERE = pathlib.Path(__file__).resolve().parent
SIDE_PX = 160
CLASSES = 10
STRIDES = (8, 16, 32)
LONG_SIDE_UP_TO_PX = (44, 76, 10**6)  # which garments a stride answers for
TRAIN_SCENES, TRAIN_SEED = 4000, 1
STREAM_SCENES, STREAM_SEED = 2000, 3
BATCH = 32
PEAK_LEARNING_RATE = 4e-3
NMS_IOU = 0.45
FLOOR = 0.05
ONNX_OPSET = 13


def compose(program, part, seed, count):
    """Returns uint8 [count, 3, 160, 160] and the rows of scenes.jsonl."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, part, str(seed), str(count), folder], check=True)
        rows = [json.loads(line) for line in (pathlib.Path(folder) / "scenes.jsonl").read_text().splitlines()]
        pixels = np.stack([np.asarray(Image.open(pathlib.Path(folder) / row["file"])) for row in rows])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), rows


def layer(into, out, stride=1):
    return nn.Sequential(nn.Conv2d(into, out, 3, stride=stride, padding=1), nn.BatchNorm2d(out), nn.ReLU())


class SceneNet(nn.Module):
    """Five halvings, three of them looked at; what is far up is added to what is below it; one head for all."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(layer(3, 12, 2), layer(12, 24, 2), layer(24, 32), layer(32, 48, 2), layer(48, 48))
        self.down16, self.down32 = layer(48, 48, 2), layer(48, 48, 2)
        self.shared = nn.Conv2d(48, 48, 3, padding=1)
        self.box, self.thing, self.kind = nn.Conv2d(48, 4, 1), nn.Conv2d(48, 1, 1), nn.Conv2d(48, CLASSES, 1)
        nn.init.constant_(self.thing.bias, -4.0)

    def raw(self, pixels):
        """[N, 525, 15], objectness and classes as logits."""
        at8 = self.stem(pixels)
        at16 = self.down16(at8)
        at32 = self.down32(at16)
        at16 = at16 + functional.interpolate(at32, scale_factor=2.0, mode="nearest")
        at8 = at8 + functional.interpolate(at16, scale_factor=2.0, mode="nearest")
        rows = []
        for level in (at8, at16, at32):
            seen = functional.relu(self.shared(level))
            rows.append(torch.cat([self.box(seen), self.thing(seen), self.kind(seen)], 1).flatten(2))
        return torch.cat(rows, 2).transpose(1, 2)

    def forward(self, pixels):
        raw = self.raw(pixels)
        return torch.cat([raw[..., :4], torch.sigmoid(raw[..., 4:])], 2)


def cells():
    """Corner x, corner y and stride of each of the 525 rows, in px."""
    rows = []
    for stride in STRIDES:
        at = torch.arange(SIDE_PX // stride) * stride
        y, x = torch.meshgrid(at, at, indexing="ij")
        rows.append(torch.stack([x.flatten(), y.flatten(), torch.full((at.numel() ** 2,), stride)], 1))
    return torch.cat(rows).float()


def boxes_of(raw, places):
    """Corners in px from YOLOX's numbers."""
    centre = (raw[..., :2] + places[:, :2] / places[:, 2:]) * places[:, 2:]
    size = torch.exp(raw[..., 2:4].clamp(max=6)) * places[:, 2:]
    return torch.cat([centre - size / 2, centre + size / 2], -1)


def targets_of(row, places):
    """Per cell: the class of the garment it answers for, or -1, and that garment's box. A garment is answered for by the cells of its
    stride whose middle is within one cell of its own; the smaller garment comes first."""
    kinds = torch.full((len(places),), -1, dtype=torch.int64)
    boxes = torch.zeros(len(places), 4)
    middles = places[:, :2] + places[:, 2:] / 2
    for kind, *corners in sorted(row["boxes"], key=lambda box: -(box[3] - box[1]) * (box[4] - box[2])):
        x0, y0, x1, y1 = corners
        long_side = max(x1 - x0, y1 - y0)
        stride = STRIDES[next(i for i, limit in enumerate(LONG_SIDE_UP_TO_PX) if long_side <= limit)]
        middle = torch.tensor([(x0 + x1) / 2, (y0 + y1) / 2])
        mine = (places[:, 2] == stride) & ((middles - middle).abs().amax(1) < stride)
        kinds[mine] = kind
        boxes[mine] = torch.tensor(corners, dtype=torch.float32)
    return kinds, boxes


def overlap(a, b):
    """IoU and, for the loss, DIoU of boxes in the same order."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    common = (high - low).clamp(min=0).prod(-1)
    both = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - common
    iou = common / both.clamp(min=1e-6)
    around = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    apart = ((a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) / 2).pow(2).sum(-1)
    return iou, iou - apart / around.pow(2).sum(-1).clamp(min=1e-6)


def loss_of(raw, kinds, boxes, places):
    mine = kinds >= 0
    count = mine.sum().clamp(min=1)
    thing = functional.binary_cross_entropy_with_logits(raw[..., 4], mine.float(), reduction="sum") / count
    wanted = functional.one_hot(kinds[mine], CLASSES).float()
    kind = functional.binary_cross_entropy_with_logits(raw[..., 5:][mine], wanted, reduction="sum") / count
    place = (1 - overlap(boxes_of(raw, places)[mine], boxes[mine])[1]).sum() / count
    return thing + kind + 3 * place


def batches(count, generator):
    """Endless index batches; every scene once before any comes again, within a batch's length."""
    waiting = torch.empty(0, dtype=torch.int64)
    while True:
        while waiting.numel() < BATCH:
            waiting = torch.cat([waiting, torch.randperm(count, generator=generator)])
        yield waiting[:BATCH]
        waiting = waiting[BATCH:]


def mirror(pixels, boxes):
    return pixels.flip(3), torch.stack([SIDE_PX - boxes[..., 2], boxes[..., 1], SIDE_PX - boxes[..., 0], boxes[..., 3]], -1)


def mirrored_targets(rows, places):
    turned = [{"boxes": [[k, SIDE_PX - x1, y0, SIDE_PX - x0, y1] for k, x0, y0, x1, y1 in row["boxes"]]} for row in rows]
    return [torch.stack(part) for part in zip(*(targets_of(row, places) for row in turned))]


def train(net, pixels, rows, places, steps, seed):
    generator = torch.Generator().manual_seed(seed)
    plain = [torch.stack(part) for part in zip(*(targets_of(row, places) for row in rows))]
    turned = mirrored_targets(rows, places)
    optimizer = torch.optim.AdamW(net.parameters(), lr=PEAK_LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=PEAK_LEARNING_RATE, total_steps=steps)
    began = time.monotonic()
    for step, chosen in zip(range(steps), batches(len(pixels), generator)):
        is_turned = torch.rand(1, generator=generator).item() < 0.5
        order = torch.randperm(3, generator=generator)  # colours say nothing of a garment
        seen = pixels[chosen][:, order].float() / 255
        kinds, boxes = turned if is_turned else plain
        loss = loss_of(net.raw(seen.flip(3) if is_turned else seen), kinds[chosen], boxes[chosen], places)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
        schedule.step()
        if (step + 1) % 50 == 0:
            print(f"step {step + 1:5d}  loss {loss.item():.4f}  {time.monotonic() - began:.0f} s", flush=True)
    return net.eval()


def suppress(boxes, scores, kinds):
    """Indexes kept by NMS within each class, best first."""
    order, kept = torch.argsort(scores, descending=True, stable=True), []
    for i in order.tolist():
        if not any(kinds[i] == kinds[j] and overlap(boxes[i], boxes[j])[0] > NMS_IOU for j in kept):
            kept.append(i)
    return kept


@torch.no_grad()
def detect(net, pixels, places):
    """Per scene a list of (score, class, corners) from FLOOR on, best first."""
    found = []
    for part in pixels.split(100):
        for rows in net(part.float() / 255):
            best, kinds = (rows[:, 4:5] * rows[:, 5:]).max(1)
            keep = best >= FLOOR
            boxes, best, kinds = boxes_of(rows, places)[keep].clamp(0, SIDE_PX), best[keep], kinds[keep]
            found.append([(best[i].item(), kinds[i].item(), boxes[i].tolist()) for i in suppress(boxes, best, kinds)])
    return found


def iou(a, b):
    common = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


def match(found, truth):
    """Greedy, best first, IoU at least 0.5 and the same class: is each of `found` right?"""
    free, right = list(truth), []
    for _, kind, corners in found:
        near = [(iou(corners, box[1:]), i) for i, box in enumerate(free) if box[0] == kind]
        best = max(near, default=(0, 0))
        right.append(best[0] >= 0.5)
        if right[-1]:
            del free[best[1]]
    return right


def average_precision(marks, wanted):
    """Area under the precision envelope; marks: (score, is right) of one class."""
    right = np.cumsum([mark[1] for mark in sorted(marks, key=lambda mark: -mark[0])])
    if len(right) == 0 or wanted == 0:
        return 0.0
    precision = np.maximum.accumulate((right / np.arange(1, len(right) + 1))[::-1])[::-1]
    return float(np.sum(precision * np.diff(right, prepend=0)) / wanted)


def measure(found, rows, threshold=0.3):
    """mAP at IoU 0.5, and the share of scenes with any miss, false box or wrong class among the boxes from the threshold on."""
    values, wrong = [], 0
    for kind in range(CLASSES):
        marks, wanted = [], 0
        for scene, row in zip(found, rows):
            mine, truth = [box for box in scene if box[1] == kind], [box for box in row["boxes"] if box[0] == kind]
            wanted += len(truth)
            marks += [(box[0], right) for box, right in zip(mine, match(mine, truth))]
        values.append(average_precision(marks, wanted))
    for scene, row in zip(found, rows):
        kept = [box for box in scene if box[0] >= threshold]
        wrong += sum(match(kept, row["boxes"])) != len(row["boxes"]) or len(kept) != len(row["boxes"])
    return sum(values) / CLASSES, wrong / len(rows)


def report(net, program, places, scenes):
    pixels, rows = compose(program, "stream", STREAM_SEED, scenes)
    found = detect(net, pixels, places)
    kinds = sorted({row["trouble"] for row in rows}, key=lambda kind: (kind != "plain", kind))
    print("\n| scenes | count | mAP at IoU 0.5 | with an error |\n| --- | ---: | ---: | ---: |")
    for name, chosen in [("stream", kinds)] + [("  " + kind, [kind]) for kind in kinds]:
        which = [i for i, row in enumerate(rows) if row["trouble"] in chosen]
        value, wrong = measure([found[i] for i in which], [rows[i] for i in which])
        print(f"| {name} | {len(which)} | {value:.3f} | {wrong:.3f} |", flush=True)


def name_output_shape(output):
    """The exporter leaves it open, and the shape is what a family of detectors is known by."""
    rows = len(cells())
    for place, size in zip(output.type.tensor_type.shape.dim, ("N", rows, 5 + CLASSES)):
        place.Clear()
        if size == "N":
            place.dim_param = size
        else:
            place.dim_value = size


def export(net, labels, path):
    """Writes the graph with batch norm folded into the convolutions, labels and how pixels are fed as metadata."""
    content = io.BytesIO()
    torch.onnx.export(net, torch.zeros(1, 3, SIDE_PX, SIDE_PX), content, input_names=["images"], output_names=["output"],
                      dynamic_axes={"images": {0: "N"}, "output": {0: "N"}}, opset_version=ONNX_OPSET)  # fmt: skip
    model = onnx.load_from_string(content.getvalue())
    known = {"Conv", "Relu", "Add", "Resize", "Concat", "Reshape", "Transpose", "Sigmoid", "Slice", "Constant", "Shape", "Gather",
             "Unsqueeze"}  # fmt: skip
    strange = {node.op_type for node in model.graph.node} - known
    if strange:
        raise SystemExit(f"the exporter gave an unexpected graph: {', '.join(sorted(strange))}")
    name_output_shape(model.graph.output[0])
    model.graph.name = "scenes"
    props = {"labels": ",".join(labels), "preprocess": f"NCHW, RGB, squash, {SIDE_PX}x{SIDE_PX}, x/255"}
    onnx.helper.set_model_props(model, props)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compose", type=pathlib.Path, default=HERE.parent / "build/demo/compose", help="the demo's program")
    parser.add_argument("--output", type=pathlib.Path, default=HERE / "scenes.onnx")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--scenes", type=int, default=TRAIN_SCENES)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)  # sums in one order only: the file repeats byte for byte on the same kind of processor
    torch.manual_seed(options.seed)
    labels = (HERE / "garments.labels.txt").read_text(encoding="ascii").split()
    print(f"python {platform.python_version()}, torch {torch.__version__}, numpy {np.__version__}, onnx {onnx.__version__}, seed {options.seed}")
    pixels, rows = compose(options.compose, "train", TRAIN_SEED, options.scenes)
    places, net = cells(), SceneNet()
    print(f"{sum(value.numel() for value in net.parameters())} weights, {len(rows)} scenes, {sum(len(row['boxes']) for row in rows)} garments", flush=True)
    net = train(net, pixels, rows, places, options.steps, options.seed)
    export(net, labels, options.output)
    content = options.output.read_bytes()
    print(f"\n{options.output.name}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}", flush=True)
    report(net, options.compose, places, STREAM_SCENES)


if __name__ == "__main__":
    main()
