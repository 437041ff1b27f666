#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What Pillow makes of the same input: the tests of image/ compare with it. Exit status 77: no Pillow here."""
import pathlib
import random
import sys
import warnings

try:
    import numpy as np
    from PIL import Image, ImageOps, ImageSequence
except ImportError:
    sys.exit(77)


def flatten(image):
    """The first frame upright, laid over white; None for the deep modes that Pillow clips instead of scaling."""
    if image.mode == "I;16":
        return Image.frombytes("L", image.size, bytes((v + 128) // 257 for v in image.getdata())).convert("RGB")
    if image.mode in ("I", "F", "I;16B"):
        return None
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        pixels = image.convert("RGBA")
        opaque = Image.new("RGB", image.size, (255, 255, 255))
        opaque.paste(pixels, mask=pixels.getchannel("A"))
        return opaque
    return image.convert("RGB")


def decode(folder):
    """NAME.jpg or NAME.png gives NAME.rgb, laid over white."""
    for path in folder.iterdir():
        if path.suffix not in (".jpg", ".png"):
            continue
        with Image.open(path) as image:
            path.with_suffix(".rgb").write_bytes(flatten(image).tobytes())


def decode_list(folder):
    """Line N of list.txt is a path; what Pillow reads of it becomes N.rgb."""
    for number, path in enumerate((folder / "list.txt").read_text().splitlines()):
        try:
            with Image.open(path) as image:
                opaque = flatten(image)
        except (OSError, SyntaxError, Image.DecompressionBombError):
            continue
        if opaque:
            (folder / f"{number}.rgb").write_bytes(opaque.tobytes())


def picture(mode, seed):
    """Slopes, an edge and some noise; odd sides, so that no row is a whole number of anything."""
    dice = random.Random(seed)
    rgb = Image.new("RGB", (61, 43))
    for y in range(43):
        for x in range(61):
            noise = dice.randrange(24)
            rgb.putpixel((x, y), (x * 3 + noise, y * 5 + noise, 210 if (x // 9 + y // 7) % 2 else noise))
    if mode == "P":
        return rgb.quantize(48)
    if mode == "I;16":
        return Image.frombytes("I;16", rgb.size, dice.randbytes(61 * 43 * 2))
    image = rgb.convert(mode)
    if mode in ("LA", "RGBA"):
        image.putalpha(Image.frombytes("L", rgb.size, bytes(dice.choice((0, 80, 255)) for _ in range(61 * 43))))
    return image


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data.tobytes()


def make(folder):
    """Files of many kinds and the pixels that Pillow reads back: NAME~TOLERANCE.SUFFIX and its .rgb."""
    kinds = [
        ("lossless~0.webp", "RGB", {"lossless": True}),
        ("lossy~0.webp", "RGB", {"quality": 70}),
        ("lossless-alpha~0.webp", "RGBA", {"lossless": True}),
        ("lossy-alpha~0.webp", "RGBA", {"quality": 70}),
        ("turned~0.webp", "RGB", {"lossless": True, "exif": exif(6)}),
        ("profile~0.webp", "RGB", {"lossless": True, "icc_profile": b"not a profile"}),
        ("animated~0.webp", "RGB", {"lossless": True, "save_all": True}),
        ("animated-alpha~0.webp", "RGBA", {"lossless": True, "save_all": True}),
        ("interlaced~0.gif", "P", {}),
        ("plain~0.gif", "P", {"interlace": 0}),
        ("gray~0.gif", "L", {}),
        ("bilevel~0.gif", "1", {}),
        ("key~0.gif", "P", {"transparency": 3}),
        ("animated~0.gif", "P", {"save_all": True}),
        ("animated~0.png", "RGB", {"save_all": True}),
        ("bilevel~0.bmp", "1", {}),
        ("gray~0.bmp", "L", {}),
        ("palette~0.bmp", "P", {}),
        ("rgb~0.bmp", "RGB", {}),
        ("rgba~0.bmp", "RGBA", {}),
        ("bilevel~0.tif", "1", {}),
        ("fax3~0.tif", "1", {"compression": "group3"}),
        ("fax4~0.tif", "1", {"compression": "group4"}),
        ("gray~0.tif", "L", {}),
        ("gray16~1.tif", "I;16", {}),
        ("gray-alpha~1.tif", "LA", {}),
        ("palette~0.tif", "P", {"compression": "packbits"}),
        ("rgb~0.tif", "RGB", {}),
        ("rgb-lzw~0.tif", "RGB", {"compression": "tiff_lzw"}),
        ("rgb-deflate~0.tif", "RGB", {"compression": "tiff_adobe_deflate"}),
        ("rgb-jpeg~0.tif", "RGB", {"compression": "jpeg"}),
        ("rgba~1.tif", "RGBA", {}),
        ("cmyk~1.tif", "CMYK", {}),
        ("ycbcr~2.tif", "YCbCr", {"compression": "jpeg"}),
        ("pages~0.tif", "RGB", {"save_all": True}),
    ]
    for name, mode, options in kinds:
        if options.get("save_all"):
            options["append_images"] = [picture(mode, 7), picture(mode, 8)]
        path = folder / name
        picture(mode, 1).save(path, **options)
        with Image.open(path) as image:
            first = next(iter(ImageSequence.Iterator(image)))
            path.with_suffix(path.suffix + ".rgb").write_bytes(flatten(first).tobytes())


def resize(folder):
    """cases.txt has lines 'WIDTH HEIGHT NEW_WIDTH NEW_HEIGHT FILTER X0 Y0 X1 Y1'; line N takes N.in and gives N.rgb."""
    filters = [Image.BILINEAR, Image.BOX]
    for number, line in enumerate((folder / "cases.txt").read_text().splitlines()):
        width, height, new_width, new_height, which = (int(word) for word in line.split()[:5])
        box = tuple(float(word) for word in line.split()[5:])
        source = Image.frombytes("RGB", (width, height), (folder / f"{number}.in").read_bytes())
        made = source.resize((new_width, new_height), filters[which], box=box)
        (folder / f"{number}.rgb").write_bytes(made.tobytes())


def reflected(array, reach):
    return np.pad(array, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")


def warped(array, inverse):
    """Bilinear with the edge repeated; inverse takes middles of the copy's pixels to places in the image."""
    height, width, _ = array.shape
    y, x = np.mgrid[0:height, 0:width] + 0.5
    xx, xy, x0, yx, yy, y0 = inverse
    u, v = xx * x + xy * y + x0 - 0.5, yx * x + yy * y + y0 - 0.5
    left, top = np.floor(u).astype(int), np.floor(v).astype(int)
    across, down = (u - left)[..., None], (v - top)[..., None]

    def at(rows, columns):
        return array[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]

    above = at(top, left) * (1 - across) + at(top, left + 1) * across
    below = at(top + 1, left) * (1 - across) + at(top + 1, left + 1) * across
    return above * (1 - down) + below * down


def blurred(array, sigma):
    width = 3.3 * sigma if sigma < 3 else 2.9 * sigma if sigma < 5 else 2.6 * sigma
    taps = int(max(width, 5))
    taps += taps % 2 == 0
    reach = taps // 2
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    weights /= weights.sum()
    padded = reflected(array, reach)
    height, width, _ = array.shape
    rows = sum(weight * padded[:, i : i + width] for i, weight in enumerate(weights))
    return sum(weight * rows[i : i + height] for i, weight in enumerate(weights))


def sharpened(array, alpha):
    padded, (height, width, _) = reflected(array, 1), array.shape
    around = sum(padded[y : y + height, x : x + width] for y in range(3) for x in range(3)) - array
    return (1 - alpha) * array + alpha * (9 * array - around)


def cropped(array, cut):
    height, width, _ = array.shape
    image = Image.fromarray(array.astype(np.uint8))
    box = (cut[0], cut[1], width - cut[2], height - cut[3])
    return np.asarray(image.resize((width, height), Image.BILINEAR, box=box)).astype(float)


def augment(folder):
    """cases.txt has lines 'OP WIDTH HEIGHT VALUE PIXEL P0 P1 P2 P3 XX XY X0 YX YY Y0', the draw; line N takes N.in,
    gives N.rgb."""
    for number, line in enumerate((folder / "cases.txt").read_text().splitlines()):
        name, width, height, *numbers = line.split()
        value, pixel, *rest = (float(word) for word in numbers)
        cut, (xx, xy, x0, yx, yy, y0) = rest[:4], rest[4:]
        raw = (folder / f"{number}.in").read_bytes()
        array = np.frombuffer(raw, np.uint8).reshape(int(height), int(width), 3).astype(float)
        inverse = (1 / xx, -xy / xx / yy, (xy * y0 / yy - x0) / xx, 0, 1 / yy, -y0 / yy)
        made = {
            "gaussianblur": lambda: blurred(array, value * pixel),
            "fliplr": lambda: array[:, ::-1],
            "flipud": lambda: array[::-1],
            "crop": lambda: cropped(array, cut),
            "scale": lambda: warped(array, inverse),
            "translate": lambda: warped(array, inverse),
            "shear": lambda: warped(array, inverse),
            "sharpen": lambda: sharpened(array, value),
            "add": lambda: array + round(value * cut[0]),
            "invert": lambda: 255 - array,
        }.get(name, lambda: array)()
        (folder / f"{number}.rgb").write_bytes(np.clip(np.rint(made), 0, 255).astype(np.uint8).tobytes())


warnings.simplefilter("ignore")
{"augment": augment, "decode": decode, "decode_list": decode_list, "make": make, "resize": resize}[sys.argv[1]](pathlib.Path(sys.argv[2]))
