#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What Pillow makes of the same input: the tests of image/ compare with it. Exit status 77: no Pillow here."""
import pathlib
import sys

try:
    from PIL import Image
except ImportError:
    sys.exit(77)


def decode(folder):
    """NAME.jpg or NAME.png gives NAME.rgb, laid over white."""
    for path in folder.iterdir():
        if path.suffix not in (".jpg", ".png"):
            continue
        with Image.open(path) as image:
            if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
                pixels = image.convert("RGBA")
                opaque = Image.new("RGB", image.size, (255, 255, 255))
                opaque.paste(pixels, mask=pixels.getchannel("A"))
            else:
                opaque = image.convert("RGB")
            path.with_suffix(".rgb").write_bytes(opaque.tobytes())


def resize(folder):
    """cases.txt has lines 'WIDTH HEIGHT NEW_WIDTH NEW_HEIGHT FILTER X0 Y0 X1 Y1'; line N takes N.in and gives N.rgb."""
    filters = [Image.BILINEAR, Image.BOX]
    for number, line in enumerate((folder / "cases.txt").read_text().splitlines()):
        width, height, new_width, new_height, which = (int(word) for word in line.split()[:5])
        box = tuple(float(word) for word in line.split()[5:])
        source = Image.frombytes("RGB", (width, height), (folder / f"{number}.in").read_bytes())
        made = source.resize((new_width, new_height), filters[which], box=box)
        (folder / f"{number}.rgb").write_bytes(made.tobytes())


{"decode": decode, "resize": resize}[sys.argv[1]](pathlib.Path(sys.argv[2]))
