"""Packets over a real socket -> means and verdicts through the API, with values worked out by hand; late data; kill -9; `yanwu rebuild --judge`."""

import json
import sqlite3
import struct
import subprocess
import time
import unittest

import support as s
import web_support as web

HOUR = 3600
LEDGER = dict(web.LEDGER)
LEDGER["数采仪.csv"] = "mn,credit_code,outlet,pw,version,rtd_interval_s,min_interval_min\n" + "".join(
    f"{mn},{'91410200MA0000002X' if code == 'DW001' else '91410100MA0000001X'},{code},{s.PW},2017,30,1\n"
    for code, mn in web.MN.items())


def minutes(at, n, so2, o2="9.0", flag="N", step=60):
    """n minute records from `at` (seconds) on; so2: text, or a function of the minute."""
    for i in range(n):
        value = so2(i) if callable(so2) else so2
        yield s.frame(web.MN["DA001"], s.civil(at + i * step) + "000",
                      f"DataTime={s.civil(at + i * step)};a21026-Avg={value},a21026-Min={value},a21026-Max={value},a21026-Flag={flag};"
                      f"a19001-Avg={o2},a19001-Min={o2},a19001-Max={o2},a19001-Flag=N", cn="2051")


def rejudge(data, *args):
    return subprocess.run([s.program("yanwu-rebuild"), "--judge", *args, str(data)], capture_output=True, text=True, timeout=300)


def dump(data):
    """Everything of judge.db that is a function of series, register and rules: not the numbers of changes, and not what was said once."""
    db = sqlite3.connect(f"file:{data}/series/judge.db?mode=ro", uri=True)
    try:
        columns = [r[1] for r in db.execute("PRAGMA table_info(verdict)") if r[1] != "change"]
        names = ", ".join(f'"{c}"' for c in columns)
        return {"mean": db.execute("SELECT * FROM mean ORDER BY outlet, period, \"from\", factor").fetchall(),
                "verdict": db.execute(f"SELECT {names} FROM verdict WHERE NOT gone ORDER BY number").fetchall(),
                "tally": db.execute("SELECT * FROM tally ORDER BY outlet, period, \"from\", factor").fetchall(),
                "outlet": db.execute("SELECT * FROM outlet ORDER BY outlet").fetchall(),
                "about": db.execute("SELECT * FROM about WHERE name IN ('register', 'rules') ORDER BY name").fetchall()}
    finally:
        db.close()


def whole_hour():
    """Start of the present hour, after which there are some minutes left: the tests' hours must not end while they run."""
    while time.time() % HOUR > HOUR - 90:
        time.sleep(1)
    now = time.time()
    return int(now - now % HOUR)


class Live(unittest.TestCase):
    def setUp(self):
        self.serve = s.Serve(only=None, start=False)
        self.addCleanup(self.serve.clean)
        web.run("yanwu-import", "--data", self.serve.data, web.write_ledger(self.serve.data / "ledger", LEDGER))
        for name in ("admin", "works1", "works2"):
            web.make_user(self.serve.data, name, *web.USERS[name])
        self.serve.start()

    def client(self, name="admin"):
        c = web.Client(self.serve, name)
        self.addCleanup(c.close)
        return c

    def send(self, frames):
        frames = list(frames)
        with self.serve.connect() as d:
            for f in frames:
                d.send(f)
            self.assertEqual(len(d.acks(len(frames), timeout=30)), len(frames))

    def judged(self, client, path, fits, timeout=60.0):
        """Asks until an answer fits."""
        end = time.monotonic() + timeout
        while True:
            status, data, _ = client.request("GET", path)
            if status == 200 and fits(data):
                return data
            if time.monotonic() > end:
                self.fail(f"{path}: {status} {json.dumps(data, ensure_ascii=False)[:3000]}\n{self.serve.log_text()[-3000:]}")
            time.sleep(0.05)

    def settled(self):
        """Waits until all that is stored is judged, by a pipeline that lives: the page of one that was killed still says what it said."""
        asked = time.time() * 1e6
        web.until(lambda: struct.unpack_from("<q", (self.serve.data / "pipeline.live").read_bytes(), 16)[0] > asked, "a living pipeline", 20)
        self.serve.wait_drained()
        end = time.monotonic() + 60
        query = ("SELECT (SELECT max(generation) FROM touched) AS t, (SELECT value FROM judged.about WHERE name='touched') AS j,"
                 " (SELECT value FROM judged.about WHERE name='register') AS r")
        while time.monotonic() < end:
            try:
                row, = self.serve.sql(query)
            except subprocess.CalledProcessError:
                row = {"t": 0, "j": None, "r": 0}
            if row["t"] == row["j"] and self.serve.pipeline()["judge_behind"] == 0 and row["r"] == self.serve.pipeline()["register_version"]:
                return
            time.sleep(0.1)
        self.fail(f"not judged: {row} {self.serve.pipeline()}\n{self.serve.log_text()[-3000:]}")

    def hour_of(self, data, start, factor="a21026"):
        return next((m for m in data["means"] if m["factor"] == factor and m["from"] == start * 1000), None)

    def test_the_first_page_tells_the_last_judged_hour(self):
        now = whole_hour()
        admin = self.client()
        start = now - 2 * HOUR
        # what comes while gaps are asked for is backfill, which takes nothing's place; these minutes shall
        admin.post("/api/policies", {"gap_policy": 1, "reason": "test"}, method="PUT")

        def row(client, outlet=1):
            return next((o for o in client.get("/api/watch")["outlets"] if o["id"] == outlet), None)

        self.assertIsNone(row(admin)["judged"], "nothing was judged yet")
        # 26.4 * (21 - 6) / (21 - 9) = 33.0, which is 94 % of 35
        self.send(minutes(start, 60, "26.4"))
        judged = web.until(lambda: row(admin)["judged"], "a judged hour", 90)
        self.assertEqual({k: judged[k] for k in ("factor", "unit", "limit", "period", "converted", "from", "state")},
                         {"factor": "a21026", "unit": "mg/m3", "limit": 35.0, "period": "1h", "converted": True, "from": start * 1000, "state": "attention"})
        self.assertAlmostEqual(judged["value"], 33.0, 6)
        # the next hour exceeds: 40 at 9 % oxygen is 50
        self.send(minutes(start + HOUR, 60, "40.0"))
        judged = web.until(lambda: row(admin)["judged"]["from"] == (start + HOUR) * 1000 and row(admin)["judged"], "the next hour", 90)
        web.until(lambda: row(admin)["judged"]["state"] == "over", "the exceedance", 90)
        self.assertAlmostEqual(row(admin)["judged"]["value"], 50.0, 6)
        self.assertEqual(row(self.client("works1"))["judged"], row(admin)["judged"])
        self.assertIsNone(row(self.client("works2")), "another works does not see it")
        # 40 flagged minutes more take the validity of that hour away
        self.send(minutes(start + HOUR, 40, "40.0", flag="D"))
        web.until(lambda: row(admin)["judged"]["state"] == "invalid", "the hour without validity", 90)
        self.assertIsNone(row(admin, 3)["judged"], "the water outlet sent nothing")

    def test_a_corrected_rule_judges_again_by_itself(self):
        now = whole_hour()
        admin = self.client()
        start = now - 3 * HOUR
        path = f"/api/outlets/1/means?period=1h&from={start * 1000}&to={(start + HOUR) * 1000}"
        self.send(minutes(start, 44, "20.0"))
        self.judged(admin, path, lambda d: (self.hour_of(d, start) or {}).get("valid") == 44 and self.hour_of(d, start)["validity"] == "invalid")
        self.settled()
        began = time.monotonic()
        admin.post("/api/rules/hj75.hour", {"figure": "valid_minutes", "value": 44, "reason": "官方文本"}, method="PUT")
        asked = admin.get("/api/judge/state")["register_now"]
        self.judged(admin, path, lambda d: self.hour_of(d, start)["validity"] == "valid", timeout=60)
        took = time.monotonic() - began
        print(f"a corrected rule shows in the means after {took:.1f} s")
        self.assertLess(took, s.allowed(10), "a correction is in the means within 10 s here")
        web.until(lambda: admin.get("/api/judge/state")["register_version"] >= asked, "the judge says it is up to date", 30)
        admin.post("/api/rules/hj75.hour", {"figure": "valid_minutes", "withdrawn": True, "reason": "误读"}, method="PUT")
        self.judged(admin, path, lambda d: self.hour_of(d, start)["validity"] == "invalid", timeout=60)

    def test_means_verdicts_and_late_data(self):
        now = whole_hour()
        admin = self.client()
        start = now - 3 * HOUR
        path = f"/api/outlets/1/means?period=1h&from={(now - 24 * HOUR) * 1000}&to={(now + HOUR) * 1000}"
        # 40 mg/m3 at 9 % oxygen, converted to 6 %: 40 * (21 - 6) / (21 - 9) = 50; limit 35: (50 - 35) / 35 = 0.428571
        began = time.monotonic()
        self.send(minutes(start, 60, "40.0"))
        data = self.judged(admin, path, lambda d: (self.hour_of(d, start) or {}).get("validity") == "valid")
        self.assertLess(time.monotonic() - began, s.allowed(5.0), "means are shown within 5 s")
        hour = self.hour_of(data, start)
        self.assertAlmostEqual(hour["mean"], 40.0, 6)
        self.assertAlmostEqual(hour["converted"], 50.0, 6)
        self.assertEqual((hour["valid"], hour["marking"], hour["outlet"]), (60, "unmarked", 1))
        self.assertAlmostEqual(self.hour_of(data, start, "a19001")["mean"], 9.0, 6)
        verdicts = self.judged(admin, "/api/outlets/1/verdicts?kind=exceedance", lambda d: d["verdicts"])["verdicts"]
        self.assertEqual(len(verdicts), 1)
        v = verdicts[0]
        self.assertEqual((v["kind"], v["factor"], v["from"], v["to"], v["gone"]),
                         ("exceedance", "a21026", start * 1000, (start + HOUR) * 1000, False))
        self.assertAlmostEqual(v["value"], 50.0, 6)
        self.assertAlmostEqual(v["held"], 35.0, 6)
        self.assertAlmostEqual(v["multiple"], 15 / 35, 6)
        one = admin.get(f"/api/verdicts/{v['number']}")
        self.assertEqual(one["number"], v["number"])
        self.assertAlmostEqual(one["mean"]["converted"], 50.0, 6)
        self.assertEqual(one["working"], "40.0 × (21 − 6) ÷ (21 − 9) = 50.0")
        packet = admin.get(f"/api/packets/{one['packet']['journal']}/{one['packet']['position']}")
        self.assertEqual(packet["cn"], "2051")
        admin.get("/api/verdicts/CP20261123-1-a21026-zz", expect=404)
        admin.get("/api/verdicts/nonsense", expect=404)
        # who sees whom
        self.client("works1").get(f"/api/verdicts/{v['number']}")
        self.client("works2").get(f"/api/verdicts/{v['number']}", expect=404)
        self.client("works2").get("/api/outlets/1/means", expect=404)
        self.client("works1").get("/api/judge/state", expect=403)
        # an hour with 44 minutes: not valid, and no reason is missing; one more comes late: valid
        earlier = start - HOUR
        self.send(minutes(earlier, 44, "20.0"))
        data = self.judged(admin, path, lambda d: (self.hour_of(d, earlier) or {}).get("valid") == 44)
        hour = self.hour_of(data, earlier)
        self.assertEqual(hour["validity"], "invalid")
        self.assertIn("few-minutes", [r["code"] for r in hour["reasons"]])
        self.send(minutes(earlier + 50 * 60, 1, "65.0"))
        data = self.judged(admin, path, lambda d: (self.hour_of(d, earlier) or {}).get("valid") == 45)
        hour = self.hour_of(data, earlier)
        self.assertEqual(hour["validity"], "valid")
        self.assertAlmostEqual(hour["mean"], (44 * 20 + 65) / 45, 6)  # 21
        self.assertAlmostEqual(hour["converted"], 21 * 15 / 12, 6)    # 26.25
        # a correction of a minute: the exceedance is not said any more, and known to have been
        self.send(minutes(start, 60, "12.0"))
        self.judged(admin, "/api/outlets/1/verdicts?kind=exceedance", lambda d: not d["verdicts"])
        gone = admin.get("/api/outlets/1/verdicts?kind=exceedance&gone=1")["verdicts"]
        self.assertEqual([(g["number"], g["gone"]) for g in gone], [(v["number"], True)])
        self.assertTrue(admin.get(f"/api/verdicts/{v['number']}")["gone"])
        # the hour that runs is shown as far as it has come
        if time.time() - now > 120:
            self.send(minutes(now, 2, "33.0"))
            data = self.judged(admin, path, lambda d: self.hour_of(d, now))
            self.assertEqual(self.hour_of(data, now)["validity"], "partial")
        state = admin.get("/api/judge/state")
        self.assertTrue(state["same_rules"])
        self.assertEqual(state["outlets"], 1)
        self.assertTrue(self.judged(admin, f"/api/outlets/1/tallies?period=month&from={(now - 40 * 86400) * 1000}", lambda d: d["tallies"]))

    def test_a_mark_and_a_site_are_judged_within_seconds(self):
        now = whole_hour()
        admin, unit = self.client(), self.client("works1")
        start = now - 3 * HOUR
        self.send(minutes(start, 120, "40.0"))  # two hours, both over: see above
        exceedances = "/api/outlets/1/verdicts?kind=exceedance"
        self.judged(admin, exceedances, lambda d: len(d["verdicts"]) == 2)
        mark = unit.post("/api/outlets/1/marks", {"from": start * 1000, "to": (start + HOUR) * 1000, "axis": "equipment", "value": "maintenance",
                                                  "reason": "更换采样泵"})["mark"]
        data = self.judged(admin, exceedances, lambda d: len(d["verdicts"]) == 1)
        self.assertEqual(data["verdicts"][0]["from"], (start + HOUR) * 1000)
        hours = admin.get(f"/api/outlets/1/means?factors=a21026&from={start * 1000}&to={(start + 2 * HOUR) * 1000}")
        self.assertEqual([(m["validity"], m["marking"]) for m in hours["means"]], [("invalid", "marked-invalid"), ("valid", "unmarked")])
        self.assertEqual(hours["means"][0]["equipment"], "maintenance")
        unit.post(f"/api/marks/{mark['id']}", method="DELETE", body={"reason": "误标"})
        self.judged(admin, exceedances, lambda d: len(d["verdicts"]) == 2)
        # a limit of its own: 60 converted is kept by both hours (50)
        site = {"site": "da001", "profile": "flue-gas", "minute_interval": 1, "reference_oxygen": 6,
                "factors": {"a21026": {"unit": "mg/m3", "converted": True}, "a19001": {"role": "oxygen"}},
                "limits": [{"factor": "a21026", "value": 60, "unit": "mg/m3", "period": "1h", "basis": "permit", "converted": True}]}
        admin.post("/api/outlets/1/site", {"site": site, "reason": "按许可证正本"}, method="PUT")
        self.judged(admin, exceedances, lambda d: not d["verdicts"])
        self.settled()
        self.serve.stop()
        live = dump(self.serve.data)
        self.assertEqual(rejudge(self.serve.data).returncode, 0)
        self.assertEqual(dump(self.serve.data), live)

    def test_killed_it_ends_where_it_would_have(self):
        now = whole_hour()
        start = now - 30 * HOUR
        for part in range(6):
            at = start + part * 5 * HOUR
            self.send(minutes(at, 300, lambda i, p=part: "%d.5" % (20 + (i * 7 + p) % 40)))
            if part % 2:
                self.send(minutes(start - HOUR * part, 60, "61.0"))
            time.sleep(0.3 * part)
            web.until(lambda: self.serve.kill("pipeline"), "the pipeline to be killed", 20)
        self.settled()
        self.serve.stop()
        live = dump(self.serve.data)
        self.assertGreater(len([m for m in live["mean"] if m[1] == 3]), 60)
        self.assertTrue(live["verdict"])
        done = rejudge(self.serve.data, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        last = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual({k: last[k] for k in ("hours", "days", "others", "changed", "newly_said", "gone")},
                         dict.fromkeys(("hours", "days", "others", "changed", "newly_said", "gone"), 0), done.stdout)
        again = dump(self.serve.data)
        for table in live:
            self.assertEqual(live[table], again[table], table)
        # and by a rebuild of everything
        done = subprocess.run([s.program("yanwu-rebuild"), str(self.serve.data)], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        again = dump(self.serve.data)
        for table in live:
            self.assertEqual(live[table], again[table], table)

    def test_a_rule_is_corrected_and_history_judged_again(self):
        now = whole_hour()
        start = now - 5 * HOUR
        self.send(minutes(start, 40, "40.0"))          # 40 minutes: not valid by 45
        self.send(minutes(start + HOUR, 60, "40.0"))
        self.settled()
        self.assertEqual(rejudge(self.serve.data).returncode, 1, "refused while the pipeline runs")
        self.serve.stop()
        before = dump(self.serve.data)
        act = {"act": "rule.set", "by": "admin", "at": int(time.time() * 1e6), "rule": "hj75.hour", "figure": "valid_minutes",
               "value": 30, "confidence": "O", "reason": "as an example"}
        subprocess.run([str(s.BUILD / "tests/unit/list_gateway/put-acts"), "--acts-only", str(self.serve.data)],
                       input=json.dumps(act) + "\n", text=True, check=True, timeout=60)
        done = rejudge(self.serve.data, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        said = next(d for d in lines if d.get("kind") == "exceedance")
        self.assertEqual((said["outlet"], said["newly_said"], said["gone"], said["changed"]), (1, 1, 0, 0), lines)
        self.assertGreaterEqual(lines[-1]["hours"], 2)  # the hour of both factors became valid
        after = dump(self.serve.data)
        self.assertEqual(len(after["verdict"]), len(before["verdict"]) + 1)
        text = rejudge(self.serve.data)
        self.assertEqual(text.returncode, 0, text.stderr)
        self.assertIn("0 newly said, 0 gone", text.stdout)
        # the pipeline goes on from there and finds nothing to do otherwise
        self.serve.start()
        self.settled()
        self.serve.stop()
        self.assertEqual(dump(self.serve.data)["verdict"], after["verdict"])

    def test_a_rebuild_that_is_killed_changes_nothing(self):
        now = whole_hour()
        self.send(minutes(now - 9 * HOUR, 480, "40.0"))
        self.settled()
        self.serve.stop()
        want = dump(self.serve.data)
        for delay in (0.0, 0.01, 0.03, 0.08):
            p = subprocess.Popen([s.program("yanwu-rebuild"), "--judge", str(self.serve.data)], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
            time.sleep(delay)
            p.kill()
            p.wait()
            self.assertEqual(dump(self.serve.data), want)
        self.assertEqual(rejudge(self.serve.data).returncode, 0)
        self.assertEqual(dump(self.serve.data), want)


if __name__ == "__main__":
    unittest.main()
