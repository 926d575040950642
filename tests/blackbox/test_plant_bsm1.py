"""The benchmark of waste-water works through its command: steady states, a week's performance against the published figures
(where ../shared has the benchmark's tables), a file of one's own, and what is said about wrong use."""

import csv
import json
import math
import pathlib
import subprocess
import tempfile
import unittest

import support

TABLES = support.ROOT / "../shared/models/bsm1"
STATES = "SI SS XI XS XBH XBA XP SO SNO SNH SND XND SALK".split()
USUAL = [30, 69.5, 51.2, 202.32, 28.17, 0, 0, 0, 0, 31.56, 6.95, 10.59, 7, 18446]
QUANTITIES = 43


def bsm1(*args, timeout=300, **kwargs):
    return subprocess.run([support.program("yanwu-plant"), "bsm1", *map(str, args)], capture_output=True, text=True, timeout=timeout,
                          **kwargs)


def steady(loop):
    run = bsm1("--influent", "constant", "--loop", loop)
    assert run.returncode == 0, run.stderr
    rows = list(csv.reader(run.stdout.splitlines()))
    assert rows[0] == ["place", "state", "value"]
    return {(place, state): float(value) for place, state, value in rows[1:]}


class Steady(unittest.TestCase):
    def test_open(self):
        found = steady("open")
        for place in ["R1", "R2", "R3", "R4", "R5", "underflow", "effluent"]:
            for state in STATES + ["TSS"]:
                self.assertIn((place, state), found)
        tops = [found[f"layer{j}", "TSS"] for j in range(1, 11)]
        self.assertEqual(tops, sorted(tops))  # the top is the clearest
        for key, value in {("R1", "SNH"): 7.917884, ("R2", "SO"): 6.31319e-5, ("R5", "SNO"): 10.415220, ("R1", "TSS"): 3285.2004,
                           ("effluent", "TN"): 14.0458, ("effluent", "COD"): 47.5521, ("underflow", "XBH"): 5004.6541,
                           ("layer4", "TSS"): 68.97805}.items():
            self.assertAlmostEqual(found[key] / value, 1, delta=1e-5, msg=str(key))

    def test_ideal(self):
        found = steady("ideal")
        self.assertAlmostEqual(found["R5", "SO"], 2, delta=1e-5)
        self.assertAlmostEqual(found["R2", "SNO"], 1, delta=1e-5)
        self.assertAlmostEqual(found["R1", "Qint"], 16485.6075, delta=0.02)

    @unittest.skipUnless((TABLES / "steady_state_openloop.csv").exists(), "the benchmark's tables are not in ../shared")
    def test_open_against_the_whole_table(self):
        found, places = steady("open"), {"Effluent": "effluent", "Settler underflow": "underflow"}
        count = 0
        for row in csv.DictReader((TABLES / "steady_state_openloop.csv").read_text().splitlines()):
            if row["location"] == "Settler internally":
                key = "layer" + row["variable"].rsplit("_", 1)[1], "TSS"
            else:
                key = places.get(row["location"], row["location"].replace("Reactor ", "R")), row["variable"]
            with self.subTest(key):
                self.assertAlmostEqual(found[key] / float(row["recommended"]), 1, delta=1e-5)
            count += 1
        self.assertGreater(count, 100)


class OwnFile(unittest.TestCase):
    """A works that gets what the constant influent is, from a file with a daily swing."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name) / "own.csv"

    def write(self, days, swing, drop=None, path=None):
        with (path or self.path).open("w") as f:
            names = ["t_d"] + STATES + ["Q_m3d"]
            f.write(",".join(n for n in names if n != drop) + "\n")
            for i in range(int(days * 96)):
                part = 1 + swing * math.sin(2 * math.pi * i / 96)
                values = [i / 96] + USUAL[:-1] + [USUAL[-1] * part]
                f.write(",".join("%.8g" % v for n, v in zip(names, values) if n != drop) + "\n")

    def test_at_rest_it_is_the_steady_state(self):
        self.write(14, 0)
        run = bsm1("--influent", self.path, "--loop", "open")
        self.assertEqual(run.returncode, 0, run.stderr)
        found, rest = json.loads(run.stdout), steady("open")
        self.assertEqual(len(found), QUANTITIES)
        for state in STATES:
            self.assertAlmostEqual(found[state + "_e"], rest["effluent", state], delta=2e-4 * rest["effluent", state])
        self.assertAlmostEqual(found["TN_e"], 14.0458, delta=0.003)
        self.assertEqual(found["NH4_viol_events"], 0)
        self.assertAlmostEqual(found["OCI_updated"], 16277.98, delta=16)

    def test_swing_costs_quality(self):
        self.write(14, 0.4)
        flat = steady("open")["effluent", "SNH"]
        run = bsm1("--influent", self.path, "--loop", "open")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertGreater(json.loads(run.stdout)["SNH_e"], 1.2 * flat)
        again = bsm1("--influent", self.path, "--loop", "open")
        self.assertEqual(run.stdout, again.stdout)

    def test_dry_weather_before_lies_beside(self):
        self.write(14, 0.4)
        alone = json.loads(bsm1("--influent", self.path, "--loop", "open").stdout)
        self.write(14, 0, path=self.path.with_name("influent_dry.csv"))
        beside = json.loads(bsm1("--influent", self.path, "--loop", "open").stdout)
        named = json.loads(bsm1("--influent", self.path, "--loop", "open", "--data", self.folder.name).stdout)
        self.assertNotEqual(alone["XBA_e"], beside["XBA_e"])
        self.assertEqual(beside, named)

    def test_seed_is_the_noise(self):
        self.write(14, 0.2)
        one, same, other = (bsm1("--influent", self.path, "--loop", "sensors", "--rtol", "1e-4", "--seed", s).stdout for s in (1, 1, 2))
        self.assertEqual(one, same)
        self.assertNotEqual(one, other)
        self.assertAlmostEqual(json.loads(one)["EQI_updated"] / json.loads(other)["EQI_updated"], 1, delta=0.01)

    def test_what_is_wrong_is_said(self):
        self.write(3, 0)
        run = bsm1("--influent", self.path)
        self.assertEqual(run.returncode, 1)
        self.assertIn("ends at day 2.99", run.stderr)
        self.write(14, 0, drop="SNH")
        run = bsm1("--influent", self.path)
        self.assertEqual(run.returncode, 1)
        self.assertIn("no column SNH", run.stderr)


class WrongUse(unittest.TestCase):
    def test_options(self):
        for args in (["--loop", "closed"], ["--rtol", "0"], ["--rtol", "x"], ["--influent", "constant", "--loop", "sensors"], ["more"]):
            run = bsm1(*args)
            self.assertEqual(run.returncode, 2, args)
            self.assertTrue(run.stderr)
            self.assertEqual(run.stdout, "")

    def test_influent_that_is_not_there(self):
        with tempfile.TemporaryDirectory() as folder:
            run = bsm1("--influent", "dry", "--data", folder)
            self.assertEqual(run.returncode, 1)
            self.assertIn("no influent_dry.csv", run.stderr)
        self.assertEqual(bsm1("--influent", "/no/such/file.csv").returncode, 1)


@unittest.skipUnless((TABLES / "influent_dry.csv").exists(), "the benchmark's influents are not in ../shared")
class Published(unittest.TestCase):
    def figures(self, weather, loop, column, close):
        run = bsm1("--influent", weather, "--loop", loop, "--data", TABLES)
        self.assertEqual(run.returncode, 0, run.stderr)
        found = json.loads(run.stdout)
        rows = {row["quantity"]: row[f"{weather}_{column}_published"] for row in csv.DictReader((TABLES / "performance.csv").read_text().splitlines())}
        self.assertEqual(list(found), list(rows))
        for name, text in rows.items():
            if not text:
                continue
            value = float(text)
            with self.subTest(f"{weather} {loop} {name}"):
                if name.endswith("_events"):
                    self.assertAlmostEqual(found[name], value, delta=1)
                elif "_viol_" in name:
                    self.assertAlmostEqual(found[name], value, delta=1 if name.endswith("pct") else 0.07)
                elif name in ("EQI_updated", "OCI_updated", "aeration_kWhd_updated", "pumping_kWhd_updated", "TN_e"):
                    self.assertAlmostEqual(found[name] / value, 1, delta=close)
                else:
                    self.assertAlmostEqual(found[name] / value, 1, delta=0.01)

    def test_open(self):
        for weather in ("dry", "rain", "storm"):
            self.figures(weather, "open", "openloop", 0.001)

    def test_ideal(self):
        for weather in ("dry", "rain", "storm"):
            self.figures(weather, "ideal", "closedloop_ideal", 0.001)

    def test_sensors(self):
        for weather in ("dry", "rain", "storm"):
            self.figures(weather, "sensors", "closedloop_sensors", 0.005)


if __name__ == "__main__":
    unittest.main()
