#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who may ask the server what: the first administrator, tokens, sessions, lock-out, audit, and where it listens."""
import concurrent.futures
import os
import pty
import re
import signal
import socket
import ssl
import subprocess
import termios
import time
import unittest

import road
import road_http
from road_http import Server, status_of

PASSWORD = "correct horse"
COOKIE = "__Host-trommel"


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def sign_in(server, name, password=PASSWORD):
    """The headers of a signed-in page: its cookie and its token against forged requests."""
    reply = server.ask("POST", "/api/v1/session", {"name": name, "password": password})
    if reply.status != 201:
        raise AssertionError(str(reply))
    cookie = reply.headers["Set-Cookie"].split(";")[0]
    return {"Cookie": cookie, "X-CSRF-Token": reply.json["csrf_token"]}


class Fixture(unittest.TestCase):
    def setUp(self):
        self.folder = road.temp_folder(self)
        self.trommel = road.Trommel(self.folder / "data")
        self.password = self.folder / "password"
        self.password.write_text(PASSWORD + "\n")

    def start(self, *options, **named):
        server = Server(self.trommel, "--task-workers", "0", *options, **{"auth": "password", **named})
        self.addCleanup(server.kill)
        return server

    def add_user(self, name, role):
        return self.trommel.ok("user", "add", name, "--role", role, "--password-file", self.password)

    def token(self, user, *options):
        return self.trommel.ok("token", "create", f"t{time.monotonic_ns()}", "--user", user, *options)["secret"]

    def add_three(self):
        """root, ada who labels, and rea who reads; a token of each."""
        for name, role in (("root", "admin"), ("ada", "label"), ("rea", "read")):
            self.add_user(name, role)
        return (self.token(name) for name in ("root", "ada", "rea"))


class FirstStartTest(Fixture):
    def test_the_one_time_token_adds_one_administrator_and_never_works_again(self):
        server = self.start()
        first = server.said["first_token"]
        self.assertTrue(first.startswith("trommel_first_"))
        server.refused(401, "GET", "/api/v1/users", headers=bearer(first))
        wish = {"token": "trommel_first_" + "0" * 43, "name": "root", "password": PASSWORD}
        server.refused(401, "POST", "/api/v1/setup", wish)
        server.refused(400, "POST", "/api/v1/setup", {**wish, "token": first, "password": "short"})
        added = server.ok("POST", "/api/v1/setup", {**wish, "token": first})["user"]
        self.assertEqual((added["name"], added["role"]), ("root", "admin"))
        server.refused(401, "POST", "/api/v1/setup", {**wish, "token": first, "name": "second"})
        self.assertEqual(server.stop()[0], 0)
        again = self.start()
        self.assertNotIn("first_token", again.said)
        again.refused(401, "POST", "/api/v1/setup", {**wish, "token": first, "name": "second"})
        page = sign_in(again, "root")
        self.assertEqual([user["name"] for user in again.ok("GET", "/api/v1/users", headers=page)["users"]], ["root"])

    def test_each_start_without_users_prints_another_token_and_a_local_administrator_ends_it(self):
        old = self.start()
        old.kill()
        server = self.start()
        wish = {"token": old.said["first_token"], "name": "root", "password": PASSWORD}
        server.refused(401, "POST", "/api/v1/setup", wish)
        self.add_user("root", "admin")
        server.refused(401, "POST", "/api/v1/setup", {**wish, "token": server.said["first_token"], "name": "eve"})

    def test_people_are_told_how_to_begin(self):
        command = self.trommel.command(["serve", "--listen", "127.0.0.1:0", "--access-log", "none"])
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=self.trommel.environment, text=True) as process:
            lines = [process.stdout.readline() for _ in range(6)]
            process.terminate()
        self.assertRegex(lines[0], r"^trommel listens on http://127\.0\.0\.1:\d+ ")
        self.assertIn("trommel user add NAME --role admin", "".join(lines))
        self.assertRegex(lines[5], r"^  http://127\.0\.0\.1:\d+/ui/\?setup=trommel_first_[0-9a-z]{43}$")


class CallerTest(Fixture):
    def test_without_sign_in_every_route_but_the_open_ones_is_refused(self):
        self.add_user("root", "admin")
        server = self.start()
        refused = 0
        for template, operations in road_http.DOCUMENT["paths"].items():
            for method, operation in operations.items():
                path = re.sub(r"\{\w+\}", "x", template)
                if operation["x-role"] == "anyone":
                    continue
                for headers in ({}, bearer("trommel_" + "0" * 43), {"X-Auth-Token": "x"}, {"Cookie": f"{COOKIE}=x"},
                                {"Authorization": "Basic cm9vdDpyb290"}):  # fmt: skip
                    body = {} if method in ("post", "put", "patch") else None
                    reply = server.ask(method.upper(), path, body, headers)
                    self.assertEqual((reply.status, reply.headers["WWW-Authenticate"]), (401, 'Bearer realm="trommel"'), path)
                refused += 1
        self.assertGreater(refused, 40)
        server.ok("GET", "/healthz")
        server.ok("GET", "/readyz")
        server.ok("GET", "/api/v1/openapi.json")

    def test_tokens_do_what_their_role_may(self):
        root, ada, rea = self.add_three()
        server = self.start()
        for secret, user, role in ((root, "root", "admin"), (ada, "ada", "label"), (rea, "rea", "read")):
            for headers in (bearer(secret), {"X-Auth-Token": secret}, {"Authorization": f"bearer   {secret}"}):
                who = server.ok("GET", "/api/v1/session", headers=headers)
                self.assertEqual((who["user"], who["role"], who["way"], who["csrf_token"]), (user, role, "token", None))
        server.ok("POST", "/api/v1/datasets", {"name": "d"}, bearer(root))
        for secret in (ada, rea):
            server.ok("GET", "/api/v1/datasets", headers=bearer(secret))
            server.refused(403, "POST", "/api/v1/datasets", {"name": "e"}, bearer(secret))
            server.refused(403, "GET", "/api/v1/users", headers=bearer(secret))
            server.refused(403, "GET", "/api/v1/audit", headers=bearer(secret))
        decide = {"action": "confirm", "ids": ["0" * 32]}
        server.refused(403, "POST", "/api/v1/samples:decide", decide, bearer(rea))
        self.assertNotIn(server.ask("POST", "/api/v1/samples:decide", decide, bearer(ada)).status, (401, 403))
        server.refused(400, "GET", "/api/v1/datasets", headers={**bearer(root), "X-Auth-Token": ada})

    def test_a_token_gives_no_more_than_it_has_and_ends(self):
        root, ada, rea = self.add_three()
        server = self.start()
        server.refused(403, "POST", "/api/v1/tokens", {"name": "more"}, bearer(ada))
        page = sign_in(server, "ada")
        server.refused(403, "POST", "/api/v1/tokens", {"name": "more", "role": "admin"}, page)
        server.refused(403, "POST", "/api/v1/tokens", {"name": "more", "user": "root"}, page)
        made = server.ok("POST", "/api/v1/tokens", {"name": "less", "role": "read", "days": 1}, page)
        self.assertEqual((made["token"]["role"], made["token"]["user"]), ("read", "ada"))
        self.assertTrue(made["secret"].startswith("trommel_"))
        self.assertEqual(server.ok("GET", "/api/v1/session", headers=bearer(made["secret"]))["role"], "read")
        listed = server.ask("GET", "/api/v1/tokens", headers=page)
        self.assertNotIn(made["secret"], listed.text)
        self.assertEqual({token["user"] for token in listed.json["tokens"]}, {"ada"})
        theirs = server.ok("GET", "/api/v1/tokens?user=root", headers=bearer(root))["tokens"][0]["id"]
        server.refused(404, "DELETE", f"/api/v1/tokens/{theirs}", headers=page)
        server.ok("DELETE", "/api/v1/tokens/less", headers=page)
        server.refused(401, "GET", "/api/v1/session", headers=bearer(made["secret"]))
        server.ok("DELETE", f"/api/v1/tokens/{theirs}", headers=bearer(root))
        server.refused(401, "GET", "/api/v1/session", headers=bearer(root))

    def test_a_decision_carries_the_name_of_who_made_it(self):
        root, ada, rea = self.add_three()
        picture = self.folder / "p.png"
        picture.write_bytes(road.picture(1))
        self.trommel.ok("dataset", "create", "d", "--labels", "a,b")
        manifest = road.write_manifest(self.folder / "m.manifest", [road.labeled(picture, "a")])
        self.trommel.ok("dataset", "import", "d", manifest, "--wait")
        sample = self.trommel.samples("d")[0]["id"]
        server = self.start()
        wish = {"action": "confirm", "ids": [sample], "labels": ["b"], "by": "somebody-else"}
        self.assertEqual(server.ok("POST", "/api/v1/samples:decide", wish, bearer(ada))["failed"], 0)
        labels = server.ok("GET", f"/api/v1/samples/{sample}", headers=bearer(rea))["sample"]["labels"]
        self.assertEqual([(label["name"], label["annotated_by"]) for label in labels], [("b", "human/ada")])

    def test_nothing_secret_is_in_the_data_folder(self):
        root, ada, rea = self.add_three()
        server = self.start()
        page = sign_in(server, "ada")
        secrets = [PASSWORD, root, ada, rea, page["Cookie"].split("=")[1], page["X-CSRF-Token"]]
        self.assertEqual(server.stop()[0], 0)
        for path in self.trommel.data.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            for secret in secrets:
                self.assertNotIn(secret.encode(), content, path)


    def test_every_operation_of_people_answers_as_the_document_says(self):
        server = self.start()
        people = {"name": "root", "password": PASSWORD}
        server.ok("POST", "/api/v1/setup", {**people, "token": server.said["first_token"]})
        page = sign_in(server, "root")
        server.ok("POST", "/api/v1/users", {"name": "ada", "password": PASSWORD, "role": "label"}, page)
        server.ok("PATCH", "/api/v1/users/ada", {"role": "read"}, page)
        server.ok("PUT", "/api/v1/users/ada/password", {"password": "another horse"}, page)
        token = server.ok("POST", "/api/v1/tokens", {"name": "t"}, page)["token"]
        for path in ("session", "users", "users/ada", "tokens", "audit"):
            server.ok("GET", f"/api/v1/{path}", headers=page)
        server.ok("DELETE", f"/api/v1/tokens/{token['id']}", headers=page)
        server.ok("DELETE", "/api/v1/users/ada", headers=page)
        reply = server.ask("PUT", "/api/v1/session/password", {"old_password": PASSWORD, "password": "another horse"}, page)
        page = {"Cookie": reply.headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": reply.json["csrf_token"]}
        server.ok("DELETE", "/api/v1/session", headers=page)
        operations = [one["operationId"] for path in road_http.DOCUMENT["paths"].values() for one in path.values()]
        of_people = {name for name in operations if name.split(".")[0] in ("audit", "session", "setup", "token", "user")}
        self.assertEqual((len(of_people), of_people - Server.seen), (15, set()))


class SessionTest(Fixture):
    def setUp(self):
        super().setUp()
        self.root, self.ada, self.rea = self.add_three()
        self.server = self.start()

    def test_the_cookie_is_out_of_reach_and_signing_out_ends_it(self):
        reply = self.server.ask("POST", "/api/v1/session", {"name": "ada", "password": PASSWORD})
        cookie = reply.headers["Set-Cookie"]
        self.assertRegex(cookie, rf"^{COOKIE}=[0-9a-z]{{43}}; Path=/; Max-Age=\d+; Secure; HttpOnly; SameSite=Strict$")
        self.assertEqual(reply.headers["Cache-Control"], "no-store")
        page = {"Cookie": cookie.split(";")[0], "X-CSRF-Token": reply.json["csrf_token"]}
        who = self.server.ok("GET", "/api/v1/session", headers={"Cookie": page["Cookie"]})
        self.assertEqual((who["user"], who["way"], who["csrf_token"]), ("ada", "session", page["X-CSRF-Token"]))
        gone = self.server.ask("DELETE", "/api/v1/session", headers=page)
        self.assertEqual(gone.status, 200)
        self.assertTrue(gone.headers["Set-Cookie"].startswith(f"{COOKIE}=; Path=/; Max-Age=0;"))
        self.server.refused(401, "GET", "/api/v1/session", headers=page)

    def test_a_cookie_changes_nothing_without_the_pages_token(self):
        page, other = sign_in(self.server, "root"), sign_in(self.server, "root")
        self.server.ok("GET", "/api/v1/datasets", headers={"Cookie": page["Cookie"]})
        for token in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": other["X-CSRF-Token"]}):
            headers = {"Cookie": page["Cookie"], **token}
            self.server.refused(403, "POST", "/api/v1/datasets", {"name": "forged"}, headers)
            self.server.refused(403, "DELETE", "/api/v1/users/rea", headers=headers)
        self.server.refused(403, "POST", "/api/v1/datasets", {"name": "forged"}, {**page, "Origin": "http://evil.example"})
        self.server.refused(403, "POST", "/api/v1/datasets", {"name": "forged"}, {**page, "Sec-Fetch-Site": "cross-site"})
        self.assertEqual(self.server.ok("GET", "/api/v1/datasets", headers=page)["datasets"], [])
        self.server.ok("POST", "/api/v1/datasets", {"name": "own"}, page)

    def test_every_change_of_a_user_ends_sessions_and_tokens_at_once(self):
        for method, path, wish in (
            ("PATCH", "/api/v1/users/ada", {"role": "read"}), ("PATCH", "/api/v1/users/ada", {"disabled": True}),
            ("PUT", "/api/v1/users/ada/password", {"password": "another horse"}), ("DELETE", "/api/v1/users/ada", None),
        ):  # fmt: skip
            self.trommel.ok("user", "edit", "ada", "--disabled=false")
            self.trommel.ok("user", "password", "ada", "--password-file", self.password)
            page, token = sign_in(self.server, "ada"), self.token("ada")
            for headers in (page, bearer(token)):
                self.server.ok("GET", "/api/v1/session", headers=headers)
            self.server.ok(method, path, wish, bearer(self.root))
            for headers in (page, bearer(token)):
                self.server.refused(401, "GET", "/api/v1/session", headers=headers)

    def test_a_new_password_of_ones_own_goes_on_with_a_new_session(self):
        page, other = sign_in(self.server, "ada"), sign_in(self.server, "ada")
        wish = {"old_password": "wrong password", "password": "another horse"}
        self.server.refused(401, "PUT", "/api/v1/session/password", wish, page)
        reply = self.server.ask("PUT", "/api/v1/session/password", {**wish, "old_password": PASSWORD}, page)
        self.assertEqual(reply.status, 200, reply)
        new = {"Cookie": reply.headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": reply.json["csrf_token"]}
        self.assertEqual(self.server.ok("GET", "/api/v1/session", headers=new)["user"], "ada")
        for headers in (page, other, bearer(self.ada)):
            self.server.refused(401, "GET", "/api/v1/session", headers=headers)
        self.server.refused(401, "POST", "/api/v1/session", {"name": "ada", "password": PASSWORD})
        sign_in(self.server, "ada", "another horse")

    def test_the_last_administrator_stays(self):
        for method, path, wish in (
            ("PATCH", "/api/v1/users/root", {"role": "label"}), ("PATCH", "/api/v1/users/root", {"disabled": True}),
            ("DELETE", "/api/v1/users/root", None),
        ):  # fmt: skip
            problem = self.server.refused(409, method, path, wish, bearer(self.root))
            self.assertEqual(problem["type"], "urn:trommel:problem:last-admin")
        self.assertEqual(self.trommel.refused("user", "delete", "root", "--yes")[0], 6)

    def test_guessing_is_locked_out_also_after_a_restart(self):
        wrong = {"name": "ada", "password": "wrong password"}
        statuses = []
        for _ in range(12):
            reply = self.server.ask("POST", "/api/v1/session", wrong)
            statuses.append(reply.status)
            if reply.status == 429:
                break
        self.assertEqual((set(statuses[:5]), statuses[-1]), ({401}, 429))
        for _ in range(3):  # longer and longer
            time.sleep(int(reply.headers["Retry-After"]) + 0.1)
            self.server.refused(401, "POST", "/api/v1/session", wrong)
            reply = self.server.ask("POST", "/api/v1/session", wrong)
        self.assertGreaterEqual(int(reply.headers["Retry-After"]), 3)
        self.server.kill()
        again = self.start()
        problem = again.refused(429, "POST", "/api/v1/session", {"name": "ada", "password": PASSWORD})
        self.assertTrue(problem["retryable"])
        sign_in(again, "rea")
        again.ok("GET", "/api/v1/session", headers=bearer(self.ada))  # tokens are not passwords

    def test_many_sign_ins_at_once_leave_the_server_answering(self):
        def attempt(i):
            return self.server.ask("POST", "/api/v1/session", {"name": f"nobody{i}", "password": PASSWORD})

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            waiting = [pool.submit(attempt, i) for i in range(16)]
            slowest = 0
            while not all(one.done() for one in waiting):
                began = time.monotonic()
                self.server.ok("GET", "/api/v1/session", headers=bearer(self.rea))
                slowest = max(slowest, time.monotonic() - began)
        replies = [one.result() for one in waiting]
        self.assertLessEqual({reply.status for reply in replies}, {401, 503, 429})
        for reply in replies:
            if reply.status == 503:
                self.assertEqual(reply.headers["Retry-After"], "1")
        self.assertIn(503, [reply.status for reply in replies])
        self.assertLess(slowest, 5)

    def test_the_audit_tells_who_did_what_and_was_refused(self):
        self.server.refused(401, "POST", "/api/v1/session", {"name": "eve", "password": "wrong password"})
        page = sign_in(self.server, "ada")
        self.server.refused(403, "POST", "/api/v1/datasets", {"name": "d"}, {**page, "X-Request-Id": "mine-1"})
        self.server.refused(401, "DELETE", "/api/v1/datasets/d")
        self.server.ok("POST", "/api/v1/datasets", {"name": "d"}, bearer(self.root))
        self.server.ok("GET", "/api/v1/datasets", headers=bearer(self.root))
        found, query = [], "?limit=3"
        while query:
            shown = self.server.ok("GET", f"/api/v1/audit{query}", headers=bearer(self.root))
            found += shown["entries"]
            query = shown["next_cursor"] and f"?limit=3&cursor={shown['next_cursor']}"
        told = [(row["route"], row["user"], row["subject"], row["outcome"]) for row in found]
        self.assertEqual(told[:5], [
            ("dataset.create", "root", "d", "done"), ("dataset.delete", None, "d", "sign-in-needed"),
            ("dataset.create", "ada", "", "denied"), ("session.begin", None, "ada", "done"),
            ("session.begin", None, "eve", "sign-in-needed"),
        ])  # fmt: skip
        self.assertEqual((found[2]["request_id"], found[2]["address"]), ("mine-1", "127.0.0.1"))
        self.assertEqual([row["id"] for row in found], sorted({row["id"] for row in found}, reverse=True))
        self.assertEqual({row["address"] for row in found if row["route"] == "user.add"}, {"local"})
        of_eve = self.server.ok("GET", "/api/v1/audit?route=session.begin", headers=bearer(self.root))["entries"]
        self.assertEqual(len(of_eve), 2)

    def test_a_body_is_not_read_before_its_sender_is_known(self):
        head = f"POST /api/v1/datasets HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nContent-Type: application/json\r\n"
        data = self.server.raw(f"{head}Content-Length: 1000000\r\n\r\n".encode())
        self.assertEqual(status_of(data), 401)
        data = self.server.raw(f"{head}Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n".encode())
        self.assertEqual(status_of(data), 401)
        head += f"Authorization: Bearer {self.root}\r\n"
        with socket.create_connection((self.server.host, self.server.port), timeout=10) as client:
            client.sendall(f"{head}Content-Length: 12\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n".encode())
            self.assertEqual(status_of(client.recv(4096)), 100)
            client.sendall(b'{"name":"d"}')
            self.assertEqual(status_of(road_http.read_all(client, 2)), 201)
        chunked = f"{head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        self.assertEqual(status_of(self.server.raw(f"{chunked}0\r\n\r\n".encode())), 400)
        self.assertEqual(status_of(self.server.raw(f'{chunked}c\r\n{{"name":"e"}}\r\n0\r\n\r\n'.encode())), 201)
        names = [row["name"] for row in self.server.ok("GET", "/api/v1/datasets", headers=bearer(self.root))["datasets"]]
        self.assertEqual(sorted(names), ["d", "e"])

    def test_an_idempotency_key_gives_nobody_the_reply_of_another(self):
        self.trommel.ok("dataset", "create", "d", "--labels", "a")
        self.trommel.ok("dataset", "import", "d", road.write_manifest(self.folder / "m.manifest", [{"source": "/nowhere.png"}]), "--wait")
        wish = {"action": "mark_hard", "ids": [self.trommel.samples("d")[0]["id"]]}

        def decide(secret):
            return self.server.ask("POST", "/api/v1/samples:decide", wish, {**bearer(secret), "Idempotency-Key": "k"})

        first, again = decide(self.root), decide(self.root)
        self.assertEqual((again.status, again.json, again.headers["Idempotency-Replayed"]), (200, first.json, "true"))
        self.add_user("other", "admin")
        project = self.trommel.ok("project", "create", "elsewhere")["id"]
        self.trommel.ok("user", "add", "far", "--role", "admin", "--project", project, "--password-file", self.password)
        for name in ("other", "far"):
            theirs = decide(self.token(name))
            self.assertNotIn("Idempotency-Replayed", theirs.headers, name)
            self.assertNotIn(first.json["operation_id"], theirs.text, name)


class ReachTest(Fixture):
    def test_beyond_loopback_it_wants_tls_or_to_be_told(self):
        for address in ("0.0.0.0:0", "[::]:0"):
            code, error = self.trommel.refused("serve", "--listen", address)
            self.assertEqual((code, error["code"]), (4, "denied"))
            self.assertIn("--insecure-http", error["message"])
            self.assertEqual(self.trommel.refused("serve", "--listen", address, "--auth", "none", "--insecure-http")[0], 4)
        self.assertEqual(self.trommel.refused("serve", "--auth", "whatever")[0], 2)

    def test_it_answers_to_addresses_and_the_names_it_was_given(self):
        server = self.start("--insecure-http", "--hosts", "trommel.example.org", listen="0.0.0.0:0")
        server.host = "127.0.0.1"
        for host in ("trommel.example.org", f"trommel.example.org:{server.port}", "192.0.2.7", "127.0.0.1", "localhost"):
            server.ok("GET", "/healthz", headers={"Host": host})
        for host in ("evil.example", "trommel.example.org.evil.example", f"trommel.example.org:{server.port + 1}"):
            server.refused(421, "GET", "/healthz", headers={"Host": host})
        server.refused(401, "GET", "/api/v1/datasets")

    def test_over_tls_browsers_are_told_to_stay_there(self):
        cert, key = self.folder / "cert.pem", self.folder / "key.pem"
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                               "-keyout", key, "-out", cert], capture_output=True)  # fmt: skip
        if made.returncode:
            self.skipTest("no openssl")
        self.add_user("root", "admin")
        server = self.start("--tls-cert", cert, "--tls-key", key, listen="0.0.0.0:0")
        context = ssl.create_default_context(cafile=cert)
        context.check_hostname = False
        connection = road_http.http.client.HTTPSConnection("127.0.0.1", server.port, timeout=60, context=context)
        reply = server.ask("GET", "/api/v1/datasets", connection=connection)
        self.assertEqual((reply.status, reply.headers["Strict-Transport-Security"]), (401, "max-age=31536000"))
        connection.close()
        server.kill()
        self.assertIsNone(self.start().ask("GET", "/healthz").headers["Strict-Transport-Security"])

    def test_every_reply_has_the_security_headers(self):
        self.add_user("root", "admin")
        headers = bearer(self.token("root"))
        server = self.start()
        for path in ("/healthz", "/nothing", "/api/v1/datasets", "/api/v1/openapi.json", "/metrics", "/api/v1/users?x=1"):
            for sent in ({}, headers):
                reply = server.ask("GET", path, headers=sent)
                self.assertTrue(reply.headers["Content-Security-Policy"].startswith("default-src 'none'"))
                self.assertEqual(reply.headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(reply.headers["Referrer-Policy"], "same-origin")
                self.assertEqual(reply.headers["Cross-Origin-Resource-Policy"], "same-origin")
                if "json" in reply.headers["Content-Type"]:
                    self.assertEqual(reply.headers["Cache-Control"], "no-store")


class CommandTest(Fixture):
    def test_passwords_come_from_files_and_never_from_the_command_line(self):
        self.assertIn(self.trommel.refused("user", "add", "root", "--role", "admin", "--password", PASSWORD)[0], (2, 5))
        self.assertEqual(self.trommel.run("user", "add", "root", "--role", "admin", TROMMEL_PASSWORD=PASSWORD).code, 2)
        code, error = self.trommel.refused("user", "add", "root", "--role", "admin")
        self.assertEqual(code, 2)
        self.assertIn("--password-file", error["message"])
        short = self.folder / "short"
        short.write_text("x\n")
        self.assertEqual(self.trommel.refused("user", "add", "root", "--role", "admin", "--password-file", short)[0], 2)
        self.assertEqual(self.trommel.refused("user", "add", "ada", "--password-file", self.password)[0], 2)
        self.add_user("root", "admin")
        self.trommel.ok("user", "password", "root", "--password-file", "-", text="another horse\n")
        server = self.start()
        sign_in(server, "root", "another horse")

    def test_who_interrupts_the_question_for_a_password_sees_again_what_is_typed(self):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(self.trommel.command(["user", "add", "root", "--role", "admin"]), stdin=theirs, stdout=theirs,
                                   stderr=theirs, env=self.trommel.environment, start_new_session=True)  # fmt: skip
        self.addCleanup(process.kill)

        def is_shown():
            return bool(termios.tcgetattr(theirs)[3] & termios.ECHO)

        self.assertTrue(is_shown())
        until = time.monotonic() + 60
        while is_shown():
            self.assertLess(time.monotonic(), until, "nobody asks")
            time.sleep(0.01)
        time.sleep(0.2)  # now it reads
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 130)
        self.assertTrue(is_shown())
        os.close(ours)
        os.close(theirs)

    def test_users_and_tokens_are_managed_from_the_command_line(self):
        self.add_user("root", "admin")
        self.add_user("ada", "label")
        self.assertEqual([user["name"] for user in self.trommel.ok("user", "list")], ["ada", "root"])
        self.assertEqual(self.trommel.ok("user", "edit", "ada", "--role", "read")["role"], "read")
        made = self.trommel.ok("token", "create", "ci", "--user", "ada", "--days", "7")
        self.assertEqual(made["token"]["role"], "read")
        self.assertEqual([token["name"] for token in self.trommel.ok("token", "list")], ["ci"])
        self.assertEqual(self.trommel.refused("token", "create", "ci")[0], 2)
        self.assertEqual(self.trommel.refused("user", "edit", "ada")[0], 2)
        self.trommel.ok("token", "delete", made["token"]["id"], "--yes")
        self.trommel.ok("user", "delete", "ada", "--yes")
        self.assertEqual(self.trommel.refused("user", "show", "ada")[0], 5)
        self.assertEqual(self.trommel.ok("audit", "list")[0]["route"], "user.delete")


if __name__ == "__main__":
    road.main()
