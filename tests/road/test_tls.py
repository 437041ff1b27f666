#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""HTTPS with certificates made here: versions, files that do not fit, clients that speak something else."""
import datetime
import http.client
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import unittest

import road
from road_http import Server, read_all, status_of

TLS_PIECE_BYTES = 16384


def openssl(*words, **more):
    done = subprocess.run(["openssl", *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, **more)
    assert done.returncode == 0, done.stderr.decode()
    return done


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = road.temp_folder(cls)
        cls.trommel = road.Trommel(cls.folder / "data")
        cls.cert, cls.key = cls.make("good")
        cls.server = Server(cls.trommel, "--tls-cert", cls.cert, "--tls-key", cls.key, "--task-workers", "0", "--head-timeout", "3")

    @classmethod
    def tearDownClass(cls):
        code, said = cls.server.stop()
        assert code == 0, said

    @classmethod
    def make(cls, name, kind=("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"), days="2"):
        key, cert = cls.folder / f"{name}.key", cls.folder / f"{name}.crt"
        openssl("req", "-x509", "-newkey", *kind, "-nodes", "-keyout", key, "-out", cert, "-days", days, "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")  # fmt: skip
        return cert, key

    def connect(self, server=None, cert=None, **limits):
        context = ssl.create_default_context(cafile=cert or self.cert)
        for name, value in limits.items():
            setattr(context, name, value)
        connection = http.client.HTTPSConnection("127.0.0.1", (server or self.server).port, timeout=20, context=context)
        connection.connect()
        return connection

    def ask(self, connection, method="GET", path="/healthz", body=None):
        connection.request(method, path, body=body, headers={"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def refused(self, cert, key):
        code, error = self.idle().refused("serve", "--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key)
        self.assertIn(error["code"], ("invalid", "not-found", "io"))
        self.assertIn(code, (2, 5))
        return error["message"]

    def idle(self):
        """A data folder that no server holds."""
        return road.Trommel(self.folder / "idle")

    # ---- versions ----

    def test_it_speaks_1_2_and_1_3(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            connection = self.connect(minimum_version=version, maximum_version=version)
            self.assertEqual(self.ask(connection), (200, b'{"status":"ok"}'))
            self.assertEqual(connection.sock.version(), name)
            self.assertRegex(connection.sock.cipher()[0], "GCM|CHACHA20")
            connection.close()

    def offers(self, *words):
        """True when openssl comes to terms with the server."""
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", *words], input=b"",
                              capture_output=True, timeout=60)  # fmt: skip
        return done.returncode == 0 and not re.search(rb"Cipher is \(NONE\)", done.stdout)

    def test_it_speaks_nothing_older_and_nothing_weak(self):
        self.assertTrue(self.offers("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0"))
        for words in (("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), ("-tls1", "-cipher", "ALL:@SECLEVEL=0"),
                      ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0")):  # fmt: skip
            self.assertFalse(self.offers(*words), words)

    def test_an_rsa_certificate_serves_too(self):
        cert, key = self.make("rsa", ("rsa:2048",))
        server = Server(self.idle(), "--tls-cert", cert, "--tls-key", key, "--task-workers", "0")
        connection = self.connect(server, cert)
        self.assertEqual(self.ask(connection)[0], 200)
        connection.close()
        self.assertEqual(server.stop()[0], 0)

    # ---- requests ----

    def test_bodies_and_long_replies_come_through_whole(self):
        connection = self.connect()
        status, document = self.ask(connection, path="/api/v1/openapi.json")
        self.assertEqual(status, 200)
        self.assertGreater(len(document), TLS_PIECE_BYTES)
        self.assertEqual(document.count(b"{"), document.count(b"}"))
        name = "x" * 60
        self.assertEqual(self.ask(connection, "POST", "/api/v1/datasets", f'{{"name":"{name}","labels":["a"]}}'.encode())[0], 201)
        self.assertIn(name.encode(), self.ask(connection, path="/api/v1/datasets")[1])
        data = bytes(range(256)) * 4096
        self.assertEqual(self.ask(connection, "PUT", "/api/v1/uploads/tls.bin", data)[0], 200)
        self.assertEqual((self.trommel.data / "uploads/0/tls.bin/tls.bin").read_bytes(), data)
        connection.close()

    def test_its_own_address_is_an_origin_of_https(self):
        connection = self.connect()
        for origin, status in ((f"https://127.0.0.1:{self.server.port}", 200), (f"http://127.0.0.1:{self.server.port}", 403)):
            connection.request("GET", "/api/v1/datasets", headers={"Origin": origin})
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.status, status)
        connection.close()

    # ---- clients that speak something else ----

    def test_plain_http_gets_no_reply_and_the_connection_ends(self):
        data = self.server.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertIn(status_of(data), (None, 400))
        self.assertNotIn(b"ok", data)
        self.assertEqual(self.ask(self.connect())[0], 200)

    def test_who_says_nothing_or_half_a_hello_is_cut_off(self):
        for said in (b"", b"\x16\x03\x01\x02\x00\x01", b"\x16\x03\x01\x02\x00" + b"\xff" * 600, b"\x80\x2e\x01\x00\x02"):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as client:
                client.sendall(said)
                started = time.monotonic()
                self.assertLess(len(read_all(client, 15)), 100)
                self.assertLess(time.monotonic() - started, 15, said)
        self.assertEqual(self.ask(self.connect())[0], 200)

    def test_who_trusts_another_certificate_leaves_and_harms_nothing(self):
        other, _ = self.make("other")
        for _ in range(5):
            with self.assertRaises(ssl.SSLCertVerificationError):
                self.connect(cert=other)
        self.assertEqual(self.ask(self.connect())[0], 200)

    # ---- our own client ----

    def far(self, name, *words, url=None, **environment):
        """A command of a machine that has nothing but the server's URL."""
        client = road.Trommel(self.folder / "far" / name)
        client.data.parent.mkdir(exist_ok=True)
        return client.run("dataset", "list", "--server", url or self.server.url, *words, "--json", **environment)

    def test_our_client_asks_whom_cacert_names(self):
        self.trommel.ok("dataset", "create", "seen-from-afar", "--labels", "a")
        for words, environment in ((("--cacert", self.cert), {}), ((), {"TROMMEL_CACERT": str(self.cert)})):
            for host in ("127.0.0.1", "localhost"):
                done = self.far("trusting", *words, url=f"https://{host}:{self.server.port}", **environment)
                self.assertEqual(done.code, 0, done)
                self.assertIn("seen-from-afar", done.out)

    def test_our_client_asks_nobody_whom_it_cannot_trust(self):
        other, other_key = self.make("stranger")
        empty = self.folder / "nobody.pem"
        empty.write_bytes(b"")
        for words, code, said in ((("--cacert", other), 7, "certificate that is not trusted; .*--cacert"), ((), 7, "not trusted; .*--cacert"),
                                  (("--cacert", self.folder / "none.pem"), 2, r"none\.pem cannot be read as certificates"),
                                  (("--cacert", empty), 2, r"nobody\.pem cannot be read as certificates")):  # fmt: skip
            done = self.far("doubting", *words, TROMMEL_TOKEN="trommel_secret")
            self.assertEqual((done.code, done.out), (code, ""), done)
            self.assertRegex(done.error["message"], said)

    def test_our_client_asks_nobody_of_another_name(self):
        key, cert = self.folder / "named.key", self.folder / "named.crt"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert,
                "-days", "2", "-subj", "/CN=elsewhere.example", "-addext", "subjectAltName=DNS:elsewhere.example")  # fmt: skip
        server = Server(self.idle(), "--tls-cert", cert, "--tls-key", key, "--task-workers", "0")
        done = self.far("named", "--cacert", cert, url=server.url, TROMMEL_TOKEN="trommel_secret")
        self.assertEqual((done.code, done.out), (7, ""), done)
        self.assertEqual(server.stop()[0], 0)

    def test_a_password_is_not_sent_in_the_clear(self):
        client = road.Trommel(self.folder / "far" / "clear")
        client.data.parent.mkdir(exist_ok=True)
        code, error = client.refused("login", "http://192.0.2.1:1", "--user", "anna", "--password-file", "-", text="password\n")
        self.assertEqual((code, error["code"]), (4, "denied"))
        self.assertIn("a password is not sent to http://192.0.2.1:1", error["message"])

    # ---- files ----

    def test_files_that_do_not_fit_are_told_in_words(self):
        other, other_key = self.make("second")
        self.assertRegex(self.refused(self.cert, other_key), r"second\.key.* is not that of .*good\.crt")
        self.assertRegex(self.refused(other_key, other_key), r"second\.key holds no certificate")
        self.assertRegex(self.refused(other, other), r"second\.crt holds no private key")
        empty = self.folder / "empty.pem"
        empty.write_bytes(b"")
        self.assertRegex(self.refused(empty, self.key), r"empty\.pem holds no certificate")
        self.assertRegex(self.refused(self.cert, empty), r"empty\.pem holds no private key")
        self.assertRegex(self.refused(self.folder / "none.crt", self.key), r"none\.crt")
        self.assertRegex(self.refused(self.folder, self.key), str(self.folder))
        locked = self.folder / "locked.key"
        openssl("pkcs8", "-topk8", "-in", self.key, "-out", locked, "-passout", "pass:secret")
        self.assertRegex(self.refused(self.cert, locked), r"locked\.key is encrypted")
        large = self.folder / "large.pem"
        large.write_bytes(self.cert.read_bytes() + b"\n" * 1024 * 1024)
        self.assertEqual(self.idle().refused("serve", "--tls-cert", large, "--tls-key", self.key)[1]["code"], "limit")

    def test_a_certificate_out_of_its_time_is_refused(self):
        request, key = self.folder / "time.csr", self.folder / "time.key"
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", request,
                "-subj", "/CN=localhost")  # fmt: skip
        now = datetime.datetime.now(datetime.timezone.utc)
        for name, first, last, words in (("old", -3, -1, "expired at .*; renew it"), ("early", 1, 3, "is not valid before")):
            cert, home = self.folder / f"{name}.crt", self.folder / f"{name}-ca"
            home.mkdir()
            (home / "index").write_text("")
            (home / "serial").write_text("01")
            (home / "cnf").write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={home}/index\nserial={home}/serial\nnew_certs_dir={home}\n"
                                      "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")  # fmt: skip
            times = [(now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ") for days in (first, last)]
            openssl("ca", "-config", home / "cnf", "-selfsign", "-batch", "-notext", "-in", request, "-keyfile", key, "-out", cert,
                    "-startdate", times[0], "-enddate", times[1])  # fmt: skip
            self.assertRegex(self.refused(cert, key), rf"{name}\.crt {words}")


if __name__ == "__main__":
    if not shutil.which("openssl"):
        print("1..0 # SKIP there is no openssl here to make certificates with")
        sys.exit(0)
    road.main()
