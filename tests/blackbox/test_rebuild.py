"""`yanwu rebuild` makes the same series again, in any interleaving of the journals, and never harms the old ones."""

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

    def test_wrong_use(self):
        self.assertEqual(rebuild("/nonexistent/folder").returncode, 1)
        self.assertEqual(rebuild(self.serve.data, "--shuffle", "many").returncode, 2)
        self.assertEqual(rebuild(self.serve.data, "--no-such-option").returncode, 2)
        self.assertEqual(subprocess.run([s.program("yanwu-rebuild"), "--help"], capture_output=True).returncode, 0)


if __name__ == "__main__":
    unittest.main()
