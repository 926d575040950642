"""yanwu demo: a province that lives, comes up at once, ends cleanly and goes on where it was."""

import http.cookiejar
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import support

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Demo:
    def __init__(self, data, *args, env=None):
        self.began = time.monotonic()
        self.text = ""
        self.process = subprocess.Popen([support.program("yanwu-demo"), "--data", str(data), "--http-listen", "127.0.0.1:0",
                                         "--device-listen", "127.0.0.1:0", *args],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.wait(r"http://\S+/", 20)
        self.http = re.search(r"http://\S+?(?=/\s)", self.text).group(0)
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def wait(self, pattern, timeout):
        """Reads on until the pattern was printed."""
        end = time.monotonic() + timeout
        while not re.search(pattern, self.text):
            self.read()
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"`{pattern}` was not printed:\n{self.text}")
            time.sleep(0.02)

    def read(self):
        self.text += (self.process.stdout.read() or b"").decode(errors="replace")

    def get(self, path):
        with self.opener.open(self.http + path, timeout=20) as answer:
            return json.load(answer)

    def sign_in(self, user, password):
        body = json.dumps({"user": user, "password": password}).encode()
        request = urllib.request.Request(self.http + "/api/session", body, {"Content-Type": "application/json"})
        return json.load(self.opener.open(request, timeout=20))

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(40)
        finally:
            self.process.kill()
            self.process.wait()
        self.read()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        self.process.stdout.close()


def serving(data):
    """Processes that still work on the folder."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(data) in entry.read_text() and "yanwu-" in entry.read_text():
                found.append(entry.read_text().replace("\0", " "))
        except OSError:
            continue
    return found


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="yanwu-demo-test-"))

    def tearDown(self):
        shutil.rmtree(self.data, ignore_errors=True)

    def test_a_province_stands_and_goes_on(self):
        with Demo(self.data, "--days", "2") as demo:
            with demo.opener.open(demo.http + "/", timeout=10) as page:
                self.assertEqual(page.status, 200)
            self.assertLess(time.monotonic() - demo.began, support.allowed(5), "the first page stands within 5 s")
            about = demo.get("/api/installation")
            self.assertEqual(about["domain"], "demo")
            self.assertTrue(about["demo_notice"])
            roles = {a["role"]: a for a in about["demo_accounts"]}
            self.assertEqual(set(roles), {"operator", "officer", "leader", "maintainer", "enterprise"})
            for role, account in roles.items():
                self.assertEqual(demo.sign_in(account["user"], account["password"])["user"]["role"], role)
            operator = demo.sign_in(roles["operator"]["user"], roles["operator"]["password"])["user"]
            units = {u["name"]: u["area_name"] for u in demo.get("/api/units")["units"]}
            self.assertEqual(units[operator["unit"]], "沧澜省")
            self.assertEqual(units["青岚市生态环境综合行政执法支队"], "青岚市")
            self.check_filed(demo)
            self.check_operation(demo)
            self.check_live(demo)
            self.check_history(demo)
            self.check_peculiar(demo)
            self.assertEqual(demo.stop(), 0, demo.text)
        self.assertEqual(serving(self.data), [])
        self.check_oddities()
        with Demo(self.data) as demo:  # the second start sends what was missed, not the history again
            demo.wait(r"history complete: (\d+) packets", 60)
            sent = int(re.search(r"history complete: (\d+) packets", demo.text).group(1))
            self.assertLess(sent, 3000)
            self.assertEqual(demo.stop(), 0, demo.text)

    def check_filed(self, demo):
        """What the province's people filed in thirty days: marks of stops, one disputed, one late, notices, calibrations, a ledger."""
        outlets = demo.get("/api/watch")["outlets"]
        marks = [m for o in outlets for m in demo.get(f"/api/outlets/{o['id']}/marks")["marks"]]
        self.assertTrue({"stopped", "startup", "fault", "maintenance"} <= {m["value"] for m in marks})
        self.assertTrue(any(m["disputed"] for m in marks) and any(m["late"] for m in marks) and any(m["version"] > 1 for m in marks))
        self.assertEqual({m["by"] for m in marks}, {"enterprise", "maintainer"})
        self.assertEqual({q["state"] for q in demo.get("/api/queries")["queries"]}, {"sent", "replied", "closed"})
        kinds = {f["kind"] for o in outlets for f in demo.get(f"/api/outlets/{o['id']}/filings?limit=500")["filings"]}
        self.assertTrue({"zero", "span", "comparison", "enforcement", "maintenance", "work-order", "stop-report"} <= kinds)

    def check_operation(self, demo):
        """One outlet with units that somebody described, one with those its states make; the plan of their enterprise."""
        end = time.monotonic() + 60
        ran = []
        while time.monotonic() < end and len(ran) < 2:
            try:
                ran = [o for o in (demo.get(f"/api/outlets/{i}/operation") for i in (1, 2)) if any(u["known_h"] > 0 for u in o["units"])]
            except urllib.error.HTTPError as e:  # nothing was judged yet
                self.assertEqual(e.code, 503)
            time.sleep(0.3)
        self.assertEqual(len(ran), 2, "what ran is judged")
        self.assertEqual([(u["id"], u["treatment"]) for u in ran[0]["units"]], [("boiler", False), ("fgd", True)])
        self.assertEqual([(u["id"], u["treatment"]) for u in ran[1]["units"]], [("SB1", True)])
        self.assertEqual([p["level"] for p in ran[1]["plans"]], ["橙色"])

    def check_live(self, demo):
        end = time.monotonic() + 30
        while (counts := demo.get("/api/watch")["counts"])["online"] < 60 and time.monotonic() < end:
            time.sleep(0.2)
        self.assertGreaterEqual(counts["online"], 60)
        while not (waiting := demo.get("/api/devices/waiting")["waiting"]) and time.monotonic() < end:
            time.sleep(0.2)
        self.assertEqual([w["mn"][:4] for w in waiting], ["5957"])

    def check_history(self, demo):
        demo.wait(r"history complete", 120)
        outlet = next(o for o in demo.get("/api/watch")["outlets"] if o["name"] == "1号机组烟囱")
        now = int(time.time() * 1000)
        day = 86400000
        end = time.monotonic() + 30
        while time.monotonic() < end:
            series = demo.get(f"/api/outlets/{outlet['id']}/series?kind=hour&factors=a21026&from={now - 2 * day}&to={now}&points=500")
            if len(series["factors"][0]["t"]) >= 47:
                break
            time.sleep(0.2)
        self.assertIn(len(series["factors"][0]["t"]), (47, 48))

    def check_peculiar(self, demo):
        """Encrypted devices are read, names of factors understood, a station room tells of itself, an unregistered device asks."""
        by_mn = {d["mn"]: d["outlet"]["id"] for d in demo.get("/api/devices?limit=200")["devices"]}
        for mn, factor in (("5957980302000601A0000000", "a21026"), ("5957980202001201B0000000", "w01018"), ("5957980202000503A0000000", "a21026")):
            records = demo.get(f"/api/outlets/{by_mn[mn]}/records?kind=hour&limit=5")["records"]
            self.assertEqual(len(records), 5, mn)
            self.assertIn(factor, records[0]["values"], mn)
        room = json.dumps(demo.get(f"/api/outlets/{by_mn['5957980102000202A0000000']}/station?limit=50"), ensure_ascii=False)
        self.assertIn("temperature", room)
        self.assertTrue((self.data / "demo-devices").stat().st_mode & 0o077 == 0)
        asks = demo.get("/api/devices/waiting")["registrations"]
        self.assertEqual([r["hardware"][:4] for r in asks], ["6970"])

    def check_oddities(self):
        """Some devices deviate from the standard, as real ones do: the journals hold what they sent."""
        raw = subprocess.run([support.program("yanwu-journal"), "cat", "--raw", "--direction", "in", str(self.data)],
                             capture_output=True, check=True, timeout=120).stdout
        frames = [f for f in raw.split(b"\r\n") if f.startswith(b"##")]
        self.assertTrue(any("数采仪".encode("gbk") in f for f in frames), "device text in GBK")
        self.assertTrue(any(re.search(rb"&&[0-9a-f]*[a-f][0-9a-f]*$", f) for f in frames), "CRC in lower case")
        self.assertTrue(any(int(f[-4:], 16) != support.crc(f[6:-4]) for f in frames), "ordinary Modbus CRC")
        self.assertTrue(any(b";Flag=9;RF=1;" in f for f in frames), "backfill of 2025")
        self.assertTrue(any(b";PNUM=2;PNO=2;" in f for f in frames), "split packets")
        self.assertLess(len(set(frames)), len(frames), "a device that sends packets twice")

    def test_a_folder_of_others_is_left_alone(self):
        (self.data / "thesis.txt").write_text("years of work")
        for args in ((), ("--fresh",)):
            out = subprocess.run([support.program("yanwu-demo"), "--data", str(self.data), *args], capture_output=True, text=True,
                                 timeout=20)
            self.assertEqual(out.returncode, 1)
            self.assertIn("--data", out.stderr)
            self.assertEqual((self.data / "thesis.txt").read_text(), "years of work")
            self.assertEqual(len(list(self.data.iterdir())), 1)

    def test_losses_of_the_link_wait_for_the_history(self):
        """Whatever the time of day: a province is filled although every device would be off the line just now."""
        share = self.data / "share"
        shutil.copytree(ROOT / "share", share)
        for path in (share / "scenarios").glob("*.yaml"):
            path.write_text(re.sub(r"^link_loss:.*$", "link_loss: {every: 2h, lasts: 110m}", path.read_text(), flags=re.M))
        with Demo(self.data / "province", "--days", "1", env={**os.environ, "YANWU_SHARE": str(share)}) as demo:
            demo.wait(r"history complete", 120)
            self.assertEqual(demo.stop(), 0, demo.text)

    def test_fresh_begins_anew(self):
        with Demo(self.data, "--days", "0") as demo:
            out = subprocess.run([support.program("yanwu-demo"), "--data", str(self.data), "--fresh"], capture_output=True,
                                 text=True, timeout=20)
            self.assertEqual(out.returncode, 1)
            self.assertIn("is running", out.stderr)
            self.assertEqual(demo.get("/api/installation")["domain"], "demo")
            self.assertEqual(demo.stop(), 0, demo.text)
        before = json.loads((self.data / "demo.json").read_text())
        with Demo(self.data, "--days", "1", "--fresh") as demo:
            self.assertEqual(demo.stop(), 0, demo.text)
        after = json.loads((self.data / "demo.json").read_text())
        self.assertLess(after["first"], before["first"])


if __name__ == "__main__":
    unittest.main()
