# SPDX-License-Identifier: Apache-2.0
"""The demo's model taught further: its weights out of demo/garments.onnx, the recipe of demo/train_garments.py."""
import copy
import ctypes
import json
import pathlib
import sys

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from PIL import Image
from torch.nn import functional

DEMO = pathlib.Path(__file__).resolve().parents[2] / "demo"
sys.path.insert(0, str(DEMO))
import train_garments as demo  # noqa: E402

DATASET = pathlib.Path("/usr/share/datasets/fashion-mnist")
LABELS = (DEMO / "garments.labels.txt").read_text(encoding="ascii").split()
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4


def set_up_process():
    """One thread: sums in one order. Memory is kept instead of given back after each step, which takes a third of the time."""
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    libc = ctypes.CDLL(None)
    for option, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 64 << 20)):
        libc.mallopt(option, value)


@torch.no_grad()
def demo_net(training_pixels):
    """The net as the file has it. There its norms are folded into the convolutions; here they get the means and variances of the
    training images, and weights that make them change nothing."""
    tensors = [numpy_helper.to_array(tensor) for tensor in onnx.load(str(DEMO / "garments.onnx")).graph.initializer]
    weights = {tensor.shape: torch.from_numpy(tensor.copy()) for tensor in tensors}
    net = demo.GarmentNet(len(LABELS)).eval()
    for layer in (net.conv1, net.conv2, net.conv3, net.embed, net.classify):
        layer.weight.copy_(weights[tuple(layer.weight.shape)])
        layer.bias.copy_(weights[tuple(layer.bias.shape)])
    x = demo.to_rgb(training_pixels)
    for convolution, norm in ((net.conv1, net.norm1), (net.conv2, net.norm2), (net.conv3, net.norm3)):
        x = convolution(x)
        norm.running_mean.copy_(x.mean((0, 2, 3)))
        norm.running_var.copy_(x.var((0, 2, 3)))
        norm.bias.copy_(norm.running_mean)
        norm.weight.copy_((norm.running_var + norm.eps).sqrt())
        x = functional.max_pool2d(functional.relu(norm(x)), 2)
    return net


class Garments:
    """What the model was trained on, and the test set, disturbed as the streams are: each of the six kinds equally likely."""

    def __init__(self):
        images, classes = demo.read_part(DATASET, "train")
        self.pixels = demo.to_pixels(images[: demo.TRAIN_IMAGES])
        self.classes = torch.from_numpy(classes[: demo.TRAIN_IMAGES])
        test_images, test_classes = demo.read_part(DATASET, "t10k")
        self.test_classes = torch.from_numpy(test_classes)
        self.test = demo.disturb(demo.to_pixels(test_images))[0]
        self.net = demo_net(self.pixels)

    def taught(self, stream, chosen, seed, steps):
        """Accuracy of the demo's net after training on what it knew and on the chosen images of the stream."""
        net = copy.deepcopy(self.net).to(memory_format=torch.channels_last).train()
        pixels = torch.cat([self.pixels, stream.pixels[chosen]])
        classes = torch.cat([self.classes, stream.classes[chosen]])
        for _ in demo.fit(net, pixels, classes, torch.Generator().manual_seed(seed), steps):
            pass
        return demo.is_right(net.eval(), self.test, self.test_classes).mean().item()


class Stream:
    """The images of a case in the order of its truth.manifest, with what they show."""

    def __init__(self, case):
        rows = [json.loads(line) for line in (case / "truth.manifest").read_text().splitlines()]
        self.sources = [row["source"] for row in rows]
        self.classes = torch.tensor([LABELS.index(row["annotation"][0]["name"]) for row in rows])
        self.pixels = demo.to_pixels(np.stack([np.asarray(Image.open(source).convert("RGB"))[:, :, 0] for source in self.sources]))
