"""`yanwu judge`: site files and tables in, JSON lines out. What is expected is worked out by hand in the comments."""
import csv
import json
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import unittest

import support

DOC = support.ROOT / "docs/judge.md"


def stamp(day, hour, minute=0, second=0):
    return "202611%02d%02d%02d%02d" % (day, hour, minute, second)


class Judge(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def run_on(self, site, data, *options):
        (self.folder / "site.yaml").write_text(site, encoding="utf-8")
        (self.folder / "data.csv").write_text(data, encoding="utf-8")
        return subprocess.run([support.program("yanwu-judge"), "--site", "site.yaml", *options, "data.csv"],
                              cwd=self.folder, capture_output=True, text=True, timeout=120)

    def judge(self, site, rows, *options):
        """Lines as objects. rows: list of lists, the first names the columns."""
        done = self.run_on(site, "".join(",".join(str(c) for c in row) + "\n" for row in rows), *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.messages = done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def fails(self, site, data, *says, code=1, options=()):
        done = self.run_on(site, data, *options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        for text in says:
            self.assertIn(text, done.stderr)

    def only(self, lines, **want):
        found = [l for l in lines if all(l.get(k) == v for k, v in want.items())]
        self.assertEqual(len(found), 1, (want, [l.get("from") for l in found]))
        return found[0]

    @staticmethod
    def codes(line):
        return [r["code"] for r in line["reasons"]]


SITE = """site: t
profile: power
minute_interval: 15
from: 2026-11-03 08:00
to: 2026-11-03 11:00
reference_oxygen: 6
limits: [{factor: a21026, value: 35}]
"""
HEAD = ["DataTime", "a21026-Avg", "a21026-Flag", "a19001-Avg", "a00000-Avg"]


def quarters(hour, values, oxygen, flags="NNNN", flow=100):
    return [[stamp(3, hour, 15 * i), v, f, oxygen, flow] for i, (v, f) in enumerate(zip(values, flags))]


class Documentation(Judge):
    def test_the_worked_example_is_what_the_program_prints(self):
        text = DOC.read_text(encoding="utf-8")
        site = re.search(r"```yaml\n(site: .*?)```", text, re.S).group(1)
        data = re.search(r"```csv\n(.*?)```", text, re.S).group(1)
        command, printed = re.search(r"```\n\$ yanwu judge (.*?)\n(.*?)```", text, re.S).groups()
        (self.folder / "da002.yaml").write_text(site, encoding="utf-8")
        (self.folder / "hours.csv").write_text(data, encoding="utf-8")
        done = subprocess.run([support.program("yanwu-judge"), *command.split()], cwd=self.folder, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout, printed)

    def test_every_site_file_of_the_page_is_accepted(self):
        sites = re.findall(r"```yaml\n(site: .*?)```", DOC.read_text(encoding="utf-8"), re.S)
        self.assertEqual(len(sites), 5)
        for site in sites:
            head = "DataTime,a21026-Avg,w01018-Avg,w01001-Avg,a34004-Avg,a34013-Avg,a21002-Avg\n"
            done = self.run_on(site, head + "20261103080000,1,1,7,1,1,1\n")
            self.assertEqual(done.returncode, 0, site + done.stderr)

    def test_every_rule_key_and_member_is_told(self):
        text = DOC.read_text(encoding="utf-8")

        def told(*words):
            for word in words:  # in a table's first column, in a list of words or by itself
                self.assertTrue(re.search(r"`[^`\n]*\b%s\b[^`\n]*`" % re.escape(word), text), word)

        for path in sorted((support.ROOT / "share/rules").glob("*.yaml")):
            for rule in re.findall(r"^  - id: (\S+)", path.read_text(encoding="utf-8"), re.M):
                told(rule)
        for path in sorted((support.ROOT / "src/judge").glob("site_*.c")):
            for keys in re.findall(r"_keys\[\] = \{(.*?)NULL\}", path.read_text(encoding="utf-8"), re.S):
                told(*re.findall(r'"(\w+)"', keys))
        lines = self.judge(SITE + "units: [{id: u, factor: e1}]\nchecks: [{time: 2026-11-03 08:00, factor: a21026, kind: span}]\n",
                           [HEAD] + quarters(8, [36] * 4, 6))
        self.assertEqual({l["line"] for l in lines},
                         {"hour", "day", "month", "quarter", "year", "check", "unit", "tally", "verdict", "end"})
        for line in lines:
            for member in line:
                told(member)

    def test_the_table_of_limits_carries_every_row(self):
        """Unverified rows are there, with their notes, and off."""
        with (support.ROOT / "share/rules/limits.csv").open(encoding="utf-8") as table:
            rows = list(csv.DictReader(table))
        self.assertEqual(len({r["id"] for r in rows}), len(rows))
        off = [r for r in rows if r["standard"].startswith("DB41")]
        self.assertEqual(len(off), 16)
        self.assertEqual({r["enabled"] for r in off}, {"no"})
        self.assertTrue(all("DISABLED" in r["note"] for r in off))


class FlueGas(Judge):
    def test_hours_conversion_emission_and_verdict(self):
        # 08: mean (28+30+32+30)/4 = 30 at the reference oxygen: 30. Emission 30 mg/m3 * 100 m3/s * 3600 s * 1e-6 = 10.8 kg.
        # 09: mean 62 at 7.2 %: 62 * 15 / 13.8 = 67.3913; (67.3913 - 35) / 35 = 0.92547. Emission from 62: 22.32 kg.
        # 10: two of four quarters are calibration: 30 minutes of 45: invalid, never held against a limit.
        rows = [HEAD] + quarters(8, [28, 30, 32, 30], 6) + quarters(9, [60, 64, 62, 62], 7.2) + quarters(10, [90, 90, 150, 0], 6, "NNCC")
        lines = self.judge(SITE, rows)
        so2 = [l for l in lines if l["line"] == "hour" and l["factor"] == "a21026"]
        self.assertEqual([h["validity"] for h in so2], ["valid", "valid", "invalid"])
        self.assertEqual([h["valid"] for h in so2], [60, 60, 30])
        self.assertEqual(so2[0]["converted"], 30)
        self.assertAlmostEqual(so2[0]["emission_kg"], 10.8)
        self.assertAlmostEqual(so2[1]["converted"], 67.391304, 5)
        self.assertAlmostEqual(so2[1]["emission_kg"], 22.32)
        self.assertIn("few-minutes", self.codes(so2[2]))
        self.assertEqual(so2[2]["equipment"], "calibration")
        verdict = self.only(lines, line="verdict", kind="exceedance")
        self.assertEqual(verdict["from"], "2026-11-03T09:00:00+08:00")
        self.assertEqual(verdict["working"], "62.0 × (21 − 6) ÷ (21 − 7.2) = 67.4")
        self.assertAlmostEqual(verdict["multiple"], 0.925466, 5)
        self.assertEqual(verdict["limit"]["basis"], "permit")
        self.assertIs(verdict["counts"], True)
        self.assertIn("涉嫌超标，须经执法人员核实，不单独作为处罚依据", verdict["statement_zh"])

    def test_order_of_rows_does_not_matter(self):
        rows = quarters(8, [28, 30, 32, 30], 6) + quarters(9, [60, 64, 62, 62], 7.2) + quarters(10, [1, 2, 3, 4], 6)
        text = lambda r: "".join(",".join(map(str, x)) + "\n" for x in [HEAD] + r)
        first = self.run_on(SITE, text(rows))
        for seed in range(5):
            random.Random(seed).shuffle(rows)
            self.assertEqual(self.run_on(SITE, text(rows)).stdout, first.stdout)

    def test_the_last_row_of_one_time_holds_and_that_is_said(self):
        rows = [HEAD] + quarters(8, [1, 1, 1, 1], 6) + quarters(8, [28, 30, 32, 30], 6)
        lines = self.judge(SITE, rows)
        self.assertEqual(self.only(lines, line="hour", factor="a21026", valid=60)["mean"], 30)
        self.assertEqual(self.only(lines, line="end")["repeated"], 4)
        self.assertIn("several rows of one time", self.messages)

    def test_oxygen_near_air_below_reference_and_wet(self):
        # 20.8 %: 21 - 20.8 = 0.2 < 0.5: no converted value, so 900 mg/m3 is not held against 35.
        lines = self.judge(SITE, [HEAD] + quarters(8, [900] * 4, 20.8))
        hour = self.only(lines, line="hour", factor="a21026", valid=60)
        self.assertIsNone(hour["converted"])
        self.assertIn("o2-near-air", self.codes(hour))
        self.assertEqual([l for l in lines if l.get("kind") == "exceedance"], [])
        # 3 % is below the reference of 6: converted down 40 * 15 / 18 = 33.33, or, where that is not allowed, 40 as it is.
        rows = [HEAD] + quarters(8, [40] * 4, 3)
        down = self.only(self.judge(SITE, rows), line="hour", factor="a21026", valid=60)
        self.assertAlmostEqual(down["converted"], 100 / 3)
        lines = self.judge(SITE + "allow_down_conversion: no\n", rows)
        self.assertEqual(self.only(lines, line="hour", factor="a21026", valid=60)["converted"], 40)
        self.assertEqual(self.only(lines, line="verdict", kind="exceedance")["value"], 40)
        # wet SO2 36 and wet oxygen 9 with 10 % moisture: 36 / 0.9 = 40, 9 / 0.9 = 10 %; 40 * 15 / 11 = 54.545
        site = SITE + "factors: {a21026: {basis: wet}, a19001: {basis: wet}}\n"
        rows = [["DataTime", "a21026-Avg", "a19001-Avg", "a01014-Avg"]] + [[stamp(3, 8, m), 36, 9, 10] for m in (0, 15, 30, 45)]
        hour = self.only(self.judge(site, rows), line="hour", factor="a21026", valid=60)
        self.assertEqual((hour["raw"], round(hour["mean"], 6), round(hour["converted"], 4)), (36, 40, 54.5455))

    def test_volume_becomes_mass(self):
        # 10 umol/mol of SO2: 64.06 / 22.4 * 10 = 28.598 mg/m3
        site = SITE + "factors: {a21026: {volume: yes, unit: ppm}}\n"
        hour = self.only(self.judge(site, [HEAD] + quarters(8, [10] * 4, 6)), line="hour", factor="a21026", valid=60)
        self.assertAlmostEqual(hour["mean"], 28.598214, 5)
        self.assertEqual(hour["unit"], "mg/m3")

    def test_records_of_hours_and_real_time(self):
        site = SITE.replace("minute_interval: 15", "records: hour")
        lines = self.judge(site, [["DataTime", "a21026-Avg", "a19001-Avg"], [stamp(3, 8), 62, 7.2], [stamp(3, 9), 30, 6]])
        hour = self.only(lines, line="hour", factor="a21026", **{"from": "2026-11-03T08:00:00+08:00"})
        self.assertTrue(hour["as_sent"])
        self.assertAlmostEqual(hour["converted"], 67.391304, 5)
        # 45 minutes of one row each 20 s; of each three one is flagged D: mean of the other two (10 + 20) / 2 = 15
        site = SITE.replace("minute_interval: 15", "records: real")
        rows = [["DataTime", "a21026-Rtd", "a21026-Flag", "a19001-Rtd"]]
        rows += [[stamp(3, 8, m, s), v, f, 6] for m in range(45) for s, v, f in ((0, 10, "N"), (20, 99, "D"), (40, 20, "N"))]
        hour = self.only(self.judge(site, rows), line="hour", factor="a21026", validity="valid")
        self.assertEqual((hour["valid"], hour["mean"]), (45, 15))
        rows = rows[:-3]  # 44 minutes are one too few
        lines = self.judge(site, rows)
        self.assertEqual([l for l in lines if l["line"] == "hour" and l["factor"] == "a21026" and l["validity"] == "valid"], [])

    def test_a_figure_is_corrected_by_the_site(self):
        rows = [HEAD] + quarters(10, [90, 90, 150, 0], 6, "NNCC")
        self.assertEqual(self.only(self.judge(SITE, rows), line="hour", factor="a21026", valid=30)["validity"], "invalid")
        lines = self.judge(SITE + "rules: {hj75.hour: {valid_minutes: 30}}\n", rows)
        hour = self.only(lines, line="hour", factor="a21026", valid=30)
        self.assertEqual(hour["validity"], "valid")
        self.assertEqual(self.only(lines, line="verdict", kind="exceedance")["value"], 90)
        ends = [self.only(l, line="end")["rules"] for l in (self.judge(SITE, rows), lines)]
        self.assertNotEqual(*ends)

    def test_marks_take_minutes_out_and_a_stop_is_no_loss(self):
        rows = [HEAD] + quarters(8, [50] * 4, 6) + quarters(9, [50] * 4, 6)
        marks = ("marks:\n  - {from: 2026-11-03 08:00, to: 2026-11-03 08:30, equipment: maintenance, set_at: 2026-11-03 08:10}\n"
                 "  - {from: 2026-11-03 09:00, to: 2026-11-03 10:00, condition: stopped, disputed: yes}\n")
        lines = self.judge(SITE + marks, rows)
        first = self.only(lines, line="hour", factor="a21026", **{"from": "2026-11-03T08:00:00+08:00"})
        self.assertEqual((first["validity"], first["valid"], first["marking"]), ("invalid", 30, "marked-invalid"))
        second = self.only(lines, line="hour", factor="a21026", **{"from": "2026-11-03T09:00:00+08:00"})
        self.assertEqual((second["validity"], second["marking"]), ("stopped", "disputed"))
        self.assertEqual([l for l in lines if l.get("kind") == "exceedance"], [])

    def test_a_day_needs_twenty_hours(self):
        # 20 hours of 30 and 20 of 60 (day 4): day 3 has 19 valid hours: invalid; day 4 20: mean 60.
        site = SITE.replace("from: 2026-11-03 08:00\n", "").replace("to: 2026-11-03 11:00\n", "").replace("minute_interval: 15", "records: hour")
        rows = [["DataTime", "a21026-Avg", "a19001-Avg"]] + [[stamp(3, h), 30, 6] for h in range(19)] + [[stamp(4, h), 60, 6] for h in range(20)]
        lines = self.judge(site, rows)
        days = [l for l in lines if l["line"] == "day" and l["factor"] == "a21026"]
        self.assertEqual([(d["validity"], d["valid"]) for d in days], [("invalid", 19), ("valid", 20)])
        self.assertEqual(days[1]["mean"], 60)
        self.assertIn("few-hours", self.codes(days[0]))
        lines = self.judge(site + "rules: {hj75.day: {valid_hours: 18}}\n", rows)
        self.assertEqual(self.only(lines, line="day", factor="a21026", valid=19)["validity"], "valid")


class OtherProfiles(Judge):
    def test_a_day_of_waste_water_is_weighted_by_flow(self):
        # 12 hours of 40 mg/L at 100 m3 and 12 of 80 at 300: (40*1200 + 80*3600) / 4800 = 70; mass 70 * 4800 * 1e-3 = 336 kg.
        site = "site: w\nprofile: waste-water\nrecords: hour\nlimits: [{factor: w01018, value: 50, source: p}, {factor: w01001, low: 6, value: 9}]\n"
        rows = [["DataTime", "w01018-Avg", "w00000-Cou", "w00000-Avg", "w01001-Avg"]]
        rows += [[stamp(3, h), 40 if h < 12 else 80, 100 if h < 12 else 300, 27.8 if h < 12 else 83.3, 5.5 if h == 7 else 7] for h in range(24)]
        lines = self.judge(site, rows)
        day = self.only(lines, line="day", factor="w01018")
        self.assertAlmostEqual(day["mean"], 70)
        self.assertAlmostEqual(day["emission_kg"], 336)
        verdict = self.only(lines, line="verdict", kind="exceedance", factor="w01018")
        self.assertEqual((verdict["period"], verdict["held"], round(verdict["multiple"], 6)), ("24h", 50, 0.4))
        self.assertEqual(self.only(lines, line="verdict", kind="exceedance", factor="w01001")["value"], 5.5)

    def test_an_incinerator_is_judged_by_days_and_its_furnace(self):
        # SO2 120 in hour 5 alone is above the hourly 100: shown, no proof. The day: (23*90 + 120) / 24 = 91.25 > 80.
        # The furnace is at 800 degC for 30 minutes = six five-minute means, more than five.
        site = "site: i\nprofile: incineration\nminute_interval: 5\nlimits: [{standard: GB 18485-2014, source_type: municipal waste incinerator}]\n"
        rows = [["DataTime", "a21026-Avg", "a19001-Avg", "a01901-Avg"]]
        rows += [[stamp(3, h, m), 120 if h == 5 else 90, 11, 800 if h == 9 and m < 30 else 900] for h in range(24) for m in range(0, 60, 5)]
        lines = self.judge(site, rows)
        hour = self.only(lines, line="verdict", kind="exceedance", period="1h")
        self.assertIs(hour["counts"], False)
        day = self.only(lines, line="verdict", kind="exceedance", period="24h")
        self.assertEqual((day["value"], day["held"], day["counts"]), (91.25, 80, True))
        self.assertEqual(self.only(lines, line="verdict", kind="temperature")["value"], 6)
        self.assertEqual(len([l for l in lines if l["line"] == "block"]), 6)
        lines = self.judge(site, rows, "--blocks", "--lines", "block")
        self.assertEqual(len(lines), 288)

    def test_production_beside_treatment_stops_and_plans(self):
        # e1 runs all day at 10; the treatment t1 stands still from 09:00 to 10:30: 90 minutes. The mark says stopped from
        # 12 to 14: e1 runs, oxygen is 8 %. On day 4 a plan allows half of the usual 10: 10 is above 5 by more than a tenth.
        site = ("site: o\nprofile: power\nminute_interval: 30\n"
                "units:\n  - {id: boiler, name: 1号炉, factor: e1, running_above: 5}\n"
                "  - {id: fgd, name: 脱硫, factor: e2, running_above: 1, treatment: yes, serves: boiler}\n"
                "marks: [{from: 2026-11-03 12:00, to: 2026-11-03 14:00, condition: stopped}]\n"
                "plans: [{from: 2026-11-04 06:00, to: 2026-11-04 18:00, level: 红色, power_share: 0.5}]\n")
        rows = [["DataTime", "a21026-Avg", "a19001-Avg", "e1-Rtd", "e2-Rtd"]]
        rows += [[stamp(d, h, m), 20 + h, 8, 10, 0 if d == 3 and (h, m) in ((9, 0), (9, 30), (10, 0)) else 3]
                 for d in (3, 4) for h in range(24) for m in (0, 30)]
        lines = self.judge(site, rows)
        power = self.only(lines, line="verdict", kind="power")
        self.assertEqual((power["value"], power["from"], power["to"]), (90, "2026-11-03T09:00:00+08:00", "2026-11-03T11:00:00+08:00"))
        self.assertIs(power["counts"], False)
        stops = {v["factor"]: v for v in lines if v.get("kind") == "stop-mark"}
        self.assertEqual({f: (v["value"], v["held"]) for f, v in stops.items()}, {"e1": (10, 5), "a19001": (8, 16)})
        plan = self.only(lines, line="verdict", kind="heavy-pollution")
        self.assertEqual((plan["value"], plan["held"], plan["factor"]), (10, 5, None))
        unit = self.only(lines, line="unit", unit="fgd", **{"from": "2026-11-03T10:00:00+08:00"})
        self.assertEqual((unit["known"], unit["running"]), (60, 30))
        lines = self.judge(site + "rules: {operation.sync: {enabled: yes}}\n", rows)
        self.assertIs(self.only(lines, line="verdict", kind="power")["counts"], True)

    def test_checks_are_recomputed(self):
        # 12 of 150 nominal with 300 full scale: (162 - 150) / 300 = 4 % of full scale, within 10; said failed: it differs.
        site = SITE + ("factors: {a21026: {range: [0, 300]}}\n"
                       "checks: [{time: 2026-11-03 08:00, factor: a21026, kind: span, reading: 162, nominal: 150, passed: no}]\n")
        check = self.only(self.judge(site, [HEAD] + quarters(8, [30] * 4, 6)), line="check")
        self.assertEqual((check["known"], check["out_of_control"], round(check["error"], 6)), (True, False, 4))
        self.assertEqual((check["full_scale"], check["said"]), (300, False))


class WrongUse(Judge):
    GOOD = "DataTime,a21026-Avg\n20261103080000,1\n"

    def test_data_files(self):
        for data, *says in (
            ("", "data.csv is empty"),
            ("DataTime,a21026-Avg\n", "no rows"),
            ("DataTime\n20261103080000\n", "no column of a factor"),
            ("Time,a21026-Avg\n1,2\n", "first column must be DataTime"),
            ("DataTime,SO2\n20261103080000,1\n", "line 1, column 2", "`SO2`"),
            ("DataTime,a21026-Avg,a21026-Avg\n20261103080000,1,2\n", "stands twice"),
            ("DataTime,a21026-Avg\n20261103080000,abc\n", "line 2, column a21026-Avg", "`abc` is no number"),
            ("DataTime,a21026-Avg\n20261103080000,nan\n", "`nan` is no number"),
            ("DataTime,a21026-Avg\n20261303080000,1\n", "line 2, column DataTime"),
            ("DataTime,a21026-Avg\n20261103080000,1,2\n", "line 2: 3 cells"),
            ('DataTime,a21026-Avg\n20261103080000,"1\n', "quote"),
        ):
            with self.subTest(data=data):
                self.fails("site: t\nprofile: power\n", data, *says)

    def test_site_files(self):
        for site, *says in (
            ("profile: power\n", "`site` is missing"),
            ("site: t\nprofile: power\nlimit: []\n", "site.yaml line 3: unknown key `limit`", "limits"),
            ("site: t\nprofile: power\nlimits:\n  - {factor: a21026, value: much}\n", "line 4", "value must be a number"),
            ("site: t\nprofile: power\nlimits: [{standard: GB 13223-2011, source_type: power coal boiler}]\n", "variant"),
            ("site: [\n", "not YAML"),
            ("site: t\nprofile: power\nfrom: 2027-01-01\n", "nothing to judge"),
        ):
            with self.subTest(site=site):
                self.fails(site, self.GOOD, "site.yaml" if "nothing" not in says[0] else "", *says)

    def test_unknown_flags_and_fields(self):
        lines = self.judge(SITE, [HEAD + ["a21026-SampleTime"]] + [r + [1] for r in quarters(8, [30] * 4, 6, ["Q", "Xyz", "N", "N"])])
        hour = self.only(lines, line="hour", factor="a21026", valid=30)
        self.assertIn("unknown-flag", self.codes(hour))
        self.assertIn("a21026-SampleTime", self.messages)
        self.assertIn("Xyz", self.messages)

    def test_blank_lines_quotes_and_other_line_ends(self):
        data = "\ufeffDataTime,a21026-Avg\r\n\r\n\"2026-11-03 08:00:00\",30\r\n,\r\n20261103081500123,40\r\n"
        done = self.run_on(SITE, data, "--lines", "end")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(json.loads(done.stdout)["repeated"], 0)

    def test_spaces_around_cells_say_nothing(self):
        plain = "DataTime,a21026-Avg,a21026-Flag\n20261103080000,30,N\n20261103081500,90,N\n"
        spaced = "DataTime , a21026-Avg, a21026-Flag \n 20261103080000 ,30 , N\n20261103081500, 90,\tN \n"
        done = [self.run_on(SITE, data, "--lines", "hour,verdict,end") for data in (plain, spaced)]
        self.assertEqual((done[0].returncode, done[0].stdout, done[0].stderr), (0, done[1].stdout, done[1].stderr))

    def test_a_limit_without_data_is_said(self):
        self.judge(SITE.replace("a21026", "a21206"), [HEAD] + quarters(8, [99] * 4, 6))
        self.assertIn("limits: no column and no entry of factors for a21206", self.messages)

    def test_options(self):
        self.fails(SITE, self.GOOD, "--lines", "hour 8h day", code=2, options=("--lines", "hours"))
        self.fails(SITE, self.GOOD, "no option", code=2, options=("--fast",))
        self.fails(SITE, self.GOOD, "no-such-folder", options=("--rules", "no-such-folder"))
        bare = subprocess.run([support.program("yanwu-judge"), "data.csv"], capture_output=True, text=True, timeout=20)
        self.assertEqual(bare.returncode, 2)
        self.assertIn("--site", bare.stderr)
        shown = subprocess.run([support.program("yanwu"), "judge", "--help"], capture_output=True, text=True, timeout=20)
        self.assertEqual(shown.returncode, 0)
        lines = self.judge(SITE, [HEAD] + quarters(8, [36] * 4, 6), "--lines", "verdict,end", "--compact")
        self.assertEqual({l["line"] for l in lines}, {"verdict", "end"})
        self.assertTrue(all(v not in (None, [], "") for l in lines for v in l.values()))

    def test_a_folder_of_rules_of_ones_own(self):
        rules = self.folder / "rules"
        shutil.copytree(support.ROOT / "share/rules", rules)
        text = (rules / "gas.yaml").read_text(encoding="utf-8")
        (rules / "gas.yaml").write_text(text.replace("valid_minutes: {value: 45", "valid_minutes: {value: 20"), encoding="utf-8")
        rows = [HEAD] + quarters(10, [30, 30, 150, 0], 6, "NNCC")
        lines = self.judge(SITE, rows, "--rules", "rules")
        self.assertEqual(self.only(lines, line="hour", factor="a21026", valid=30)["validity"], "valid")
        (rules / "gas.yaml").write_text("rules: 5\n", encoding="utf-8")
        self.fails(SITE, self.GOOD, "gas.yaml line 1", options=("--rules", "rules"))


if __name__ == "__main__":
    unittest.main()
