"""A plant host: many plants in one process, a control socket to look at them and act upon them; what is done there shows in
what the gateway receives."""

import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import tempfile
import time
import unittest

import support

BOILER_MN, STATISTICAL_MN = "595700000000000000AB0001", "595700000000000000AB0002"
BOILER = f"""id: host-boiler
name: boiler of the test
medium: air
version: 2017
st: '31'
mn: {BOILER_MN}
password: '123456'
sample: 10s
realtime: 30s
minute: 10m
stack_area_m2: 20
reference_oxygen: 6
load: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]
plant: {{kind: boiler}}
world: {{signals: [load, limestone]}}
factors:
  - {{code: a21026, from: so2, digits: 2, converted: yes, mass: yes}}
  - {{code: a21002, from: nox, digits: 2, converted: yes, mass: yes}}
  - {{code: a34013, from: dust, digits: 2, converted: yes, mass: yes}}
  - {{code: a19001, from: o2, digits: 2}}
  - {{code: a01012, from: temp, digits: 1}}
  - {{code: a01013, from: pressure, digits: 3}}
  - {{code: a01014, from: h2o, digits: 2}}
  - {{code: a01011, from: velocity, digits: 2}}
  - {{code: a00000, from: flow, digits: 2, cou_digits: 0}}
"""
STATISTICAL = f"""id: host-statistical
name: statistical outlet of the test
medium: air
version: 2017
st: '31'
mn: {STATISTICAL_MN}
password: '123456'
sample: 30s
realtime: 30s
minute: 10m
load: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]
factors:
  - {{code: a21026, digits: 2, mean: 20, noise: 0.1, tau: 10m, low: 0, high: 200}}
"""


class Host:
    """`yanwu plant host` with its control socket."""

    def __init__(self, folder, serve, *args, files=(BOILER, STATISTICAL)):
        self.folder = pathlib.Path(folder)
        self.socket = self.folder / "control"
        paths = []
        for i, text in enumerate(files):
            paths.append(str(self.folder / f"{i}.yaml"))
            pathlib.Path(paths[-1]).write_text(text)
        self.process = subprocess.Popen([support.program("yanwu-plant"), "host", *paths, "--to", "%s:%d" % serve.device, "--control",
                                         str(self.socket), "--start", "2026-11-02 10:00", *map(str, args)],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        end, self.link = time.monotonic() + 20, None
        while self.link is None and self.process.poll() is None and time.monotonic() < end:
            try:
                self.link = self.connect()
            except OSError:
                time.sleep(0.02)
        if self.link is None:
            self.process.kill()
            raise AssertionError(self.process.communicate(timeout=5)[1])
        self.rest = b""

    def connect(self):
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(20)
        try:
            link.connect(str(self.socket))
        except OSError:
            link.close()
            raise
        return link

    def say(self, line):
        self.link.sendall(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
        while b"\n" not in self.rest:
            piece = self.link.recv(1 << 20)
            if not piece:
                raise ConnectionError("the host hung up")
            self.rest += piece
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line)

    def ask(self, ask, **more):
        answer = self.say({"ask": ask, **more})
        if not answer["ok"]:
            raise AssertionError(answer)
        return answer

    def state(self, mn=BOILER_MN, **more):
        return self.ask("state", id=mn, **more)["plant"]

    def channel(self, name):
        return next(c for c in self.state()["channels"] if c["channel"] == name)

    def until(self, look, what, seconds=40):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = look()
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"did not come: {what}: {json.dumps(self.state())[:3000]}")

    def run_on(self, seconds):
        """Until so much plant time has passed."""
        begun = self.state()["time"]
        self.until(lambda: self.state()["time"] >= begun + seconds * 1000, f"{seconds} s of plant time")

    def stop(self):
        self.link.close()
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def moments(serve, mn, code):
    """Real-time values received of a factor, by DataTime."""
    text = subprocess.run([support.program("yanwu-journal"), "cat", "--raw", "--direction", "in", str(serve.data / "journal/p0")],
                          check=True, capture_output=True, timeout=60).stdout.decode(errors="replace")
    out = {}
    for line in text.splitlines():
        if f"MN={mn}" in line and ";CN=2011;" in line:
            at = re.search(r"DataTime=(\d{14})", line)
            value = re.search(rf"{code}-Rtd=([-0-9.]+)", line)
            if at and value:
                out[at.group(1)] = float(value.group(1))
    return out


class PlantHost(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = support.Serve(admit=[BOILER_MN, STATISTICAL_MN], domain="training").__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.serve.__exit__(None, None, None)

    def setUp(self):
        temp = tempfile.TemporaryDirectory()
        self.addCleanup(temp.cleanup)
        self.folder = temp.name

    def host(self, *args, **more):
        host = Host(self.folder, self.serve, *args, **more)
        self.addCleanup(host.__exit__)
        return host

    def test_list_and_state(self):
        host = self.host("--speed", 30)
        self.assertEqual(stat.S_IMODE(os.stat(host.socket).st_mode), 0o600)
        host.until(lambda: host.ask("list")["up"] == 2, "both links")
        listed = host.ask("list", tag="first")
        self.assertEqual(listed["tag"], "first")
        self.assertEqual({p["id"]: p["kind"] for p in listed["plants"]}, {BOILER_MN: "boiler", STATISTICAL_MN: "statistical"})
        host.run_on(60)
        state = host.state(stream=True)
        self.assertEqual([c["channel"] for c in state["channels"]], ["so2", "nox", "dust", "o2", "temp", "pressure", "h2o", "velocity", "flow"])
        so2 = host.channel("so2")
        self.assertGreater(so2["truth"], 0)
        self.assertIn("load", {x["input"] for x in state["inputs"]})
        self.assertTrue({"slope", "kv"} <= {p["parameter"] for p in state["parameters"]})
        self.assertTrue({"so2_in", "product"} <= {q["quantity"] for q in state["stream"]})
        self.assertEqual({q["quantity"] for q in state["signals"]}, {"load", "limestone"})
        self.assertNotIn("stream", host.state())
        self.assertEqual(len(host.state(STATISTICAL_MN)["factors"]), 1)
        code, _, err = host.stop()
        self.assertEqual(code, 0, err)
        self.assertFalse(host.socket.exists())

    def test_what_is_done_shows_in_what_is_received(self):
        host = self.host("--speed", 60, "--start", "2026-11-05 10:00")
        host.run_on(300)
        before = host.channel("so2")
        changed_at = host.state()["time"]
        host.ask("act", id=BOILER_MN, act="set-parameter", channel="so2", parameter="slope", value=0.5)
        host.run_on(120)
        after = host.channel("so2")
        self.assertLess(abs(after["stored"] / after["analyser"] - 0.5), 0.05, (before, after))
        changed = next(e for e in host.state()["log"] if e["did"] == "parameter" and e["after"] == 0.5)
        self.assertFalse(changed["hidden"])
        host.ask("input", id=BOILER_MN, input="load", value=0.5)
        host.until(lambda: abs(host.state()["load"] - 0.5) < 0.05, "half load")
        self.assertTrue(next(x for x in host.state()["inputs"] if x["input"] == "load")["held"])
        host.ask("input", id=BOILER_MN, input="load", value=None)
        host.until(lambda: host.state()["load"] > 0.6, "the load comes back")
        host.stop()
        sent = {t: v for t, v in moments(self.serve, BOILER_MN, "a21026").items() if t.startswith("20261105")}
        change = support.civil(changed_at / 1000)
        first = [v for t, v in sent.items() if t <= change]
        then = [v for t, v in sent.items() if support.civil(changed_at / 1000 + 30) < t <= support.civil(changed_at / 1000 + 120)]
        self.assertTrue(first and then, sent)
        self.assertLess(sum(then) / len(then), 0.7 * sum(first) / len(first))

    def test_gas_shows_where_the_fraud_sits(self):
        """Air drawn in at the probe: gas at the analyser reads right, gas through the whole path does not, and oxygen rises."""
        host = self.host("--speed", 120)
        host.run_on(120)
        clean = host.channel("o2")["stored"]
        gas = host.channel("so2")["span_gas"]
        host.ask("event", id=BOILER_MN, effect="F02", event="leak", strength=1)
        host.run_on(600)
        self.assertIn("leak", {e["event"] for e in host.state()["active"]})
        self.assertGreater(host.channel("o2")["stored"], clean + 0.5)

        def result(act):
            host.ask("act", id=BOILER_MN, act=act, channel="so2")
            return host.until(lambda: next((r["value"] for r in host.state()["results"] if (r["act"], r["channel"]) == (act, "so2")), None), act)

        at_analyser = result("span-analyser")
        host.run_on(600)
        at_probe = result("span-probe")
        self.assertLess(abs(at_analyser / gas - 1), 0.05)
        self.assertLess(at_probe, 0.95 * gas)
        host.ask("event", id=BOILER_MN, event="leak", stop=True)
        host.run_on(900)
        self.assertEqual(host.state()["active"], [])
        host.stop()

    def test_time_is_in_hand(self):
        host = self.host("--speed", 30)
        host.run_on(30)
        host.ask("freeze")
        stands = host.ask("list")
        self.assertTrue(stands["frozen"])
        time.sleep(0.4)
        self.assertEqual(host.ask("list")["now"], stands["now"])
        host.ask("resume")
        host.ask("speed", value=240)
        host.until(lambda: host.ask("list")["now"] > stands["now"] + 60000, "a minute more")

    def test_saved_and_loaded_it_lives_the_same_again(self):
        host = self.host("--speed", 60)
        host.run_on(60)
        host.ask("event", id=BOILER_MN, effect="F01", event="leak", strength=0.7)
        host.ask("act", id=BOILER_MN, act="set-parameter", channel="nox", parameter="slope", value=0.8)
        host.run_on(120)
        host.ask("freeze")
        time.sleep(0.5)  # the last steps up to the moment are taken
        before = host.state(stream=True)
        path = pathlib.Path(self.folder) / "exercise.json"
        host.ask("save", file=str(path))
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        saved = host.ask("list")["now"]

        def life():
            """So much further on: everything of it."""
            host.ask("resume")
            host.until(lambda: host.ask("list")["now"] >= saved + 120000, "two minutes")
            host.ask("freeze")
            host.ask("input", id=BOILER_MN, input="load", value=0.7)  # of one life alone
            return [s for s in host.state()["log"] if s["time"] <= saved], {c["channel"]: c for c in host.state()["channels"]}

        life()
        host.ask("load", file=str(path))
        again = host.ask("list")
        self.assertEqual((again["now"], again["frozen"]), (saved, True))
        state = host.until(lambda: (s := host.state(stream=True))["time"] == before["time"] and s, "lives again")
        for part in ("channels", "parameters", "log", "stream", "factors", "station", "results"):
            self.assertEqual(state[part], before[part], part)
        self.assertFalse(any(x["held"] for x in state["inputs"]))
        self.assertEqual([e["event"] for e in state["events"]], ["leak"])
        self.assertEqual(next(p["value"] for p in state["parameters"] if (p.get("channel"), p["parameter"]) == ("nox", "slope")), 0.8)
        for wrong in ("/nonexistent/x.json", str(pathlib.Path(self.folder) / "0.yaml")):
            self.assertFalse(host.say({"ask": "load", "file": wrong})["ok"])
        self.assertEqual(host.ask("list")["now"], saved)
        host.stop()

    def test_what_is_wrong_is_said(self):
        host = self.host()
        host.until(lambda: host.state()["begun"], "life")
        for line, code in ((b"no\n", "YW_E_FORMAT"), (b"[]\n", "YW_E_FORMAT"), (b"{}\n", "YW_E_USAGE"), ({"ask": "fly"}, "YW_E_USAGE"),
                           ({"ask": "list", "id": "x"}, "YW_E_USAGE"), ({"ask": "state"}, "YW_E_USAGE"),
                           ({"ask": "state", "id": "nobody"}, "YW_E_NOT_FOUND"), ({"ask": "state", "id": 7}, "YW_E_FORMAT"),
                           ({"ask": "state", "id": "x" * 100}, "YW_E_RANGE"), ({"ask": "speed", "value": "fast"}, "YW_E_FORMAT"),
                           ({"ask": "speed", "value": -1}, "YW_E_RANGE"), ({"ask": "speed", "value": 1e7}, "YW_E_RANGE"),
                           ({"ask": "act", "id": BOILER_MN, "act": "dance"}, "YW_E_NOT_FOUND"),
                           ({"ask": "act", "id": BOILER_MN, "act": "span-probe", "channel": "cod"}, "YW_E_NOT_FOUND"),
                           ({"ask": "act", "id": BOILER_MN, "act": "set-parameter", "channel": "so2", "parameter": "slope"}, "YW_E_USAGE"),
                           ({"ask": "act", "id": STATISTICAL_MN, "act": "check"}, "YW_E_STATE"),
                           ({"ask": "input", "id": BOILER_MN, "input": "moon", "value": 1}, "YW_E_NOT_FOUND"),
                           ({"ask": "input", "id": BOILER_MN, "input": "load", "value": 50}, "YW_E_RANGE"),
                           ({"ask": "event", "id": BOILER_MN}, "YW_E_USAGE"),
                           ({"ask": "event", "id": BOILER_MN, "effect": "F99"}, "YW_E_NOT_FOUND"),
                           ({"ask": "event", "id": BOILER_MN, "event": "none", "stop": True}, "YW_E_NOT_FOUND")):
            answer = host.say(line)
            self.assertEqual((answer["ok"], answer.get("error", {}).get("code")), (False, code), (line, answer))
        with self.assertRaises((ConnectionError, AssertionError, json.JSONDecodeError)):
            answer = host.say(b"x" * 20000)
            self.assertTrue(answer["ok"])
        other = host.connect()
        other.sendall(b'{"ask":"list"}\n')
        self.assertIn(b'"ok":true', other.recv(65536))
        crowd = [host.connect() for _ in range(20)]
        crowd[-1].settimeout(5)
        self.assertIn(b"YW_E_BUSY", crowd[-1].recv(4096))
        for c in crowd + [other]:
            c.close()

    def test_one_host_a_socket(self):
        host = self.host()
        second = subprocess.run([support.program("yanwu-plant"), "host", str(pathlib.Path(self.folder) / "1.yaml"), "--to",
                                 "%s:%d" % self.serve.device, "--control", str(host.socket)], capture_output=True, text=True, timeout=20)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another plant host", second.stderr)
        host.process.kill()  # the file stays behind
        host.process.communicate()
        self.assertTrue(host.socket.exists())
        self.host(files=(STATISTICAL,)).stop()

    def test_copies_are_plants_of_their_own(self):
        host = self.host("--copies", 3, files=(STATISTICAL,))
        plants = host.ask("list")["plants"]
        self.assertEqual([p["id"][-6:] for p in plants], ["000000", "000001", "000002"])


if __name__ == "__main__":
    unittest.main()
