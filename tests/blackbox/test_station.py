"""The station room: what people and web hooks tell, what data loggers report of it, cameras with their pictures, and who may see which."""

import base64
import http.server
import json
import threading
import time
import unittest

import support
import web_support as web

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8
PNG = b"\x89PNG\r\n\x1a\n" + bytes(300)


class Camera(http.server.BaseHTTPRequestHandler):
    """A camera, and everything a camera should not be."""

    protocol_version = "HTTP/1.1"
    asked = []

    def log_message(self, *_):
        pass

    def give(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            self.close_connection = True  # it did not want to have it all

    def do_GET(self):
        type(self).asked.append(self.path)
        if self.path == "/snap.jpg":
            self.give(JPEG, Content_Type="text/html")
        elif self.path == "/snap.png":
            self.give(PNG)
        elif self.path == "/locked":
            right = "Basic " + base64.b64encode(b"viewer:see me").decode()
            if self.headers.get("Authorization") == right:
                self.give(JPEG)
            else:
                self.give(b"", 401, WWW_Authenticate='Basic realm="camera"')
        elif self.path == "/page":
            self.give(b"<html>secret things</html>", Content_Type="image/jpeg")
        elif self.path == "/moved":
            self.give(b"", 302, Location="/snap.jpg")
        elif self.path == "/elsewhere":
            self.give(b"", 302, Location=f"http://localhost:{self.server.server_port}/snap.jpg")
        elif self.path == "/file":
            self.give(b"", 302, Location="file:///etc/passwd")
        elif self.path == "/round":
            self.give(b"", 302, Location="/round")
        elif self.path == "/large":
            self.give(JPEG[:4] + bytes(5 << 20))
        elif self.path == "/slow":
            time.sleep(8)
            self.give(JPEG)
        else:
            self.give(b"", 404)


def events(client, outlet=1, query=""):
    return client.get(f"/api/outlets/{outlet}/station{query}")["events"]


class Station(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = web.province(domain="training")
        cls.clients = {name: web.Client(cls.serve, name) for name in web.USERS}
        cls.admin = cls.clients["admin"]
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera)
        cls.thread = threading.Thread(target=cls.server.serve_forever, daemon=True)
        cls.thread.start()
        cls.base = f"http://127.0.0.1:{cls.server.server_port}"

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        for c in cls.clients.values():
            c.close()
        status = cls.serve.stop()
        cls.serve.clean()
        assert status == 0

    def test_entered_by_hand_and_seen_with_the_line_behind_it(self):
        now = int(time.time() * 1000)
        officer, url = self.clients["officer"], "/api/outlets/1/station"
        officer.post(url, {"kind": "door", "state": "open", "text": "检查人员进入", "time": now - 5000})
        self.clients["maint1"].post(url, {"kind": "temperature", "value": 23.5, "unit": "degC", "time": now - 4000})
        found = web.until(lambda: len(e := [x for x in events(self.admin) if x["by"] in ("officer", "maint1")]) == 2 and e, "two events")
        self.assertEqual([(e["kind"], e["state"], e["value"], e["unit"], e["text"], e["by"], e["time"]) for e in found],
                         [("temperature", "ok", "23.5", "degC", None, "maint1", now - 4000),
                          ("door", "open", None, None, "检查人员进入", "officer", now - 5000)])
        packet = f"/api/packets/acts/{found[1]['position']}"
        line = officer.get(packet)
        self.assertEqual((line["direction"], line["act"]["station"]["text"], line["act"]["by"]), ("act", "检查人员进入", "officer"))
        self.clients["works1"].get(packet)
        for stranger in ("maint2", "works2", "othercity"):
            self.clients[stranger].get(packet, 404)
            self.clients[stranger].get(url, 404)
        # The register stays as it is.
        self.assertNotIn("act", line["act"])

    def test_who_may_enter(self):
        url, good = "/api/outlets/1/station", {"kind": "note", "text": "x"}
        for user, status in (("leader", 403), ("works1", 403), ("maint2", 404), ("othercity", 404), ("cityop", 200)):
            self.assertEqual(self.clients[user].request("POST", url, good)[0], status, user)

    def test_what_is_wrong_is_said(self):
        url, now = "/api/outlets/1/station", int(time.time() * 1000)
        for wrong in ({}, {"kind": "window", "state": "open"}, {"kind": "door", "state": "ajar"}, {"kind": "note"}, {"kind": "temperature", "value": "warm"},
                      {"kind": "door", "state": "open", "time": now + 10**7}, {"kind": "door", "state": "open", "time": 5},
                      {"kind": "door", "state": "open", "time": "noon"}, {"kind": "note", "text": "x" * 600}, {"kind": 5}):
            self.assertEqual(self.admin.request("POST", url, wrong)[0], 422, wrong)
        self.assertEqual(self.admin.request("POST", url, b"[]")[0], 400)
        for query in ("?limit=0", "?limit=201", "?before=x"):
            self.admin.get(url + query, 400)

    def test_device_information_is_merged(self):
        now = int(time.time()) - 60
        with self.serve.connect() as device:
            device.send(support.frame(web.MN["DA002"], support.qn(1), f"DataTime={support.civil(now)};PolId=a21026;i33101-Info=25.1,i33102-Info=48,i12002-Info=1,i13004-Info=168.0",
                                      cn="3020"))
            device.send(support.frame(web.MN["DA002"], support.qn(2), f"DataTime={support.civil(now + 1)};PolId=a21026;i31001-Info=//张三进入//;i32001-Info=2", cn="3020"))
            self.assertEqual(len(device.acks(2)), 2)
        self.admin.post("/api/outlets/2/station", {"kind": "power", "state": "lost", "time": (now + 2) * 1000})
        found = web.until(lambda: (e := events(self.admin, 2)) and len(e) == 6 and e, "six events")
        self.assertEqual(found[0]["kind"], "power")
        self.assertEqual({(e["code"], e["kind"], e["state"], e["value"], e["unit"], e["text"], e["source"]) for e in found[1:]},
                         {("i31001", "door", "text", None, None, "张三进入", "packet"), ("i32001", "door", "fault", None, None, "2", "packet"),
                          ("i33101", "temperature", "ok", "25.1", "degC", None, "packet"), ("i33102", "humidity", "ok", "48", "%", None, "packet"),
                          ("i12002", "communication", "fault", None, None, "1", "packet")})
        door = next(e for e in found if e["code"] == "i31001")
        packet = self.admin.get(f"/api/packets/{door['journal']}/{door['position']}")
        self.assertEqual(packet["cn"], "3020")
        # Page by page the same, each once.
        pages, before = [], ""
        while True:
            page = self.admin.get(f"/api/outlets/2/station?limit=1{before}")
            pages += page["events"]
            if page["next"] is None:
                break
            before = f"&before={page['next']}"
        self.assertEqual(pages, found)

    # ---- hooks ----

    def use(self, path, body, headers=None):
        nobody = web.Client(self.serve)
        try:
            return nobody.request("POST", path, body, headers)
        finally:
            nobody.close()

    def test_a_hook_tells(self):
        made = self.admin.post("/api/hooks", {"outlet": 3, "name": "door-sensor"})
        self.assertEqual(made["path"], "/api/hooks/" + made["token"])
        status, _, _ = self.use(made["path"], {"kind": "door", "state": "open"})
        self.assertEqual(status, 200)
        event = web.until(lambda: events(self.admin, 3), "the event")[0]
        self.assertEqual((event["kind"], event["state"], event["source"], event["by"]), ("door", "open", "hook:door-sensor", "hook:door-sensor"))
        # The token is kept nowhere.
        for name in ("office.db", "office.db-wal", "journal/acts", "serve.log"):
            at = self.serve.data / name
            for f in (at.iterdir() if at.is_dir() else [at] if at.exists() else []):
                self.assertNotIn(made["token"].encode(), f.read_bytes(), f)
        # Wrong, too long, too often, gone.
        self.assertEqual(self.use("/api/hooks/" + "A" * 43, {"kind": "door", "state": "open"})[0], 404)
        self.assertEqual(self.use(made["path"], {"kind": "door", "state": "ajar"})[0], 422)
        self.assertEqual(self.use(made["path"], b"{}" + b" " * 9000)[0], 413)
        self.assertEqual(self.use(made["path"], b"no")[0], 400)
        nobody = web.Client(self.serve)
        time.sleep(0 if time.time() % 60 < 40 else 61 - time.time() % 60)  # within one minute
        seen = [nobody.request("POST", made["path"], {"kind": "note", "text": str(i)}) for i in range(70)]
        nobody.close()
        self.assertEqual({s for s, _, _ in seen}, {200, 429})
        self.assertLessEqual(sum(s == 200 for s, _, _ in seen), 60)
        self.assertTrue(1 <= int(seen[-1][2]["Retry-After"]) <= 61)
        listed = self.admin.get("/api/hooks")["hooks"]
        self.assertEqual([(h["name"], h["outlet"], h["by"]) for h in listed if h["id"] == made["id"]], [("door-sensor", 3, "admin")])
        self.assertNotIn("token", listed[0])
        # Operators of another area have nothing to do with it.
        cityop = self.clients["cityop"]
        self.assertNotIn(made["id"], [h["id"] for h in cityop.get("/api/hooks")["hooks"]])
        cityop.post(f"/api/hooks/{made['id']}", expect=404, method="DELETE")
        self.assertEqual(cityop.request("POST", "/api/hooks", {"outlet": 3, "name": "x"})[0], 422)
        self.admin.post(f"/api/hooks/{made['id']}", method="DELETE")
        self.assertEqual(self.use(made["path"], {"kind": "door", "state": "open"})[0], 404)

    # ---- cameras ----

    def camera(self, path="", outlet=1, **more):
        body = {"name": "站房", "kind": "other", "address": "", "snapshot_url": self.base + path if path else ""}
        return self.admin.post(f"/api/outlets/{outlet}/cameras", {**body, **more})

    def snapshot(self, camera, user="admin"):
        return self.clients[user].request("GET", f"/api/cameras/{camera['id']}/snapshot")

    def test_pictures(self):
        camera = self.camera("/snap.jpg")
        status, body, headers = self.snapshot(camera, "works1")
        self.assertEqual((status, body, headers["Content-Type"]), (200, JPEG, "image/jpeg"))
        camera = self.camera("/snap.png", id=camera["id"])
        self.assertEqual(self.snapshot(camera)[1:2], (PNG,))
        camera = self.camera("/moved", id=camera["id"])
        self.assertEqual(self.snapshot(camera)[1], JPEG)
        locked = self.camera("/locked", user="viewer", pw="see me")
        self.assertEqual(self.snapshot(locked)[0:2], (200, JPEG))
        # Changed without saying the password: it stays. It lies nowhere in clear.
        locked = self.camera("/locked", id=locked["id"], user="viewer", name="改名")
        self.assertEqual((self.snapshot(locked)[0], locked["name"]), (200, "改名"))
        for f in (self.serve.data / "journal/acts").iterdir():
            self.assertNotIn(b"see me", f.read_bytes())
        # Only who registers cameras sees where they are fetched from.
        seen = self.clients["officer"].get("/api/outlets/1/cameras")["cameras"]
        self.assertTrue(all(c["snapshot"] is True and "snapshot_url" not in c and "user" not in c for c in seen))
        self.assertNotIn("pw", self.admin.get("/api/outlets/1/cameras")["cameras"][0])
        for stranger in ("maint2", "works2", "othercity"):
            self.assertEqual(self.snapshot(camera, stranger)[0], 404)
        for c in (camera, locked):
            self.assertEqual(self.admin.request("DELETE", f"/api/cameras/{c['id']}", {"reason": "x" * 501})[0], 422)
            self.admin.post(f"/api/cameras/{c['id']}", {"reason": "拆除"}, method="DELETE")
            self.assertEqual(self.snapshot(c)[0], 404)

    def test_what_is_no_picture_is_not_passed_on(self):
        for path in ("/page", "/elsewhere", "/file", "/round", "/large", "/nothing", "/locked"):
            camera = self.camera(path)
            status, body, _ = self.snapshot(camera)
            self.assertEqual((status, body["error"]["code"]), (502, "camera"), path)
            self.assertNotIn("secret things", json.dumps(body))
            self.admin.post(f"/api/cameras/{camera['id']}", method="DELETE")
        self.assertNotIn("/etc/passwd", Camera.asked)
        refused = self.camera("/snap.jpg", snapshot_url="http://127.0.0.1:1025/x")
        self.assertEqual(self.snapshot(refused)[0], 502)
        for address in ("http://169.254.169.254/latest/meta-data", "http://0.0.0.0:8080/", "http://224.0.0.1/", "http://[fe80::1]/",
                        "http://[::ffff:169.254.169.254]/"):
            camera = self.camera(snapshot_url=address, id=refused["id"])
            began = time.monotonic()
            status, body, _ = self.snapshot(camera)
            self.assertEqual(status, 502, address)
            self.assertIn("not one that is connected to", body["error"]["text_en"])
            self.assertLess(time.monotonic() - began, 2)
        self.admin.post(f"/api/cameras/{refused['id']}", method="DELETE")

    def test_a_slow_camera_keeps_nobody_waiting(self):
        camera = self.camera("/slow")
        waiting = web.Client(self.serve, "officer")
        took = {}

        def wait():
            began = time.monotonic()
            took["status"] = waiting.request("GET", f"/api/cameras/{camera['id']}/snapshot")[0]
            took["s"] = time.monotonic() - began
        threads = [threading.Thread(target=wait)]
        threads[0].start()
        time.sleep(0.3)
        for _ in range(20):  # more than there are threads that answer
            client = web.Client(self.serve)
            began = time.monotonic()
            client.get("/api/installation")
            self.assertLess(time.monotonic() - began, 3)
            client.close()
        self.admin.post("/api/outlets/1/station", {"kind": "note", "text": "commits go on"})
        threads[0].join(20)
        self.assertEqual(took["status"], 502)
        self.assertGreater(took["s"], 4)
        self.assertLess(took["s"], 8)
        waiting.close()
        self.admin.post(f"/api/cameras/{camera['id']}", method="DELETE")

    def test_the_link_opens_at_the_time(self):
        camera = self.camera(kind="gb28181", address="34020000001320000001", channel="1/2",
                             link_url="https://nvr.example/play?ch={channel}&t={time}&b={begin:utc}&e={end:unix}&m={time:ms}&x={other}")
        link = self.clients["officer"].get(f"/api/cameras/{camera['id']}/link?time=1780000000000")
        self.assertEqual(link["url"], "https://nvr.example/play?ch=1%2F2&t=20260529042640&b=20260528T202540Z&e=1780000300&m=1780000000000&x={other}")
        self.clients["officer"].get(f"/api/cameras/{camera['id']}/link?time=x", 400)
        self.clients["works2"].get(f"/api/cameras/{camera['id']}/link", 404)
        self.admin.post(f"/api/cameras/{camera['id']}", method="DELETE")

    def test_cameras_that_may_not_be(self):
        good = {"name": "a", "kind": "rtsp", "address": "rtsp://10.1.2.3/1"}
        for wrong in ({"name": ""}, {"kind": "webcam"}, {"address": "rtsp://user:pw@10.1.2.3/1"}, {"address": "http://10.1.2.3"}, {"address": ""},
                      {"kind": "gb28181", "address": "123"}, {"snapshot_url": "file:///etc/passwd"}, {"snapshot_url": "ftp://10.1.2.3/a"},
                      {"snapshot_url": "http://user:pw@10.1.2.3/"}, {"snapshot_url": "http://10.1.2.3:25/"}, {"snapshot_url": "gopher://10.1.2.3/"},
                      {"link_url": "javascript:alert(1)"}, {"id": 999999}, {"name": 5}, {"snapshot_url": "http://10.1.2.3/" + "x" * 600}):
            self.assertEqual(self.admin.request("POST", "/api/outlets/1/cameras", {**good, **wrong})[0], 422, wrong)
        self.assertEqual(self.admin.request("POST", "/api/outlets/1/cameras", b"x")[0], 400)
        self.assertEqual(self.clients["officer"].request("POST", "/api/outlets/1/cameras", good)[0], 403)
        self.assertEqual(self.clients["cityop"].request("POST", "/api/outlets/3/cameras", good)[0], 404)
        made = [self.admin.post("/api/outlets/3/cameras", {**good, "name": str(i)})["id"] for i in range(16)]
        self.assertEqual(self.admin.request("POST", "/api/outlets/3/cameras", good)[0], 413)
        for id in made:
            self.admin.post(f"/api/cameras/{id}", method="DELETE")


class RealDomain(unittest.TestCase):
    def test_this_machine_is_no_camera(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        serve = web.province(users={"admin": ["--role", "operator"]})
        try:
            client = web.Client(serve, "admin")
            Camera.asked.clear()
            for host in ("127.0.0.1", "localhost", "[::1]"):
                camera = client.post("/api/outlets/1/cameras", {"name": "a", "kind": "other", "snapshot_url": f"http://{host}:{server.server_port}/snap.jpg"})
                status, body, _ = client.request("GET", f"/api/cameras/{camera['id']}/snapshot")
                self.assertEqual((status, body["error"]["code"]), (502, "camera"), host)
            self.assertEqual(Camera.asked, [])
            client.close()
            self.assertEqual(serve.stop(), 0)
        finally:
            serve.clean()
            server.shutdown()
            server.server_close()


if __name__ == "__main__":
    unittest.main()
