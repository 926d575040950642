"""Plants on a training gateway: what they send is acknowledged, survives the gateway, and equals what --csv writes."""

import csv
import pathlib
import subprocess
import tempfile
import time
import unittest

import support

SCENARIOS = support.ROOT / "share/scenarios"
MN = {"power-stack": "595700000000000000000001", "waste-incinerator": "595700000000000000000003"}


def plant(*args, timeout=120):
    return subprocess.run([support.program("yanwu-plant"), *map(str, args)], capture_output=True, timeout=timeout, text=True)


def items(payload):
    """Fields of a data area as a dict."""
    area = payload.partition("CP=&&")[2].rpartition("&&")[0]
    return dict(i.split("=", 1) for i in area.replace(";", ",").split(",") if i)


def uploads(serve, command):
    """Data areas received of one command, parts of a split record merged, by DataTime."""
    out = {}
    text = subprocess.run([support.program("yanwu-journal"), "cat", "--raw", "--direction", "in",
                           str(serve.data / "journal/p0")], check=True, capture_output=True, timeout=120).stdout
    for payload in text.decode().splitlines():
        if f";CN={command};" in payload:
            fields = items(payload)
            out.setdefault(fields.pop("DataTime"), {}).update(fields)
    return out


class Run(unittest.TestCase):
    def test_records_on_the_wire_are_those_of_the_csv(self):
        for name, mn in MN.items():
            with support.Serve(admit=[mn], domain="training") as serve, tempfile.TemporaryDirectory() as folder:
                to = "%s:%d" % serve.device
                scenario = SCENARIOS / f"{name}.yaml"
                out = plant("run", scenario, "--to", to, "--start", "2026-11-01", "--days", 1, "--speed", 0, "--seed", 5)
                self.assertEqual(out.returncode, 0, out.stderr)
                path = pathlib.Path(folder) / "hour.csv"
                self.assertEqual(plant("run", scenario, "--csv", path, "--start", "2026-11-01", "--days", 1, "--seed", 5,
                                       "--kind", "hour").returncode, 0)
                sent = uploads(serve, 2061)
                rows = list(csv.DictReader(path.open()))
                self.assertEqual(len(rows), 24)
                for row in rows:
                    time_text = row.pop("DataTime")
                    self.assertEqual(sent[time_text], row)
                truth = list(csv.DictReader((pathlib.Path(folder) / "hour.truth.csv").open()))
                self.assertEqual(len(truth), 24)
                self.assertEqual(serve.counter("packets"), serve.counter("acks"))
                self.assertEqual(len(uploads(serve, 2031)), 1)

    def test_the_same_seed_writes_the_same_file(self):
        with tempfile.TemporaryDirectory() as folder:
            text = []
            for seed in (1, 1, 2):
                path = pathlib.Path(folder) / "a.csv"
                out = plant("run", SCENARIOS / "voc-workshop.yaml", "--csv", path, "--start", "2026-11-01", "--days", 2,
                            "--seed", seed, "--kind", "minute")
                self.assertEqual(out.returncode, 0, out.stderr)
                text.append(path.read_text())
            self.assertEqual(text[0], text[1])
            self.assertNotEqual(text[0], text[2])

    def test_a_gateway_that_dies_loses_nothing(self):
        """kill -9 of the gateway while a plant sends: it resends what was not acknowledged, and all hours arrive."""
        with support.Serve(admit=[MN["power-stack"]], domain="training") as serve:
            process = subprocess.Popen([support.program("yanwu-plant"), "run", str(SCENARIOS / "power-stack.yaml"), "--to",
                                        "%s:%d" % serve.device, "--start", "2026-11-01", "--days", "8", "--speed", "0",
                                        "--window", "2"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                for _ in range(3):
                    time.sleep(0.3)
                    serve.kill("gateway-0")
                out, err = process.communicate(timeout=120)
            finally:
                process.kill()
            self.assertEqual(process.returncode, 0, err)
            self.assertEqual(len(uploads(serve, 2061)), 8 * 24)
            self.assertEqual(len(uploads(serve, 2051)), 8 * 144)
            self.assertEqual(len(uploads(serve, 2011)), 8 * 2880)

    def test_wrong_scenario_is_told_with_its_line(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
            f.write((SCENARIOS / "power-stack.yaml").read_text().replace("minute: 10m", "minute: 7m"))
            f.flush()
            out = plant("run", f.name, "--csv", "/dev/null", "--days", 1)
            self.assertEqual(out.returncode, 1)
            self.assertRegex(out.stderr, r"line \d+: sample must divide")


if __name__ == "__main__":
    unittest.main()
