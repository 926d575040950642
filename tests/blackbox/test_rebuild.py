"""`yanwu rebuild` makes the same series again, in any interleaving of the journals, and never harms the old ones."""

import json
import os
import signal
import subprocess
import time
import unittest

import support as s


def sql(data, query):
    out = subprocess.run([s.program("yanwu-sql"), "--json", str(data), query], capture_output=True, text=True, timeout=60)
    assert out.returncode == 0, out.stderr
    return out.stdout


def rebuild(data, *args):
    return subprocess.run([s.program("yanwu-rebuild"), *args, str(data)], capture_output=True, text=True, timeout=120)


EVERYTHING = ("SELECT outlet, kind, time, factor, fields, arrival, journal, position, device, backfilled, copies, current "
              "FROM value ORDER BY outlet, kind, time, arrival, journal, position, factor")
WAITING = "SELECT * FROM waiting ORDER BY mn"
LATEST = "SELECT outlet, kind, live, time, arrival, journal, position FROM latest ORDER BY outlet, kind"


DEVICES = ("SELECT * FROM command ORDER BY id", "SELECT * FROM life ORDER BY journal", "SELECT * FROM fact ORDER BY device",
           "SELECT * FROM clock ORDER BY day, device", "SELECT * FROM asked_clock ORDER BY command",
           "SELECT * FROM link ORDER BY device, journal, link, peer", "SELECT * FROM notice ORDER BY device, hardware, cn")


class Rebuild(unittest.TestCase):
    def setUp(self):
        self.mns = [s.mn_of(i) for i in range(1, 5)]
        self.serve = s.Serve(admit=self.mns, only="gateway,pipeline", workers=2)
        self.addCleanup(self.clean)

    def clean(self):
        if self.serve.process and self.serve.process.poll() is None:
            self.serve.process.terminate()
            self.serve.process.wait(20)
        if self.serve.process:
            self.serve.process.stdout.close()
        self.serve.log.close()
        subprocess.run(["rm", "-rf", str(self.serve.data)], check=True)

    def fill(self):
        """Live, resent, corrected, backfilled and unknown packets over several links, so over both workers."""
        n, now = 0, time.time()
        for link in range(8):
            with self.serve.connect() as d:
                for k in range(40):
                    mn = self.mns[(link + k) % 4]
                    at = s.civil(now - 30 * (k // 2))
                    more = {"flag": "9"} if k % 3 == 0 else {}
                    d.send(s.real_time(mn, s.qn(n), at=at, value="%d.50" % (k % 7), **more))
                    n += 1
                d.send(s.real_time(s.mn_of(900 + link % 3), s.qn(99000 + link)))
                self.assertEqual(len(d.acks(40)), 40)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            done = sql(self.serve.data, "SELECT coalesce(sum(copies), 0) AS n FROM value")
            tallied = sql(self.serve.data, "SELECT coalesce(sum(packets), 0) AS n FROM waiting")
            if done == '{"n":%d}\n' % n and tallied == '{"n":8}\n':
                return
            time.sleep(0.05)
        self.fail(f"not everything was stored: {done} of {n}, {tallied}")

    def stop(self):
        self.serve.process.terminate()
        self.assertEqual(self.serve.process.wait(20), 0)

    def test_the_same_in_any_interleaving(self):
        self.fill()
        self.assertEqual(rebuild(self.serve.data).returncode, 1, "the pipeline runs")
        self.stop()
        data = self.serve.data
        want = [sql(data, q) for q in (EVERYTHING, WAITING, LATEST)]
        self.assertIn('"copies":2', want[0])
        for args in ([], ["--shuffle", "1"], ["--shuffle", "2"], ["--shuffle", "77"]):
            out = rebuild(data, *args)
            self.assertEqual(out.returncode, 0, out.stderr)
            self.assertEqual([sql(data, q) for q in (EVERYTHING, WAITING, LATEST)], want, args)
        self.assertFalse((data / "series.new").exists())

    def test_killed_it_changes_nothing(self):
        self.fill()
        self.stop()
        data = self.serve.data
        want = sql(data, EVERYTHING)
        for delay in (0.0, 0.005, 0.02, 0.05, 0.1):
            p = subprocess.Popen([s.program("yanwu-rebuild"), str(data)], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
            time.sleep(delay)
            p.send_signal(signal.SIGKILL)
            p.wait()
            self.assertEqual(sql(data, EVERYTHING), want)
        self.assertEqual(rebuild(data).returncode, 0)
        self.assertEqual(sql(data, EVERYTHING), want)

    def act(self, line):
        subprocess.run([str(s.BUILD / "tests/unit/list_gateway/put-acts"), "--acts-only", str(self.serve.data)],
                       input=json.dumps(line) + "\n", text=True, check=True, timeout=60)

    def ask(self, n, device=1):
        """Asks a device for its time, as the web process would."""
        now = int(time.time() * 1e6)
        self.act({"command": {"id": now, "key": "get-clock", "cn": 1011, "device": device, "mn": self.mns[device - 1], "st": "31",
                              "version": 2017, "flow": "request", "answer": "one", "upload": 1011, "cp": "PolId=a21026",
                              "qn": "20261123173000%03d" % n, "overtime_s": 5, "recount": 1, "execute_s": 5,
                              "valid_until": now + 30 * 10**6, "encrypt": False, "origin": "person"},
                  "by": "li", "at": now, "reason": "drifts"})
        return now

    def kill(self, name):
        """Kills one of the processes once it runs: between two lives it has no pid."""
        end = time.monotonic() + 20
        while not self.serve.kill(name):
            self.assertLess(time.monotonic(), end, f"{name} does not run")
            time.sleep(0.02)

    def wait_for(self, query, want):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            got = sql(self.serve.data, query)
            if got == want:
                return
            time.sleep(0.05)
        self.fail(f"{query}: {got}, not {want}; {self.serve.log_text()[-2000:]}")

    def test_commands_and_devices_too(self):
        data = self.serve.data
        with self.serve.connect() as d:
            d.send(s.real_time(self.mns[0], s.civil(time.time()) + "000"))
            self.assertEqual(len(d.acks(1)), 1)
            done = self.ask(1)
            request, = d.answers(1)
            qn = s.field(request, "QN")
            for cn, cp, st in (("9011", "QnRtn=1", "91"), ("1011", "PolId=a21026,SystemTime=" + s.civil(time.time()), "31"),
                               ("9012", "ExeRtn=1", "91")):
                d.send(s.frame(self.mns[0], qn, cp, cn=cn, st=st, flag="4"))
            d.send(s.frame(self.mns[0], s.civil(time.time()) + "001", "", cn="1013", flag="4"))
            self.wait_for(f"SELECT state, outcome, qnrtn, exertn, uploads FROM commands WHERE id={done}",
                          '{"state":"ended","outcome":"done","qnrtn":1,"exertn":1,"uploads":1}\n')
            # The worker that has sent the second one is killed: nobody knows what became of it.
            lost = self.ask(2)
            self.assertEqual(len(d.answers(1)), 1)
            self.wait_for(f"SELECT state FROM commands WHERE id={lost}", '{"state":"sent"}\n')
            worker = json.loads(sql(data, f"SELECT journal FROM commands WHERE id={lost}"))["journal"][1:]
            self.kill("gateway-" + worker)
        self.wait_for(f"SELECT state FROM commands WHERE id={lost}", '{"state":"unknown"}\n')
        self.act({"station": {"outlet": 1, "time": int(time.time() * 1e6), "kind": "door", "state": "open", "source": "person"},
                  "by": "li", "at": int(time.time() * 1e6)})
        self.wait_for("SELECT count(*) AS n FROM value WHERE kind = 'station'", '{"n":1}\n')
        # Killed and started again it counts nothing twice.
        for i in range(3):
            with self.serve.connect() as d:
                for k in range(20):
                    d.send(s.real_time(self.mns[1], s.civil(time.time()) + "%03d" % (i * 20 + k), value=str(k)))
                self.kill("pipeline")
                self.assertEqual(len(d.acks(20)), 20)
        self.wait_for("SELECT packets FROM facts WHERE device = 2", '{"packets":60}\n')
        self.wait_for("SELECT sum(packets) AS n FROM links WHERE device = 2", '{"n":60}\n')
        self.stop()
        self.assertEqual(json.loads(sql(data, "SELECT packets, v2017 FROM facts WHERE device = 1")),
                         {"packets": 5, "v2017": 5})
        clock = json.loads(sql(data, "SELECT n, odd_n, asked_ms FROM clocks WHERE device = 1"))
        self.assertEqual((clock["n"], clock["odd_n"]), (1, 0))
        self.assertLess(abs(clock["asked_ms"]), 5000)
        self.assertEqual(sql(data, "SELECT mn, cn, count FROM notices"),
                         '{"mn":"%s","cn":1013,"count":1}\n' % self.mns[0])
        queries = (EVERYTHING, WAITING, LATEST, *DEVICES)
        want = [sql(data, q) for q in queries]
        for args in ([], ["--shuffle", "3"], ["--shuffle", "4"]):
            out = rebuild(data, *args)
            self.assertEqual(out.returncode, 0, out.stderr)
            for q, w in zip(queries, want):
                self.assertEqual(sql(data, q), w, (args, q))

    def test_wrong_use(self):
        self.assertEqual(rebuild("/nonexistent/folder").returncode, 1)
        self.assertEqual(rebuild(self.serve.data, "--shuffle", "many").returncode, 2)
        self.assertEqual(rebuild(self.serve.data, "--no-such-option").returncode, 2)
        self.assertEqual(subprocess.run([s.program("yanwu-rebuild"), "--help"], capture_output=True).returncode, 0)


if __name__ == "__main__":
    unittest.main()
