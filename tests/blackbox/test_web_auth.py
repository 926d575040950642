"""Signing in, sessions, CSRF, throttling, headers, limits."""

import gzip
import re
import socket
import sqlite3
import subprocess
import unittest

import support
import web_support as web


class Auth(unittest.TestCase):
    def setUp(self):
        self.serve = web.province(users={"admin": ["--role", "operator"], "officer": ["--role", "officer"]}, only="web")
        self.client = web.Client(self.serve)

    def tearDown(self):
        self.client.close()
        status = self.serve.stop()
        self.serve.clean()
        self.assertEqual(status, 0)

    def test_cookie_and_session(self):
        status, data, headers = self.client.sign_in("admin")
        self.assertEqual(status, 200)
        cookie = headers["Set-Cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="):
            self.assertIn(part, cookie)
        self.assertNotIn("Secure", cookie)  # plain HTTP on loopback
        self.assertEqual(self.client.get("/api/session")["csrf"], data["csrf"])
        token = self.client.cookie
        for name in ("office.db", "office.db-wal"):
            if (self.serve.data / name).exists():
                raw = (self.serve.data / name).read_bytes()
                self.assertNotIn(token.encode(), raw)
                self.assertNotIn(web.PASSWORD.encode(), raw)
        self.client.post("/api/session", method="DELETE")
        self.client.get("/api/session", expect=401)
        for wrong in ("", "x", token, token[:-1] + "A", "A" * 43, "A" * 5000):
            self.assertEqual(self.client.request("GET", "/api/session", headers={"Cookie": "yw_session=" + wrong})[0], 401)

    def test_sessions_end(self):
        self.client.sign_in("officer")
        db = sqlite3.connect(self.serve.data / "office.db", timeout=10)
        db.execute("UPDATE session SET seen=seen-7199000000")
        db.commit()
        self.client.get("/api/session")
        db.execute("UPDATE session SET seen=seen-7201000000")
        db.commit()
        self.client.get("/api/session", expect=401)
        self.client.sign_in("officer")
        db.execute("UPDATE session SET made=made-43201000000")
        db.commit()
        self.client.get("/api/session", expect=401)
        db.close()

    def test_csrf(self):
        self.client.sign_in("admin")
        body = {"name": "x", "role": "officer", "password": "12345678"}
        for headers in ({}, {"X-CSRF": ""}, {"X-CSRF": "0" * 32}):
            status, data, _ = self.client.request("POST", "/api/users", body, headers, csrf=False)
            self.assertEqual((status, data["error"]["code"]), (403, "csrf"))
        other = web.Client(self.serve, "officer")
        status, data, _ = self.client.request("POST", "/api/users", body, {"X-CSRF": other.csrf}, csrf=False)
        self.assertEqual(status, 403)
        status, data, _ = self.client.request("POST", "/api/users", body, {"Sec-Fetch-Site": "cross-site"})
        self.assertEqual((status, data["error"]["code"]), (403, "cross_site"))
        status, data, _ = self.client.request("POST", "/api/session", {"user": "admin", "password": web.PASSWORD}, {"Sec-Fetch-Site": "cross-site"})
        self.assertEqual(status, 403)
        self.assertEqual([u["name"] for u in self.client.get("/api/users")["users"]], ["admin", "officer"])
        other.close()

    def test_throttling(self):
        for _ in range(5):
            self.assertEqual(self.client.sign_in("officer", "wrong password")[0], 401)
        status, data, headers = self.client.sign_in("officer")  # even with the right one
        self.assertEqual((status, data["error"]["code"]), (429, "too_many"))
        self.assertGreater(int(headers["Retry-After"]), 0)
        self.assertEqual(self.client.sign_in("admin")[0], 200)  # others are not shut out
        for i in range(30):
            status = self.client.sign_in(f"guess{i}", "wrong password")[0]
            if status == 429:
                break
            self.assertEqual(status, 401)
        self.assertEqual(status, 429)  # one address may not try for ever, whatever the names
        db = sqlite3.connect(self.serve.data / "office.db", timeout=10)
        db.execute("UPDATE failed SET first=first-900000001")
        db.commit()
        db.close()
        self.assertEqual(self.client.sign_in("officer")[0], 200)

    def test_behind_a_proxy_on_the_same_machine(self):
        def attempt(address, user, password=web.PASSWORD, **more):
            return self.client.request("POST", "/api/session", {"user": user, "password": password}, {"X-Forwarded-For": address, **more})
        for i in range(31):
            status = attempt("9.9.9.9, 198.51.100.7", f"guess{i}", "wrong password")[0]
        self.assertEqual(status, 429)
        self.assertEqual(attempt("198.51.100.7", "officer")[0], 429)
        self.assertEqual(attempt("9.9.9.9", "officer")[0], 200)  # only the last of the list was believed
        status, _, headers = attempt("2001:db8::1", "officer", **{"X-Forwarded-Proto": "https"})
        self.assertEqual(status, 200)
        self.assertIn("; Secure", headers["Set-Cookie"])
        self.assertEqual(attempt("no address; x", "officer")[0], 200)

    def test_a_new_password_ends_other_sessions(self):
        self.client.sign_in("officer")
        second = web.Client(self.serve, "officer")
        second.post("/api/session/password", {"old": web.PASSWORD, "new": "another one 7"})
        second.get("/api/session")
        self.client.get("/api/session", expect=401)
        self.assertEqual(self.client.sign_in("officer")[0], 401)
        self.assertEqual(self.client.sign_in("officer", "another one 7")[0], 200)
        web.run("yanwu-admin", "reset-password", "--data", self.serve.data, "--name", "officer", "--password-stdin", text="third one 77\n")
        self.client.get("/api/session", expect=401)
        second.get("/api/session", expect=401)
        second.close()

    def test_a_disabled_user_is_out_at_once(self):
        admin = web.Client(self.serve, "admin")
        self.client.sign_in("officer")
        admin.post("/api/users/officer", {"disabled": True}, method="PATCH")
        self.client.get("/api/session", expect=401)
        self.assertEqual(self.client.sign_in("officer")[0], 401)
        admin.post("/api/users/officer", {"disabled": False}, method="PATCH")
        self.assertEqual(self.client.sign_in("officer")[0], 200)
        admin.close()

    def test_headers_and_pages(self):
        for path in ("/", "/outlets/1", "/api/installation", "/api/none", "/assets/none.js"):
            status, _, headers = self.client.request("GET", path)
            self.assertEqual(status, 404 if "none" in path else 200, path)
            self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
            self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["X-Frame-Options"], "DENY")
        status, page, headers = self.client.request("GET", "/watch")
        self.assertTrue(headers["Content-Type"].startswith("text/html"))
        self.assertEqual(headers["Cache-Control"], "no-cache")
        for asset in re.findall(rb'/assets/[^"]+', page)[:3]:  # none where the program was built without its pages
            status, plain, headers = self.client.request("GET", asset.decode())
            self.assertIn("immutable", headers["Cache-Control"])
            status, packed, headers = self.client.request("GET", asset.decode(), headers={"Accept-Encoding": "gzip"})
            if headers["Content-Encoding"] == "gzip":
                self.assertEqual(gzip.decompress(packed), plain)
        self.assertEqual(self.client.request("GET", "/api/session")[2]["Cache-Control"], "no-store")
        self.assertEqual(self.client.request("POST", "/watch")[0], 405)
        self.assertEqual(self.client.request("PUT", "/api/session")[0], 405)

    def test_limits(self):
        big = b"{" + b" " * (70 << 10) + b"}"
        self.assertEqual(self.client.request("POST", "/api/session", big)[0], 413)
        # Somebody who is not signed in does not get to send a long body at all.
        self.assertEqual(self.client.request("POST", "/api/import", b"x" * 1000)[0], 401)
        status = self.client.request("GET", "/api/session", headers={"X-Long": "x" * 60000})[0]
        self.assertIn(status, (400, 413, 414, 431))
        with socket.create_connection((self.client.address.hostname, self.client.address.port)) as s:
            s.sendall(b"\x16\x03\x01 garbage \r\n\r\n" + bytes(range(256)))
            s.settimeout(5)
            s.recv(100)
        self.assertEqual(self.client.sign_in("admin")[0], 200)
        deep = b'{"user":' + b"[" * 30000
        self.assertEqual(self.client.request("POST", "/api/session", deep)[0], 400)


class Tls(unittest.TestCase):
    def test_cookie_is_secure_over_tls(self):
        s = support.Serve(only="web", start=False)
        self.addCleanup(s.clean)
        s.make_certificate()
        web.make_user(s.data, "admin", "--role", "operator")
        s.args += ["--http-tls-cert", str(s.data / "cert.pem"), "--http-tls-key", str(s.data / "key.pem")]
        s.start()
        url = s.http.replace("http://", "https://") + "api/session"
        out = subprocess.run(["curl", "-sk", "-D", "-", url, "-d", '{"user":"admin","password":"%s"}' % web.PASSWORD], capture_output=True, timeout=30)
        text = out.stdout.decode()
        self.assertIn("200", text.splitlines()[0])
        self.assertIn("; Secure", text)
        self.assertIn("Strict-Transport-Security", text)


class Admin(unittest.TestCase):
    def setUp(self):
        self.data = support.Serve(start=False)
        self.addCleanup(self.data.clean)

    def test_users_by_command(self):
        data = self.data.data
        web.make_user(data, "admin", "--role", "operator")
        self.assertEqual(web.run("yanwu-admin", "create-user", "--data", data, "--name", "admin", "--role", "operator", "--password-stdin",
                                 text="12345678\n", check=False).returncode, 1)
        for wrong in (["--name", "a b", "--role", "operator"], ["--name", "m", "--role", "maintainer"]):
            done = web.run("yanwu-admin", "create-user", "--data", data, *wrong, "--password-stdin", text="12345678\n", check=False)
            self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(web.run("yanwu-admin", "create-user", "--data", data, "--name", "x", "--role", "king", check=False).returncode, 2)
        self.assertEqual(web.run("yanwu-admin", "fly", "--data", data, check=False).returncode, 2)
        made = web.run("yanwu-admin", "create-user", "--data", data, "--name", "boss", "--role", "leader", "--generate").stdout.decode().strip()
        self.assertEqual(len(made), 16)
        listed = web.run("yanwu-admin", "list-users", "--data", data).stdout.decode()
        self.assertIn("boss", listed)
        self.assertNotIn(made, listed)


if __name__ == "__main__":
    unittest.main()
