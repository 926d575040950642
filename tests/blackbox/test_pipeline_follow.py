"""The pipeline beside gateways: how soon a packet is a row, admission by acts, kill -9, no network, `yanwu sql`."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

import support as s


def sql(data, query, *args):
    return subprocess.run([s.program("yanwu-sql"), *args, str(data), query], capture_output=True, text=True, timeout=60)


def rows(data, query, timeout=60):
    end = time.monotonic() + timeout
    out = sql(data, query, "--json")
    while out.returncode == 1 and "has no series yet" in out.stderr and time.monotonic() < end:  # the pipeline has just begun
        time.sleep(0.05)
        out = sql(data, query, "--json")
    assert out.returncode == 0, out.stderr
    return [json.loads(line) for line in out.stdout.splitlines()]


def stored(data):
    return rows(data, "SELECT count(*) AS n, coalesce(sum(copies), 0) AS c FROM value")[0]


class Follow(unittest.TestCase):
    def start(self, **more):
        self.serve = s.Serve(admit=[s.mn_of(1), s.mn_of(2)], only="gateway,pipeline", **more)
        self.addCleanup(self.clean)
        return self.serve

    def clean(self):
        if self.serve.process and self.serve.process.poll() is None:
            self.serve.process.terminate()
            self.serve.process.wait(20)
        if self.serve.process:
            self.serve.process.stdout.close()
        self.serve.log.close()
        subprocess.run(["rm", "-rf", str(self.serve.data)], check=True)

    def wait_rows(self, n, timeout=60.0):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            have = stored(self.serve.data)
            if have["n"] >= n:
                return have
            time.sleep(0.02)
        self.fail(f"{have} of {n} rows; {self.serve.log_text()}")

    def test_a_packet_becomes_a_row_exactly_as_sent(self):
        serve = self.start()
        with serve.connect() as d:
            d.send(s.frame(s.mn_of(1), s.qn(1), "DataTime=20261101103000;a21026-Avg=12.30,a21026-Min=-0.05,a21026-Flag=N;"
                           "a21002-Avg=7,a21002-Flag=D", cn="2051"))
            self.assertEqual(d.acks(1), [s.qn(1)])
        self.wait_rows(2)
        got = rows(serve.data, "SELECT v.*, d.mn FROM value v JOIN device d ON d.id = v.device ORDER BY factor")
        self.assertEqual([r["factor"] for r in got], ["a21002", "a21026"])
        self.assertEqual(got[1]["fields"], '{"Avg":"12.30","Min":"-0.05","Flag":"N"}')
        self.assertEqual((got[1]["avg"], got[1]["min"], got[1]["flag"]), (12.3, -0.05, "N"))
        self.assertEqual((got[0]["avg"], got[0]["flag"], got[0]["max"]), (7, "D", None))
        self.assertEqual((got[0]["kind"], got[0]["at"], got[0]["outlet"]), ("minute", "2026-11-01T10:30:00+08:00", 1))
        first, = [r for r in serve.journal() if r["direction"] == "in"][:1]
        self.assertEqual((got[0]["journal"], got[0]["position"], got[0]["mn"]), ("p0", int(first["position"]), s.mn_of(1)))
        self.assertEqual(rows(serve.data, "SELECT count(*) AS n FROM m2026_11.value WHERE current")[0]["n"], 2)

    def test_admission_by_an_act_takes_effect_at_once(self):
        serve = self.start()
        version = lambda: int.from_bytes((serve.data / "register.snap").read_bytes()[:64], "little")
        before, began = version(), time.monotonic()
        with serve.connect() as d:
            d.send(s.real_time(s.mn_of(3), s.qn(1)))
            waiting = []
            while not waiting and time.monotonic() - began < 60:
                waiting = [w["mn"] for w in rows(serve.data, "SELECT mn FROM waiting")]
            self.assertEqual(waiting, [s.mn_of(3)])
            append_act(serve.data, {"act": "register.put", "by": "test", "at": 1, "outlets": [
                {"id": 9, "enterprise": 1, "code": "DA009", "name": "new", "kind": "air", "st": "31"}]})
            append_act(serve.data, {"act": "device.admit", "by": "test", "at": 2, "mn": s.mn_of(3), "id": 9, "outlet": 9,
                                    "pw": s.PW})
            while version() == before and time.monotonic() - began < 60:
                time.sleep(0.01)
            n = 2
            while not d.acks(1, timeout=0.1) and time.monotonic() - began < 90:
                d.send(s.real_time(s.mn_of(3), s.qn(n)))
                n += 1
        self.wait_rows(1)
        self.assertEqual(rows(serve.data, "SELECT DISTINCT outlet FROM value"), [{"outlet": 9}])

    def test_killed_again_and_again(self):
        serve = self.start()
        sent, now = 0, time.time()
        with serve.connect() as d:
            for life in range(12):
                for _ in range(150):
                    d.send(s.real_time(s.mn_of(1 + sent % 2), s.qn(sent), at=s.civil(now - 2 * sent), value="%d.5" % sent))
                    sent += 1
                time.sleep(0.03 * (life % 4))
                serve.kill("pipeline")
            self.assertEqual(len(d.acks(sent, timeout=30)), sent)
        have = self.wait_rows(sent)
        self.assertEqual(have, {"n": sent, "c": sent})

    def test_it_has_no_network(self):
        serve = self.start()
        status = pathlib.Path(f"/proc/{serve.pid_of('pipeline')}/status").read_text()
        self.assertEqual(re.search(r"^Seccomp:\s+(\d)", status, re.M).group(1), "2")
        links = [os.readlink(f"/proc/{serve.pid_of('pipeline')}/fd/{fd}")
                 for fd in os.listdir(f"/proc/{serve.pid_of('pipeline')}/fd") if fd not in "012"]
        self.assertFalse([l for l in links if l.startswith("socket:")])

    def test_sql_is_for_reading(self):
        serve = self.start()
        with serve.connect() as d:
            d.send(s.real_time(s.mn_of(1), s.qn(1)))
            d.acks(1)
        self.wait_rows(1)
        for query in ("DELETE FROM latest", "CREATE TABLE t(x)", "DROP TABLE waiting", "ATTACH '/tmp/x.db' AS x",
                      "INSERT INTO device VALUES(1,2,3,4,5)", "SELECT nonsense"):
            out = sql(serve.data, query)
            self.assertEqual(out.returncode, 1, query)
            self.assertTrue(out.stderr)
        out = sql(serve.data, "SELECT outlet, rtd FROM value", "--csv")
        self.assertEqual(out.stdout.split(), ["outlet,rtd", "1,12.3"])
        self.assertIn("outlet", sql(serve.data, "SELECT outlet FROM value").stdout)
        append_act(serve.data, {"act": "unit.put", "by": "t", "at": 1, "units": [{"code": "Z", "name": "支队", "area": "370000"}]})
        self.assertEqual(rows(serve.data, "SELECT * FROM unit"), [{"code": "Z", "parent": "", "name": "支队", "area": "370000"}])
        talk = subprocess.run([s.program("yanwu-sql"), "--json", str(serve.data)], input="SELECT 1 AS a;\nSELECT\n2 AS b;",
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(talk.stdout, '{"a":1}\n{"b":2}\n')
        self.assertEqual(sql("/nonexistent", "SELECT 1").returncode, 1)
        self.assertEqual(subprocess.run([s.program("yanwu-sql")], capture_output=True).returncode, 2)


def append_act(data, act):
    """The acts journal's owner would do this while serve runs."""
    subprocess.run([str(s.BUILD / "tests/unit/list_gateway/put-acts"), "--acts-only", str(data)], input=(json.dumps(act) + "\n").encode(),
                   check=True, timeout=60)


if __name__ == "__main__":
    unittest.main()
