"""Reports: rates against numbers worked out by hand, who sees which, and what is printed.

Yesterday, in hours (2061), one assessed factor an outlet:

    outlet  sent                                                     due  missing  invalid  stopped  spared  valid  T      V      T*V
    DA001   24 without 05 and 06; 10 and 11 flagged D (fault)         24        2        2        0       0     20  22/24  20/22  20/24
    DA002   24 without 03 and 04; 14 to 23 flagged F (stopped)        14        2        0       10       0     12  12/14  1      12/14
    DW001   24 without 02: the hour of the automatic check            23        0        0        0       1     23  1      1      1
    all                                                               61        4        2       10       1     55  57/61  55/57  55/61
    中原区  DA001 and DA002                                           38        4        2       10       0     32  34/38  32/34  32/38
"""

import json
import pathlib
import re
import shutil
import subprocess
import time
import unittest
import zipfile
import io

import support
import web_support as web

DAY = 86400
BASIS, STANDING = "本平台口径", "涉嫌超标，须经执法人员核实，不单独作为处罚依据"


def yesterday():
    """Start of yesterday in Beijing, and its date."""
    start = (int(time.time()) + 8 * 3600) // DAY * DAY - 8 * 3600 - DAY
    return start, time.strftime("%Y-%m-%d", time.gmtime(start + 8 * 3600))


def hour(outlet, number, at, value, flag):
    if outlet == "DW001":
        cp = f"w01018-Avg={value},w01018-Flag={flag}"
    else:
        cp = f"a21026-Avg={value},a21026-ZsAvg={value},a21026-Flag={flag};a19001-Avg=6.0,a19001-Flag={flag}"
    return support.frame(web.MN[outlet], support.qn(number), f"DataTime={support.civil(at)};" + cp, cn="2061", st="32" if outlet == "DW001" else "31")


LEFT_OUT = {"DA001": {5, 6}, "DA002": {3, 4}, "DW001": {2}}
FLAGS = {"DA001": {10: "D", 11: "D"}, "DA002": {h: "F" for h in range(14, 24)}, "DW001": {}}
VALUES = {"DA001": {12: "52.5"}, "DA002": {}, "DW001": {}}  # above the permitted 35


def pdf_text(data):
    return subprocess.run(["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True, timeout=60).stdout.decode()


def xlsx_texts(data):
    """Every text and number of a workbook, sheet by sheet."""
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        shared = [re.sub(r"<[^>]+>", "", s) for s in re.findall(r"<si>(.*?)</si>", z.read("xl/sharedStrings.xml").decode(), re.S)]
        sheets = {}
        names = re.findall(r'<sheet name="([^"]+)"', z.read("xl/workbook.xml").decode())
        for i, name in enumerate(names, 1):
            rows = []
            for row in re.findall(r"<row [^>]*>(.*?)</row>", z.read(f"xl/worksheets/sheet{i}.xml").decode(), re.S):
                cells = re.findall(r'<c r="[A-Z]+\d+"(?: s="\d+")?( t="s")?><v>([^<]*)</v>', row)
                rows.append([shared[int(v)] if t else float(v) for t, v in cells])
            sheets[name] = rows
        return sheets


class Printing(unittest.TestCase):
    """A fixed document through `yanwu report`, without a platform."""

    @classmethod
    def setUpClass(cls):
        cls.document = (support.ROOT / "tests/data/report_document.json").read_text(encoding="utf-8")

    def render(self, *args, text=None, check=True):
        return web.run("yanwu-report", *args, text=self.document if text is None else text, check=check)

    def test_paper(self):
        made = self.render("--format", "pdf").stdout
        self.assertTrue(made.startswith(b"%PDF-"))
        if not shutil.which("pdftotext"):
            self.skipTest("pdftotext is not installed")
        text = pdf_text(made)
        flat = re.sub(r"\s+", " ", text)
        golden = (support.ROOT / "tests/data/report_document.txt").read_text(encoding="utf-8").splitlines()
        for line in golden:
            self.assertIn(line, flat)
        pages = text.rstrip("\f").split("\f")
        self.assertEqual(len(pages), 4)
        for n, page in enumerate(pages, 1):
            for each in (f"第 {n} 页，共 4 页", STANDING, "演示数据，非官方统计", "打印人 郭砚秋 · 2026-12-01 09:00:00", "0123456789abcdef"):
                self.assertIn(each, page, n)
        fonts = subprocess.run(["pdffonts", "-"], input=made, capture_output=True, check=True).stdout.decode().splitlines()[2:]
        self.assertTrue(fonts)
        for font in fonts:
            self.assertRegex(font, r" yes +yes +yes ", "embedded, subset, with a way back to text")
        self.assertIn(b"http://203.0.113.5:8212/reports/outlets/1", self.uncompressed(made))

    def uncompressed(self, pdf):
        import zlib
        out = [pdf]
        for m in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.S):
            try:
                out.append(zlib.decompress(m.group(1)))
            except zlib.error:
                pass
        return b"\n".join(out)

    def test_the_same_document_is_the_same_paper(self):
        self.assertEqual(self.render("--format", "pdf").stdout, self.render("--format", "pdf").stdout)

    def test_cells(self):
        sheets = xlsx_texts(self.render("--format", "xlsx").stdout)
        self.assertEqual(list(sheets), ["概要", "图表", "1 全部排放口"])
        self.assertEqual(sheets["1 全部排放口"][0], ["排污单位", "传输有效率 %", "说明"])
        self.assertEqual(sheets["1 全部排放口"][1], ["甲市第一热电厂 DA001", 83.333, "无效；有效分钟数不足", "查看"])
        self.assertEqual(len(sheets["1 全部排放口"]), 1 + 120)
        summary = [c for row in sheets["概要"] for c in row]
        for each in ("演示数据，非官方统计", "郭砚秋", STANDING, "0123456789abcdef" * 4, 97.83):
            self.assertIn(each, summary)
        self.assertIn(52.5, [c for row in sheets["图表"] for c in row])

    def test_what_is_no_document_is_told_where(self):
        good = json.loads(self.document)
        for change, said in ((lambda d: d["blocks"][3]["rows"][7]["cells"].pop(), "blocks[3].rows[7]"), (lambda d: d.pop("digest"), '"digest"'),
                             (lambda d: d["blocks"].append({"kind": "poem", "title": "", "unit": ""}), "blocks[4]"),
                             (lambda d: d["blocks"][2]["values"].append("x"), "blocks[2]")):
            wrong = json.loads(json.dumps(good))
            change(wrong)
            for form in ("pdf", "xlsx"):
                done = self.render("--format", form, text=json.dumps(wrong), check=False)
                self.assertEqual((done.returncode, done.stdout), (1, b""))
                self.assertIn(said, done.stderr.decode())
        self.assertEqual(self.render("--format", "pdf", text="{", check=False).returncode, 1)
        self.assertEqual(self.render("--format", "doc", check=False).returncode, 2)
        self.assertEqual(self.render(check=False).returncode, 2)

    def test_more_rows_than_are_printed(self):
        many = json.loads(self.document)
        many["blocks"][3]["rows"] *= 501
        done = self.render("--format", "xlsx", text=json.dumps(many), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("more than 60000 rows", done.stderr.decode())


class Rates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = web.province()
        cls.clients = {}
        start, cls.day = yesterday()
        number = 0
        with cls.serve.connect() as device:
            for outlet in LEFT_OUT:
                for h in range(24):
                    if h in LEFT_OUT[outlet]:
                        continue
                    number += 1
                    device.send(hour(outlet, number, start + 3600 * h, VALUES[outlet].get(h, "12.5"), FLAGS[outlet].get(h, "N")))
            assert len(device.acks(number, timeout=30)) == number
        cls.start = start
        cls.rates = f"/api/reports/rates?period=day&at={cls.day}"

        def judged():
            total = cls.client("admin").get(cls.rates)["total"]
            return total if total["due"] == 61 and total["valid"] == 55 else None
        try:
            web.until(judged, "hours of yesterday", timeout=60)
        except AssertionError:
            pass  # the tests say what is wrong

    @classmethod
    def client(cls, name):
        if name not in cls.clients:
            cls.clients[name] = web.Client(cls.serve, name)
        return cls.clients[name]

    @classmethod
    def tearDownClass(cls):
        for c in cls.clients.values():
            c.close()
        cls.serve.stop()
        cls.serve.clean()

    def expect(self, got, due, missing, invalid, stopped, spared, valid):
        self.assertEqual({k: got[k] for k in ("due", "missing", "invalid", "stopped", "spared", "valid")},
                         {"due": due, "missing": missing, "invalid": invalid, "stopped": stopped, "spared": spared, "valid": valid})
        self.assertAlmostEqual(got["transmission"], (due - missing) / due, 12)
        self.assertAlmostEqual(got["validity"], valid / (due - missing), 12)
        self.assertAlmostEqual(got["effective"], valid / due, 12)

    def test_worked_example(self):
        r = self.client("officer").get(self.rates)
        outlets = {o["code"]: o for o in r["outlets"]}
        self.expect(outlets["DA001"], 24, 2, 2, 0, 0, 20)
        self.expect(outlets["DA002"], 14, 2, 0, 10, 0, 12)
        self.expect(outlets["DW001"], 23, 0, 0, 0, 1, 23)
        self.expect(r["total"], 61, 4, 2, 10, 1, 55)
        areas = {a["code"]: a for a in r["areas"]}
        self.assertEqual(set(areas), {"410000", "410100", "410102", "410200"})
        self.expect(areas["410102"], 38, 4, 2, 10, 0, 32)
        self.expect(areas["410100"], 38, 4, 2, 10, 0, 32)
        self.expect(areas["410000"], 61, 4, 2, 10, 1, 55)
        self.expect({e["id"]: e for e in r["enterprises"]}[1], 38, 4, 2, 10, 0, 32)
        self.assertEqual((r["low"], r["bad"]), (0.9, 0.6))
        self.assertEqual((r["under_low"], r["under_bad"]), ([1, 2], []))
        self.assertEqual((r["total"]["outlets"], r["total"]["networked"], r["total"]["networking"]), (3, 3, 1))
        self.assertIn(BASIS, r["basis_zh"])
        self.assertTrue(r["over"])
        for row in r["areas"] + r["enterprises"] + r["outlets"] + outlets["DA001"]["factors"]:
            self.assertTrue(row["link"].startswith("/"), row)

    def test_area_and_enterprise(self):
        c = self.client("officer")
        self.expect(c.get(self.rates + "&area=410102")["total"], 38, 4, 2, 10, 0, 32)
        self.expect(c.get(self.rates + "&enterprise=2")["total"], 23, 0, 0, 0, 1, 23)
        self.assertEqual(c.get(self.rates + "&area=990000")["total"]["due"], 0)

    def test_one_sees_the_rates_of_what_one_sees(self):
        for user, outlets, due in (("county", [1, 2], 38), ("othercity", [3], 23), ("maint1", [1, 3], 47), ("maint2", [2], 14), ("works1", [1, 2], 38), ("works2", [3], 23)):
            r = self.client(user).get(self.rates)
            self.assertEqual(([o["id"] for o in r["outlets"]], r["total"]["due"]), (outlets, due), user)
            hidden = user.startswith(("maint", "works"))
            self.assertEqual(r["total"]["exceedances"] is None, hidden, user)
        self.client("works2").get(f"/api/reports/outlets/1?period=day&at={self.day}", expect=404)
        self.client("maint2").get(f"/api/reports/outlets/1?period=day&at={self.day}&format=pdf", expect=404)

    def test_daily_report_lists_the_hours(self):
        r = self.client("works1").get(f"/api/reports/outlets/1?period=day&at={self.day}")
        f = {x["code"]: x for x in r["factors"]}["a21026"]
        ms = self.start * 1000
        self.assertEqual([(x["state"], (x["from"] - ms) // 3600000, x["hours"]) for x in f["runs"]], [("missing", 5, 2), ("invalid", 10, 2)])
        self.assertEqual(len(r["rows"]), 24)
        at = [x["code"] for x in r["factors"]].index("a21026")
        values = [row["values"][at] for row in r["rows"]]
        self.assertEqual(values[0]["validity"], "valid")
        self.assertAlmostEqual(values[0]["mean"], 12.5)
        for h in (10, 11):
            self.assertEqual(values[h]["validity"], "invalid")
            self.assertTrue(values[h]["reasons"], "a bad hour without its reason")
        for h in (5, 6):
            self.assertTrue(values[h] is None or values[h]["validity"] == "no-data")
        self.assertTrue(values[0]["link"].startswith(f"/outlets/1?kind=hour&from={ms}&to={ms + DAY * 1000}&at={ms}&factor=a21026"))
        self.assertEqual([v["from"] for v in r["verdicts"] if v["kind"] == "exceedance" and v["period"] == "1h"], [ms + 12 * 3600000])

    def test_each_period(self):
        c = self.client("officer")
        for period, at, rows in (("month", self.day[:7], None), ("quarter", f"{self.day[:4]}-Q{(int(self.day[5:7]) + 2) // 3}", None), ("year", self.day[:4], None), ("day", self.day, 24)):
            r = c.get(f"/api/reports/outlets/1?period={period}&at={at}")
            self.assertEqual((r["period"], r["at"]), (period, at))
            self.assertEqual(rows or len(r["rows"]), len(r["rows"]))
            self.assertGreaterEqual(r["total"]["valid"], 20)
            self.assertGreaterEqual(c.get(f"/api/reports/rates?period={period}&at={at}")["total"]["valid"], 55)
        for wrong in ("period=week", "at=yesterday", "format=doc", "lang=fr", "enterprise=x", "area=" + "4" * 40):
            c.get("/api/reports/rates?" + wrong, expect=400)

    def test_prints(self):
        c = self.client("officer")
        status, pdf, headers = c.request("GET", self.rates + "&format=pdf")
        self.assertEqual((status, headers["Content-Type"], pdf[:5]), (200, "application/pdf", b"%PDF-"))
        status, xlsx, headers = c.request("GET", self.rates + "&format=xlsx")
        self.assertEqual(status, 200)
        cells = [cell for rows in xlsx_texts(xlsx).values() for row in rows for cell in row]
        for each in ("甲市第一热电厂", "DW001", STANDING):
            self.assertIn(each, cells)
        self.assertTrue(any(abs(cell - 5500 / 61) < 1e-6 for cell in cells if isinstance(cell, float)))
        if shutil.which("pdftotext"):
            text = pdf_text(pdf)
            for each in ("数据传输有效率报表", "90.16 %", "甲市第一热电厂", "83.33", STANDING, "打印人 officer"):
                self.assertIn(each, text)
        status, pdf, _ = c.request("GET", f"/api/reports/outlets/1?period=day&at={self.day}&format=pdf&lang=en")
        self.assertEqual(status, 200)
        if shutil.which("pdftotext"):
            text = pdf_text(pdf)
            self.assertIn("Daily report", text)
            self.assertIn("Printed by officer", text)

    def test_the_same_from_the_data_folder(self):
        done = web.run("yanwu-report", "--data", self.serve.data, "--period", "day", "--at", self.day, "--json")
        got, want = json.loads(done.stdout), self.client("officer").get(self.rates)
        self.assertEqual({k: got["total"][k] for k in ("due", "valid", "missing")}, {k: want["total"][k] for k in ("due", "valid", "missing")})
        self.assertEqual(got["outlets"][0]["factors"], want["outlets"][0]["factors"])
        # alarms live in the running platform: their absence is said, never shown as none
        self.assertEqual((got["left_out"], got["total"]["exceedances"], got["total"]["handling"]), (["alarms"], None, None))
        self.assertIn("alarms and their handling are not counted", done.stderr.decode())
        self.assertNotIn("left_out", want)
        one = json.loads(web.run("yanwu-report", "--data", self.serve.data, "--outlet", "1", "--at", self.day).stdout)
        self.assertEqual(one["total"]["valid"], 20)
        out = pathlib.Path(self.serve.data) / "report.pdf"
        web.run("yanwu-report", "--data", self.serve.data, "--at", self.day, "--format", "pdf", "--out", out)
        self.assertEqual(out.read_bytes()[:5], b"%PDF-")
        if shutil.which("pdftotext"):
            self.assertIn("超标报警及其处置情况未计入", re.sub(r"\s+", "", pdf_text(out.read_bytes())))
        out.unlink()
        for args in (("--outlet", "99"), ("--at", "never"), ("--period", "week")):
            self.assertEqual(web.run("yanwu-report", "--data", self.serve.data, *args, check=False).returncode, 1, args)


class Demonstration(unittest.TestCase):
    def test_every_print_of_a_demonstration_says_so(self):
        with web.province(domain="demo", users={"admin": web.USERS["admin"]}) as s:
            c = web.Client(s, "admin")
            c.post("/api/outlets/1/cameras", {"name": "站房", "kind": "rtsp", "address": "rtsp://10.0.0.1/1"})  # an act of this domain
            printed = [c.request("GET", "/api/reports/rates?format=xlsx")[1]]
            web.until(lambda: (pathlib.Path(s.data) / "series/judge.db").exists(), "judge.db", timeout=30)
            printed.append(web.run("yanwu-report", "--data", s.data, "--format", "xlsx").stdout)
            for made in printed:
                self.assertIn("演示数据，非官方统计", [cell for rows in xlsx_texts(made).values() for row in rows for cell in row])
            c.close()


if __name__ == "__main__":
    unittest.main()
