"""From a verdict to a closed alarm: raised once whatever dies, the whole chain with returns, urging and deadlines, who may do and see what,
alarms of history, withdrawn ones, silence."""

import http.client
import json
import subprocess
import time
import unittest

import support
import web_support as web

HOUR = 3600 * 1000000
USERS = {
    "admin": ["--role", "operator"],
    "whole": ["--role", "officer"],
    "city": ["--role", "officer", "--area", "410100", "--unit", "甲市支队"],  # by name
    "county": ["--role", "officer", "--area", "410102", "--unit", "410102-Z"],  # by code
    "county2": ["--role", "officer", "--area", "410102"],  # by area
    "othercity": ["--role", "officer", "--area", "410200"],
    "leader": ["--role", "leader", "--area", "410100"],
    "maint1": ["--role", "maintainer", "--maintainer", "1"],
    "works1": ["--role", "enterprise", "--enterprise", "1"],
}


def hour(ago):
    """The beginning of the hour that was `ago` hours before this one, in microseconds."""
    return (int(time.time()) // 3600 - ago) * HOUR


def verdict(ago, value=67.4, held=50, outlet=None, kind="exceedance", factor="a21026", **more):
    return {"factor": factor, "kind": kind, "period": "1h", "from": hour(ago), "to": hour(ago) + HOUR, "value": value, "held": held, **more}


def say(data, outlet, verdicts, means=(), ago=2000):
    """What the judge says of an outlet from `ago` hours before on."""
    line = {"outlet": outlet, "from": hour(ago), "to": hour(-48), "verdicts": verdicts,
            "means": [{"factor": "a21026", "from": hour(a), "marked": m} for a, m in means]}
    (data / "series").mkdir(exist_ok=True)
    subprocess.run([str(support.BUILD / "tests/unit/list_alarm/put-verdicts"), str(data)], input=json.dumps(line).encode() + b"\n", check=True, timeout=60)


class Alarms(unittest.TestCase):
    def setUp(self):
        # The judge of the pipeline would say what it thinks of outlets without data: it only makes the store here.
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
        self.sign_out()
        self.serve.clean()

    def sign_out(self):
        for client in self.clients.values():
            client.close()

    def sign_in(self):
        self.sign_out()
        self.clients = {name: web.Client(self.serve, name) for name in USERS}

    def start(self, **policies):
        self.serve.start()
        self.sign_in()
        if policies:
            self.clients["admin"].post("/api/policies", policies, method="PUT")
        return self.clients

    def alarms(self, user="city", **query):
        text = "&".join(f"{k}={v}" for k, v in query.items())
        return self.clients[user].get("/api/alarms?" + text)["alarms"]

    def wait(self, n, what="alarms", **query):
        query.setdefault("state", "all")
        return web.until(lambda: len(found := self.alarms(**query)) == n and found, f"{n} {what}: {self.alarms(**query)}", 20)

    def step(self, user, number, kind, expect=200, **more):
        return self.clients[user].post(f"/api/alarms/{number}/steps", {"kind": kind, **more}, expect=expect)

    def test_one_alarm_for_an_episode_with_figures_and_words(self):
        say(self.serve.data, 1, [verdict(3), verdict(2, 80), verdict(1, 60), verdict(200, 55), verdict(4, counts=False)])
        self.start()
        new, old = self.wait(2)
        self.assertRegex(new["number"], r"^BJ\d{8}-\d{4}$")
        self.assertEqual((new["outlet"]["code"], new["kind"], new["factor"], new["value"], new["held"], new["multiple"], new["points"]),
                         ("DA001", "exceedance", "a21026", 80, 50, 0.6, 3))
        self.assertEqual((new["from"], new["to"]), (hour(3) // 1000, (hour(1) + HOUR) // 1000))  # counts=False raises and lengthens nothing
        self.assertEqual((new["severity"], new["stage"], new["stage_zh"], new["home"], new["unit_zh"]), (3, "raised", "生成", "410100-Z", "甲市支队"))
        self.assertIn("80 / 50 mg/m3", new["text_zh"])
        self.assertIn("超标 0.60 倍", new["text_zh"])
        self.assertEqual(new["due"], new["raised"] + 120 * 60000)
        self.assertTrue(new["open"])
        # The one of last week is entered without a deadline.
        self.assertEqual((old["past"], old["stage"], old["due"], old["overdue"], old["result"]), (True, "closed", None, False, "past"))
        one = self.clients["city"].get("/api/alarms/" + new["number"])
        self.assertEqual([s["kind"] for s in one["steps"]], ["raise"])
        self.assertEqual([(s["by"], s["by_name"], s["by_name_en"], s["unit_zh"]) for s in one["steps"]], [("platform", "系统", "platform", "甲市支队")])
        self.assertEqual(len(one["verdicts"]), 3)
        self.assertIn("不单独作为处罚依据", one["standing_zh"])
        self.assertEqual(one["verdict"], one["verdicts"][1]["number"])

    def test_nothing_is_raised_twice_and_nothing_lost(self):
        say(self.serve.data, 1, [verdict(3), verdict(2)])
        self.start()
        number = self.wait(1)[0]["number"]
        self.step("city", number, "take")
        for _ in range(3):
            self.serve.kill("web")
            self.wait_for_web()
            found = self.wait(1)[0]
            self.assertEqual((found["number"], found["stage"]), (number, "desk"))
            time.sleep(1.5)  # a look of the policies
            self.assertEqual(len(self.alarms(state="all")), 1)
        # Judged again from the beginning, in another file: the same alarms, and the next one gets the next number.
        for name in ("judge.db", "judge.db-wal", "judge.db-shm"):
            (self.serve.data / "series" / name).unlink(missing_ok=True)
        say(self.serve.data, 1, [verdict(3), verdict(2), verdict(1, 90)])
        say(self.serve.data, 3, [verdict(1, 90, factor="w01018")])
        other = self.wait(2, user="admin")[0]
        self.assertEqual(other["outlet"]["code"], "DW001")
        self.assertEqual(int(other["number"][-4:]), int(number[-4:]) + 1)
        web.until(lambda: self.alarms(state="all")[0]["points"] == 3, "the episode goes on")
        self.assertEqual(self.alarms(state="all")[0]["value"], 90)

    def wait_for_web(self):
        def look():
            try:
                self.sign_in()
                return True
            except (OSError, AssertionError, http.client.HTTPException):
                return False
        web.until(look, "the web process is back", 30)

    def test_a_storm_of_history_has_no_deadlines(self):
        """Thirty days filled in at once, as in a demonstration: one line for each, all past, none overdue."""
        say(self.serve.data, 1, [verdict(h) for h in range(60, 720, 12)])
        self.start()
        found = self.wait(55, limit=500)
        self.assertTrue(all(a["past"] and a["stage"] == "closed" for a in found))
        counts = self.clients["city"].get("/api/alarms")["counts"]
        self.assertEqual(counts, {"open": 0, "mine": 0, "overdue": 0, "nodata": 0})
        self.assertEqual(len({a["number"] for a in found}), 55)
        # Pages: by key, no alarm twice and none left out, newest first and by time left.
        for sort in ("new", "due"):
            seen, cursor = [], ""
            while cursor is not None:
                page = self.clients["city"].get(f"/api/alarms?state=all&sort={sort}&limit=10&before={cursor}")
                seen += [a["number"] for a in page["alarms"]]
                cursor = page["next"]
            self.assertEqual(sorted(seen), sorted(a["number"] for a in found))
        for wrong in ("state=x", "limit=0", "before=7", "sort=x", "kind=x", "outlet=-1"):
            self.clients["city"].get("/api/alarms?" + wrong, expect=400)

    def test_the_whole_chain(self):
        say(self.serve.data, 1, [verdict(1)])
        self.start(stage_desk="初核", reason="本地叫法")
        n = self.wait(1)[0]["number"]
        self.assertEqual(self.clients["city"].get("/api/alarms?state=mine")["alarms"][0]["number"], n)
        self.assertEqual(self.clients["county"].get("/api/alarms?state=mine")["alarms"], [])
        self.step("county", n, "take", 409)  # the city's desk
        self.assertEqual(self.step("city", n, "take")["stage_zh"], "初核")
        self.assertIn("assign", self.clients["city"].get("/api/alarms/" + n)["possible"])
        self.assertEqual(self.clients["county"].get("/api/alarms/" + n)["possible"], ["note"])
        self.step("city", n, "assign", 409)  # to whom?
        self.step("city", n, "assign", 409, to_unit="410200-Z")  # not below it
        self.step("city", n, "assign", 409, to_unit="410000-Z")
        self.step("city", n, "assign", 409, to_unit="nobody")
        one = self.step("city", n, "assign", to_unit="410102-Z", text="请核实")
        self.assertEqual((one["stage"], one["unit_zh"], one["handler"]), ("assign", "中原区大队", "410102-Z"))
        self.step("county", n, "return", 409)  # why?
        self.assertEqual(self.step("county", n, "return", text="非本辖区")["returned"], True)
        self.step("city", n, "assign", to_unit="410102-Z")
        self.assertTrue(self.step("city", n, "urge")["urged"])
        self.assertEqual(self.clients["county2"].get("/api/alarms?state=mine")["alarms"][0]["number"], n)
        self.step("county2", n, "sign")
        self.step("county", n, "feedback", 409, text="x")
        self.step("county", n, "verify", 409, text="到场", result="withdrawn")
        self.step("county", n, "verify", text="到场核实，治理设施故障", result="exceedance")
        self.assertEqual(self.step("county", n, "feedback", text="已责令整改")["unit_zh"], "甲市支队")
        self.assertEqual(self.step("city", n, "return", text="请补充材料")["stage"], "sign")
        self.step("county", n, "verify", text="补充", result="exceedance")
        self.step("county", n, "feedback", text="材料已补")
        self.assertEqual(self.step("leader", n, "take")["stage"], "review")  # the leader's area is the city's
        self.step("city", n, "close", 409, result="no such")
        closed = self.step("city", n, "close", result="exceedance", text="移交立案")
        self.assertEqual((closed["stage"], closed["stage_zh"], closed["due"], closed["result_zh"]), ("closed", "办结归档", None, "超标属实"))
        self.assertEqual(self.alarms(state="open"), [])
        self.step("city", n, "reopen", text="企业申诉")
        self.assertEqual(self.alarms(state="open")[0]["stage"], "desk")
        kinds = [s["kind"] for s in self.clients["city"].get("/api/alarms/" + n)["steps"]]
        self.assertEqual(kinds, ["raise", "take", "assign", "return", "assign", "urge", "sign", "verify", "feedback", "return", "verify", "feedback", "take",
                                 "close", "reopen"])
        self.serve.kill("web")
        self.wait_for_web()
        again = self.clients["city"].get("/api/alarms/" + n)
        self.assertEqual([s["kind"] for s in again["steps"]], kinds)

    def test_who_sees_and_does_what(self):
        say(self.serve.data, 1, [verdict(1)])
        say(self.serve.data, 3, [verdict(1, factor="w01018")])
        self.start()
        first = self.wait(1)[0]["number"]
        second = self.wait(1, user="othercity")[0]["number"]
        self.assertNotEqual(first, second)
        self.assertEqual({a["number"] for a in self.wait(2, user="whole")}, {first, second})
        self.clients["othercity"].get("/api/alarms/" + first, expect=404)
        self.step("othercity", first, "note", 404, text="x")
        self.step("admin", first, "note", 403, text="x")
        for user in ("maint1", "works1"):
            for path in ("/api/alarms", "/api/alarms/" + first, "/api/shifts"):
                self.clients[user].get(path, expect=403)
            self.step(user, first, "note", 403, text="x")
            self.clients[user].post("/api/alarms/steps", {"kind": "take", "numbers": [first]}, expect=403)
        # Many at a time: each for itself.
        many = self.clients["city"].post("/api/alarms/steps", {"kind": "take", "numbers": [first, second, first, "BJ20261123-9999", 7]})
        self.assertEqual([a["number"] for a in many["alarms"]], [first])
        self.assertEqual([r["number"] for r in many["refused"]], [second, "BJ20261123-9999", ""])
        self.clients["city"].post("/api/alarms/steps", {"kind": "take", "numbers": []}, expect=422)
        self.clients["city"].post("/api/alarms/steps", {"kind": "raise", "numbers": [first]}, expect=422)
        self.clients["whole"].post("/api/alarms/steps", {"kind": "close", "numbers": [first], "result": "false-alarm"})  # acts for all

    def test_a_notice_to_the_unit_concerned(self):
        """督办单: the works see it, receive it and reply; they see nothing of the alarm's inner steps."""
        say(self.serve.data, 1, [verdict(1)])
        self.start()
        n = self.wait(1)[0]["number"]
        send = f"/api/alarms/{n}/notices"
        for user, status in (("works1", 403), ("maint1", 403), ("admin", 403), ("othercity", 404), ("county", 409)):
            self.clients[user].post(send, {"text": "请说明"}, expect=status)
        self.clients["city"].post(send, {"text": ""}, expect=422)
        self.clients["city"].post(send, {"text": "x", "deadline": 1}, expect=422)
        notice = self.clients["city"].post(send, {"text": "请说明 NOx 超标原因，并上传处置记录"})
        self.assertRegex(notice["number"], r"^DB\d{8}-\d{4}$")
        self.assertEqual((notice["alarm"], notice["state"]), (n, "sent"))
        works = self.clients["works1"]
        self.assertEqual([q["number"] for q in works.get("/api/queries")["queries"]], [notice["number"]])
        works.post(f"/api/queries/{notice['id']}/receive", {})
        works.post(f"/api/queries/{notice['id']}/reply", {"text": "氨水泵故障，已切换", "result": "kept"})
        one = self.clients["city"].get("/api/alarms/" + n)
        self.assertEqual([(q["number"], q["state"]) for q in one["notices"]], [(notice["number"], "replied")])
        self.assertIn(notice["number"], one["steps"][-1]["text"])
        self.assertEqual((one["marks"], one["filings"], one["cameras"]), ([], [], []))
        self.clients["city"].post(f"/api/queries/{notice['id']}/close", {"text": "属实"})

    def test_open_pages_are_told(self):
        self.start()
        streams = {u: self.clients[u].events("/api/live") for u in ("city", "othercity", "works1", "maint1")}
        for s in streams.values():
            next(s)
        say(self.serve.data, 1, [verdict(1)])
        event, data = next(streams["city"])
        self.assertEqual((event, data["step"], data["outlet"]["id"]), ("alarm", "raise", 1))
        self.step("city", data["number"], "take")
        self.assertEqual(next(streams["city"])[1]["step"], "take")
        for user in ("othercity", "works1", "maint1"):
            self.assertEqual(next(streams[user])[0], "ping", user)  # after 15 s, and nothing before it
        for s in streams.values():
            s.close()

    def test_verdicts_that_are_gone(self):
        say(self.serve.data, 1, [verdict(2)], means=[(2, False)])
        say(self.serve.data, 2, [verdict(2)], means=[(2, False)])
        self.start(alarm_withdraw_s=1)
        numbers = {a["outlet"]["id"]: a["number"] for a in self.wait(2)}
        # The judge says otherwise now; at outlet 2 because of a mark.
        say(self.serve.data, 1, [], means=[(2, False)])
        say(self.serve.data, 2, [], means=[(2, True)])
        one = lambda outlet: self.clients["city"].get("/api/alarms/" + numbers[outlet])
        web.until(lambda: one(1)["withdrawn"] and one(2)["withdrawn"], "withdrawn", 30)
        self.assertEqual((one(1)["stage"], one(1)["result"]), ("closed", "withdrawn"))
        # What a mark of the polluter takes away stays on the officer's desk.
        self.assertEqual((one(2)["stage"], one(2)["steps"][-1]["result"]), ("raised", "marked"))
        self.assertEqual([v["gone"] for v in one(2)["verdicts"]], [True])
        # Said again: the same alarm is open again, no new one.
        say(self.serve.data, 1, [verdict(2)], means=[(2, False)])
        web.until(lambda: one(1)["stage"] == "desk", "reopened", 30)
        self.assertEqual(len(self.alarms(state="all")), 2)

    def test_deadlines(self):
        """Journalled three hours ago, while nobody looked."""
        at = int(time.time() * 1e6) - 3 * HOUR
        entry = {"number": "BJ20261101-0001", "id": 1, "step": {"kind": "raise", "at": at, "by": "platform", "unit": "410100-Z"},
                 "episode": {"outlet": 1, "kind": "missing", "factor": "", "basis": 0, "period": 3, "from": at - HOUR, "to": at, "open": False, "points": 1,
                             "severity": 1, "value": None, "held": None, "multiple": None, "worst_at": at, "verdict": "", "measure": "", "converted": False}}
        support.put_acts(self.serve.data, [{"alarm": [entry]}])
        say(self.serve.data, 1, [verdict(1)])
        self.start()
        self.wait(2)
        overdue = self.clients["county"].get("/api/alarms?state=overdue")
        self.assertEqual([a["number"] for a in overdue["alarms"]], ["BJ20261101-0001"])
        self.assertEqual(overdue["counts"], {"open": 2, "mine": 0, "overdue": 1, "nodata": 1})
        self.assertEqual([a["overdue"] for a in self.alarms(sort="due")], [True, False])  # least time left first
        self.clients["admin"].post("/api/policies", {"alarm_limit_raised_min": 600}, method="PUT")
        self.assertEqual(self.alarms(state="overdue"), [])
        self.clients["admin"].post("/api/policies", {"alarm_limit_raised_min": -1}, method="PUT", expect=422)
        self.clients["admin"].post("/api/policies", {"stage_desk": 7}, method="PUT", expect=422)

    def test_severities_are_settings(self):
        say(self.serve.data, 1, [verdict(1, 60), verdict(1, 7, kind="missing", factor=None), verdict(1, 5, kind="needs-proof")])
        self.start(alarm_missing=0, alarm_exceedance=1, alarm_urgent_pct=1000, alarm_settle_s=0)
        time.sleep(2.5)
        found = self.alarms(state="all")
        # The first look may have come before the setting: then the alarms of usual severity are there.
        self.assertLessEqual({a["kind"] for a in found}, {"exceedance", "missing"})
        self.clients["admin"].post("/api/policies", {"alarm_needs_proof": 2}, method="PUT")
        say(self.serve.data, 2, [verdict(1, 5, kind="needs-proof"), verdict(1, 60), verdict(1, 7, kind="missing", factor=None)])
        made = [a for a in self.wait(len(found) + 2) if a["outlet"]["id"] == 2]
        self.assertEqual({(a["kind"], a["severity"]) for a in made}, {("needs-proof", 2), ("exceedance", 1)})

    def test_quality_waits_until_it_has_settled(self):
        """While a backfill is on its way, missing records come and go: none of that is an alarm."""
        self.start(alarm_settle_s=3, alarm_withdraw_s=0)
        for i in range(4):
            say(self.serve.data, 1, [verdict(20 - i, 5, kind="missing", factor=None)])
            time.sleep(1.5)
        say(self.serve.data, 1, [])
        time.sleep(5)
        self.assertEqual(self.alarms(state="all"), [])
        say(self.serve.data, 1, [verdict(2, 5, kind="missing", factor=None)])
        self.assertEqual(self.wait(1)[0]["kind"], "missing")

    def test_silence(self):
        self.start(alarm_silent_s=5)
        self.clients["admin"].post("/api/devices/1", {"rtd_interval_s": 1, "reason": "silence is three of its intervals at least"}, method="PATCH")
        web.until(lambda: [a for a in self.alarms(state="all") if a["kind"] == "silent"], "an alarm of silence", 60)
        silent = self.alarms(state="all", kind="silent")
        self.assertEqual([a["outlet"]["id"] for a in silent], [1])  # the others never sent anything
        self.assertEqual(self.clients["city"].get("/api/alarms")["counts"]["nodata"], 1)
        self.serve.stop()
        self.serve.only = None
        self.serve.start()
        with self.serve.connect() as device:
            device.send(support.real_time(web.MN["DA001"], support.qn(2)))
            device.acks(1)
        self.sign_in()
        web.until(lambda: not self.clients["city"].get("/api/alarms/" + silent[0]["number"])["open"], "it ends when something comes", 30)


class Judged(unittest.TestCase):
    """The whole way: hours through a real socket, judged by the pipeline, an alarm on the page."""

    def test_from_a_socket_to_an_alarm(self):
        with web.province(users=USERS) as serve:
            now = int(time.time()) // 3600 * 3600
            with serve.connect() as device:
                for i, ago in enumerate((3, 2, 1)):
                    cp = f"DataTime={support.civil(now - ago * 3600)};a21026-Avg=70.0,a21026-ZsAvg=80.0,a21026-Flag=N;a19001-Avg=8.0,a19001-Flag=N"
                    device.send(support.frame(web.MN["DA001"], support.qn(10 + i), cp, cn="2061"))
                self.assertEqual(len(device.acks(3)), 3)
            city = web.Client(serve, "city")
            self.addCleanup(city.close)
            found = web.until(lambda: [a for a in city.get("/api/alarms?state=all")["alarms"] if a["kind"] == "exceedance"], "an exceedance", 60)
            self.assertEqual([a["outlet"]["id"] for a in found], [1])
            self.assertGreaterEqual(found[0]["value"], 70)
            self.assertEqual(found[0]["held"], 35)


if __name__ == "__main__":
    unittest.main()
