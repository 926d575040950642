"""Every command of the catalogue, each version: asked with `yanwu device`, carried by the whole platform, obeyed by a simulated device, and its
effect seen: in the device's own memory, and in what it sends afterwards. Each lane is a device with a thread of its own, so that the waiting for
the next minute is done side by side."""

import json
import pathlib
import re
import subprocess
import tempfile
import threading
import time
import unittest

import support
import web_support as web

SCENARIOS = support.ROOT / "share/scenarios"
CREDIT = "91410100MA0000001X"
HARDWARE = "6970000000001ABCDEFG1234"
KEY = "Kq7-mZ2x.Rw9_tB4"


def civil(ms):
    return support.civil(ms / 1000)


def seconds(text):
    """Fourteen digits of Beijing time as seconds since 1970 UTC."""
    return time.mktime(time.strptime(text[:14], "%Y%m%d%H%M%S")) - time.timezone - 8 * 3600


class Lane:
    """One simulated device and what is asked of it."""

    def __init__(self, number, version, scenario, work, **changes):
        self.number, self.version, self.scenario, self.work = number, version, scenario, work
        self.mn = "595700000000000000%06X" % (0x100 + number)
        self.outlet = "DA%03d" % number
        self.changes = changes
        self.registered = True
        self.error = self.process = None

    def text(self):
        text = (SCENARIOS / f"{self.scenario}.yaml").read_text()
        logger = dict(self.changes.get("logger", {}))
        text = re.sub(r"\nlogger:\n(  .*\n)*", "\n", text)
        for name in ("calibration", "blowback", "fault", "stop", "link_loss"):  # only what is asked for happens
            if name not in self.changes.get("keep", ()):
                text = re.sub(rf"\n{name}: .*", "", text)
        for name, value in {"mn": f'"{self.mn}"', "version": self.version, **self.changes.get("top", {})}.items():
            text = re.sub(rf"\n{name}: .*", f"\n{name}: {value}", text)
        if logger:
            text += "\nlogger: {" + ", ".join(f"{k}: {v}" for k, v in logger.items()) + "}\n"
        return text

    def start(self, test, folder):
        self.test, self.serve = test, test.serve
        self.path, self.memory_path = folder / f"{self.number}.yaml", folder / f"{self.number}.memory"
        self.path.write_text(self.text())
        self.log = (folder / f"{self.number}.log").open("w+")
        self.process = subprocess.Popen([support.program("yanwu-plant"), "run", str(self.path), "--to", "%s:%d" % self.serve.device,
                                         "--memory", str(self.memory_path), "--seed", str(self.number)],
                                        stdout=self.log, stderr=self.log, preexec_fn=support._die_with_parent)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.log.close()

    # ---- looking ----

    def memory(self):
        """What the device keeps, as a dict."""
        return dict(line.partition(" ")[::2] for line in self.memory_path.read_text().splitlines())

    def remembers(self, name, value, timeout=5):
        web.until(lambda: self.memory().get(name) == str(value), f"{self}: {name} {value}: {self.memory()}", timeout)

    def rows(self, where, timeout=0, what=""):
        """Rows of the view `value` of this outlet; waits for at least one if a timeout is given."""
        query = f"SELECT * FROM value WHERE outlet={self.outlet_id} AND {where}"
        if timeout:
            return web.until(lambda: self.serve.sql(query), f"{self}: {what or where}", timeout)
        return self.serve.sql(query)

    def arrives(self, where="kind='real'", timeout=75, what=""):
        """Something that arrives from now on."""
        now = int(time.time() * 1e6)
        return lambda more="": self.rows(f"{where}{more} AND arrival > {now}", timeout, what)

    def info(self, timeout=5, **want):
        """A record without factors whose fields hold this."""
        def look():
            text = json.dumps(self.test.client().get(f"/api/outlets/{self.outlet_id}/records?kind=info&limit=20"))
            return all(f'"{k}": "{v}"' in text if v else f'"{k}"' in text for k, v in want.items())
        web.until(look, f"{self}: {want}", timeout)

    def __repr__(self):
        return f"{self.work} {self.version} ({self.scenario}, {self.mn})"

    # ---- asking ----

    def ask(self, key, **arguments):
        self.test.covered.add((key, self.version))
        out = subprocess.run([support.program("yanwu-device"), "--data", str(self.serve.data), "--reason", "test", "--wait", "--json", self.mn, key,
                              *[f"{k}={v}" for k, v in arguments.items()]], capture_output=True, text=True, timeout=150)
        if not out.stdout.strip():
            raise AssertionError(f"{self}: {key} {arguments}: {out.returncode} {out.stderr}")
        return json.loads(out.stdout)

    def expect(self, outcome, key, **arguments):
        answer = self.ask(key, **arguments)
        if answer["state"] != "ended" or answer["outcome"] != outcome:
            raise AssertionError(f"{self}: {key} {arguments}: not {outcome}: {json.dumps(answer, ensure_ascii=False)}")
        return answer

    def done(self, key, **arguments):
        return self.expect("done", key, **arguments)

    def value(self, name, key, **arguments):
        """An item of the answer."""
        answer = self.done(key, **arguments)
        for item in answer["answer"]:
            if item["name"] == name:
                return item["value"]
        raise AssertionError(f"{self}: {key}: no {name} in {answer['answer']}")

    def history(self, key, kind, begin, end, least, most, factor_where="1", **arguments):
        """A range that was never sent: it comes, is stored, and is marked as backfilled."""
        answer = self.done(key, BeginTime=support.civil(begin), EndTime=support.civil(end), **arguments)
        if not least <= answer["uploads"] <= most:
            raise AssertionError(f"{self}: {key}: {answer['uploads']} uploads, not {least} to {most}")
        def stored():
            rows = self.rows(f"kind='{kind}' AND time >= {int(begin * 1e6)} AND time <= {int(end * 1e6)} AND {factor_where}")
            times = {r["time"] for r in rows}
            return rows if len(times) >= min(least, answer["uploads"]) else None
        rows = web.until(stored, f"{self}: {key} in the store", 10)
        for r in rows:
            if not r["backfilled"]:
                raise AssertionError(f"{self}: {key}: not marked as backfilled: {r}")

    # ---- what each lane does ----

    def run(self):
        try:
            if self.registered:
                self.rows("kind IN ('real', 'info')", 60, "the first data")
            getattr(self, self.work)()
        except BaseException as e:  # told by the test in its own thread
            self.error = e

    def parameters(self):
        shown = seconds(self.value("SystemTime", "get-clock"))
        assert -100 < shown - time.time() < -85, shown - time.time()
        self.done("set-clock", SystemTime="@now")
        web.until(lambda: abs(int(self.memory()["clock-offset-us"])) < 2e6, f"{self}: clock", 5)
        shown = seconds(self.value("SystemTime", "get-clock"))
        assert abs(shown - time.time()) < 3, shown - time.time()
        self.done("set-timeout", OverTime=7, ReCount=2)
        self.remembers("overtime-s", 7)
        self.remembers("recount", 2)
        assert self.value("RtdInterval", "get-realtime-interval") == "40"
        if self.version >= 2017:
            assert self.value("MinInterval", "get-minute-interval") == "10"
            self.done("set-minute-interval", MinInterval=1)
            assert self.value("MinInterval", "get-minute-interval") == "1"
            minutes = self.arrives("kind='minute'", 90)
            begin = (time.time() - 3600) // 3600 * 3600
            self.history("minute-data", "minute", begin, begin + 540, 10, 20)  # it was one before
        self.done("set-realtime-interval", RtdInterval=30)
        assert self.value("RtdInterval", "get-realtime-interval") == "30"
        if self.version >= 2017:
            self.done("set-password", NewPW="654321")
        else:
            self.of_2005()
            self.done("set-password-2005", NewPW="654321")
        self.remembers("password", "654321")
        assert self.value("RtdInterval", "get-realtime-interval") == "30"  # both sides use the new password
        later = self.arrives(timeout=80)
        def each_half_minute():
            times = sorted({r["time"] for r in later()})
            return any(b - a == 30_000_000 for a, b in zip(times, times[1:]))
        web.until(each_half_minute, f"{self}: real-time data each 30 s", 80)
        if self.version >= 2017:
            minutes(f" AND time > {int((time.time() - 1200) * 1e6)}")

    def of_2005(self):
        self.done("set-alarm-delay", WarnTime=60)
        self.remembers("warn-s", 60)
        two_hours = {"BeginTime": support.civil(time.time() - 7200), "EndTime": support.civil(time.time() - 600)}
        self.expect("no_data", "alarm-records", **two_hours)
        self.done("set-alarm-limits", PolId="02", LowValue="0", UpValue="1.5")
        assert self.value("02-UpValue", "get-alarm-limits", PolId="02") == "1.50"
        assert self.done("alarm-records", **two_hours)["uploads"] >= 8  # everything is over it now
        self.done("set-host-address", AlarmTarget="3882566")
        assert self.value("AlarmTarget", "get-host-address") == "3882566"
        self.done("set-report-time", ReportTime="0130")
        assert self.value("ReportTime", "get-report-time") == "0130"
        self.remembers("report-time", 130)

    def streams(self):
        self.done("stop-realtime")
        self.remembers("realtime-on", "no")
        self.done("stop-facilities")
        self.remembers("facility-on", "no")
        time.sleep(17)  # what was measured before may be up to 15 s under way
        quiet = int(time.time() * 1e6)
        time.sleep(35)
        assert self.rows(f"kind='real' AND arrival > {quiet}") == []
        again = self.arrives(timeout=60)
        self.done("start-realtime")
        self.done("start-facilities")
        self.remembers("facility-on", "yes")
        again()

    def past(self):
        now = time.time()
        hour = (now - 3 * 3600) // 3600 * 3600
        day = (now + 8 * 3600) // 86400 * 86400 - 8 * 3600 - 3 * 86400
        self.history("minute-data", "minute", hour, hour + 3000, 6, 12)
        self.history("hour-data", "hour", hour - 3600, hour, 2, 4)
        self.history("day-data", "day", day, day + 86400, 2, 4)
        self.history("run-times", "runtime", day, day + 86400, 2, 2)
        if self.version == 2025:
            self.history("raw-data", "periodic", hour, hour + 7200, 3, 3)
            self.history("check-data", "periodic", day, day + 2 * 86400, 1, 3)
            self.history("electricity-history", "real", hour, hour + 3600, 5, 5, "factor='d20105'")
        self.expect("no_data", "hour-data", BeginTime=support.civil(now + 86400), EndTime=support.civil(now + 90000))
        if self.version >= 2017:
            assert len(self.value("w01018-SN" if self.scenario.startswith("wa") else "a21026-SN", "get-serial",
                                  PolId="w01018" if self.scenario.startswith("wa") else "a21026")) == 24
            assert 15 < float(self.value("i33101-Info", "get-info", InfoId="i33101")) < 35
            log = self.done("get-log", InfoId="i21001", BeginTime=support.civil(now - 3600), EndTime=support.civil(now + 60))
            assert log["uploads"] >= 1 and "上电" in json.dumps(log["answer"], ensure_ascii=False), log

    def noise(self):
        hour = (time.time() - 3 * 3600) // 3600 * 3600
        self.history("noise-samples", "periodic", hour, hour + 3000, 6, 6)

    def instruments(self):
        """Stack: calibration, cleaning, a sample by hand."""
        so2, nox, oxygen = ("02", "03", "S01") if self.version == 2005 else ("a21026", "a21002", "a19001")
        marks = self.arrives()
        more = {"CalibrationType": 1} if self.version == 2025 else {}
        self.done("calibrate", PolId=so2, **more)
        self.done("operate-device" if self.version == 2005 else "clean", PolId=nox)
        self.done("sample-now", PolId=nox)
        if self.version == 2005:
            self.done("set-sampling-schedule", PolId=nox, CTime="4,10,16,22")
        else:
            self.done("comparison-sample", PolId=nox)
        if self.version == 2025:
            self.done("check-standard", PolId=nox)  # its result takes the station some minutes
        assert marks(f" AND factor='{so2}' AND flag='C'")
        assert marks(f" AND factor='{oxygen}' AND flag='M'")
        assert marks(f" AND factor='{nox}' AND fields LIKE '%SampleTime%'")
        if self.version == 2025:
            assert marks(f" AND factor='{nox}' AND flag='C'")

    def sampler(self):
        """Waste water: bottles, periods, parameters of instruments."""
        assert self.value("VaseNo", "retain-sample") == "1"
        if self.version == 2025:
            self.done("retain-sample-now", PolId="w01018")
            self.info(VaseNo="2")
        self.done("set-sampling-period", PolId="w01018", CstartTime="003000", CTime=4)
        assert self.value("CTime", "get-sampling-period", PolId="w01018") == "4"
        assert 1 <= int(self.value("Stime", "get-sample-time", PolId="w01018")) <= 120
        self.done("set-info", PolId="w01001", InfoId="i13008", Info="0.5")
        assert self.value("i13008-Info", "get-info", PolId="w01001", InfoId="i13008") == "0.5"
        assert self.arrives()(" AND factor='w01001' AND rtd BETWEEN 3 AND 4.2")  # half of what the water has
        last = int(self.memory()["bottle"])
        self.stop()  # its power is cut: the sampler goes on with the next bottle
        self.start(self.test, self.path.parent)
        assert self.value("VaseNo", "retain-sample") == str(last + 1)

    def keys(self):
        """A device that encrypts: the operator has its key changed."""
        self.test.covered.add(("set-key", 2025))
        self.test.client().post(f"/api/devices/{self.device_id}/keys", {"rotate": True, "reason": "test"})
        web.until(lambda: self.memory()["key"] != KEY, f"{self}: a new key", 20)
        assert self.arrives()()  # and what it encrypts with it is read
        hour = (time.time() - 3 * 3600) // 3600 * 3600
        self.history("hour-data", "hour", hour, hour, 1, 1)

    def registration(self):
        """A device without an MN is given one."""
        self.test.covered.add(("set-mn", 2025))
        def registered():
            status, answer, _ = self.test.client().request("POST", "/api/devices/register", {
                "hardware": HARDWARE, "mn": self.mn, "outlet": self.outlet_id, "pw": support.PW, "reason": "test"})
            return answer if status == 202 else None
        web.until(registered, f"{self}: registration", 30)
        self.remembers("mn", self.mn, 30)
        assert self.rows("kind='real'", 75, "data under the new MN")


def lanes():
    slow = {"clock_offset": -95}
    top = {"realtime": "40s"}
    full = {"key": f'"{KEY}"', "key_created": '"%s000"' % support.civil(time.time() - 86400)}
    rest = {"electricity": "15m", "conditions": "15m", "heartbeat": "20s", "station": "1h"}
    return [
        Lane(1, 2005, "old-boiler", "parameters", logger=slow, top=top), Lane(2, 2005, "old-boiler", "streams"),
        Lane(3, 2005, "old-boiler", "past"), Lane(4, 2005, "old-boiler", "instruments"),
        Lane(5, 2017, "power-stack", "parameters", logger=slow, top=top), Lane(6, 2017, "power-stack", "streams"),
        Lane(7, 2017, "power-stack", "past"), Lane(8, 2017, "power-stack", "instruments"), Lane(9, 2017, "wastewater-works", "sampler"),
        Lane(10, 2025, "power-stack", "parameters", logger=slow, top=top), Lane(11, 2025, "power-stack", "streams"),
        Lane(12, 2025, "water-station-2025", "past", logger=rest, keep=["calibration"]), Lane(13, 2025, "waste-incinerator", "instruments"),
        Lane(14, 2025, "wastewater-works", "sampler"), Lane(15, 2025, "noise-station", "noise"),
        Lane(16, 2025, "water-station-2025", "keys", logger={**full, **rest}),
        Lane(17, 2025, "power-stack", "registration",
             logger={"registers": "yes", "hardware": HARDWARE, "cpu": "C1", "mac1": "A0B1C2D3E4F5", "mac2": "A0B1C2D3E4F6"}),
    ]


def ledger(all_lanes):
    sheets = dict(web.LEDGER)
    sheets["排放口.csv"] = "credit_code,code,name,kind,st,maintainer\n" + "".join(
        f"{CREDIT},{x.outlet},{x.work} {x.version},{'water' if x.scenario.startswith('wastewater') or x.scenario.startswith('water') else 'air'},"
        f"{'32' if x.scenario.startswith('wastewater') or x.scenario.startswith('water') else '31'},\n" for x in all_lanes)
    sheets["监测因子.csv"] = "credit_code,outlet,code,unit,range_low,range_high,limit,reference_oxygen,judge_converted\n"
    sheets["数采仪.csv"] = "mn,credit_code,outlet,pw,version,rtd_interval_s\n" + "".join(
        f"{x.mn},{CREDIT},{x.outlet},{support.PW},{x.version},30\n" for x in all_lanes if x.registered)
    return sheets


class EveryCommand(unittest.TestCase):
    def client(self):
        local = self.local
        if not hasattr(local, "client"):
            local.client = web.Client(self.serve, "admin")
            self.clients.append(local.client)
        return local.client

    def test_every_command_of_every_version(self):
        self.covered, self.local, self.clients = set(), threading.local(), []
        listed = json.loads(subprocess.run([support.program("yanwu-device"), "--list-commands", "--json"], check=True, capture_output=True,
                                           timeout=20).stdout)
        wanted = {(c["key"], v) for c in listed for v in c["versions"]}
        all_lanes = lanes()
        all_lanes[-1].registered = False
        with tempfile.TemporaryDirectory(prefix="yanwu-test-") as folder, \
                support.Serve(only=None, start=False, domain="training") as serve:
            self.serve, folder = serve, pathlib.Path(folder)
            web.run("yanwu-import", "--data", serve.data, web.write_ledger(folder / "ledger", ledger(all_lanes)))
            web.make_user(serve.data, "admin", "--role", "operator")
            serve.start()
            outlets = {o["code"]: o["id"] for o in self.client().get("/api/outlets?limit=100")["outlets"]}
            devices = {d["mn"]: d["id"] for d in self.client().get("/api/devices?limit=100")["devices"]}
            for lane in all_lanes:
                lane.outlet_id, lane.device_id = outlets[lane.outlet], devices.get(lane.mn)
                if lane.work == "keys":
                    created = "%s000" % support.civil(time.time() - 86400)
                    self.client().post(f"/api/devices/{lane.device_id}/keys", {"key": KEY, "created": created, "reason": "test"})
            try:
                for lane in all_lanes:
                    lane.start(self, folder)
                threads = [threading.Thread(target=lane.run) for lane in all_lanes]
                for t in threads:
                    t.start()
                for t in threads:
                    t.join(240)
            finally:
                for lane in all_lanes:
                    lane.stop()
                for c in self.clients:
                    c.close()
            failed = [f"{lane}: {lane.error!r}" for lane in all_lanes if lane.error]
            self.assertEqual(failed, [], "\n".join(failed) + "\n" + serve.log_text()[-3000:])
            self.assertEqual(sorted(wanted - self.covered), [], "commands that no lane asks for")


if __name__ == "__main__":
    unittest.main()
