"""Filings: measurements, checks, reports and maintenance: who files what, versions, import and export without anything half-written."""

import io
import time
import unittest
import zipfile

import web_support as web

HOUR = 3_600_000
DAY = 24 * HOUR
CREDIT = "91410100MA0000001X"
HEAD = "统一社会信用代码,排放口编号,类别,开始时间,结束时间,因子编码,仪器读数,标准值,满量程,结论,参比值,仪器值,内容,文件编号,实施人,状态\n"


def now():
    return int(time.time()) * 1000


def span(**more):
    return {"kind": "span", "from": now() - DAY, "to": now() - DAY + HOUR, "factor": "a21026", "reading": 98.5, "nominal": 100, "full_scale": 100,
            "passed": True, "document": "JZ-01", "by_name": "韩工", **more}


class Filings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = web.province()
        cls.clients = {name: web.Client(cls.serve, name) for name in web.USERS}
        cls.keeper, cls.unit, cls.officer = (cls.clients[n] for n in ("maint1", "works1", "officer"))

    @classmethod
    def tearDownClass(cls):
        for c in cls.clients.values():
            c.close()
        cls.serve.stop()
        cls.serve.clean()

    def file(self, client, wish, expect=200, outlet=1):
        return client.post(f"/api/outlets/{outlet}/filings", wish, expect=expect)

    def put_file(self, client, text, name="filings.csv", expect=200, dry=""):
        body = text.encode() if isinstance(text, str) else text
        status, data, _ = client.request("POST", f"/api/filings/import?name={name}{dry}", body)
        self.assertEqual(status, expect, data)
        return data

    def test_who_files_what(self):
        enforcement = {"kind": "enforcement", "from": now() - DAY, "factor": "a21026", "reading": 41, "nominal": 39, "text": "内部记录：采样口有异味"}
        report = {"kind": "stop-report", "from": now(), "to": now() + DAY, "text": "1 号炉检修停运"}
        self.file(self.officer, enforcement)
        for user in ("works1", "maint1", "leader"):
            self.file(self.clients[user], enforcement, expect=403)
        self.file(self.unit, report)
        self.file(self.officer, report, expect=403)
        self.file(self.keeper, {"kind": "maintenance", "from": now(), "text": "更换采样泵", "by_name": "韩工"})
        self.file(self.clients["works2"], report, expect=404)
        self.file(self.clients["othercity"], enforcement, expect=404)
        self.file(self.clients["maint2"], span(), expect=404)
        seen = {f["kind"]: f for f in self.unit.get("/api/outlets/1/filings")["filings"]}
        self.assertEqual((seen["enforcement"]["reading"], seen["enforcement"]["text"], seen["enforcement"]["filed_by"]), (41, None, None))
        theirs = {f["kind"]: f for f in self.officer.get("/api/outlets/1/filings")["filings"]}
        self.assertEqual(theirs["enforcement"]["text"], "内部记录：采样口有异味")
        # an officer's is amended by the authority alone, a unit's by the unit alone
        self.unit.post(f"/api/filings/{seen['enforcement']['id']}", {"reading": 10, "reason": "x"}, expect=403, method="PATCH")
        self.officer.post(f"/api/filings/{seen['stop-report']['id']}", {"text": "y", "reason": "x"}, expect=403, method="PATCH")
        self.officer.post(f"/api/filings/{seen['stop-report']['id']}", {"reason": "x"}, expect=403, method="DELETE")

    def test_amendments_keep_every_version(self):
        made = self.file(self.keeper, span(reference=[1, 2], measured=[1.1, 2.1]))["filing"]
        one = f"/api/filings/{made['id']}"
        self.assertEqual((made["version"], made["measured"], made["zh"]), (1, [1.1, 2.1], "跨度核查"))
        self.keeper.post(one, {"reading": 97}, expect=422, method="PATCH")  # why?
        self.keeper.post(one, {"reading": 97, "passed": False, "reason": "抄录错误"}, method="PATCH")
        self.keeper.post(one, {"reading": 96, "reason": "x", "version": 1}, expect=409, method="PATCH")
        self.unit.post(one, {"reason": "重复登记"}, method="DELETE")
        got = self.officer.get(one)
        self.assertEqual([(v["version"], v["reading"], v["passed"], v["withdrawn"], v["reason"]) for v in got["versions"]],
                         [(1, 98.5, True, False, None), (2, 97, False, False, "抄录错误"), (3, 97, False, True, "重复登记")])
        self.assertEqual([v["filed_by"] for v in got["versions"]], ["maint1", "maint1", "works1"])
        listed = [f["id"] for f in self.officer.get("/api/outlets/1/filings?kind=span")["filings"]]
        self.assertNotIn(made["id"], listed)
        self.assertIn(made["id"], [f["id"] for f in self.officer.get("/api/outlets/1/filings?withdrawn=1")["filings"]])

    def test_what_is_wrong_is_said(self):
        for wrong in ({"kind": "party"}, {"factor": None}, {"factor": "a b"}, {"from": "x"}, {"to": now() - 3 * DAY}, {"reading": "98"}, {"reference": [1]},
                      {"reference": ["a"], "measured": [1]}, {"passed": 1}, {"text": "x" * 3000}, {"evidence": ["0" * 64]}):
            status, data, _ = self.keeper.request("POST", "/api/outlets/1/filings", span(**wrong))
            self.assertEqual(status, 422, (wrong, data))
        self.file(self.keeper, {"kind": "manual", "from": now(), "factor": "a21026"}, expect=422)
        self.file(self.keeper, {"kind": "maintenance", "from": now()}, expect=422)

    def test_lists_go_by_time_and_in_pages(self):
        for i in range(3):
            self.file(self.keeper, span(**{"kind": "zero", "from": now() - 40 * DAY + i * HOUR, "to": now() - 40 * DAY + i * HOUR}))
        path = f"/api/outlets/1/filings?kind=zero&from={now() - 41 * DAY}&to={now() - 39 * DAY}"
        first = self.officer.get(path + "&limit=2")
        rest = self.officer.get(path + f"&limit=2&before={first['next']}")
        self.assertEqual([len(first["filings"]), len(rest["filings"]), rest["next"]], [2, 1, None])
        self.officer.get("/api/outlets/1/filings?kind=zero&limit=0", expect=400)
        self.officer.get("/api/outlets/1/filings?kind=none", expect=400)

    def test_import_is_all_or_nothing(self):
        good = f"{CREDIT},DA001,标样核查,2026-03-01 09:00,2026-03-01 09:20,a21026,101,100,,合格,,,,HC-1,韩工,\n"
        bad = f"{CREDIT},DA001,茶话会,昨天,,a21026,很高,,,大概,1;2,1,,,,\n{CREDIT},DA009,标样核查,2026-03-01,,,,,,,,,,,,\n"
        path = f"/api/outlets/1/filings?from={1772200000000}&to={1772600000000}"
        answer = self.put_file(self.keeper, HEAD + good + bad, expect=422)
        self.assertEqual({(r["row"], r["column"]) for r in answer["rows"]},
                         {(3, "类别"), (3, "开始时间"), (3, "仪器读数"), (3, "结论"), (4, "排放口编号")})
        self.assertTrue(all(r["text_zh"] and r["text_en"] for r in answer["rows"]))
        self.assertEqual(self.officer.get(path)["filings"], [])
        self.assertEqual(self.put_file(self.keeper, HEAD + good, dry="&dry_run=1")["applied"], False)
        self.assertEqual(self.officer.get(path)["filings"], [])
        self.assertEqual(self.put_file(self.keeper, HEAD + good), {"applied": True, "rows": 1, "new": 1, "amended": 0, "unchanged": 0})
        self.assertEqual(self.put_file(self.keeper, HEAD + good), {"applied": False, "rows": 1, "new": 0, "amended": 0, "unchanged": 1})
        self.assertEqual(self.put_file(self.keeper, HEAD + good.replace("101,100", "103,100"))["amended"], 1)
        got = self.officer.get(path)["filings"]
        self.assertEqual([(f["version"], f["reading"], f["by_name"], f["role"]) for f in got], [(2, 103, "韩工", "maintainer")])
        answer = self.put_file(self.keeper, HEAD + good + good, expect=422)
        self.assertIn("3", str(answer["rows"][0]["row"]))
        # what one may not file, and whom one does not see
        self.put_file(self.clients["maint2"], HEAD + good, expect=422)
        self.put_file(self.keeper, HEAD + good.replace("标样核查", "执法监测"), expect=422)
        self.put_file(self.keeper, "a,b\n1,2\n", expect=422)
        self.put_file(self.keeper, b"PK\3\4 no zip", expect=422)

    def test_importing_an_export_changes_nothing(self):
        self.file(self.keeper, outlet=3, wish=span(**{"from": now() - 2 * DAY + 123, "to": now() - 2 * DAY + 456, "reading": 0.1 + 0.2, "text": "=1+1, \"引号\"\n第二行",
                                       "reference": [1, 2.5], "measured": [1, 2.25]}))
        for format, magic in (("csv", b"PK"), ("xlsx", b"PK")):
            status, data, _ = self.keeper.request("GET", f"/api/filings/export?format={format}&outlet=3")
            self.assertEqual((status, data[:2]), (200, magic))
            status, answer, _ = self.keeper.request("POST", f"/api/filings/import?name=x.{'zip' if format == 'csv' else 'xlsx'}&dry_run=1", data)
            self.assertEqual(status, 200, answer)
            self.assertEqual((answer["new"], answer["amended"], answer["rows"]), (0, 0, answer["unchanged"]))
            self.assertGreater(answer["rows"], 0)
        text = zipfile.ZipFile(io.BytesIO(self.keeper.request("GET", "/api/filings/export?format=csv&outlet=1")[1]))
        self.assertEqual(text.namelist(), ["监测与台账.csv"])
        empty = self.clients["works2"].request("GET", "/api/filings/export?format=csv&outlet=1")[1]
        self.assertEqual(zipfile.ZipFile(io.BytesIO(empty)).read("监测与台账.csv").decode("utf-8-sig").count("\n"), 1)
        self.clients["works2"].get("/api/filings/export?format=doc", expect=400)

    def test_plans_are_the_authoritys(self):
        plan = {"enterprise": 1, "from": now(), "to": now() + 3 * DAY, "level": "红色", "measure": "限产 50 %", "power_share": 0.5}
        for user in ("works1", "maint1", "leader"):
            self.clients[user].post("/api/plans", plan, expect=403)
        self.clients["othercity"].post("/api/plans", plan, expect=422)
        made = self.officer.post("/api/plans", plan)
        self.assertEqual((made["level"], made["power_share"], made["flow_share"], made["enterprise"]["id"]), ("红色", 0.5, None, 1))
        self.officer.post("/api/plans", {**plan, "power_share": 2}, expect=422)
        self.officer.post("/api/plans", {**plan, "id": made["id"], "level": "橙色"})
        self.assertEqual([(p["level"], p["by"]) for p in self.unit.get("/api/plans")["plans"]], [("橙色", None)])
        self.assertEqual(self.clients["works2"].get("/api/plans")["plans"], [])
        self.clients["othercity"].post(f"/api/plans/{made['id']}", expect=404, method="DELETE")
        self.officer.post(f"/api/plans/{made['id']}", method="DELETE")
        self.assertEqual(self.unit.get("/api/plans")["plans"], [])


if __name__ == "__main__":
    unittest.main()
