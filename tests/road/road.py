#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the tests of the built program share: running it, pictures for it, and results as TAP.

A test file is run as: test_X.py PROGRAM SOURCE_FOLDER.
"""
import atexit
import functools
import hashlib
import json
import os
import pathlib
import pty
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

PROGRAM = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
SOURCE = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
WAIT_SECONDS = 240
LONG_SECONDS = 5  # what a test may take before it is told
SHARD = "shard-000000"
KILL_TRIES = 20  # to hit a process that may end before the blow

# Nobody's own settings may reach a test.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name == "TROMMEL_ONNXRUNTIME" or not name.startswith(("TROMMEL_", "XDG_"))
}
ENVIRONMENT["TROMMEL_CHECK_REPLIES"] = "1"  # every reply of every test must be of its route's shape


# The server of with_postgresql.py, if the test runs on one: each data folder has a database of its own there.
SERVER = os.environ.get("TROMMEL_TEST_DATABASE")
DATABASES = set()


def ask_server(*statements, database="postgres"):
    """What psql answers, as text."""
    url = SERVER.replace("/postgres?", f"/{database}?")
    said = [word for sql in statements for word in ("-c", sql)]
    return subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *said, url], check=True, capture_output=True, text=True).stdout


def name_of_database(data):
    return "road_" + hashlib.sha256(os.fsencode(data)).hexdigest()[:16]


def database_of(data, template="template0"):
    """The name of a data folder's database, which is made when it is first asked for."""
    name = name_of_database(data)
    if name not in DATABASES:
        # Nobody may be connected to a template; the session of a process just killed may still be ending.
        ask_server(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{template}'",
                   f"CREATE DATABASE {name} TEMPLATE {template}")
        DATABASES.add(name)
    return name


def drop_database(data):
    name = name_of_database(data)
    if name in DATABASES:
        ask_server(f"DROP DATABASE {name} WITH (FORCE)")
        DATABASES.discard(name)


def copy_data(template, data):
    """Copies a data folder, and its database when that is elsewhere."""
    shutil.copytree(template, data)
    if SERVER:
        drop_database(data)  # of a folder that was there before
        database_of(data, database_of(template))


def rename_data(data, name):
    pathlib.Path(data).rename(name)
    if SERVER:
        database_of(name, database_of(data))


class Done:
    """A command that has ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def error(self):
        return json.loads(self.err.splitlines()[-1])["error"]

    def __str__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"


class Trommel:
    """The program with a data folder of its own."""

    def __init__(self, data, **environment):
        self.data = pathlib.Path(data)
        self.environment = dict(ENVIRONMENT, HOME=str(self.data.parent / "home"), **environment)

    def prepare(self):
        if SERVER:
            self.environment["TROMMEL_DATABASE"] = SERVER.replace("/postgres?", f"/{database_of(self.data)}?")

    def command(self, args):
        self.prepare()
        return [os.fsencode(PROGRAM), *(os.fsencode(str(arg)) for arg in args), b"--data", os.fsencode(self.data)]

    def run(self, *args, text=None, cwd=None, **environment):
        done = subprocess.run(
            self.command(args),
            input=text.encode() if text is not None else None,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            env=dict(self.environment, **environment),
            cwd=cwd,
            timeout=WAIT_SECONDS,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *args):
        """A command in a session of its own, as a shell on a terminal would start it."""
        process = subprocess.Popen(
            self.command(args),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self.environment,
            start_new_session=True,
        )
        atexit.register(process.kill)
        return process

    def on_terminal(self, *args, text=""):
        """Exit code and what a terminal shows; `text` is typed at once."""
        return self.on_terminal_until(None, *args, text=text)

    def on_terminal_until(self, seen, *args, text=""):
        """The same of a command that goes on: `seen` is called with what was shown so far until it returns something true, then comes SIGINT."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            self.command(args), stdin=theirs, stdout=theirs, stderr=theirs, env=self.environment, start_new_session=True
        )
        os.close(theirs)
        os.write(ours, text.encode())
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux: nobody has the other end open any more
                piece = b""
            if not piece:
                break
            shown += piece
            if seen and seen(shown.decode(errors="ignore")):
                process.send_signal(signal.SIGINT)
                seen = None
        os.close(ours)
        return process.wait(WAIT_SECONDS), shown.decode().replace("\r\n", "\n")

    def ok(self, *args, **options):
        """The reply of a command that must succeed."""
        done = self.run(*args, "--json", **options)
        if done.code != 0:
            raise AssertionError(f"{args} gave {done}")
        return done.json

    def refused(self, *args, **options):
        """Exit code and error of a command that must fail before any work begins."""
        done = self.run(*args, "--json", **options)
        if done.code == 0 or done.out:
            raise AssertionError(f"{args} gave {done}")
        return done.code, done.error

    def import_garments(self):
        return self.ok("model", "import", SOURCE / "demo/garments.onnx", "--name", "garments")

    def import_detector(self):
        """A tiny one, made here; skips the test where the tools to make it are missing."""
        folder = self.data.parent / "tiny-models"
        if not folder.exists():
            made = subprocess.run(["/usr/bin/python3", SOURCE / "tests/models/make_models.py", folder], capture_output=True)
            if made.returncode != 0:
                shutil.rmtree(folder, ignore_errors=True)
                raise unittest.SkipTest("no python3-onnx to make a detector with")
        labels = folder / "labels.txt"
        labels.write_text("tree\nhouse\nboat\n")
        return self.ok("model", "import", folder / "det_seeing.onnx", "--name", "detector", "--labels", labels)

    def samples(self, dataset, *filters):
        """All of them, page by page."""
        rows, cursor = [], []
        while True:
            done = self.run("samples", "list", dataset, "--limit", 1000, *filters, *cursor, "--json")
            rows += done.json
            if "--cursor" not in done.err:
                return rows
            cursor = ["--cursor", done.err.split("--cursor ")[1].strip()]


# ---- pictures ----


def png(width, height, pixels):
    """8-bit RGB, rows from the top."""
    rows = b"".join(b"\0" + pixels[y * width * 3 : (y + 1) * width * 3] for y in range(height))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 1)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


@functools.lru_cache(maxsize=1024)
def shades(base, strength):
    """What each byte of noise makes of a colour."""
    return bytes(min(255, max(0, base + noise * strength // 256 - strength // 2)) for noise in range(256))


def picture(seed, width=48, height=40):
    """A few blocks of colour with noise on them: every seed looks different to the model and to the eye."""
    dice = random.Random(seed)
    base = [dice.randrange(256) for _ in range(3 * 16)]
    noise = dice.randbytes(width * height * 3)
    strength = dice.choice((8, 32, 96))
    pixels = bytearray(noise)
    edges = [-(-block * width // 4) for block in range(5)]
    for y in range(height):
        for block in range(4):
            for c in range(3):
                here = slice((y * width + edges[block]) * 3 + c, (y * width + edges[block + 1]) * 3, 3)
                color = base[((y * 4 // height) * 4 + block) * 3 + c]
                pixels[here] = noise[here].translate(shades(color, strength))
    return png(width, height, bytes(pixels))


def make_pictures(folder, count, first=0):
    """folder/0000.png …; a tenth of them lies deeper."""
    folder = pathlib.Path(folder)
    (folder / "deep/er").mkdir(parents=True, exist_ok=True)
    for i in range(first, first + count):
        name = f"deep/er/{i:04}.png" if i % 10 == 7 else f"{i:04}.png"
        (folder / name).write_bytes(picture(i))
    return folder


def write_manifest(path, lines):
    path = pathlib.Path(path)
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def make_training(folder, count, labels, first=0, **members):
    """Pictures as of make_pictures, labeled in turn; gives the manifest of them, beside the folder."""
    pictures = sorted(make_pictures(folder, count, first).rglob("*.png"))
    lines = (labeled(picture, labels[i % len(labels)], **members) for i, picture in enumerate(pictures))
    return write_manifest(f"{folder}.manifest", lines)


def labeled(source, name, **members):
    return {"source": str(source), "annotation": [{"type": "modelarts/image_classification", "name": name}], **members}


# ---- files ----


def tree(folder, hidden=True):
    """Every file below a folder: name (bytes) → content."""
    folder = os.fsencode(folder)
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            if hidden or not name.startswith(b"."):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = file.read()
    return found


def json_lines(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]


def temp_folder(case):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="trommel-road-"))
    case.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # when the test run is ended from outside
    return folder


# ---- filtering ----

RUN, MINING = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"  # tasks


class FilteringCase(unittest.TestCase):
    """A run of garments, prepared once, and a training manifest of its first pictures."""

    IMAGES, TRAINING = 600, 200

    @classmethod
    def setUpClass(cls):
        cls.folder = temp_folder(cls)
        cls.input, cls.data = cls.folder / "in", cls.folder / "data"
        pictures = sorted(make_pictures(cls.input, cls.IMAGES).rglob("*.png"))
        lines = (labeled(path, ("trouser", "bag")[i % 2]) for i, path in enumerate(pictures[: cls.TRAINING]))
        cls.train = write_manifest(cls.folder / "train.manifest", lines)
        cls.prepared, cls.dice = cls.folder / "prepared", random.Random(7)
        trommel = Trommel(cls.prepared)
        trommel.import_garments()
        trommel.ok("service", "deploy", "--name", "s", "--model", "garments", "--input", cls.input, "--output",
                   cls.folder / "out", "--task-id", RUN, "--shard-images", 64, "--wait")  # fmt: skip

    def fresh(self):
        shutil.rmtree(self.data, ignore_errors=True)
        copy_data(self.prepared, self.data)
        return Trommel(self.data)

    def kill_and_resume(self, command, made, wanted_kills):
        """Kills a command of the task MINING at random moments, at least once with some of its files there, which `made`
        counts; each time `task wait` must end with the outcome(trommel) of one that nobody disturbed."""
        trommel = self.fresh()
        start = time.monotonic()
        kind = trommel.ok(*command)[-1]["kind"]
        seconds, wanted, whole = time.monotonic() - start, self.outcome(trommel), made(trommel)
        self.assertGreater(len(wanted), 10)
        kills, partial = 0, 0
        for _ in range(wanted_kills * KILL_TRIES):
            if kills >= wanted_kills and partial > 0:
                break
            trommel = self.fresh()
            process = trommel.start(*command)
            time.sleep(self.dice.uniform(0.1, 1) * seconds)
            process.kill()
            process.communicate()
            if process.returncode == 0 or kind not in [row["kind"] for row in trommel.ok("task", "list")]:
                continue
            kills += 1
            partial += 0 < made(trommel) < whole
            done = trommel.run("task", "wait", MINING, "--json")
            self.assertEqual(done.code, 0, done)
            found = self.outcome(trommel)
            self.assertEqual([name for name in wanted if found.get(name) != wanted[name]], [])
            self.assertEqual(len(found), len(wanted))
        note(f"{kills} kills, {partial} of them with some of the {whole} files there")
        self.assertGreaterEqual(kills, wanted_kills, "too fast to be hit")
        self.assertGreater(partial, 0, "never hit while its files were made")


# ---- TAP ----


class TapResult(unittest.TextTestResult):
    """One line per test, so that each counts."""

    def startTest(self, test):
        super().startTest(test)
        self.verdict, self.start = "ok", time.monotonic()

    def spoiled(self, test, err):
        self.verdict = "not ok"
        print(self._exc_info_to_string(err, test), file=sys.stderr, flush=True)

    def addError(self, test, err):
        super().addError(test, err)
        self.spoiled(test, err)
        if not isinstance(test, unittest.TestCase):  # the fixture of a whole class
            self.testsRun += 1
            self.say(test.id(), "not ok")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.spoiled(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            print(subtest.id(), file=sys.stderr)
            self.spoiled(test, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.verdict = f"skip {reason}"
        if not isinstance(test, unittest.TestCase):
            self.testsRun += 1
            self.say(test.id(), self.verdict)

    def stopTest(self, test):
        super().stopTest(test)
        if (seconds := time.monotonic() - self.start) > LONG_SECONDS:
            note(f"{seconds:.1f} s:")
        self.say(test.id().split(".test_")[-1].replace("_", " "), self.verdict)

    def say(self, sentence, verdict):
        skip = f" # SKIP {verdict[5:]}" if verdict.startswith("skip") else ""
        print(f"{'ok' if skip else verdict} {self.testsRun} - {sentence}{skip}", flush=True)


def note(text):
    print(f"# {text}", flush=True)


def main():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    runner = unittest.TextTestRunner(stream=open(os.devnull, "w"), resultclass=TapResult)
    program = unittest.main(argv=sys.argv[:1] + sys.argv[3:], testRunner=runner, exit=False)
    print(f"1..{program.result.testsRun}", flush=True)
    sys.exit(not program.result.wasSuccessful())
