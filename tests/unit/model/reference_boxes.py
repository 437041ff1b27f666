#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prepares images for a detector the way its authors do, with Pillow and numpy only, so that another engine can compute what
Trommel must agree with.

    /usr/bin/python3 reference_boxes.py MODEL.onnx LIST FOLDER

LIST names one image per line. Writes FOLDER/inputs.f32 (images × 3 × side × side, float32, little-endian) and FOLDER/sizes.json (side
of the input, width and height of each image, in px). Exits with 77 when a Python module is missing.

yolox_*     BGR, 0..255; both sides times r = min(side / width, side / height), cut to whole px, top left on grey 114
fastestdet  BGR, 0..1; squashed to side × side
"""

import json
import pathlib
import sys

try:
    import numpy as np
    import onnx
    from PIL import Image, ImageOps
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)

GREY = 114


def letterboxed(image, side):
    ratio = min(side / image.width, side / image.height)
    resized = image.resize((int(image.width * ratio), int(image.height * ratio)), Image.BILINEAR)
    canvas = Image.new("RGB", (side, side), (GREY, GREY, GREY))
    canvas.paste(resized, (0, 0))
    return canvas


def prepare(image, side, is_yolox):
    fitted = letterboxed(image, side) if is_yolox else image.resize((side, side), Image.BILINEAR)
    values = np.asarray(fitted, np.float32)[:, :, ::-1]
    if not is_yolox:
        values = values / np.float32(255)
    return np.ascontiguousarray(values.transpose(2, 0, 1), "<f4")


def main():
    model_path, list_path, folder = (pathlib.Path(argument) for argument in sys.argv[1:4])
    model = onnx.load(str(model_path))
    side = model.graph.input[0].type.tensor_type.shape.dim[2].dim_value
    sizes = []
    with open(folder / "inputs.f32", "wb") as output:
        for path in list_path.read_text().splitlines():
            with Image.open(path) as file:
                image = ImageOps.exif_transpose(file).convert("RGB")
            sizes.append(image.size)
            output.write(prepare(image, side, model_path.name.startswith("yolox")).tobytes())
    (folder / "sizes.json").write_text(json.dumps({"side": side, "images": sizes}))


if __name__ == "__main__":
    main()
