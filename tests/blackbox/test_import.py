"""Ledgers through the commands and through the web: errors by row, all or nothing, and what was exported imports again without a change."""

import csv
import io
import json
import pathlib
import tempfile
import time
import unittest
import zipfile

import support
import web_support as web


def book(sheets):
    """CSV sheets as one zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in sheets.items():
            z.writestr(name, text.encode())
    return out.getvalue()


def xlsx(sheets):
    """A small .xlsx, written by hand: inline strings only."""
    def esc(s):
        return s.replace("&", "&amp;").replace("<", "&lt;")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        names, rels = "", ""
        for n, (name, rows) in enumerate(sheets.items(), 1):
            names += f'<sheet name="{esc(name)}" sheetId="{n}" r:id="r{n}"/>'
            rels += f'<Relationship Id="r{n}" Type="t" Target="worksheets/s{n}.xml"/>'
            body = "".join("<row>" + "".join(f'<c t="inlineStr"><is><t>{esc(c)}</t></is></c>' for c in row) + "</row>" for row in rows)
            z.writestr(f"xl/worksheets/s{n}.xml", f"<worksheet><sheetData>{body}</sheetData></worksheet>")
        z.writestr("xl/workbook.xml", f'<workbook xmlns:r="r"><sheets>{names}</sheets></workbook>')
        z.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{rels}</Relationships>")
    return out.getvalue()


def rows_of(text):
    return list(csv.reader(io.StringIO(text)))


def province_ledger(enterprises, outlets_each):
    """A ledger of a whole province."""
    areas = [["code", "parent", "name"], ["410000", "", "演武省"]]
    e = [["credit_code", "name", "area", "permit_number", "permit_to", "lon", "lat"]]
    o = [["credit_code", "code", "name", "kind", "st", "maintainer"]]
    f = [["credit_code", "outlet", "code", "unit", "range_high", "limit"]]
    d = [["mn", "credit_code", "outlet", "pw", "version"]]
    areas += [[f"41{i:04d}", "410000", f"第{i}县"] for i in range(1, 100)]
    for i in range(enterprises):
        credit = f"9141{i:014d}"
        e.append([credit, f"第{i}号排污单位", areas[1 + i % (len(areas) - 1)][0], credit + "001P"[:4], "2029-06-30", "113.5", "34.7"])
        for k in range(outlets_each):
            code = f"DA{k + 1:03d}"
            o.append([credit, code, f"{i}-{k}号排口", "废气", "31", f"运维{i % 20}"])
            f += [[credit, code, c, "mg/m3", "100", "35"] for c in ("a21026", "a21002", "a34013")] + [[credit, code, "a19001", "%", "25", ""]]
            d.append([f"{i:012X}{k:012X}", credit, code, "123456", "2017"])
    return {"行政区": areas, "排污单位": e, "排放口": o, "监测因子": f, "数采仪": d}


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="yanwu-test-")
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.data = self.path / "data"
        self.data.mkdir(mode=0o700)

    def put(self, *files, check=True):
        return web.run("yanwu-import", "--data", self.data, "--json", *files, check=check)

    def export(self, target, *more):
        web.run("yanwu-export", "--data", self.data, "--out", target, *more)
        return target

    def test_export_and_import_are_inverse(self):
        first = json.loads(self.put(web.write_ledger(self.path / "ledger")).stdout)
        self.assertEqual((first["applied"], first["enterprises"], first["outlets"], first["devices"]), (True, 2, 3, 3))
        for target in (self.path / "a.xlsx", self.path / "csv"):
            self.export(target)
            again = json.loads(self.put(target).stdout)
            self.assertEqual((again["applied"], again["changed"], again["outlets"]), (False, 0, 3), target)
        self.assertEqual([r[:3] for r in rows_of((self.path / "csv" / "机构.csv").read_text("utf-8-sig"))][1:3],
                         [["410000-X", "410000-Z", "专班"], ["410000-Z", "", "演武省执法监督处"]])
        # With passwords it makes the same installation anew, file for file.
        self.export(self.path / "full.xlsx", "--with-passwords")
        self.export(self.path / "full", "--with-passwords")
        fresh = self.path / "fresh"
        fresh.mkdir()
        web.run("yanwu-import", "--data", fresh, self.path / "full.xlsx")
        web.run("yanwu-export", "--data", fresh, "--out", self.path / "again", "--with-passwords")
        for name in sorted(p.name for p in (self.path / "full").iterdir()):
            self.assertEqual((self.path / "full" / name).read_bytes(), (self.path / "again" / name).read_bytes(), name)
        self.assertNotIn(b"123456", b"".join(p.read_bytes() for p in (self.path / "csv").iterdir()))

    def test_passwords_lie_sealed(self):
        ledger = {n: t.replace(support.PW, "qW7+xZ") for n, t in web.LEDGER.items()}
        self.put(web.write_ledger(self.path / "ledger", ledger))
        support.assert_sealed(self, self.data, "qW7+xZ")
        self.assertEqual(json.loads(self.put(self.path / "ledger").stdout)["changed"], 0)
        dry = web.run("yanwu-import", "--data", self.data, "--json", "--dry-run", self.path / "ledger")
        self.assertEqual(json.loads(dry.stdout)["changed"], 0)
        # Another key opens none of them: nobody is let in by guess, and an export says why it cannot be made.
        secret = (self.data / "secret.key").read_bytes()
        (self.data / "secret.key").write_bytes(bytes(32))
        failed = web.run("yanwu-export", "--data", self.data, "--out", self.path / "full", "--with-passwords", check=False)
        self.assertEqual(failed.returncode, 1)
        self.assertIn(b"secret.key", failed.stderr)
        mn = web.MN["DA001"]
        for key, pw, acks in ((bytes(32), "qW7+xZ", 0), (secret, "qW7+xZ", 1), (secret, "qW7+xY", 0)):
            (self.data / "secret.key").write_bytes(key)
            web.run("yanwu-pipeline", "--data", self.data, "--until-idle")
            support.assert_sealed(self, self.data, "qW7+xZ")
            s = support.Serve(data=self.data)
            try:
                with s.connect() as device:
                    before = s.counter("bad_pw")
                    device.send(support.real_time(mn, support.qn(1), pw=pw))
                    if acks:
                        self.assertEqual(len(device.acks(1)), 1)
                    else:
                        self.assertEqual(s.wait_counter("bad_pw", before + 1), before + 1)
                        self.assertEqual(device.acks(1, timeout=0.3), [])
            finally:
                s.stop()
                s.clean()

    def test_gbk_is_read(self):
        file = self.path / "ledger.csv"
        file.write_bytes("统一社会信用代码,单位名称,联系人\n91410100MA0000001X,甲市第一热电厂,张三\n".encode("gbk"))
        self.put(file)
        self.export(self.path / "csv")
        self.assertIn("甲市第一热电厂", (self.path / "csv" / "排污单位.csv").read_text("utf-8-sig"))

    def test_wrong_use_and_wrong_files(self):
        self.assertEqual(web.run("yanwu-import", self.path, check=False).returncode, 2)
        self.assertEqual(self.put(self.path / "none.xlsx", check=False).returncode, 1)
        (self.path / "x.xlsx").write_bytes(b"PK\3\4 nothing")
        done = self.put(self.path / "x.xlsx", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"zip", done.stderr)
        self.assertEqual(web.run("yanwu-export", "--data", self.path / "nowhere", "--out", self.path / "y.xlsx", check=False).returncode, 1)
        self.assertFalse((self.path / "nowhere").exists())

    def test_units_are_held_against_areas_and_each_other(self):
        wrong = dict(web.LEDGER)
        wrong["机构.csv"] += "9,410300-Z,n,\n10,,n,999999\n410100-Z,,n,\n11,12,n,\n12,11,n,\n"
        done = self.put(web.write_ledger(self.path / "wrong", wrong), check=False)
        self.assertEqual(done.returncode, 1)
        errors = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(sorted((e["sheet"], e["row"], e["column"]) for e in errors),
                         [("机构", 7, "上级机构"), ("机构", 8, "行政区"), ("机构", 9, ""), ("机构", 10, "上级机构"), ("机构", 11, "上级机构")])

    def test_nothing_is_half_imported(self):
        wrong = dict(web.LEDGER)
        wrong["数采仪.csv"] += "MN-X,91410100MA0000001X,DA009,,2017,30\n"
        done = self.put(web.write_ledger(self.path / "wrong", wrong), check=False)
        self.assertEqual(done.returncode, 1)
        errors = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([(e["sheet"], e["row"], e["column"]) for e in errors], [("数采仪", 5, "排放口编号")])
        self.assertIn("DA009", errors[0]["text_zh"])
        self.export(self.path / "csv")
        for sheet in (self.path / "csv").iterdir():
            self.assertEqual(len(rows_of(sheet.read_text("utf-8-sig"))), 1, sheet.name)  # heads alone
        dry = json.loads(web.run("yanwu-import", "--data", self.data, "--json", "--dry-run", web.write_ledger(self.path / "ledger")).stdout)
        self.assertEqual((dry["applied"], dry["outlets"]), (False, 3))
        self.export(self.path / "csv")
        self.assertEqual(len(rows_of((self.path / "csv" / "排放口.csv").read_text("utf-8-sig"))), 1)

    def test_a_province_in_one_go(self):
        file = self.path / "province.xlsx"
        file.write_bytes(xlsx(province_ledger(2000, 2)))
        began = time.monotonic()
        result = json.loads(self.put(file).stdout)
        took = time.monotonic() - began
        self.assertEqual((result["enterprises"], result["outlets"], result["factors"], result["devices"]), (2000, 4000, 16000, 4000))
        self.assertLess(took, 20)  # about a second; far off only if something grows with the square
        self.export(self.path / "back.xlsx")
        self.assertEqual(json.loads(self.put(self.path / "back.xlsx").stdout)["changed"], 0)

    def test_the_platform_owns_the_register_while_it_runs(self):
        s = support.Serve(data=self.data, only="web", start=False)
        s.start()
        try:
            web.Client(s).get("/api/installation")  # it answers once the journal is its own
            done = self.put(web.write_ledger(self.path / "ledger"), check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("一企一档".encode(), done.stderr)
            dry = web.run("yanwu-import", "--data", self.data, "--dry-run", web.write_ledger(self.path / "ledger"))
            self.assertIn(b"dry run", dry.stdout)
        finally:
            s.stop()
            s.clean()


class Web(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = web.province(users={"admin": ["--role", "operator"], "leader": ["--role", "leader", "--area", "410100"]}, ledger=False)
        cls.client = web.Client(cls.serve, "admin")

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.serve.stop()
        cls.serve.clean()

    def put(self, body, query="", expect=200):
        status, data, _ = self.client.request("POST", "/api/import" + query, body)
        self.assertEqual(status, expect, data)
        return data

    def test_import_through_the_web(self):
        wrong = dict(web.LEDGER)
        wrong["排放口.csv"] += "91410200MA0000002X,DW 2,x,废汽,32,\nNOBODY,DW003,x,废水,32,\n"
        before = self.client.get("/api/system")["register_version"]
        data = self.put(book(wrong), expect=422)
        self.assertEqual(data["total"], 3)
        self.assertEqual({(r["sheet"], r["row"]) for r in data["rows"]}, {("排放口", 5), ("排放口", 6)})
        for row in data["rows"]:
            self.assertTrue(row["text_zh"] and row["text_en"] and row["column"])
        self.assertEqual(self.client.get("/api/outlets")["outlets"], [])
        self.assertEqual(self.client.get("/api/system")["register_version"], before)

        dry = self.put(book(web.LEDGER), "?dry_run=1")
        self.assertEqual((dry["applied"], dry["outlets"], dry["register_version"]), (False, 3, before))
        self.assertEqual(self.client.get("/api/outlets")["outlets"], [])
        done = self.put(book(web.LEDGER), "?reason=initial")
        self.assertEqual((done["applied"], done["outlets"], done["register_version"]), (True, 3, before + 1))
        self.assertEqual(len(self.client.get("/api/outlets")["outlets"]), 3)
        self.assertEqual(self.put(book(web.LEDGER))["changed"], 0)

        for query in ("", "?format=xlsx", "?format=csv"):
            status, data, headers = self.client.request("GET", "/api/export" + query)
            self.assertEqual(status, 200)
            self.assertIn("attachment", headers["Content-Disposition"])
            again = self.put(data)
            self.assertEqual((again["changed"], again["outlets"], again["devices"]), (0, 3, 3))
            self.assertNotIn(b"123456", data)
        leader = web.Client(self.serve, "leader")
        part = zipfile.ZipFile(io.BytesIO(leader.request("GET", "/api/export?format=csv")[1]))
        self.assertEqual(len(rows_of(part.read("排放口.csv").decode("utf-8-sig"))), 1 + 2)
        self.assertNotIn("乙市污水处理厂", part.read("排污单位.csv").decode("utf-8-sig"))
        leader.close()

        # What the web journalled, the gateway goes by, and the pipeline.
        with self.serve.connect() as device:
            def answered():
                device.send(support.real_time(web.MN["DA001"], support.qn(int(time.time() * 1000) % 100000)))
                return device.acks(1, timeout=0.3)
            web.until(answered, "the imported device is admitted")

    def test_hostile_files(self):
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("排污单位.csv", b"a" * (250 << 20))
        self.put(bomb.getvalue(), expect=413)
        self.put(xlsx({"排污单位": [["统一社会信用代码"] * 100]}), expect=413)
        for body in (b"", b"\0\1\2", b"PK\3\4", b"\xd0\xcf\x11\xe0old xls", b'"open quote\n'):
            self.assertEqual(self.put(body, expect=422)["error"]["code"], "file")
        entity = io.BytesIO()
        with zipfile.ZipFile(entity, "w") as z:
            z.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "bbbb">]><workbook>&b;</workbook>')
        self.assertIn("document type", self.put(entity.getvalue(), expect=422)["error"]["text_en"])


if __name__ == "__main__":
    unittest.main()
