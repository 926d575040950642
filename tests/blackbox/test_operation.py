"""What ran when: power and conditions (ST 44, 45) of another outlet's device and states of facilities (2021, 2041) over a real socket, into
the API; the verdicts that follow, late states, roles, and the same by `yanwu rebuild --judge`."""

import sqlite3
import subprocess
import time
import unittest

import support as s
import test_judge_live as live
import web_support as web

HOUR = live.HOUR
MINUTE = 60


def operation(data):
    db = sqlite3.connect(f"file:{data}/series/judge.db?mode=ro", uri=True)
    try:
        return db.execute("SELECT outlet, hour, unit, known, running, alarm, mean FROM unit_hour ORDER BY outlet, hour, unit").fetchall()
    finally:
        db.close()


class Operation(live.Live):
    """DA001 is judged; its boiler's power and its mill's condition come from the device of DA002, its scrubber's state from its own."""

    # what the base class tests is tested there
    test_means_verdicts_and_late_data = test_a_mark_and_a_site_are_judged_within_seconds = None
    test_killed_it_ends_where_it_would_have = test_a_rule_is_corrected_and_history_judged_again = None
    test_a_rebuild_that_is_killed_changes_nothing = None

    SITE = {"site": "da001", "profile": "flue-gas", "minute_interval": 1, "reference_oxygen": 6,
            "factors": {"a21026": {"unit": "mg/m3"}, "a19001": {}},
            "limits": [{"factor": "a21026", "value": 35, "period": "1h"}],
            "units": [{"id": "boiler", "name": "1号炉", "factor": "d20405", "running_above": 1, "outlet": "DA002"},
                      {"id": "mill", "name": "磨机", "factor": "p99101", "outlet": "DA002"},
                      {"id": "scrubber", "name": "脱硫塔", "factor": "SB1", "field": "RS", "treatment": True, "serves": "boiler"},
                      {"id": "filter", "factor": "SB2", "field": "RT", "treatment": True, "serves": "mill"}]}

    def packet(self, code, at, cp, cn, st="31"):
        return s.frame(web.MN[code], s.civil(at) + "%03d" % (len(cp) % 1000), f"DataTime={s.civil(at)};{cp}", cn=cn, st=st)

    def power(self, start, minutes, amperes):
        return [self.packet("DA002", start + i * MINUTE, f"d20405-Rtd={amperes},d20405-Flag=N", "2011", "44") for i in range(0, minutes, 5)]

    def state(self, at, state, code="DA001"):
        return self.packet(code, at, f"SB1-RS={state}", "2021")

    def unit(self, data, name):
        return next(u for u in data["units"] if u["id"] == name)

    def test_power_and_states_of_two_devices(self):
        now = live.whole_hour()
        start = now - 4 * HOUR
        admin = self.client()
        self.send(live.minutes(start, 180, "20.0"))
        wrong = {**self.SITE, "units": [{"id": "x", "factor": "d20405", "outlet": "DA777"}]}
        answer = admin.post("/api/outlets/1/site", {"site": wrong, "reason": "x"}, method="PUT", expect=422)
        self.assertIn("DA777", str(answer))
        admin.post("/api/outlets/1/site", {"site": self.SITE, "reason": "登记设施"}, method="PUT")
        # the boiler draws 4.2 for three hours; the mill runs one hour and stands still the next; the scrubber stops in the second hour
        self.send(self.power(start, 180, "4.2"))
        self.send([self.packet("DA002", start + i * MINUTE, f"p99101-Rtd={'N' if i < 60 else 'F'},p99101-Flag=N", "2011", "45") for i in range(0, 120, 5)])
        self.send([self.state(start, 1), self.state(start + HOUR, 0), self.state(start + 2 * HOUR, 1), self.state(start + 2 * HOUR + 30 * MINUTE, 4)])
        path = f"/api/outlets/1/operation?from={start * 1000}&to={(start + 3 * HOUR) * 1000}"
        data = self.judged(admin, path, lambda d: d["verdicts"] and self.unit(d, "boiler")["known_h"] == 3 and self.unit(d, "mill")["known_h"] >= 2)
        boiler, mill, scrubber, spare = data["units"]
        self.assertEqual((boiler["running_h"], boiler["outlet"], boiler["records"], boiler["treatment"]), (3, "DA002", "values", False))
        self.assertAlmostEqual(boiler["mean"], 4.2, 6)
        self.assertEqual([(r["from"], r["to"], r["state"]) for r in boiler["runs"]], [(start * 1000, (start + 3 * HOUR) * 1000, "running")])
        # the last condition, of 01:55, holds for 15 minutes
        self.assertEqual([(r["from"] // 1000 - start, r["to"] // 1000 - start, r["state"]) for r in mill["runs"]],
                         [(0, HOUR, "running"), (HOUR, 2 * HOUR + 10 * MINUTE, "stopped")])
        self.assertEqual([(r["from"] // 1000 - start, r["to"] // 1000 - start, r["state"]) for r in scrubber["runs"]],
                         [(0, HOUR, "running"), (HOUR, 2 * HOUR, "stopped"), (2 * HOUR, 2 * HOUR + 30 * MINUTE, "running"), (2 * HOUR + 30 * MINUTE, 3 * HOUR, "alarm")])
        self.assertEqual((scrubber["records"], scrubber["without_h"], scrubber["alarm_h"]), ("facility", 1, 0.5))
        self.assertEqual(scrubber["without"], [{"from": (start + HOUR) * 1000, "to": (start + 2 * HOUR) * 1000}])
        self.assertEqual((spare["known_h"], spare["runs"]), (0, []))
        v, = data["verdicts"]
        self.assertEqual((v["kind"], v["factor"], v["from"], v["to"], v["value"], v["held"], v["counts"]),
                         ("power", "SB1", (start + HOUR) * 1000, (start + 2 * HOUR) * 1000, 60, 15, False))
        # late: it ran again after ten minutes, which is nothing to speak of
        self.send([self.state(start + HOUR + 10 * MINUTE, 1)])
        data = self.judged(admin, path, lambda d: not d["verdicts"])
        self.assertAlmostEqual(self.unit(data, "scrubber")["without_h"], 10 / 60, 6)
        # late, and of the other outlet: the boiler stood still for half an hour of the third hour
        self.send(self.power(start + 2 * HOUR + 1 * MINUTE, 30, "0.1"))
        data = self.judged(admin, path, lambda d: self.unit(d, "boiler")["running_h"] < 2.95)
        # running hours of a whole day: none
        midnight = start - (start + 8 * HOUR) % 86400
        self.send([self.packet("DA001", midnight, "SB2-RT=0", "2041")])
        data = self.judged(admin, path, lambda d: self.unit(d, "filter")["known_h"] > 0)
        spare = self.unit(data, "filter")
        self.assertEqual((spare["running_h"], spare["records"]), (0, "runtime"))
        # who sees it
        self.client("works1").get(path)
        self.client("works2").get(path, expect=404)
        admin.get("/api/outlets/1/operation?from=2&to=1", expect=400)
        admin.get(f"/api/outlets/1/operation?from=0&to={40 * 86400000}", expect=400)
        # bit by bit it came to what judging everything at once comes to
        self.settled()
        self.serve.stop()
        means, ran = live.dump(self.serve.data), operation(self.serve.data)
        self.assertGreater(len(ran), 9)
        self.assertEqual(live.rejudge(self.serve.data).returncode, 0)
        self.assertEqual(operation(self.serve.data), ran)
        self.assertEqual(live.dump(self.serve.data), means)

    def test_units_without_records_of_their_own(self):
        """DA001 sends nothing, its boiler's power comes from DA002: judged from there on, the running hour too; when records come, from these on."""
        now = live.whole_hour()
        start = now - 4 * HOUR
        admin = self.client()
        admin.post("/api/outlets/1/site", {"site": {**self.SITE, "units": self.SITE["units"][:1]}, "reason": "登记设施"}, method="PUT")
        self.send(self.power(start, 120, "4.2"))
        path = f"/api/outlets/1/operation?from={(start - 2 * HOUR) * 1000}&to={(start + 3 * HOUR) * 1000}"
        boiler = self.unit(self.judged(admin, path, lambda d: d["units"] and self.unit(d, "boiler")["known_h"] >= 2), "boiler")
        self.assertEqual((boiler["runs"][0]["from"], boiler["outlet"], boiler["running_h"]), (start * 1000, "DA002", boiler["known_h"]))
        # the hour that is running, as far as it has come
        self.send(self.power(now, 10, "0.1"))
        running = f"/api/outlets/1/operation?from={now * 1000}&to={(now + HOUR) * 1000}"
        boiler = self.unit(self.judged(admin, running, lambda d: d["units"] and self.unit(d, "boiler")["known_h"] > 0), "boiler")
        self.assertEqual((boiler["runs"][0]["from"], boiler["runs"][0]["state"], boiler["running_h"]), (now * 1000, "stopped", 0))
        self.settled()
        data = self.serve.data
        before = live.dump(data), operation(data)
        self.assertGreater(len(before[1]), 2)
        # its own records begin an hour later: so does what is judged
        self.send(live.minutes(start + HOUR, 60, "20.0"))
        boiler = self.unit(self.judged(admin, path, lambda d: d["units"] and 0 < self.unit(d, "boiler")["known_h"] < 2), "boiler")
        self.assertEqual(boiler["runs"][0]["from"], (start + HOUR) * 1000)
        self.settled()
        self.serve.stop()
        means, ran = live.dump(data), operation(data)
        self.assertNotEqual((means, ran), before)
        self.assertEqual(live.rejudge(data).returncode, 0)
        self.assertEqual((live.dump(data), operation(data)), (means, ran))

    def test_killed_with_units_from_elsewhere_it_ends_where_it_would_have(self):
        """kill -9 while both outlets send, late and in any order: the same as judging everything at once, and as a rebuild of everything."""
        now = live.whole_hour()
        start = now - 12 * HOUR
        self.client().post("/api/outlets/1/site", {"site": self.SITE, "reason": "登记设施"}, method="PUT")
        data = self.serve.data
        for part in range(6):
            at = start + 2 * part * HOUR
            sends = [self.power(at, 120, "4.2" if part % 3 else "0.2"), live.minutes(at, 90, "20.0"),
                     [self.state(at + 10 * MINUTE, part % 2), self.state(at + 50 * MINUTE, (1, 0, 4)[part % 3])],
                     self.power(start + 17 * MINUTE, 40 + part, "0.1")]  # late, again and again
            for frames in sends if part % 2 else reversed(sends):
                self.send(frames)
            time.sleep(0.2 * part)
            web.until(lambda: self.serve.kill("pipeline"), "the pipeline to be killed", 20)
        self.settled()
        self.serve.stop()
        ran, judged = operation(data), live.dump(data)
        self.assertGreater(len({r[1] for r in ran if r[2] == "boiler"}), 10)
        self.assertTrue([v for v in judged["verdict"] if v[0].find("SB1") > 0], judged["verdict"])
        self.assertEqual(live.rejudge(data).returncode, 0)
        self.assertEqual((operation(data), live.dump(data)), (ran, judged))
        done = subprocess.run([s.program("yanwu-rebuild"), str(data)], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((operation(data), live.dump(data)), (ran, judged))

    def test_states_alone_make_treatment_units_and_a_plan_is_shown(self):
        now = live.whole_hour()
        start = now - 3 * HOUR
        admin = self.client()
        self.send(live.minutes(start, 120, "20.0"))
        path = f"/api/outlets/1/operation?from={start * 1000}&to={(start + 2 * HOUR) * 1000}"
        self.assertEqual(self.judged(admin, path, lambda d: True)["units"], [])
        self.send([self.state(start, 1), self.state(start + HOUR, 0)])
        data = self.judged(admin, path, lambda d: d["units"] and d["units"][0]["known_h"] == 2)
        unit, = data["units"]
        self.assertEqual((unit["id"], unit["factor"], unit["treatment"], unit["records"], unit["running_h"], unit["outlet"]), ("SB1", "SB1", True, "facility", 1, None))
        self.assertEqual((data["plans"], data["marks"], data["verdicts"]), ([], [], []))
        plan = admin.post("/api/plans", {"enterprise": 1, "from": start * 1000, "to": (now + 24 * HOUR) * 1000, "level": "橙色", "measure": "限产 30 %", "power_share": 0.7})
        works = self.client("works1")
        works.post("/api/outlets/1/marks", {"from": start * 1000, "to": (start + HOUR) * 1000, "axis": "condition", "value": "stopped", "reason": "检修"})
        data = self.judged(works, path, lambda d: d["plans"] and d["marks"])
        self.assertEqual([p["id"] for p in data["plans"]], [plan["id"]])
        self.assertEqual([m["value"] for m in data["marks"]], ["stopped"])
        self.settled()
        self.serve.stop()
        means, ran = live.dump(self.serve.data), operation(self.serve.data)
        self.assertEqual(live.rejudge(self.serve.data).returncode, 0)
        self.assertEqual(operation(self.serve.data), ran)
        self.assertEqual(live.dump(self.serve.data), means)


if __name__ == "__main__":
    unittest.main()
