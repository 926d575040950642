"""Commands to devices, the whole path: an officer asks through HTTP, the acts journal, supervisor, gateway and back through the pipeline; the device
at the other end is made by hand. Then the policies that ask by themselves, the acts socket and `yanwu device`."""

import json
import os
import socket
import stat
import subprocess
import threading
import time
import unittest

import support
import web_support as web



def item(frame, name):
    """A value in the data area of a frame."""
    area = frame[6:-6].split(b"CP=&&", 1)[1].rsplit(b"&&", 1)[0].decode()
    for part in area.replace(",", ";").split(";"):
        key, _, value = part.partition("=")
        if key == name:
            return value
    return None


class Logger:
    """A data logger on one link that answers commands in its own thread. `replies` maps a CN to a function(logger, frame) that answers; what has none
    gets 9011 and 9012. Everything that came is kept in `got`."""

    def __init__(self, serve, mn, pw=support.PW, version_flag=4, st="31"):
        self.mn, self.pw, self.flag, self.st = mn, pw, version_flag, st
        self.replies, self.got, self.number = {}, [], 0
        self.device = serve.connect()
        self.lock = threading.Lock()
        self.closing = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def frame(self, qn, cp, cn, st=None, answer=False):
        return support.frame(self.mn, qn, cp, cn=cn, st=st or self.st, pw=self.pw, flag=str(self.flag + (1 if answer else 0)))

    def send(self, data):
        with self.lock:
            self.device.send(data)

    def fresh_qn(self, shift_s=0.0):
        self.number += 1
        now = time.time() + shift_s
        return support.civil(now) + "%03d" % (self.number % 1000)

    def live(self, value="12.30", shift_s=0.0):
        """A real-time packet; its QN is of the logger's clock."""
        self.send(self.frame(self.fresh_qn(shift_s), f"DataTime={support.civil(time.time())};a21026-Rtd={value},a21026-Flag=N", "2011", answer=True))

    def accept(self, frame, code=1):
        self.send(self.frame(support.field(frame, "QN"), f"QnRtn={code}", "9011", st="91"))

    def finish(self, frame, code=1):
        self.send(self.frame(support.field(frame, "QN"), f"ExeRtn={code}", "9012", st="91"))

    def obey(self, frame):
        self.accept(frame)
        self.finish(frame)

    def run(self):
        rest = b""
        while not self.closing:
            try:
                frames, rest = support.recv_frames(self.device.sock, 1, 0.2, rest)
                for f in frames:
                    self.got.append(f)
                    if support.field(f, "CN") not in ("9013", "9014"):
                        self.replies.get(support.field(f, "CN"), Logger.obey)(self, f)
            except OSError:
                return  # the link is gone

    def commands(self, cn):
        return [f for f in list(self.got) if support.field(f, "CN") == cn]

    def wait(self, cn, count=1, timeout=15.0):
        return web.until(lambda: len(self.commands(cn)) >= count and self.commands(cn), f"{count} x {cn}", timeout)

    def close(self):
        self.closing = True
        self.thread.join(5)
        self.device.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def tell_clock(shift_s=0.0):
    def reply(logger, frame):
        logger.accept(frame)
        qn = support.field(frame, "QN")
        logger.send(logger.frame(qn, f"SystemTime={support.civil(time.time() + shift_s)}", "1011"))
        logger.finish(frame)
    return reply


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = web.province()
        cls.clients = {name: web.Client(cls.serve, name) for name in web.USERS}
        cls.officer, cls.admin = cls.clients["officer"], cls.clients["admin"]

    @classmethod
    def tearDownClass(cls):
        for c in cls.clients.values():
            c.close()
        cls.serve.stop()
        cls.serve.clean()

    def logger(self, code="DA001", **more):
        logger = Logger(self.serve, web.MN[code], **more)
        self.addCleanup(logger.close)
        logger.live()
        logger.wait("9014")
        return logger

    def ask(self, key, device=1, client=None, expect=202, reason="例行检查", **more):
        body = {"key": key, "reason": reason, "confirm": True, **more}
        return (client or self.officer).post(f"/api/devices/{device}/commands", body, expect=expect)

    def ended(self, command, timeout=20.0):
        def look():
            self.seen = self.officer.get(f"/api/commands/{command}")
            return self.seen["state"] in ("ended", "not_sent", "unknown") and self.seen
        try:
            return web.until(look, f"the end of {command}", timeout)
        except AssertionError as e:
            raise AssertionError(f"{e}: {self.seen}") from None

    # ---- the path ----

    def test_an_officer_asks_for_the_clock(self):
        logger = self.logger()
        release = threading.Event()

        def reply(lg, frame):
            release.wait(10)
            lg.accept(frame)
            lg.send(lg.frame(support.field(frame, "QN"), "SystemTime=20260102030405", "1011"))
            time.sleep(0.5)
            lg.finish(frame)
        logger.replies["1011"] = reply
        command = self.ask("get-clock")["id"]
        first = self.officer.get(f"/api/commands/{command}")
        self.assertIn(first["state"], ("waiting", "sent"))
        self.assertEqual((first["key"], first["cn"], first["by"], first["origin"], first["reason"]), ("get-clock", 1011, "officer", "person", "例行检查"))
        sent = web.until(lambda: (c := self.officer.get(f"/api/commands/{command}"))["state"] == "sent" and c, "it is sent")
        self.assertIsNone(sent["qnrtn"])
        release.set()
        web.until(lambda: self.officer.get(f"/api/commands/{command}")["state"] in ("accepted", "ended"), "it is accepted")
        c = self.ended(command)
        self.assertEqual((c["state"], c["outcome"], c["attempts"], c["uploads"]), ("ended", "done", 1, 1))
        self.assertEqual((c["qnrtn"]["code"], c["exertn"]["code"]), (1, 1))
        self.assertTrue(c["qnrtn"]["zh"] and c["qnrtn"]["en"])
        self.assertEqual(c["answer"], [{"name": "SystemTime", "value": "20260102030405", "zh": "系统时间", "en": "system time"}])
        self.assertEqual(c["answers"][0]["cp"], "SystemTime=20260102030405")
        got = logger.commands("1011")
        self.assertEqual(len(got), 1)
        self.assertEqual(support.field(got[0], "QN"), c["qn"])
        self.assertEqual((support.field(got[0], "PW"), support.field(got[0], "ST")), (support.PW, "31"))
        # In the lists of the device and of its outlet, newest first, and nowhere else.
        for path in ("/api/devices/1/commands", "/api/outlets/1/commands"):
            self.assertIn(command, [x["id"] for x in self.officer.get(path)["commands"]])
        self.assertNotIn(command, [x["id"] for x in self.officer.get("/api/outlets/2/commands")["commands"]])
        # The bytes that went out are a packet of the journal: for the authority, not for the polluter.
        path = f"/api/packets/{c['sent']['journal']}/{c['sent']['position']}"
        packet = self.officer.get(path)
        self.assertEqual((packet["direction"], packet["cn"], packet["qn"]), ("out", "1011", c["qn"]))
        for user in ("works1", "maint1"):
            self.clients[user].get(path, expect=404)

    def test_answers_of_all_kinds(self):
        logger = self.logger("DW001", st="32")
        logger.replies["1061"] = lambda lg, f: lg.accept(f, 2)
        c = self.ended(self.ask("get-realtime-interval", 3)["id"])
        self.assertEqual((c["outcome"], c["qnrtn"]["code"], c["exertn"]), ("refused", 2, None))

        def fails(lg, f):
            lg.accept(f)
            lg.finish(f, 2)
        logger.replies["3012"] = fails
        c = self.ended(self.ask("sample-now", 3, arguments={"PolId": "w01018"})["id"])
        self.assertEqual((c["outcome"], c["exertn"]["code"]), ("failed", 2))
        self.assertEqual(support.field(logger.commands("3012")[0], "ST"), "32")

        def history(lg, f):
            lg.accept(f)
            begin = item(f, "BeginTime")
            for minute in range(3):
                at = begin[:10] + "%02d00" % (int(begin[10:12]) + 10 * minute)
                lg.send(lg.frame(lg.fresh_qn(), f"DataTime={at};w01018-Avg=4{minute}.5,w01018-Flag=N", "2051", answer=True))
            time.sleep(0.3)
            lg.finish(f)
        logger.replies["2051"] = history
        hour = time.time() // 3600 * 3600 - 7200
        begin, end = support.civil(hour), support.civil(hour + 1800)
        c = self.ended(self.ask("minute-data", 3, arguments={"BeginTime": begin, "EndTime": end})["id"])
        self.assertEqual((c["outcome"], c["uploads"]), ("done", 3))
        self.assertEqual(c["cp"], f"BeginTime={begin};EndTime={end}")
        records = web.until(lambda: len(r := self.officer.get("/api/outlets/3/records?kind=minute")["records"]) >= 3 and r, "the history")
        self.assertTrue(all(r["backfilled"] for r in records))

        def nothing(lg, f):
            lg.accept(f)
            lg.finish(f, 100)
        logger.replies["2061"] = nothing
        c = self.ended(self.ask("hour-data", 3, arguments={"BeginTime": begin, "EndTime": end})["id"])
        self.assertEqual((c["outcome"], c["exertn"]["code"]), ("no_data", 100))
        logger.replies["2012"] = lambda lg, f: lg.send(lg.frame(support.field(f, "QN"), "", "9013", st="91"))
        c = self.ended(self.ask("stop-realtime", 3)["id"])
        self.assertEqual((c["outcome"], c["exertn"]), ("done", None))

    def test_no_answer_and_no_link(self):
        logger = self.logger("DA002")
        self.admin.post("/api/devices/2", {"overtime_s": 1, "recount": 1}, method="PATCH")
        logger.replies["1063"] = lambda lg, f: None
        c = self.ended(self.ask("get-minute-interval", 2)["id"])
        self.assertEqual((c["state"], c["outcome"], c["attempts"]), ("ended", "no_answer", 2))
        self.assertEqual(len({support.field(f, "QN") for f in logger.commands("1063")}), 1)
        self.admin.post("/api/devices/2", {"overtime_s": 0, "recount": 0}, method="PATCH")
        logger.close()
        c = self.ended(self.ask("get-clock", 2, valid_s=1)["id"], timeout=30)
        self.assertEqual((c["state"], c["outcome"], c["attempts"], c["sent"]), ("not_sent", None, 0, None))

    # ---- who may, and what is refused ----

    def test_only_officers_and_operators_ask(self):
        body = {"key": "get-clock", "reason": "x", "confirm": True}
        for user in ("leader", "maint1", "works1"):
            self.clients[user].post("/api/devices/1/commands", body, expect=403)
        for user in ("maint1", "works1"):
            for path in ("/api/commands/catalogue", "/api/devices/1", "/api/devices/1/commands", "/api/outlets/1/commands", "/api/alerts", "/api/policies"):
                self.clients[user].get(path, expect=403)
        self.clients["othercity"].post("/api/devices/1/commands", body, expect=404)
        command = self.ask("get-clock", valid_s=1)["id"]
        for user in ("maint1", "works1"):
            self.clients[user].get(f"/api/commands/{command}", expect=403)
        self.clients["othercity"].get(f"/api/commands/{command}", expect=404)
        self.clients["leader"].get(f"/api/commands/{command}")
        self.clients["leader"].get("/api/commands/1", expect=404)

    def test_what_is_wrong_is_named(self):
        wrong = [({"key": "get-clock", "reason": "x"}, "confirm"),
                 ({"key": "get-clock", "reason": "x", "confirm": "true"}, "confirm"),
                 ({"key": "get-clock", "reason": "", "confirm": True}, "reason"),
                 ({"key": "no-such", "reason": "x", "confirm": True}, "unknown_command"),
                 ({"key": "set-key", "reason": "x", "confirm": True}, "unknown_command"),
                 ({"key": "get-alarm-limits", "reason": "x", "confirm": True}, "version"),
                 ({"key": "get-clock", "reason": "x", "confirm": True, "version": 2011}, "invalid"),
                 ({"key": "get-clock", "reason": "x", "confirm": True, "valid_s": 0}, "invalid"),
                 ({"key": "get-clock", "reason": "x", "confirm": True, "arguments": []}, "invalid"),
                 ({"key": "get-clock", "reason": "x", "confirm": True, "arguments": {"PolId": None}}, "invalid")]
        for body, code in wrong:
            error = self.officer.post("/api/devices/1/commands", body, expect=422)["error"]
            self.assertEqual(error["code"], code, body)
            self.assertTrue(error["text_zh"] and error["text_en"])
        error = self.ask("set-realtime-interval", arguments={"RtdInterval": 7}, expect=422)["error"]
        self.assertEqual(error["param"], "RtdInterval")
        self.assertIn("30", error["text_zh"] + error["text_en"])
        self.officer.post("/api/devices/1/commands", expect=422)
        self.officer.post("/api/devices/99/commands", {"key": "get-clock", "reason": "x", "confirm": True}, expect=404)
        self.assertEqual(self.officer.request("POST", "/api/devices/1/commands", b"[")[0], 400)

    def test_limits(self):
        """Sixteen of a device are under way at a time: the seventeenth is refused until one has lapsed."""
        commands = [self.ask("get-clock", 2, client=self.admin, valid_s=6)["id"] for _ in range(16)]
        self.assertEqual(sorted(set(commands)), commands)
        self.assertEqual(self.ask("get-clock", 2, client=self.admin, expect=429)["error"]["code"], "too_many")
        page = self.officer.get("/api/devices/2/commands?limit=5")
        web.until(lambda: self.officer.get("/api/devices/2/commands?limit=5")["next"], "they are in the store")
        seen, before = [], ""
        while True:
            page = self.officer.get(f"/api/devices/2/commands?limit=5{before}")
            seen += [c["id"] for c in page["commands"]]
            if page["next"] is None:
                break
            before = f"&before={page['next']}"
        self.assertEqual(seen, sorted(seen, reverse=True))
        self.assertLessEqual(set(commands), set(seen))
        for bad in ("limit=0", "limit=201", "before=x", "before=0"):
            self.officer.get("/api/devices/2/commands?" + bad, expect=400)
        web.until(lambda: self.admin.request("POST", "/api/devices/2/commands",
                                             {"key": "get-clock", "reason": "x", "confirm": True, "valid_s": 1})[0] == 202, "room for one", 30)

    # ---- what the register follows ----

    def test_interval_and_password(self):
        logger = self.logger()
        self.ended(self.ask("set-realtime-interval", arguments={"RtdInterval": 45})["id"])
        self.assertEqual(item(logger.commands("1062")[0], "RtdInterval"), "45")
        web.until(lambda: self.admin.get("/api/devices/1")["rtd_interval_s"] == 45, "the register follows")
        # Refused by the device: nothing changes.
        logger.replies["1064"] = lambda lg, f: lg.accept(f, 2)
        self.ended(self.ask("set-minute-interval", arguments={"MinInterval": "5"})["id"])
        time.sleep(2.5)
        self.assertEqual(self.admin.get("/api/devices/1")["min_interval_min"], 0)
        # What a person says later is not undone.
        self.admin.post("/api/devices/1", {"rtd_interval_s": 30}, method="PATCH")
        time.sleep(2.5)
        self.assertEqual(self.admin.get("/api/devices/1")["rtd_interval_s"], 30)

        new = "987654"
        logger.replies["1072"] = lambda lg, f: lg.accept(f, 2)
        c = self.ended(self.ask("set-password", arguments={"NewPW": new})["id"])
        self.assertEqual(c["outcome"], "refused")
        web.until(lambda: not self.admin.get("/api/devices/1")["password_under_change"], "it is over")

        def at_once(lg, frame):
            lg.pw = item(frame, "NewPW")  # a device may use it before it answers at all
            lg.obey(frame)
        logger.replies["1072"] = at_once
        for pw in ("aaaaaa", "bbbbbb", support.PW):
            self.assertEqual(self.ended(self.ask("set-password", arguments={"NewPW": pw})["id"])["outcome"], "done")
            web.until(lambda: not self.admin.get("/api/devices/1")["password_under_change"], "the register follows")

        hold = threading.Event()

        def take_over(lg, frame):
            lg.accept(frame)
            lg.pw = item(frame, "NewPW")
            hold.wait(10)
            lg.finish(frame)
        logger.replies["1072"] = take_over
        command = self.ask("set-password", arguments={"NewPW": new})["id"]
        self.assertTrue(self.admin.get("/api/devices/1")["password_under_change"])
        self.assertEqual(self.ask("set-password", arguments={"NewPW": "111111"}, expect=409)["error"]["code"], "under_way")
        hold.set()
        c = self.ended(command)
        self.assertEqual((c["outcome"], c["cp"]), ("done", "NewPW=******"))
        web.until(lambda: not self.admin.get("/api/devices/1")["password_under_change"], "the register follows")
        acked = len(logger.commands("9014"))
        logger.live("13.00")
        logger.wait("9014", acked + 1)
        with Logger(self.serve, web.MN["DA001"], pw=support.PW) as old:
            bad = self.serve.counter("bad_pw")
            web.until(lambda: old.live() or self.serve.counter("bad_pw") > bad, "the old password is wrong")
        packet = f"/api/packets/{c['sent']['journal']}/{c['sent']['position']}"
        for path in ("/api/devices/1", "/api/devices/1/commands", f"/api/commands/{command}", packet):
            text = json.dumps(self.admin.get(path))
            self.assertNotIn(new, text, path)
            self.assertNotIn(new.encode().hex(), text.lower(), path)
        support.assert_sealed(self, self.serve.data, new, support.PW)
        self.admin.post("/api/devices/1", {"pw": support.PW, "reason": "test"}, method="PATCH")

    def test_device_settings(self):
        before = self.admin.get("/api/devices/2")
        self.assertEqual((before["mn"], before["pin_crc"], before["overlay"], before["aliases"]), (web.MN["DA002"], 0, "", {}))
        changed = self.admin.post("/api/devices/2", {"pin_crc": 2, "pin_text": 2, "peers": "127.0.0.0/8", "clock_limit_s": 20, "reason": "旧设备"},
                                  method="PATCH")["device"]
        self.assertEqual((changed["pin_crc"], changed["pin_text"], changed["peers"], changed["clock_limit_s"]), (2, 2, "127.0.0.0/8", 20))
        with_names = self.admin.post("/api/devices/2", {"overlay": "plain-names", "aliases": {"SO2": "a21027", "XY": "a21003"}}, method="PATCH")["device"]
        self.assertEqual(with_names["overlay"], "plain-names")
        self.assertEqual((with_names["aliases"]["SO2"], with_names["aliases"]["XY"], with_names["aliases"]["PM10"]), ("a21027", "a21003", "a34002"))
        for wrong in ({}, {"reason": "x"}, {"colour": 1}, {"pin_crc": 3}, {"pin_crc": "2"}, {"overlay": "no-such"}, {"overlay": "../x"}, {"pw_next": "111111"},
                      {"peers": "everywhere"}, {"version": 2011}, {"pw": "with blank"}):
            self.admin.post("/api/devices/2", wrong, method="PATCH", expect=422)
        self.officer.post("/api/devices/2", {"pin_crc": 1}, method="PATCH", expect=403)
        self.clients["cityop"].post("/api/devices/3", {"pin_crc": 1}, method="PATCH", expect=404)
        back = self.admin.post("/api/devices/2", {"pin_crc": 0, "pin_text": 0, "peers": "", "clock_limit_s": 0, "overlay": ""}, method="PATCH")["device"]
        self.assertEqual((back["pin_crc"], back["peers"], back["overlay"], back["aliases"]), (0, "", "", {}))
        self.assertIn("plain-names", [o["name"] for o in self.officer.get("/api/overlays")["overlays"]])

    def test_names_of_an_overlay(self):
        """A device that sends names instead of codes: what comes after the overlay was chosen stands under the codes."""
        self.admin.post("/api/devices/2", {"overlay": "plain-names", "reason": "直接用名称"}, method="PATCH")
        try:
            logger = self.logger("DA002")
            web.until(lambda: all(g["register_version"] >= self.admin.get("/api/system")["register_version"]
                                  for g in self.admin.get("/api/system")["gateways"]), "the gateways know")
            at = support.civil(time.time() + 1)
            logger.send(logger.frame(logger.fresh_qn(), f"DataTime={at};SO2-Rtd=77.7,SO2-Flag=N;PM10-Rtd=8,PM10-Flag=N", "2011", answer=True))
            records = web.until(lambda: (r := self.officer.get("/api/outlets/2/records?limit=1")["records"]) and "a34002" in r[0]["values"] and r, "its record")
            self.assertEqual(set(records[0]["values"]), {"a21026", "a34002"})
            self.assertEqual(records[0]["values"]["a21026"]["Rtd"], "77.7")
        finally:
            self.admin.post("/api/devices/2", {"overlay": ""}, method="PATCH")

    def test_two_links_claim_one_mn(self):
        one, other = self.logger("DA002"), self.logger("DA002")
        for _ in range(4):
            one.live()
            time.sleep(0.1)
            other.live()
            time.sleep(0.1)
        alert = web.until(lambda: next((a for a in self.officer.get("/api/alerts")["alerts"] if a["code"] == "twins" and a["device"] == 2), None), "an alarm")
        self.assertEqual((alert["severity"], alert["outlet"], alert["params"]["mn"]), ("alarm", 2, web.MN["DA002"]))
        twins = self.officer.get("/api/devices/2")["twins"]
        self.assertTrue(twins and twins[0]["a"]["peer"] != twins[0]["b"]["peer"] and twins[0]["from"] < twins[0]["to"])

    def test_policies(self):
        found = {p["name"]: p for p in self.officer.get("/api/policies")["policies"]}
        self.assertEqual((found["overtime_s"]["value"], found["clock_policy"]["value"]), (10, 1))
        self.officer.post("/api/policies", {"overtime_s": 20}, method="PUT", expect=403)
        self.clients["cityop"].post("/api/policies", {"overtime_s": 20}, method="PUT", expect=403)
        for wrong in ({"overtime_s": 0}, {"overtime_s": "5"}, {"no_such": 1}, {"overtime_s": 20, "recount": 1000}):
            self.admin.post("/api/policies", wrong, method="PUT", expect=422)
        now = {p["name"]: p["value"] for p in self.admin.post("/api/policies", {"overtime_s": 20, "reason": "慢链路"}, method="PUT")["policies"]}
        self.assertEqual(now["overtime_s"], 20)
        now = {p["name"]: p["value"] for p in self.admin.post("/api/policies", {"overtime_s": None}, method="PUT")["policies"]}
        self.assertEqual(now["overtime_s"], 10)

    # ---- what the platform does by itself ----

    def test_a_device_asks_for_its_clock(self):
        logger = self.logger("DW001", st="32")
        before = len(logger.commands("1012"))
        logger.send(logger.frame(logger.fresh_qn(), "", "1013", answer=True))
        frame = logger.wait("1012", before + 1)[-1]
        told = time.mktime(time.strptime(item(frame, "SystemTime"), "%Y%m%d%H%M%S")) - time.mktime(time.gmtime(time.time() + 8 * 3600))
        self.assertLess(abs(told), 10)
        self.assertTrue(logger.commands("9013"))
        c = web.until(lambda: next((c for c in self.officer.get("/api/devices/3/commands")["commands"] if c["key"] == "set-clock" and c["state"] == "ended"),
                                   None), "it is told")
        self.assertEqual((c["origin"], c["by"], c["outcome"]), ("policy", "policy:clock", "done"))

    def test_a_clock_that_is_off(self):
        logger = self.logger("DA002")
        for _ in range(8):
            logger.live(shift_s=-200)
            time.sleep(0.05)
        alert = web.until(lambda: next((a for a in self.officer.get("/api/alerts")["alerts"] if a["code"] == "clock" and a["device"] == 2), None), "an alert")
        self.assertTrue(-205000 < alert["params"]["skew_ms"] < -100000, alert)  # the mean: the first packet's QN was right
        self.assertIn("慢", alert["text_zh"])
        self.assertFalse([a for a in self.clients["othercity"].get("/api/alerts")["alerts"] if a["device"] == 2])
        # facts are written a second or two after the packets
        web.until(lambda: self.officer.get("/api/devices/2")["clock"][-1]["n"] >= 8, "all packets in the day's figure")
        self.assertEqual(logger.commands("1012"), [])  # the policy is to watch
        self.admin.post("/api/devices/2", {"clock_policy": 2}, method="PATCH")
        logger.wait("1012", 1, 30)
        logger.live(shift_s=-200)
        time.sleep(12)
        self.assertEqual(len(logger.commands("1012")), 1)  # once an hour
        self.admin.post("/api/devices/2", {"clock_policy": 0}, method="PATCH")

    # ---- the acts socket ----

    def cli(self, *args, text="", check=None):
        done = subprocess.run([support.program("yanwu-device"), "--data", str(self.serve.data), *args], input=text.encode(), capture_output=True, timeout=60)
        if check is not None:
            self.assertEqual(done.returncode, check, done.stdout.decode() + done.stderr.decode())
        return done

    def test_yanwu_device(self):
        logger = self.logger()
        logger.replies["1011"] = tell_clock()
        mn = web.MN["DA001"]
        done = self.cli(mn, "get-clock", "--reason", "console", "--wait", check=0)
        self.assertIn(b"SystemTime", done.stdout)
        self.assertIn(b"done", done.stdout)
        self.assertIn(b"yanwu device: ", done.stderr)
        c = json.loads(self.cli(mn, "1011", "--reason", "console", "--wait", "--json", check=0).stdout)
        self.assertEqual((c["state"], c["outcome"], c["origin"]), ("ended", "done", "person"))
        self.assertTrue(c["by"].endswith("@console"))
        logger.replies["1061"] = lambda lg, f: lg.accept(f, 2)
        self.cli(mn, "get-realtime-interval", "--reason", "console", "--wait", check=1)
        self.assertIsInstance(json.loads(self.cli(mn, "get-clock", "--reason", "x", "--json", check=0).stdout)["id"], int)
        self.assertIn(mn.encode(), self.cli(mn, check=0).stdout)
        shown = json.loads(self.cli(mn, "--json", check=0).stdout)
        self.assertEqual((shown["device"]["mn"], shown["commands"][0]["mn"]), (mn, mn))
        self.assertIn(b"set-clock", self.cli("--list-commands", check=0).stdout)
        self.assertGreater(len(json.loads(self.cli("--list-commands", "--json", check=0).stdout)), 30)
        for args, status in (((), 2), ((mn, "get-clock"), 2), ((mn, "get-clock", "nonsense", "--reason", "x"), 2), (("NOBODY",), 1),
                             ((mn, "no-such", "--reason", "x"), 1), ((mn, "set-realtime-interval", "RtdInterval=1", "--reason", "x"), 1)):
            done = self.cli(*args, check=status)
            self.assertTrue(done.stderr)
            self.assertEqual(done.stdout, b"")
        nowhere = subprocess.run([support.program("yanwu-device"), "--data", "/nonexistent", mn], capture_output=True, timeout=20)
        self.assertEqual((nowhere.returncode, nowhere.stdout), (1, b""))

    def socket_ask(self, *lines):
        path = self.serve.data / "run/acts.sock"
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(str(path))
            s.sendall(b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines))
            answers, rest = [], b""
            while len(answers) < len(lines):
                piece = s.recv(65536)
                if not piece:
                    break
                rest += piece
                *whole, rest = rest.split(b"\n")
                answers += [json.loads(w) for w in whole]
            return answers

    @unittest.skipUnless(os.geteuid() == 0, "only root can be somebody else")
    def test_the_acts_socket_is_for_its_user(self):
        """Even where the file's mode lets others in."""
        path = self.serve.data / "run/acts.sock"
        places = [(p, stat.S_IMODE(p.stat().st_mode)) for p in (path, path.parent, self.serve.data)]
        script = "import socket,sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(4096).decode())"
        try:
            for p, _ in places:
                p.chmod(0o777)
            done = subprocess.run(["/usr/bin/python3", "-c", script, str(path)], capture_output=True, timeout=20, user=65534, group=65534, cwd="/")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["error"]["code"], "denied")
        finally:
            for p, mode in places:
                p.chmod(mode)

    def test_acts_socket(self):
        path = self.serve.data / "run/acts.sock"
        mode = path.stat().st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        logger = self.logger()
        qn = "20260101000000123"
        ask = {"ask": "command", "mn": web.MN["DA001"], "cn": 2051, "version": 2017, "cp": "BeginTime=20260101000000;EndTime=20260101010000", "qn": qn,
               "origin": "target", "target": "province", "by": "target:province", "reason": "上级平台"}
        one = self.socket_ask(ask)[0]
        c = self.ended(one["id"])
        self.assertEqual((c["origin"], c["target"], c["qn"], c["outcome"]), ("target", "province", qn, "done"))
        self.assertEqual(support.field(logger.commands("2051")[-1], "QN"), qn)
        state = self.socket_ask({"ask": "state", "id": one["id"]})[0]
        self.assertEqual(state["state"], "ended")
        refused = [({**ask, "cn": 9999}, "unknown_command"), ({**ask, "mn": "NOBODY"}, "unknown_device"), ({**ask, "cp": "a&&b=1"}, "invalid"),
                   ({**ask, "cp": "x" * 951}, "invalid"), ({**ask, "cp": "no items"}, "invalid"), ({**ask, "cn": 1072, "cp": "NewPW=111111"}, "not_for_targets"),
                   ({**ask, "cn": 1014, "version": 2025, "cp": ""}, "not_for_targets"), ({**ask, "origin": "policy"}, "invalid"), ({"ask": "tea"}, "unknown_ask"),
                   ({"ask": "state", "id": 5}, "not_found"), (b"nonsense\n", "unknown_ask"), (b"{}\n", "unknown_ask")]
        answers = self.socket_ask(*[line for line, _ in refused])
        self.assertEqual([a["error"]["code"] for a in answers], [code for _, code in refused])
        too_long = self.socket_ask(b"{" + b" " * (80 << 10))
        self.assertEqual(too_long[0]["error"]["code"], "too_large")
        crowd = []
        try:
            for _ in range(17):
                s = socket.socket(socket.AF_UNIX)
                s.settimeout(10)
                s.connect(str(path))
                crowd.append(s)
            self.assertEqual(json.loads(crowd[-1].recv(4096))["error"]["code"], "busy")
        finally:
            for s in crowd:
                s.close()
        web.until(lambda: "error" in self.socket_ask({"ask": "tea"})[0], "there is room again")


class Restart(unittest.TestCase):
    """What was under way goes on after processes died."""

    def test_web_dies_while_a_password_is_changed(self):
        serve = web.province({"admin": ["--role", "operator"]})
        try:
            admin = web.Client(serve, "admin")
            with Logger(serve, web.MN["DA001"]) as logger:
                logger.live()
                logger.wait("9014")
                hold = threading.Event()

                def take_over(lg, frame):
                    lg.accept(frame)
                    lg.pw = item(frame, "NewPW")
                    hold.wait(20)
                    lg.finish(frame)
                logger.replies["1072"] = take_over
                body = {"reason": "x", "confirm": True}
                first = admin.post("/api/devices/1/commands", {"key": "set-password", "arguments": {"NewPW": "987654"}, **body}, expect=202)["id"]
                logger.wait("1072")
                old = serve.kill("web")
                hold.set()
                web.until(lambda: serve.pid_of("web") not in (0, old), "web is there again")
                admin.close()
                admin = web.until(lambda: self.sign_in(serve), "it answers")
                web.until(lambda: admin.get(f"/api/commands/{first}")["outcome"] == "done", "it ended well")
                web.until(lambda: not admin.get("/api/devices/1")["password_under_change"], "the register follows")
                second = admin.post("/api/devices/1/commands", {"key": "get-realtime-interval", **body}, expect=202)["id"]
                self.assertGreater(second, first)
                web.until(lambda: admin.get(f"/api/commands/{second}")["outcome"] == "done", "the next one")
                self.assertEqual(support.field(logger.commands("1061")[0], "PW"), "987654")
                self.assertEqual(len(logger.commands("1072")), 1)
        finally:
            serve.stop()
            serve.clean()

    def sign_in(self, serve):
        try:
            return web.Client(serve, "admin")
        except (OSError, AssertionError):
            return None

    def test_the_worker_dies_between_sending_and_answer(self):
        serve = web.province({"admin": ["--role", "operator"]})
        try:
            admin = web.Client(serve, "admin")
            logger = Logger(serve, web.MN["DA001"])
            logger.live()
            logger.wait("9014")
            logger.replies["1061"] = lambda lg, f: None
            command = admin.post("/api/devices/1/commands", {"key": "get-realtime-interval", "reason": "x", "confirm": True}, expect=202)["id"]
            logger.wait("1061")
            web.until(lambda: admin.get(f"/api/commands/{command}")["state"] == "sent", "it is sent")
            serve.kill("gateway-0")
            logger.close()
            c = web.until(lambda: (c := admin.get(f"/api/commands/{command}"))["state"] == "unknown" and c, "nobody knows", 30)
            self.assertIsNone(c["outcome"])
            with web.until(lambda: self.reconnect(serve), "the gateway is there again") as again:
                again.live()
                again.wait("9014")
                time.sleep(3)
                self.assertEqual(again.commands("1061"), [])  # never repeated
            self.assertIn("command_unknown", [a["code"] for a in admin.get("/api/alerts")["alerts"]])
        finally:
            serve.stop()
            serve.clean()

    def reconnect(self, serve):
        try:
            return Logger(serve, web.MN["DA001"])
        except OSError:
            return None


if __name__ == "__main__":
    unittest.main()
