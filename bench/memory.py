#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Peak memory of a run on ten times the images, against the run on one tenth.

usage: memory.py TROMMEL MODEL.onnx IMAGE_FOLDER [SMALL LARGE]
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def make_input(folder, images, count):
    """Hard links to one copy of each image, so that a big input costs no disk."""
    folder.mkdir()
    for number in range(count):
        image = images[number % len(images)]
        os.link(image, folder / f"{number:06d}{image.suffix}")


def peak_kb(command):
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return usage.ru_maxrss


def main():
    trommel, model, folder = sys.argv[1:4]
    sizes = [int(size) for size in sys.argv[4:6]] or [2000, 20000]
    work = pathlib.Path(tempfile.mkdtemp(prefix="trommel-memory-"))
    try:
        copies = work / "copies"
        copies.mkdir()
        images = [pathlib.Path(shutil.copy(path, copies)) for path in sorted(pathlib.Path(folder).iterdir()) if path.is_file()][:2000]
        data = ["--data", str(work / "data")]
        subprocess.run([trommel, "model", "import", model, "--name", "bench", *data], check=True, stdout=subprocess.DEVNULL)
        peaks = []
        for size in sizes:
            make_input(work / f"in-{size}", images, size)
            peaks.append(peak_kb([trommel, "service", "deploy", "--name", f"bench-{size}", "--model", "bench", "--input",
                                  str(work / f"in-{size}"), "--output", str(work / f"out-{size}"), "--wait", *data]))
            print(f"{size} images: peak {peaks[-1] / 1024:.1f} MiB", flush=True)
        print(f"ratio {peaks[1] / peaks[0]:.3f}")
    finally:
        shutil.rmtree(work)


main()
