#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the decoders into corpus/FORMAT/: small pictures of every kind, some damaged. Needs python3-pil."""
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


def bmp(depth, compression, pixels, masks=b"", colours=0, height=4):
    """A BMP that Pillow does not write, 4 × 4 px."""
    palette = bytes(range(4 * colours))
    info = struct.pack("<IiiHHIIiiII", 40, 4, height, 1, depth, compression, len(pixels), 0, 0, colours, 0)
    start = 14 + len(info) + len(masks) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + info + masks + palette + pixels


def tiff(tags, pixels, order="<", name=b"II*\0"):
    """A TIFF that Pillow does not write: tags of one number each, the directory first; 273 and 324 get its place."""
    start = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(
        struct.pack(order + "HHI", tag, 4, 1) + struct.pack(order + "I", start if tag in (273, 324) else value)
        for tag, value in tags
    )
    return name + struct.pack(order + "IH", 8, len(tags)) + entries + bytes(4) + pixels


def jpegs():
    options = {"format": "JPEG", "quality": 60, "optimize": True}
    yield "gray.jpg", packed(picture("L"), **options)
    yield "420.jpg", packed(picture("RGB"), subsampling=2, **options)
    yield "422.jpg", packed(picture("RGB"), subsampling=1, **options)
    yield "progressive.jpg", packed(picture("RGB"), progressive=True, **options)
    yield "cmyk.jpg", packed(picture("CMYK"), **options)
    turned = packed(picture("RGB"), exif=exif(6), icc_profile=b"not a profile", **options)
    yield "turned.jpg", turned
    yield "cut.jpg", turned[: len(turned) * 3 // 4]


def pngs():
    yield "gray.png", packed(picture("L"), format="PNG")
    yield "one_bit.png", packed(picture("1"), format="PNG")
    yield "palette.png", packed(picture("P"), format="PNG", transparency=3)
    yield "rgb.png", packed(picture("RGB"), format="PNG")
    yield "rgba.png", packed(picture("RGBA"), format="PNG")
    yield "cut.png", packed(picture("RGB"), format="PNG")[:-30]
    yield "rgba_16_interlaced.png", raw_png(16, 6, 1, 4)
    yield "gray_alpha_16.png", raw_png(16, 4, 0, 2)
    yield "animated.png", packed(picture("L"), format="PNG", save_all=True, append_images=[picture("L").rotate(180)])


def webps():
    yield "lossy.webp", packed(picture("RGB"), format="WEBP", quality=50)
    yield "lossless.webp", packed(picture("RGB"), format="WEBP", lossless=True)
    rgba = picture("RGBA")
    rgba.putalpha(picture("L"))
    yield "lossy_alpha.webp", packed(rgba, format="WEBP", quality=50)
    yield "lossless_alpha.webp", packed(rgba, format="WEBP", lossless=True)
    yield "animated.webp", packed(rgba, format="WEBP", save_all=True, append_images=[rgba.rotate(180)])
    turned = packed(picture("RGB"), format="WEBP", exif=exif(6), icc_profile=b"not a profile")
    yield "turned.webp", turned
    yield "cut.webp", turned[: len(turned) // 2]


def gifs():
    few = picture("RGB").quantize(4)
    yield "plain.gif", packed(few, format="GIF", interlace=0)
    yield "interlaced.gif", packed(few, format="GIF", interlace=1)
    yield "key.gif", packed(few, format="GIF", transparency=2, comment=b"hello")
    animated = packed(few, format="GIF", save_all=True, append_images=[few.rotate(180)], loop=0)
    yield "animated.gif", animated
    yield "cut.gif", animated[: len(animated) * 2 // 3]


def bmps():
    masks = struct.pack("<III", 0xF800, 0x7E0, 0x1F)
    yield "one_bit.bmp", packed(picture("1"), format="BMP")
    yield "palette.bmp", packed(picture("RGB").quantize(5), format="BMP")
    yield "rgb.bmp", packed(picture("RGB"), format="BMP")
    yield "two_bit.bmp", bmp(2, 0, bytes(range(16)), colours=4)
    yield "four_bit_top_down.bmp", bmp(4, 0, bytes(range(16)), colours=16, height=-4)
    yield "masks.bmp", bmp(16, 3, bytes(range(32)), masks)
    yield "masks_alpha.bmp", bmp(32, 6, bytes(range(64)), struct.pack("<IIII", 0xFF, 0xFF00, 0xFF0000, 0xFF000000))
    yield "rle8.bmp", bmp(8, 1, b"\4\1\0\0\0\3\1\2\3\0\1\2\0\0\0\2\1\1\2\3\0\1", colours=5)
    yield "rle4.bmp", bmp(4, 2, b"\4\x12\0\0\0\3\x12\x30\0\2\1\1\2\x34\0\1", colours=5)
    yield "core.bmp", b"BM" + struct.pack("<IHHIIHHHH", 0, 0, 0, 32, 12, 4, 4, 1, 1) + b"abcdef" + bytes(range(16))


def tiffs():
    for kind in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg"):
        yield kind + ".tif", packed(picture("RGB"), format="TIFF", compression=kind)
    for kind in ("group3", "group4", "tiff_ccitt"):
        yield kind + ".tif", packed(picture("1"), format="TIFF", compression=kind)
    yield "palette.tif", packed(picture("RGB").quantize(5), format="TIFF")
    yield "rgba.tif", packed(picture("RGBA"), format="TIFF")
    yield "gray_alpha.tif", packed(picture("LA"), format="TIFF")
    yield "cmyk.tif", packed(picture("CMYK"), format="TIFF", icc_profile=b"not a profile")
    yield "pages.tif", packed(picture("L"), format="TIFF", save_all=True, append_images=[picture("L")])
    gray = [(256, 5), (257, 4), (258, 8), (259, 1), (262, 1), (273, 0), (274, 6), (277, 1), (278, 4), (279, 20)]
    yield "directory_first.tif", tiff(gray, bytes(range(20)))
    yield "big_endian.tif", tiff(gray, bytes(range(20)), ">", b"MM\0*")
    yield "cut.tif", tiff(gray, bytes(range(9)))
    tiles = [(256, 5), (257, 4), (258, 16), (259, 1), (262, 1), (277, 1), (322, 16), (323, 16), (324, 0), (325, 512)]
    yield "tile_16.tif", tiff(tiles, bytes(range(256)) * 2)
    subsampled = [(256, 4), (257, 4), (258, 8), (259, 1), (262, 6), (273, 0), (277, 3), (278, 4), (279, 24), (530, 0x20002)]
    yield "subsampled.tif", tiff(subsampled, bytes(range(24)))


def others():
    yield "empty", b""
    yield "text", b"hello"
    for seeds in (jpegs, pngs, webps, gifs, bmps, tiffs):
        yield next(seeds())


groups = {"jpeg": jpegs, "png": pngs, "webp": webps, "gif": gifs, "bmp": bmps, "tiff": tiffs, "image": others}
for group, seeds in groups.items():
    folder = pathlib.Path(__file__).parent / "corpus" / group
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (folder / name).write_bytes(data)
