"""From a packet to the page: waiting, admission, data, live events, the packet behind the number, pages of lists, acts that last."""

import resource
import socket
import time
import unittest

import support
import web_support as web

NEW = support.mn_of(500)


class Flow(unittest.TestCase):
    def setUp(self):
        self.serve = web.province(users={"admin": ["--role", "operator"]})
        self.client = web.Client(self.serve, "admin")

    def tearDown(self):
        self.client.close()
        status = self.serve.stop()
        self.serve.clean()
        self.assertEqual(status, 0)

    def wait_admitted(self, device, mn, n, pw=support.PW):
        """Sends until the gateway has the newest register: an answer says so."""
        def answered():
            nonlocal n
            n += 1
            device.send(support.real_time(mn, support.qn(n), pw=pw, at=support.civil(time.time() - 3600 + n)))
            return device.acks(1, timeout=0.3)
        return web.until(answered, f"{mn} admitted")

    def test_waiting_then_admitted_then_visible(self):
        with self.serve.connect() as device:
            device.send(support.real_time(NEW, support.qn(1)))
            device.send(support.real_time(NEW, support.qn(2)))
            waiting = web.until(lambda: [w for w in self.client.get("/api/devices/waiting")["waiting"] if w["packets"] == 2], "waiting")
            self.assertEqual(waiting[0]["mn"], NEW)
            self.assertEqual(device.acks(1, timeout=0.3), [])
            packet = self.client.get("/api/packets/{journal}/{position}".format(**waiting[0]["sample"]))
            self.assertEqual((packet["flags"], packet["mn"], packet["outlet"]), (["unknown"], NEW, None))
            self.assertEqual(self.client.get("/api/outlets/2/records")["records"], [])

            answer = self.client.post("/api/devices/admit", {"mn": NEW, "outlet": 2, "pw": "qW7+xZ", "reason": "新装数采仪"})
            self.assertEqual(answer["device"]["outlet"]["code"], "DA002")
            self.assertEqual(self.client.get("/api/devices/waiting")["waiting"], [])
            self.wait_admitted(device, NEW, 10, pw="qW7+xZ")
            support.assert_sealed(self, self.serve.data, "qW7+xZ")
            records = web.until(lambda: self.client.get("/api/outlets/2/records")["records"], "a record")
            self.assertEqual(records[-1]["values"]["a21026"]["Rtd"], "12.30")

            # A wrong password is no longer let in, and is counted.
            device.send(support.real_time(NEW, support.qn(900)))
            self.assertEqual(self.serve.wait_counter("bad_pw", 1), 1)
            self.assertEqual(device.acks(1, timeout=0.3), [])

            # Retired, it is a stranger again; what it sent before stays where it was.
            self.client.post(f"/api/devices/{answer['device']['id']}/retire", {"reason": "拆除"})
            n = len(self.client.get("/api/outlets/2/records")["records"])

            def silent():
                device.send(support.real_time(NEW, support.qn(1000)))
                return device.acks(1, timeout=0.3) == []
            web.until(silent, "retired")
            self.assertGreaterEqual(len(self.client.get("/api/outlets/2/records")["records"]), n)

    def test_refused_devices_no_longer_wait(self):
        with self.serve.connect() as device:
            device.send(support.real_time(NEW, support.qn(1)))
            web.until(lambda: self.client.get("/api/devices/waiting")["waiting"], "waiting")
        self.client.post("/api/devices/refuse", {"mn": NEW, "reason": "不明设备"})
        self.assertEqual(self.client.get("/api/devices/waiting")["waiting"], [])
        self.assertEqual(self.client.get("/api/devices?state=refused")["devices"][0]["mn"], NEW)

    def test_plants_cannot_enter_the_real_domain(self):
        error = self.client.post("/api/devices/admit", {"mn": support.plant_mn(1), "outlet": 1}, expect=422)["error"]
        self.assertEqual(error["code"], "plant")

    def test_live_within_a_second(self):
        watch, one = self.client.events("/api/live"), self.client.events("/api/outlets/1/live")
        next(watch), next(one)
        with self.serve.connect() as device:
            delays = []
            for i in range(5):
                sent = time.time()
                device.send(support.real_time(web.MN["DA001"], support.qn(i), at=support.civil(sent), value=f"{20 + i}.50"))
                self.assertEqual(len(device.acks(1)), 1)
                event, data = next(one)
                delays.append(time.time() - sent)
                self.assertEqual(event, "record")
                self.assertEqual(data["values"]["a21026"]["Rtd"], f"{20 + i}.50")
                event, data = next(watch)
                self.assertEqual((event, data["outlet"], data["state"], data["main"]["value"]), ("latest", 1, "online", f"{20 + i}.50"))
                time.sleep(1.01)
            # The promise is a second; a loaded machine is given two here, the median is what is looked at.
            self.assertLess(sorted(delays)[2], 2.0)
        watch.close()
        one.close()

    def test_many_streams_and_an_end_while_they_are_open(self):
        streams = []
        for i in range(110):
            s = socket.create_connection((self.client.address.hostname, self.client.address.port))
            self.addCleanup(s.close)
            s.settimeout(10)
            path = "/api/live" if i % 2 else "/api/outlets/1/live"
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: yw_session={self.client.cookie}\r\n\r\n".encode())
            streams.append((s, s.recv(65536)))
        # One user may hold a hundred; the others are told so at once.
        self.assertEqual([head[9:12] for _, head in streams], [b"200"] * 100 + [b"503"] * 10)
        with self.serve.connect() as device:
            device.send(support.real_time(web.MN["DA001"], support.qn(1)))
            self.assertEqual(len(device.acks(1)), 1)
        for s, text in streams[:100]:
            while b"event: latest" not in text and b"event: record" not in text:
                piece = s.recv(65536)
                self.assertTrue(piece)
                text += piece
        began = time.monotonic()
        self.assertEqual(self.serve.stop(), 0)
        self.assertLess(time.monotonic() - began, 10)
        self.serve.start()

    def test_the_packet_behind_the_number(self):
        cp = f"DataTime={support.civil(time.time())};a21026-Rtd=12.30,a21026-Flag=N;a19001-Rtd=6.5,a19001-Flag=N"
        frame = support.frame(web.MN["DA001"], support.qn(1), cp)
        with self.serve.connect() as device:
            device.send(frame)
            self.assertEqual(len(device.acks(1)), 1)
        record = web.until(lambda: self.client.get("/api/outlets/1/records")["records"], "a record")[0]
        packet = self.client.get(f"/api/packets/{record['journal']}/{record['position']}")
        shown = bytes.fromhex(packet["hex"])
        self.assertEqual(shown, frame.replace(b"PW=123456", b"PW=******"))
        self.assertEqual(sum(r["length"] for r in packet["runs"]), len(frame))
        text = {}
        for r in packet["runs"]:
            text.setdefault(r["role"], []).append(shown[r["offset"]:r["offset"] + r["length"]].decode())
        self.assertEqual(text["password"], ["******"])
        self.assertEqual(text["address"], ["31", "2011", web.MN["DA001"]])
        self.assertEqual(text["time"][0], support.qn(1))
        self.assertIn("a19001-Rtd=6.5", text["factor"])
        self.assertEqual([(i["code"], i["field"], i["value"]) for i in packet["items"]][1], ("a21026", "Rtd", "12.30"))
        self.assertEqual((packet["ok"], packet["version"], packet["crc"]["kind"], packet["acked"]), (True, 2017, "hj212", True))
        one = self.client.get(f"/api/outlets/1/record?time={record['time']}")
        self.assertEqual({v["factor"]: v["fields"] for v in one["values"] if v["factor"]},
                         {"a21026": {"Rtd": "12.30", "Flag": "N"}, "a19001": {"Rtd": "6.5", "Flag": "N"}})
        series = self.client.get(f"/api/outlets/1/series?factors=a19001&from={record['time'] - 1000}&to={record['time'] + 1000}")
        self.assertEqual((series["factors"][0]["t"], series["factors"][0]["max"]), ([record["time"]], [6.5]))

    def test_records_page_by_page(self):
        start = int(time.time()) - 3600
        with self.serve.connect() as device:
            for i in range(25):
                device.send(support.real_time(web.MN["DA001"], support.qn(i), at=support.civil(start + 30 * i), value=f"{i}.5"))
            self.assertEqual(len(device.acks(25)), 25)
        web.until(lambda: len(self.client.get("/api/outlets/1/records?limit=100")["records"]) == 25, "25 records")
        seen, before = [], ""
        while True:
            page = self.client.get("/api/outlets/1/records?limit=10" + before)
            seen += [r["values"]["a21026"]["Rtd"] for r in page["records"]]
            if page["next"] is None:
                break
            before = f"&before={page['next']}"
        self.assertEqual(seen, [f"{i}.5" for i in reversed(range(25))])

    def test_acts_survive_a_restart_and_a_kill(self):
        self.client.post("/api/devices/admit", {"mn": NEW, "outlet": 3})
        version = self.client.get("/api/system")["register_version"]
        self.serve.kill("web")

        def back():
            try:
                return self.client.request("GET", "/api/session")[0] == 200
            except OSError:
                self.client.connection = None
                return False
        web.until(back, "web started again")
        self.assertEqual(self.client.get("/api/system")["register_version"], version)
        self.assertEqual(self.client.get(f"/api/devices?q={NEW}")["devices"][0]["outlet"]["code"], "DW001")

    def test_the_system_page(self):
        with self.serve.connect() as device:
            device.send(support.real_time(web.MN["DA001"], support.qn(1)))
            self.assertEqual(len(device.acks(1)), 1)
            data = web.until(lambda: (d := self.client.get("/api/system"))["pipeline"]["rows"] and d, "a row")
        self.assertEqual({p["name"]: p["state"] for p in data["processes"]},
                         {name: "running" for name in ("supervisor", "pipeline", "gateway-0", "web", "courier")})
        self.assertEqual((data["gateways"][0]["packets"], data["gateways"][0]["acks"], data["disk"]["state"]), (1, 1, "ok"))

    def test_the_system_page_says_why_nothing_is_acknowledged(self):
        """The gateway's journal cannot grow; the page says so, and the word goes when it can."""
        pid = self.serve.pid_of("gateway-0")
        hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]

        def alerts():
            return {a["code"] for a in self.client.get("/api/system")["alerts"]} & {"disk_full", "disk_error"}
        with self.serve.connect() as device:
            device.send(support.real_time(web.MN["DA001"], support.qn(1)))
            self.assertEqual(len(device.acks(1)), 1)
            self.assertEqual(alerts(), set())
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
            device.send(support.real_time(web.MN["DA001"], support.qn(2)))
            web.until(alerts, "an alert about the disk")
            self.assertEqual(device.acks(1, timeout=0.3), [])
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
            self.assertEqual(device.acks(1), [support.qn(2)])
            web.until(lambda: not alerts(), "no alert any more")


if __name__ == "__main__":
    unittest.main()
