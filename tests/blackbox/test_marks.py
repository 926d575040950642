"""Marks: made, amended and withdrawn by the unit and by nobody else; doubted by officers; every version kept; late ones known as late."""

import hashlib
import json
import resource
import time
import unittest

import web_support as web

HOUR = 3_600_000
DAY = 24 * HOUR
CHINA = 8 * HOUR
PNG = b"\x89PNG\r\n\x1a\n" + b"picture of the calibration gas"
NOT_UNIT = ("admin", "cityop", "officer", "county", "leader")


def now():
    return int(time.time() * 1000)


def today():
    return (now() + CHINA) // DAY * DAY - CHINA


def stopped(**more):
    return {"from": today() - 2 * HOUR, "to": today() + 2 * HOUR, "axis": "condition", "value": "stopped", "reason": "计划检修", **more}


class Marks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = web.province()
        cls.clients = {name: web.Client(cls.serve, name) for name in web.USERS}
        cls.unit = cls.clients["works1"]
        cls.officer = cls.clients["officer"]

    @classmethod
    def tearDownClass(cls):
        for c in cls.clients.values():
            c.close()
        cls.serve.stop()
        cls.serve.clean()

    def make(self, client=None, outlet=1, **more):
        return (client or self.unit).post(f"/api/outlets/{outlet}/marks", stopped(**more))["mark"]

    def test_nobody_but_the_unit_makes_amends_or_withdraws_a_mark(self):
        mark = self.make()
        before = self.unit.get(f"/api/marks/{mark['id']}")
        for user in NOT_UNIT:
            c = self.clients[user]
            c.post("/api/outlets/1/marks", stopped(), expect=403)
            c.post(f"/api/marks/{mark['id']}", stopped(), expect=403, method="PATCH")
            c.post(f"/api/marks/{mark['id']}", {"reason": "no"}, expect=403, method="DELETE")
        # another's enterprise, another's maintainer: not even there
        for user in ("works2", "maint2"):
            self.clients[user].post("/api/outlets/1/marks", stopped(), expect=404)
            self.clients[user].get(f"/api/marks/{mark['id']}", expect=404)
            self.clients[user].post(f"/api/marks/{mark['id']}", {"reason": "no"}, expect=404, method="DELETE")
        self.assertEqual(self.unit.get(f"/api/marks/{mark['id']}"), before)
        amended = self.clients["maint1"].post(f"/api/marks/{mark['id']}", {"reason": "延长", "to": mark["to"] + HOUR}, method="PATCH")
        self.assertEqual((amended["mark"]["version"], amended["mark"]["role"], amended["mark"]["by"]), (2, "maintainer", "maint1"))

    def test_no_route_returns_or_accepts_marks(self):
        """Whatever an authority may send to a path of a mark: the table of routes has a query for it and nothing else."""
        table = [line.split("\t")[:3] for line in web.run("yanwu-web", "--routes").stdout.decode().splitlines()]
        writing = {(m, p): set(r.split(",")) for m, p, r in table if "/marks" in p and m != "GET"}
        self.assertEqual(set(writing), {("POST", "/api/outlets/{id}/marks"), ("PATCH", "/api/marks/{id}"), ("DELETE", "/api/marks/{id}"),
                                        ("POST", "/api/marks/{id}/queries")})
        for key, roles in writing.items():
            expect = {"operator", "officer"} if key[1].endswith("/queries") else {"maintainer", "enterprise"}
            self.assertEqual(roles, expect, key)

    def test_every_version_stays(self):
        mark = self.make(factors=["a21026"])
        self.assertEqual((mark["version"], mark["zh"], mark["factors"], mark["counts"], mark["disputed"]), (1, "停运", ["a21026"], False, False))
        one = f"/api/marks/{mark['id']}"
        self.unit.post(one, {"reason": "实为停炉过程", "value": "shutdown"}, method="PATCH")
        self.unit.post(one, {"reason": "x", "value": "stopped", "version": 1}, expect=409, method="PATCH")
        self.unit.post(one, {"reason": "误标"}, method="DELETE")
        self.unit.post(one, {"reason": "again"}, expect=409, method="DELETE")
        self.unit.post(one, {"reason": "again"}, expect=409, method="PATCH")
        got = self.officer.get(one)
        self.assertEqual([(v["version"], v["value"], v["withdrawn"], v["reason"]) for v in got["versions"]],
                         [(1, "stopped", False, "计划检修"), (2, "shutdown", False, "实为停炉过程"), (3, "shutdown", True, "误标")])
        self.assertEqual([v["factors"] for v in got["versions"]], [["a21026"]] * 3)
        self.assertEqual([v["usable"] for v in got["versions"]], [False, True, True])
        span = f"/api/outlets/1/marks?from={today() - DAY}&to={today() + DAY}"
        self.assertNotIn(mark["id"], [m["id"] for m in self.officer.get(span)["marks"]])
        self.assertIn(mark["id"], [m["id"] for m in self.officer.get(span + "&withdrawn=1")["marks"]])

    def test_what_the_judge_does_with_the_data(self):
        """The list says of every mark whether data under it stay in use: of conditions only stopped takes them away."""
        for axis, value, counts, usable in (("condition", "stopped", True, False), ("condition", "startup", False, True), ("condition", "fault", False, True),
                                            ("equipment", "maintenance", False, False), ("equipment", "maintenance", True, True),
                                            ("equipment", "normal", False, True)):
            mark = self.make(axis=axis, value=value, counts=counts)
            self.assertEqual(mark["usable"], usable, mark)

    def test_reason_and_words_are_asked_for(self):
        for wrong in ({"reason": ""}, {"reason": None}, {"axis": "weather"}, {"value": "calibration"}, {"to": today() - 3 * HOUR}, {"to": None},
                      {"from": "yesterday"}, {"factors": "a21026"}, {"factors": ["a b"]}, {"counts": "yes"}, {"reason": "x" * 700},
                      {"evidence": ["0" * 64]}, {"to": today() + 500 * DAY}):
            status, data, _ = self.unit.request("POST", "/api/outlets/1/marks", stopped(**wrong))
            self.assertEqual(status, 422, (wrong, data))
            self.assertTrue(data["error"]["text_en"] and data["error"]["text_zh"])
        self.unit.request("POST", "/api/outlets/1/marks", b"{")
        mark = self.make()
        self.unit.post(f"/api/marks/{mark['id']}", {"to": mark["to"] + HOUR}, expect=422, method="PATCH")
        self.unit.post(f"/api/marks/{mark['id']}", {}, expect=422, method="DELETE")
        self.assertEqual(self.unit.get(f"/api/marks/{mark['id']}")["mark"]["version"], 1)

    def test_deadline_is_noon_of_the_day_after(self):
        mark = self.make()  # begins yesterday at 22:00
        self.assertEqual(mark["deadline"], today() + 12 * HOUR)
        self.assertEqual(mark["late"], mark["set_at"] > mark["deadline"])
        old = self.make(**{"from": today() - 5 * DAY, "to": today() - 4 * DAY})
        self.assertTrue(old["late"])
        self.assertEqual(old["deadline"], today() - 4 * DAY + 12 * HOUR)
        # a better reason does not make it a timely one, and a reason alone does not make a timely one late
        again = self.unit.post(f"/api/marks/{old['id']}", {"reason": "补充说明"}, method="PATCH")["mark"]
        self.assertTrue(again["late"])
        fresh = self.make(**{"from": today(), "to": today() + HOUR})
        self.assertFalse(fresh["late"])
        self.assertFalse(self.unit.post(f"/api/marks/{fresh['id']}", {"reason": "补充说明"}, method="PATCH")["mark"]["late"])

    def test_the_deadline_is_a_rule(self):
        admin = self.clients["admin"]
        admin.post("/api/rules/marks.deadline", {"figure": "hour", "value": 10, "reason": "地方规定"}, method="PUT")
        self.assertEqual(self.make()["deadline"], today() + 10 * HOUR)
        admin.post("/api/rules/marks.deadline", {"figure": "hour", "withdrawn": True, "reason": "撤回"}, method="PUT")
        self.assertEqual(self.make()["deadline"], today() + 12 * HOUR)

    def test_a_doubt_is_a_notice_with_receipt_and_reply(self):
        mark = self.make()
        one = f"/api/marks/{mark['id']}"
        for user, status in (("leader", 403), ("works1", 403), ("maint1", 403), ("othercity", 404)):
            self.clients[user].post(one + "/queries", {"text": "?"}, expect=status)
        self.officer.post(one + "/queries", {"text": ""}, expect=422)
        self.officer.post(one + "/queries", {"text": "x", "deadline": now() - 1}, expect=422)
        query = self.officer.post(one + "/queries", {"text": "停运期间烟气流量不为零，请说明", "deadline": now() + DAY})
        self.assertRegex(query["number"], r"^DB\d{8}-\d{4,}$")
        self.assertEqual((query["state"], query["mark"], query["overdue"], query["by"]), ("sent", mark["id"], False, "officer"))
        self.assertTrue(self.officer.get(one)["mark"]["disputed"])
        mine = f"/api/queries/{query['id']}"
        seen = self.unit.get(mine)
        self.assertEqual((seen["text"], seen["by"], seen["by_name"]), ("停运期间烟气流量不为零，请说明", None, None))
        self.clients["works2"].get(mine, expect=404)
        self.assertNotIn(query["id"], [d["id"] for d in self.clients["works2"].get("/api/queries")["queries"]])
        self.assertIn(query["id"], [d["id"] for d in self.unit.get("/api/queries?state=open")["queries"]])
        # the officer can neither receive nor reply, the unit cannot close
        self.officer.post(mine + "/receive", {}, expect=403)
        self.officer.post(mine + "/reply", {"text": "x", "result": "kept"}, expect=403)
        self.unit.post(mine + "/close", {"text": "x"}, expect=403)
        self.assertEqual(self.unit.post(mine + "/receive")["state"], "received")
        self.unit.post(mine + "/receive", expect=409)
        self.unit.post(mine + "/reply", {"text": "x", "result": "perhaps"}, expect=422)
        self.unit.post(one, {"reason": "按质疑更正", "value": "shutdown"}, method="PATCH")
        replied = self.unit.post(mine + "/reply", {"text": "已更正为停炉", "result": "amended"})
        self.assertEqual((replied["state"], replied["reply"]["result"], replied["reply"]["text"]), ("replied", "amended", "已更正为停炉"))
        self.assertTrue(self.officer.get(one)["mark"]["disputed"])  # until the officer has looked
        closed = self.officer.post(mine + "/close", {"text": "内部意见：存疑，转监察"})
        self.assertEqual((closed["state"], closed["closed"]["text"]), ("closed", "内部意见：存疑，转监察"))
        self.assertFalse(self.officer.get(one)["mark"]["disputed"])
        for path in (mine, one, "/api/queries", "/api/queries?state=closed"):
            for user in ("works1", "maint1"):
                raw = json.dumps(self.clients[user].get(path), ensure_ascii=False)
                self.assertNotIn("内部意见", raw, (user, path))
        self.officer.post(mine + "/close", {"text": "x"}, expect=409)

    def test_evidence_is_kept_by_its_digest(self):
        digest = hashlib.sha256(PNG).hexdigest()
        status, data, _ = self.unit.request("POST", "/api/outlets/1/evidence", PNG)
        self.assertEqual((status, data), (200, {"sha256": digest, "bytes": len(PNG), "type": "image/png"}))
        self.assertEqual((self.serve.data / "evidence" / digest[:2] / digest).read_bytes(), PNG)
        self.assertEqual(self.unit.request("POST", "/api/outlets/1/evidence", b"#!/bin/sh")[0], 422)
        self.assertEqual(self.unit.request("POST", "/api/outlets/1/evidence", b"", {"Content-Length": str(9 << 20)})[0], 413)
        self.unit.close()
        self.assertEqual(self.clients["leader"].request("POST", "/api/outlets/1/evidence", PNG)[0], 403)
        self.assertEqual(self.clients["works2"].request("POST", "/api/outlets/1/evidence", PNG)[0], 404)
        mark = self.make(evidence=[digest])
        path = f"/api/marks/{mark['id']}/evidence?sha256={digest}"
        status, data, headers = self.officer.request("GET", path)
        self.assertEqual((status, data, headers["Content-Type"]), (200, PNG, "image/png"))
        self.assertIn("attachment", headers["Content-Disposition"])
        self.clients["works2"].get(path, expect=404)
        other = self.make()
        self.officer.get(f"/api/marks/{other['id']}/evidence?sha256={digest}", expect=404)
        self.officer.get(f"/api/marks/{mark['id']}/evidence?sha256=../../secret.key", expect=404)

    def test_a_full_disk_leaves_no_half_of_a_file(self):
        pid = self.serve.pid_of("web")
        hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
        big = PNG + bytes(range(256)) * (16 << 10)  # 4 MiB
        digest = hashlib.sha256(big).hexdigest()
        folder = self.serve.data / "evidence" / digest[:2]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (3 << 20, hard))
        try:
            status, data, _ = self.unit.request("POST", "/api/outlets/1/evidence", big)
            self.assertEqual((status, data["error"]["code"]), (507, "disk_full"), data)
            self.assertIn("磁盘已满", data["error"]["text_zh"])
            self.assertEqual([p.name for p in folder.iterdir() if p.name.startswith(digest)], [])
            self.unit.post("/api/outlets/1/marks", stopped(evidence=[digest]), expect=422)
            self.assertEqual(self.unit.request("POST", "/api/outlets/1/evidence", PNG)[0], 200)  # what fits still goes
        finally:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
        self.assertEqual(self.unit.request("POST", "/api/outlets/1/evidence", big)[0], 200)
        self.assertEqual((folder / digest).read_bytes(), big)
        self.assertEqual(self.serve.pid_of("web"), pid)

    def sign_in(self, serve):
        try:
            return web.Client(serve, "officer")
        except OSError:
            return None

    def test_all_of_it_is_there_after_a_restart(self):
        serve = web.province()
        try:
            unit, officer = web.Client(serve, "works1"), web.Client(serve, "officer")
            mark = unit.post("/api/outlets/1/marks", stopped())["mark"]
            unit.post(f"/api/marks/{mark['id']}", {"reason": "延长", "to": mark["to"] + HOUR}, method="PATCH")
            query = officer.post(f"/api/marks/{mark['id']}/queries", {"text": "?"})
            before = officer.get(f"/api/marks/{mark['id']}")
            unit.close(), officer.close()
            serve.kill("web")  # the supervisor starts it again, and it reads its journal
            officer = web.until(lambda: self.sign_in(serve), "the web process again")
            self.assertEqual(officer.get(f"/api/marks/{mark['id']}"), before)
            self.assertEqual(officer.get(f"/api/queries/{query['id']}")["state"], "sent")
            officer.close()
        finally:
            serve.stop()
            serve.clean()


if __name__ == "__main__":
    unittest.main()
