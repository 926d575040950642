"""Real series through TCP: every value stands in the store exactly as in the file."""

import csv
import json
import pathlib
import subprocess
import tempfile
import time
import unittest

import support

MN = "59570000000000000000FFFF"
TURBINE = support.ROOT / "../shared/models/flue_gas_data/uci_gas_turbine_2015.csv"
MAP = support.ROOT / "share/scenarios/maps/uci-gas-turbine.yaml"


def replay(serve, path, *args):
    return subprocess.run([support.program("yanwu-plant"), "replay", str(path), "--to", "%s:%d" % serve.device, "--json",
                           *map(str, args)], capture_output=True, timeout=300, text=True)


def stored(serve, kind, least, timeout=60):
    """Records of the only outlet, once there are at least so many."""
    rows, end = [], time.monotonic() + timeout
    while len(rows) < least and time.monotonic() < end:
        out = subprocess.run([str(support.BUILD / "tests/unit/list_plants/dump-store"), str(serve.data), "1", kind],
                             capture_output=True, timeout=60, text=True)
        if out.returncode:
            raise AssertionError(out.stderr[-4000:])
        rows = [json.loads(line) for line in out.stdout.splitlines()]
        if len(rows) < least:
            time.sleep(0.2)
    return rows


class Replay(unittest.TestCase):
    def serve(self):
        return support.Serve(admit=[MN], domain="training", only="gateway,pipeline")

    @unittest.skipUnless(TURBINE.exists(), "the gas turbine's series is not in ../shared")
    def test_a_year_of_a_real_turbine(self):
        source = list(csv.DictReader(TURBINE.open()))
        with self.serve() as serve:
            out = replay(serve, TURBINE, "--map", MAP, "--start", "2015-01-01", "--step", "1h")
            self.assertEqual(out.returncode, 0, out.stderr)
            self.assertEqual(json.loads(out.stdout)["acknowledged"], len(source))
            rows = stored(serve, "hour", len(source))
        self.assertEqual(len(rows), len(source))
        begin = 1420041600  # 2015-01-01 00:00 Beijing time
        for n, (row, line) in enumerate(zip(rows, source)):
            self.assertEqual(row["time"], (begin + 3600 * n) * 1000000)
            self.assertEqual(row["copies"], 1)
            for column, name in (("NOX", "a21002-Avg"), ("CO", "a21005-Avg"), ("AT", "a01001-Avg"), ("AH", "a01002-Avg")):
                self.assertEqual(row["values"][name], line[column], f"line {n + 2}, {column}")
            # mbar to kPa: the decimal point moves by one, no digit is lost
            whole, _, part = line["AP"].partition(".")
            self.assertEqual(row["values"]["a01006-Avg"], f"{whole[:-1]}.{whole[-1]}{part}")

    def test_digits_and_marks_as_they_stand(self):
        text = "DataTime,w01018-Avg,w01018-Flag,w21003-Avg\n2026-11-01 00:00,012.30,N,0.000\n20261101010000,,,-5\n"
        with self.serve() as serve, tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.csv"
            path.write_text(text)
            for _ in range(2):  # a second sending changes nothing: it is recognised as a resend
                self.assertEqual(replay(serve, path, "--kind", "minute", "--st", "32").returncode, 0)
            rows = stored(serve, "minute", 2)
            end = time.monotonic() + 20
            while rows[0]["copies"] < 2 and time.monotonic() < end:
                rows = stored(serve, "minute", 2)
        values = [r["values"] for r in rows]
        self.assertEqual(values[0]["w21003-Avg"], "0.000")
        self.assertEqual(values[0]["w01018-Flag"], "N")
        self.assertIn(values[0]["w01018-Avg"], ("12.30", "012.30"))
        self.assertEqual(values[1]["w21003-Avg"], "-5")
        self.assertNotIn("w01018-Avg", values[1])
        self.assertEqual([r["copies"] for r in rows], [2, 2])

    def test_what_a_plant_writes_can_be_replayed(self):
        with self.serve() as serve, tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "works.csv"
            made = subprocess.run([support.program("yanwu-plant"), "run",
                                   str(support.ROOT / "share/scenarios/wastewater-works.yaml"), "--csv", str(path), "--start",
                                   "2026-11-01", "--days", "2", "--kind", "minute"], timeout=60)
            self.assertEqual(made.returncode, 0)
            self.assertEqual(replay(serve, path, "--kind", "minute", "--st", "32").returncode, 0)
            source = list(csv.DictReader(path.open()))
            rows = stored(serve, "minute", len(source))
        for row, line in zip(rows, source):
            del line["DataTime"]
            self.assertEqual({k: v for k, v in row["values"].items() if k != "DataTime"}, line)

    def test_a_wrong_cell_is_told_and_what_stands_before_it_is_sent(self):
        with self.serve() as serve, tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.csv"
            path.write_text("a21002-Avg\n1\n2\nabout 3\n")
            out = replay(serve, path, "--start", "2026-11-01")
            self.assertEqual(out.returncode, 1)
            self.assertIn("line 4, column 1: `about 3`", out.stderr)


if __name__ == "__main__":
    unittest.main()
