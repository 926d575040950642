"""A gateway cannot open what is not its own."""

import pathlib
import subprocess
import tempfile
import unittest

from support import Serve, mn_of, program, qn, real_time


class Lock(unittest.TestCase):
    def test_everything_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            store = pathlib.Path(folder) / "index.db"
            store.write_text("the store")
            store.chmod(0o666)
            run = subprocess.run([program("yanwu-gateway"), "--probe", str(store)], capture_output=True, text=True,
                                 cwd=folder, timeout=20)
            if "sanitizer" in run.stderr:
                self.skipTest("a sanitizer build does not lock itself in")
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            lines = run.stdout.splitlines()
            self.assertEqual(len(lines), 7)
            for line in lines:
                self.assertTrue(line.endswith("Operation not permitted"), line)
            self.assertEqual(store.read_text(), "the store")

    def test_a_serving_gateway_is_locked_in(self):
        with Serve(admit=[mn_of(1)]) as serve:
            status = pathlib.Path(f"/proc/{serve.pid_of('gateway-0')}/status").read_text()
            if "Seccomp:\t0" in status:
                self.skipTest("a sanitizer build does not lock itself in")
            self.assertIn("Seccomp:\t2", status)
            self.assertIn("NoNewPrivs:\t1", status)
            for task in pathlib.Path(f"/proc/{serve.pid_of('gateway-0')}/task").iterdir():
                self.assertIn("Seccomp:\t2", (task / "status").read_text())
            with serve.connect() as d:  # and still works
                d.send(real_time(mn_of(1), qn(1)))
                self.assertEqual(d.acks(1), [qn(1)])


if __name__ == "__main__":
    unittest.main()
