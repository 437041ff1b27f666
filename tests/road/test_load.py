#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""64 connections that stay open read and decide at once: nobody meets an error, and no decision is lost.

TROMMEL_LOAD_PROGRAM is bench/load as built; TROMMEL_LOAD_SECONDS how long (5; 'make bench-load' says 60).
"""
import json
import os
import pathlib
import subprocess
import unittest

import road
from road_http import Server

CONNECTIONS = 64
SAMPLES = 10 * CONNECTIONS
SECONDS = float(os.environ.get("TROMMEL_LOAD_SECONDS", "5"))
LOAD = os.environ.get("TROMMEL_LOAD_PROGRAM")


class LoadTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        picture = road.picture(1)
        lines = []
        for i in range(SAMPLES):
            path = cls.folder / f"{i:04}.png"
            path.write_bytes(picture + i.to_bytes(4, "big"))  # another file for each; what follows a PNG is ignored
            lines.append(road.labeled(path, "ab"[i % 2]))
        cls.server = Server(cls.trommel)
        cls.server.ok("POST", "/api/v1/datasets", {"name": "d", "labels": ["a", "b"]})
        manifest = road.write_manifest(cls.folder / "m.manifest", lines)
        cls.server.ok("POST", "/api/v1/datasets/d/import-tasks?wait=60", {"manifest": str(manifest)})

    @classmethod
    def tearDownClass(cls):
        code, said = cls.server.stop()
        assert code == 0, said

    def samples(self):
        return {row["id"]: row for row in self.trommel.samples("d")}

    def revisions(self, ids):
        return {id: self.server.ok("GET", f"/api/v1/samples/{id}")["sample"]["revision"] for id in ids}

    def test_sixty_four_connections_read_and_decide_and_nothing_is_lost(self):
        ids = sorted(self.samples())
        self.assertEqual(len(ids), SAMPLES)
        before = self.revisions(ids)
        done = subprocess.run([LOAD, self.server.host, str(self.server.port), str(CONNECTIONS), str(SECONDS), "d"], input="\n".join(ids),
                              capture_output=True, text=True, timeout=SECONDS + road.WAIT_SECONDS)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = json.loads(done.stdout)
        self.assertEqual(seen["errors"], 0)
        after, rows = self.revisions(ids), self.samples()
        decided = seen.pop("decisions")
        self.assertEqual({id: after[id] - before[id] for id in ids}, decided, "a decision was lost, or made twice")
        self.assertEqual({id: rows[id]["hard"] for id in ids}, {id: decided[id] % 2 == 1 for id in ids})
        self.assertGreater(seen["decide"]["count"], CONNECTIONS)
        road.note(f"{CONNECTIONS} connections, {SECONDS:g} s, {'PostgreSQL' if road.SERVER else 'SQLite'}: {seen['requests']} requests "
                  f"({seen['requests'] / SECONDS:.0f}/s), {sum(decided.values())} decisions, none lost, no error")  # fmt: skip
        for kind in ("read", "page", "decide"):
            road.note(f"{kind}: p50 {seen[kind]['p50']:.1f} ms, p99 {seen[kind]['p99']:.1f} ms, longest {seen[kind]['max']:.1f} ms")


if __name__ == "__main__":
    if not LOAD or not pathlib.Path(LOAD).exists():
        print("1..0 # SKIP TROMMEL_LOAD_PROGRAM names no program: it is bench/load of the build folder")
        raise SystemExit(0)
    road.main()
