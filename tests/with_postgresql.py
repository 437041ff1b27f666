#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs test programs on a PostgreSQL server of their own: with_postgresql.py PROGRAM [ARGUMENT...] [-- PROGRAM...]...

The server lives in a folder that goes with it and listens on a socket in that folder only. The programs find its
database as TROMMEL_TEST_DATABASE. They may send this process (TROMMEL_TEST_KEEPER) SIGUSR1, and the server is killed as
by a crash, and SIGUSR2, and it is there again. Results are one TAP stream.
"""
import glob
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

START_SECONDS = 60
STOP_SECONDS = 20
CASE = re.compile(r"^(ok|not ok) \d+(.*)$")
# A test's server keeps nothing that matters: it need not wait for the disk.
SETTINGS = {"listen_addresses": "", "fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB", "max_connections": "60",
            "max_wal_senders": "0", "wal_level": "minimal", "autovacuum_naptime": "1s", "jit": "off"}


def newest_programs():
    """The folder of PostgreSQL's server programs; Debian keeps them out of the PATH, one folder per version."""
    folders = glob.glob("/usr/lib/postgresql/*/bin/postgres")
    if folders:
        return pathlib.Path(max(folders, key=lambda path: int(path.split("/")[4]))).parent
    found = shutil.which("postgres")
    return pathlib.Path(found).parent if found else None


class Server:
    """A server in a folder of its own, ended with this process whatever ends it."""

    def __init__(self, programs):
        self.programs = programs
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="trommel-pg-", dir="/tmp"))  # a socket's path must be short
        self.process = None
        self.log = self.folder / "log"
        self.as_user = ["setpriv", "--pdeathsig=KILL"]
        if os.getuid() == 0:  # the server refuses to run as root
            names = {user.pw_name: user for user in pwd.getpwall()}
            user = names.get("postgres") or names["nobody"]
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.as_user += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self.folder.chmod(0o755)

    def run(self, *command, **more):
        return subprocess.run([*self.as_user, *map(str, command)], cwd=self.folder, env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=START_SECONDS, **more)

    def make(self):
        # English, where "b" comes before "C": what is to go by bytes must say so.
        done = self.run(self.programs / "initdb", "-D", self.folder / "data", "-U", "trommel", "-A", "trust", "-N", "-E", "UTF8",
                        "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US", "--no-instructions")
        if done.returncode != 0:
            raise RuntimeError(f"initdb: {done.stderr}")

    def start(self):
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.as_user, self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, *settings], cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        end = time.monotonic() + START_SECONDS
        while self.run(self.programs / "pg_isready", "-q", "-h", self.folder, "-d", "postgres").returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the server does not start:\n" + self.log.read_text())
            time.sleep(0.05)

    def kill(self):
        """As a crash would: nobody is told, and the log is replayed at the next start."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def run_program(command, first, server):
    """Runs a program and prints its cases, numbered from `first`; returns the next number and whether all was well."""
    name = pathlib.Path(command[0]).name
    environment = dict(os.environ, TROMMEL_TEST_KEEPER=str(os.getpid()),
                       TROMMEL_TEST_DATABASE=f"postgresql://trommel@/postgres?host={server.folder}")
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True, errors="replace") as program:
        try:
            for line in program.stdout:
                case = CASE.match(line.rstrip("\n"))
                if case:
                    print(f"{case[1]} {first}{case[2]}", flush=True)
                    first += 1
                elif not re.match(r"1\.\.\d+|TAP version|# (not )?ok ", line):
                    print(f"# {line.rstrip().removeprefix('# ')}", flush=True)
        except BaseException:
            program.kill()
            raise
    if program.returncode != 0:
        print(f"# {name} ended with {program.returncode}")
    return first, program.returncode == 0


def commands_of(words):
    commands = [[]]
    for word in words:
        if word == "--":
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


def main():
    programs = newest_programs()
    if not programs:
        print("1..0 # SKIP PostgreSQL is not installed: tools/bootstrap --test")
        return 0
    server = Server(programs)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    try:
        server.make()
        server.start()
        signal.signal(signal.SIGUSR1, lambda *_: server.kill())
        signal.signal(signal.SIGUSR2, lambda *_: server.start())
        number, is_ok = 1, True
        for command in commands_of(sys.argv[1:]):
            number, is_program_ok = run_program(command, number, server)
            is_ok = is_ok and is_program_ok
        print(f"1..{number - 1}")
        return 0 if is_ok else 1
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
