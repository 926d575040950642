"""Notices about alarms: e-mail, SMS gateway and robots on servers of this test. What goes out, that it goes out once whatever dies, that it is
tried again, and that secrets and addresses are kept."""

import base64
import email
import email.header
import http.server
import json
import pathlib
import socketserver
import threading
import time
import unittest
import urllib.parse

import support
import test_alarms
import web_support as web

USERS = {"admin": ["--role", "operator"], "cityop": ["--role", "operator", "--area", "410100"],
         "city": ["--role", "officer", "--area", "410100", "--unit", "410100-Z"], "works1": ["--role", "enterprise", "--enterprise", "1"]}


class Web(http.server.ThreadingHTTPServer):
    """A gateway and robots: keeps what came; fails as often as it is told to."""
    daemon_threads = True

    def __init__(self):
        self.got, self.fail = [], 0
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def bodies(self, path):
        return [b for p, _, b in self.got if p.startswith(path)]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        server = self.server
        server.got.append((self.path, dict(self.headers), body))
        answer, status = b'{"errcode":0,"errmsg":"ok"}', 200
        if server.fail > 0:
            server.fail -= 1
            answer, status = (b'{"errcode":93000,"errmsg":"invalid webhook"}', 200) if "robot" in self.path else (b"busy", 503)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Mail(socketserver.ThreadingTCPServer):
    """As much of an SMTP server as a client needs."""
    daemon_threads, allow_reuse_address = True, True

    def __init__(self):
        self.messages = []
        super().__init__(("127.0.0.1", 0), MailHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class MailHandler(socketserver.StreamRequestHandler):
    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 test")
        to = []
        while line := self.rfile.readline().decode().strip():
            word = line.upper()
            if word == "DATA":
                say("354 go on")
                data = b""
                while not data.endswith(b"\r\n.\r\n"):
                    data += self.rfile.readline()
                self.server.messages.append((to, email.message_from_bytes(data[:-5])))
                say("250 kept")
            elif word == "QUIT":
                say("221 bye")
                return
            else:
                if word.startswith("RCPT"):
                    to.append(line.split("<")[1].split(">")[0])
                say("250 ok")


class Delivery(unittest.TestCase):
    def setUp(self):
        self.web, self.mail = Web(), Mail()
        self.serve = web.province(users=USERS)
        with self.serve.connect() as device:
            device.send(support.real_time(web.MN["DA001"], support.qn(1)))
            assert len(device.acks(1)) == 1
        self.serve.wait_drained()
        self.serve.stop()
        self.serve.only = "web"
        for name in ("judge.db", "judge.db-wal", "judge.db-shm"):
            (self.serve.data / "series" / name).unlink(missing_ok=True)
        self.clients = {}

    def tearDown(self):
        for c in self.clients.values():
            c.close()
        self.serve.clean()
        self.web.shutdown()
        self.web.server_close()
        self.mail.shutdown()
        self.mail.server_close()

    def sign_in(self):
        for c in self.clients.values():
            c.close()
        self.clients = {name: web.Client(self.serve, name) for name in USERS}

    def settings(self, **more):
        return {"base_url": "https://yanwu.example/", "allow_private": True,
                "mail": {"enabled": True, "url": f"smtp://127.0.0.1:{self.mail.server_address[1]}", "from": "yanwu@example.cn",
                         "to": [{"unit": "410100-Z", "address": "duty@example.cn"}, {"unit": "410200-Z", "address": "elsewhere@example.cn"},
                                {"address": "urgent@example.cn", "least": 3}]},
                "sms": {"enabled": True, "url": self.web.url + "/sms?to={phone}", "content_type": "application/json", "header": "X-Key: sms-secret",
                        "body": '{"mobile":"{phone}","text":"{text}"}', "success": '"errcode":0', "to": [{"phone": "13800000000"}]},
                "robots": [{"name": "企业微信群", "kind": "wecom", "url": self.web.url + "/robot/wecom?key=wecom-secret"},
                           {"name": "钉钉群", "kind": "dingtalk", "url": self.web.url + "/robot/ding?access_token=ding-secret", "secret": "SECding"}], **more}

    def put(self, settings, expect=200):
        return self.clients["admin"].post("/api/deliveries/settings", settings, method="PUT", expect=expect)

    def deliveries(self, **query):
        return self.clients["admin"].get("/api/deliveries?" + "&".join(f"{k}={v}" for k, v in query.items()))["deliveries"]

    def raise_alarm(self, value=60):
        test_alarms.say(self.serve.data, 1, [test_alarms.verdict(1, value)])
        return web.until(lambda: self.clients["city"].get("/api/alarms?state=all")["alarms"], "an alarm", 20)[0]["number"]

    def test_what_goes_out(self):
        self.serve.start()
        self.sign_in()
        self.put(self.settings())
        number = self.raise_alarm()
        web.until(lambda: len(self.deliveries(state="sent")) == 4, "all four are sent", 20)
        link = "https://yanwu.example/alarms/" + number
        # Robots: the number and the link, and not one word more.
        for path in ("/robot/wecom", "/robot/ding"):
            self.assertEqual([json.loads(b) for b in self.web.bodies(path)], [{"msgtype": "text", "text": {"content": f"{number} {link}"}}])
        ding = urllib.parse.parse_qs(next(p for p, _, _ in self.web.got if "ding" in p).split("?")[1])
        self.assertEqual(len(base64.b64decode(ding["sign"][0])), 32)
        path, headers, body = next(g for g in self.web.got if g[0].startswith("/sms"))
        self.assertEqual((path, headers["X-Key"], json.loads(body)["mobile"]), ("/sms?to=13800000000", "sms-secret", "13800000000"))
        self.assertIn(number, json.loads(body)["text"])
        for word in ("甲市", "热电", "DA001", "60"):
            self.assertNotIn(word, json.loads(body)["text"].replace(number, "").replace(link, ""))
        # Mail goes to the unit whose turn it is, and says what it is about.
        (to, message), = self.mail.messages
        self.assertEqual(to, ["duty@example.cn"])
        subject = str(email.header.make_header(email.header.decode_header(message["Subject"])))
        text = message.get_payload(decode=True).decode()
        self.assertIn(number, subject)
        for word in ("甲市第一热电厂 DA001", "60 / 50 mg/m3", link, "不单独作为处罚依据"):
            self.assertIn(word, text)
        # Secrets: neither shown nor lying about.
        shown = json.dumps(self.clients["admin"].get("/api/deliveries/settings")) + json.dumps(self.deliveries())
        kept = b"".join(p.read_bytes() for p in pathlib.Path(self.serve.data).glob("office.db*")) + self.serve.log_text().encode()
        for secret in ("sms-secret", "wecom-secret", "ding-secret", "SECding"):
            self.assertNotIn(secret, shown)
            self.assertNotIn(secret.encode(), kept)
        # What was shown can be put back; the secrets stay.
        self.put(self.clients["admin"].get("/api/deliveries/settings"))
        self.clients["admin"].post("/api/deliveries/test", expect=202)
        web.until(lambda: any("BJ-TEST" in b for b in self.web.bodies("/robot/wecom?key=wecom-secret")), "the test message", 20)

    def test_tried_again_and_once_each(self):
        self.serve.start()
        self.sign_in()
        self.clients["admin"].post("/api/policies", {"delivery_retry_s": 1, "delivery_tries": 5}, method="PUT")
        self.put(self.settings(mail={}, robots=[]))
        self.web.fail = 2
        self.raise_alarm()
        sent = web.until(lambda: self.deliveries(state="sent"), "sent at last", 30)
        self.assertEqual((len(sent), sent[0]["tries"], sent[0]["error"], len(self.web.got)), (1, 3, None, 3))
        # Restarts offer everything recent again: nothing goes out twice.
        for _ in range(2):
            self.serve.stop()
            self.serve.start()
            time.sleep(2.5)
        self.assertEqual(len(self.web.got), 3)

    def test_killed_in_the_middle(self):
        """The server is down, the web process dies: what was to be sent is sent."""
        self.serve.start()
        self.sign_in()
        self.clients["admin"].post("/api/policies", {"delivery_retry_s": 1}, method="PUT")
        self.put(self.settings(sms={}, robots=[]))
        address = self.mail.server_address
        self.mail.shutdown()
        self.mail.server_close()
        self.raise_alarm(90)
        waiting = web.until(lambda: [d for d in self.deliveries(state="waiting") if d["tries"] > 0], "a failed attempt", 30)
        self.assertTrue(waiting[0]["error"])
        self.serve.kill("web")
        self.mail = type("Again", (Mail,), {"__init__": lambda s: (setattr(s, "messages", []), socketserver.ThreadingTCPServer.__init__(s, address, MailHandler))[0]})()
        threading.Thread(target=self.mail.serve_forever, daemon=True).start()
        web.until(lambda: len(self.mail.messages) == 2, "both come", 60)  # the desk's and the one for urgent alarms
        self.assertEqual(sorted(m[0][0] for m in self.mail.messages), ["duty@example.cn", "urgent@example.cn"])

    def test_given_up_and_forbidden(self):
        self.serve.start()
        self.sign_in()
        self.clients["admin"].post("/api/policies", {"delivery_retry_s": 1, "delivery_tries": 2}, method="PUT")
        self.put({**self.settings(mail={}, sms={}), "allow_private": False})
        self.raise_alarm()
        failed = web.until(lambda: len(self.deliveries(state="failed")) == 2 and self.deliveries(state="failed"), "given up", 30)
        for d in failed:
            self.assertEqual(d["tries"], 2)
            self.assertIn("not public", d["error"])
        self.assertEqual(self.web.got, [])
        for path in ("/api/deliveries", "/api/deliveries/settings"):
            self.clients["city"].get(path, expect=403)
            self.clients["works1"].get(path, expect=403)
            self.clients["cityop"].get(path, expect=403)
        for wrong in ({"robots": [{"name": "x", "kind": "wecom", "url": "file:///etc/passwd"}]}, {"mail": {"enabled": True, "url": "http://x", "from": "a@b"}},
                      {"mail": {"to": [{"address": "a@b\r\nBcc: c@d"}]}}, {"mail": {"to": [{"address": "a@b", "unit": "nobody"}]}}):
            self.put(wrong, expect=422)
        self.clients["admin"].get("/api/deliveries?state=x", expect=400)


if __name__ == "__main__":
    unittest.main()
