#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The console's files as a browser gets them: paths, codings, what is kept and for how long, what the page may load."""
import gzip
import json
import re
import unittest
import urllib.request

import road
from road_http import Server, ServerCase

PAGE = "text/html; charset=utf-8"


class DemoTest(unittest.TestCase):
    def test_the_demo_ends_at_a_terminal_with_review_and_its_pictures(self):
        trommel = road.Trommel(road.temp_folder(type(self)) / "data")
        found = {}

        def look(shown):
            page = re.search(r"(http://[^/\s]+)(/ui/datasets/garments-hard/review\?state=to_be_confirmed)", shown)
            if not page:
                return False
            found["page"] = urllib.request.urlopen(page[1] + page[2], timeout=30).read()
            with urllib.request.urlopen(page[1] + "/api/v1/datasets/garments-hard/samples?limit=1", timeout=30) as reply:
                sample = json.load(reply)["samples"][0]["id"]
            found["picture"] = urllib.request.urlopen(page[1] + f"/api/v1/samples/{sample}/image?size=thumb", timeout=30).read()
            return True

        code, shown = trommel.on_terminal_until(look, "demo", "--type", "cls", "--n", 100, "--no-browser")
        self.assertEqual(code, 0, shown)
        self.assertIn(b'<div id="root">', found["page"])
        self.assertGreater(len(found["picture"]), 100)

    def test_the_demos_data_is_loaded_on_request_with_its_pictures(self):
        server = Server(road.Trommel(road.temp_folder(type(self)) / "data"))
        self.addCleanup(server.stop)
        done = server.wait(server.ok("POST", "/api/v1/demo")["task"]["id"])
        self.assertEqual(done["result"]["datasets"], ["garments-hard", "scenes-hard"])
        for dataset in done["result"]["datasets"]:
            sample = server.ok("GET", f"/api/v1/datasets/{dataset}/samples?state=to_be_confirmed&limit=1")["samples"][0]["id"]
            self.assertEqual(server.ask("GET", f"/api/v1/samples/{sample}/image?size=thumb").status, 200)


class ConsoleTest(ServerCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.server = Server(road.Trommel(cls.folder / "data"), auth="password")

    def get(self, path, status=200, method="GET", **headers):
        reply = self.server.ask(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        self.assertEqual(reply.status, status, reply)
        return reply

    def asset(self, suffix):
        """The path of a file that the start page loads."""
        return re.search(rf'"(/ui/assets/[^"]+\.{suffix})"', self.get("/ui/").text)[1]

    def test_the_address_that_the_server_prints_leads_to_the_console(self):
        self.assertEqual(self.get("/", 302).headers["Location"], "/ui/")

    def test_every_page_is_the_start_page_and_anybody_may_have_it(self):
        start = self.get("/ui/")
        self.assertIn('<div id="root">', start.text)
        for path in ("/ui", "/ui/services", "/ui/services/1f/sample?tab=tasks", "/ui/datasets/v1.2/label", "/ui/%E6%95%B0"):
            reply = self.get(path)
            self.assertEqual((reply.headers["Content-Type"], reply.body), (PAGE, start.body), path)

    def test_what_is_not_there_is_a_problem_and_not_a_page(self):
        for path in ("/ui/assets/index-00000000.js", "/ui/favicon.ico", "/ui/a.b.html", "/ui/licenses.txt.gz"):
            self.assertEqual(self.get(path, 404).headers["Content-Type"], "application/problem+json", path)

    def test_no_path_leads_out_of_the_console(self):
        for path in ("/ui/../api/v1/models", "/ui/%2e%2e/secret.json", "/ui/assets/..%2f..%2fetc/passwd.txt", "/ui//etc/hosts.txt",
                     "/ui/%00.js"):  # fmt: skip
            self.assertIn(self.server.ask("GET", path).status, (400, 404), path)

    def test_files_come_in_the_best_coding_that_the_browser_takes(self):
        for path in ("/ui/", self.asset("js"), self.asset("css"), "/ui/licenses.txt"):
            plain = self.get(path)
            self.assertNotIn("Content-Encoding", plain.headers)
            packed = self.get(path, Accept_Encoding="gzip, deflate")
            self.assertEqual(packed.headers["Content-Encoding"], "gzip")
            self.assertEqual(gzip.decompress(packed.body), plain.body)
            brotli = self.get(path, Accept_Encoding="gzip, deflate, br, zstd")
            self.assertEqual(brotli.headers["Content-Encoding"], "br")
            self.assertLess(len(brotli.body), len(packed.body))
            refused = self.get(path, Accept_Encoding="br;q=0, gzip;q=0")
            self.assertEqual(refused.body, plain.body)
            for reply in (plain, packed, brotli):
                self.assertIn("Accept-Encoding", reply.headers["Vary"])

    def test_the_first_page_is_small(self):
        loaded = re.findall(r'"(/ui/assets/[^"]+\.js)"', self.get("/ui/").text)
        for coding in ("gzip", "br"):
            size = sum(len(self.get(path, Accept_Encoding=coding).body) for path in loaded)
            road.note(f"{size / 1000:.1f} kB of script before the first page, coded as {coding}")
        self.assertLess(size, 180_000)

    def test_a_file_that_the_browser_has_is_not_sent_again(self):
        for path in ("/ui/", self.asset("js"), "/ui/trommel.svg"):
            for coding in ("identity", "gzip", "br"):
                tag = self.get(path, Accept_Encoding=coding).headers["ETag"]
                reply = self.get(path, 304, If_None_Match=tag, Accept_Encoding=coding)
                self.assertEqual(reply.body, b"")
            self.get(path, 200, If_None_Match='"another"')

    def test_only_files_named_after_their_content_are_kept_unasked(self):
        for path in (self.asset("js"), self.asset("css")):
            self.assertEqual(self.get(path).headers["Cache-Control"], "private, max-age=31536000, immutable")
        for path in ("/ui/", "/ui/services", "/ui/trommel.svg", "/ui/licenses.txt"):
            self.assertNotIn("immutable", self.get(path).headers["Cache-Control"], path)
            self.assertIn("no-cache", self.get(path).headers["Cache-Control"], path)

    def test_the_page_may_load_nothing_but_ours(self):
        allowed = dict(
            part.strip().partition(" ")[::2] for part in self.get("/ui/").headers["Content-Security-Policy"].split(";")
        )
        self.assertEqual(allowed["default-src"], "'none'")
        self.assertEqual(allowed["script-src"], "'self'")
        self.assertEqual(allowed["connect-src"], "'self'")
        self.assertEqual(allowed["frame-ancestors"], "'none'")
        self.assertEqual(allowed["base-uri"], "'none'")
        self.assertNotIn("unsafe", str(allowed))
        # Of everything else nothing at all.
        self.assertIn("default-src 'none'", self.get("/healthz").headers["Content-Security-Policy"])
        self.assertNotIn("script-src", self.get("/ui/no.js", 404).headers["Content-Security-Policy"])

    def test_files_are_only_read(self):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            self.assertEqual(self.get("/ui/", 405, method).headers["Allow"], "GET, HEAD")
        head = self.get("/ui/", method="HEAD")
        self.assertEqual((head.body, head.headers["Content-Length"]), (b"", str(len(self.get("/ui/").body))))

    def test_the_licences_of_what_is_packed_are_there(self):
        text = self.get("/ui/licenses.txt").text
        for name in ("react-dom", "react-aria-components", "@tanstack/react-query", "wouter", "lucide-react"):
            self.assertIn(f"\n## {name} - ", text)


class FolderTest(unittest.TestCase):
    def test_a_folder_is_served_instead_while_working_on_the_console(self):
        folder = road.temp_folder(type(self))
        built = folder / "built"
        (built / "assets").mkdir(parents=True)
        (built / "index.html").write_text("<h1>first</h1>")
        (built / "assets/a.js").write_text("1")
        (built / "assets/link.js").symlink_to("/etc/hostname")
        server = Server(road.Trommel(folder / "data"), "--web-dir", built)
        self.addCleanup(server.stop)
        self.assertEqual(server.ask("GET", "/ui/services").text, "<h1>first</h1>")
        (built / "index.html").write_text("<h1>second</h1>")
        self.assertEqual(server.ask("GET", "/ui/").text, "<h1>second</h1>")
        self.assertNotIn("immutable", server.ask("GET", "/ui/assets/a.js").headers["Cache-Control"])
        self.assertIn(server.ask("GET", "/ui/assets/link.js").status, (403, 404))
        self.assertEqual(server.ask("GET", "/ui/../data/trommel.db").status, 400)

    def test_a_folder_without_a_console_is_refused_at_the_start(self):
        folder = road.temp_folder(type(self))
        done = road.Trommel(folder / "data").run("serve", "--auth", "none", "--listen", "127.0.0.1:0", "--web-dir", folder)
        self.assertNotEqual(done.code, 0)
        self.assertIn("npm run build", done.err)


if __name__ == "__main__":
    road.main()
