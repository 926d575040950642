"""kill -9 of any process at random moments under load: every acknowledged packet is in the store exactly once, with its
value. Devices send again, with the same QN, what was not acknowledged."""

import os
import random
import subprocess
import threading
import time
import unittest

from support import Device, Serve, civil, has_program, mn_of, program, qn, real_time

ROUNDS = int(os.environ.get("YANWU_CRASH_ROUNDS", "20"))
SEED = int(os.environ.get("YANWU_CRASH_SEED", "0")) or random.randrange(1 << 30)
DEVICES = 12
START = 1767225600  # 2026-01-01 00:00 UTC


def data_time(n):
    return civil(START + n)


def value(device, n):
    return "%d.%02d" % (device, n % 100)


class Sender(threading.Thread):
    """One device: a packet at a time, again and again until its answer comes."""

    def __init__(self, serve, number):
        super().__init__(daemon=True)
        self.serve, self.number = serve, number
        self.acked, self.resent, self.end = [], 0, False

    def packet(self, n):
        return real_time(mn_of(self.number), qn(n), at=data_time(n), value=value(self.number, n))

    def run(self):
        n, device = 0, None
        while not self.end:
            try:
                if device is None:
                    device = Device(self.serve.device, timeout=2)
                device.send(self.packet(n))
                if qn(n) in device.acks(1, timeout=2):
                    self.acked.append(n)
                    n += 1
                    continue
            except (OSError, TypeError):  # no link, or no address while the supervisor starts again
                pass
            self.resent += 1
            if device is not None:
                device.close()
            device = None
            time.sleep(0.02)
        if device is not None:
            device.close()


class Kill(unittest.TestCase):
    def restart(self, serve):
        """Whoever watches over the supervisor starts it again, at the same addresses."""
        for _ in range(50):
            try:
                serve.start()
                return
            except AssertionError:
                time.sleep(0.1)
        self.fail("serve does not start again:\n" + serve.log_text())

    def test_every_acknowledged_packet_is_there_once(self):
        print(f"seed {SEED}")
        rng = random.Random(SEED)
        only = "" if has_program("yanwu-web") else "gateway,pipeline"
        with Serve(admit=[mn_of(i) for i in range(1, DEVICES + 1)], workers=2, only=only) as serve:
            serve.args = ["--device-listen", "127.0.0.1:%d" % serve.device[1]]
            senders = [Sender(serve, i) for i in range(1, DEVICES + 1)]
            for s in senders:
                s.start()
            victims = ["gateway-0", "gateway-1", "pipeline", "supervisor"] + ([] if only else ["web"])
            killed = {}
            for _ in range(ROUNDS):
                time.sleep(rng.uniform(0.05, 0.6))
                victim = rng.choice(victims)
                if serve.kill(victim):
                    killed[victim] = killed.get(victim, 0) + 1
                if victim == "supervisor":
                    time.sleep(rng.uniform(0, 0.2))
                    self.restart(serve)
            before = [len(s.acked) for s in senders]
            time.sleep(3)  # service goes on by itself
            for s, n in zip(senders, before):
                self.assertGreater(len(s.acked), n, f"device {s.number} is not served any more\n" + serve.log_text())
            for s in senders:
                s.end = True
            for s in senders:
                s.join(10)
            serve.wait_drained()
            serve.stop()
            acked = {(s.number, START + n): value(s.number, n) for s in senders for n in s.acked}
            print(f"killed {killed}; {len(acked)} acknowledged, {sum(s.resent for s in senders)} sent again")
            self.check(serve, acked)

    def check(self, serve, acked):
        verify = subprocess.run([program("yanwu-journal"), "verify", str(serve.data)], capture_output=True, text=True,
                                timeout=300)
        self.assertEqual(verify.returncode, 0, verify.stdout + verify.stderr)
        rows = serve.sql("SELECT outlet, time, rtd, copies FROM value WHERE kind='real' AND factor='a21026'")
        stored = {}
        for r in rows:
            stored.setdefault((r["outlet"], r["time"] // 1000000), []).append(r)
        for key, text in acked.items():
            self.assertIn(key, stored, "acknowledged and not in the store")
            self.assertEqual(len(stored[key]), 1, f"more than once: {stored[key]}")
            self.assertAlmostEqual(stored[key][0]["rtd"], float(text))
        self.assertLess(len(stored) - len(acked), 2 * DEVICES)  # at most what was on its way at the end


if __name__ == "__main__":
    unittest.main()
