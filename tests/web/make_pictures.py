#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Different photographs of 2 megapixels, as far as decoders can tell: make_pictures.py FOLDER COUNT. Each is a part of one of a few large
scenes, lit in its own way; the same every time."""
import pathlib
import sys

import numpy
from PIL import Image

WIDTH, HEIGHT = 1920, 1080
SCENE_WIDTH, SCENE_HEIGHT, SCENES = 2560, 1440, 12


def scene(number):
    """Rough shapes under finer and finer grain, like what cameras see: JPEG has to work for it."""
    chance = numpy.random.default_rng(number)
    whole = numpy.zeros((SCENE_HEIGHT, SCENE_WIDTH, 3))
    for cell, weight in ((320, 90), (80, 50), (16, 25), (2, 12)):
        grain = chance.uniform(0, 255, (SCENE_HEIGHT // cell, SCENE_WIDTH // cell, 3)).astype("uint8")
        whole += numpy.asarray(Image.fromarray(grain).resize((SCENE_WIDTH, SCENE_HEIGHT), Image.BILINEAR), dtype="float") * weight / 177
    return Image.fromarray(whole.clip(0, 255).astype("uint8"))


def main():
    folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    scenes = [scene(number) for number in range(min(SCENES, count))]
    chance = numpy.random.default_rng(7)
    for number in range(count):
        left, top = chance.integers(0, SCENE_WIDTH - WIDTH), chance.integers(0, SCENE_HEIGHT - HEIGHT)
        part = scenes[number % len(scenes)].crop((left, top, left + WIDTH, top + HEIGHT))
        light = chance.uniform(0.5, 1.2, 3)
        lit = part.point([min(255, int(value * light[band])) for band in range(3) for value in range(256)])
        lit.save(folder / f"{number:04}.jpg", quality=88)


main()
