#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of fuzz_image into corpus/image/: small pictures of every kind, some of them damaged. Needs python3-pil."""
import io
import pathlib
import struct
import zlib

from PIL import Image

SIZE = (20, 13)


def picture(mode):
    """A small slope with an edge in it."""
    rgb = Image.new("RGB", SIZE)
    for y in range(SIZE[1]):
        for x in range(SIZE[0]):
            rgb.putpixel((x, y), (x * 12, y * 19, 200 if (x + y) % 9 < 4 else 30))
    return rgb.convert(mode)


def packed(image, **options):
    file = io.BytesIO()
    image.save(file, **options)
    return file.getvalue()


def exif(value):
    return b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">H", value) + bytes(6)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def raw_png(depth, colour, interlace, channels):
    """A PNG that Pillow does not write: 16 bits, interlaced; one pixel."""
    header = struct.pack(">IIBBBBB", 1, 1, depth, colour, 0, 0, interlace)
    row = bytes([0]) + bytes(range(7, 7 + channels * depth // 8))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"acTL", bytes([0, 0, 0, 2, 0, 0, 0, 0]))
            + chunk(b"IDAT", zlib.compress(row)) + chunk(b"eXIf", exif(8)[6:]) + chunk(b"IEND", b""))


def seeds():
    jpeg = {"format": "JPEG", "quality": 60, "optimize": True}
    yield "gray.jpg", packed(picture("L"), **jpeg)
    yield "420.jpg", packed(picture("RGB"), subsampling=2, **jpeg)
    yield "422.jpg", packed(picture("RGB"), subsampling=1, **jpeg)
    yield "progressive.jpg", packed(picture("RGB"), progressive=True, **jpeg)
    yield "cmyk.jpg", packed(picture("CMYK"), **jpeg)
    turned = packed(picture("RGB"), exif=exif(6), icc_profile=b"not a profile", **jpeg)
    yield "turned.jpg", turned
    yield "cut.jpg", turned[: len(turned) * 3 // 4]
    yield "gray.png", packed(picture("L"), format="PNG")
    yield "one_bit.png", packed(picture("1"), format="PNG")
    yield "palette.png", packed(picture("P"), format="PNG", transparency=3)
    yield "rgb.png", packed(picture("RGB"), format="PNG")
    yield "rgba.png", packed(picture("RGBA"), format="PNG")
    yield "cut.png", packed(picture("RGB"), format="PNG")[:-30]
    yield "rgba_16_interlaced.png", raw_png(16, 6, 1, 4)
    yield "gray_alpha_16.png", raw_png(16, 4, 0, 2)
    yield "other.gif", packed(picture("P"), format="GIF")
    yield "empty", b""
    yield "text", b"hello"


folder = pathlib.Path(__file__).parent / "corpus" / "image"
folder.mkdir(parents=True, exist_ok=True)
for name, data in seeds():
    (folder / name).write_bytes(data)
