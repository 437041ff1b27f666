#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prepares images for a model the way its authors do, with Pillow and numpy only, so that another engine can compute what
Trommel must agree with.

    /usr/bin/python3 reference_logits.py MODEL.onnx LIST FOLDER

LIST names one image per line. Writes FOLDER/inputs.f32 (images × 3 × side × side, float32, little-endian) and
FOLDER/model.onnx, the model with its tensor `embedding` as a second output. Prints the side in px. Exits with 77 when a
Python module is missing.
"""

import pathlib
import sys

try:
    import numpy as np
    import onnx
    from PIL import Image, ImageOps
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)

CROP_FRACTION = 0.875
CIFAR_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
CIFAR_STD = np.array([0.229, 0.224, 0.225], np.float32)


def squashed(image, side):
    return image.resize((side, side), Image.BILINEAR)


def center_cropped(image, side):
    """torchvision's Resize(round(side / fraction)) and CenterCrop(side)."""
    short = round(side / CROP_FRACTION)
    width, height = image.size
    size = (short, int(short * height / width)) if width <= height else (int(short * width / height), short)
    image = image.resize(size, Image.BILINEAR)
    left, top = int(round((size[0] - side) / 2.0)), int(round((size[1] - side) / 2.0))
    return image.crop((left, top, left + side, top + side))


def prepare(path, side, is_cifar):
    with Image.open(path) as file:
        image = ImageOps.exif_transpose(file).convert("RGB")
    fitted = squashed(image, side) if is_cifar else center_cropped(image, side)
    values = np.asarray(fitted, np.float32)
    if is_cifar:
        values = (values / np.float32(255) - CIFAR_MEAN) / CIFAR_STD
    else:
        values = (values - np.float32(127.5)) / np.float32(127.5)
    return np.ascontiguousarray(values.transpose(2, 0, 1), "<f4")


def main():
    model_path, list_path, folder = (pathlib.Path(argument) for argument in sys.argv[1:4])
    model = onnx.load(str(model_path))
    side = model.graph.input[0].type.tensor_type.shape.dim[2].dim_value
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info("embedding"))
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    with open(folder / "inputs.f32", "wb") as output:
        for path in list_path.read_text().splitlines():
            output.write(prepare(path, side, "cifar10" in model_path.name).tobytes())
    print(side)


if __name__ == "__main__":
    main()
