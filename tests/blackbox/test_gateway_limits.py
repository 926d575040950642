"""Links that misbehave cost the others nothing."""

import os
import random
import socket
import threading
import time
import unittest

from support import Device, Serve, frame, mn_of, qn, real_time, wrap


def memory_kib(pid):
    """Private memory of a process, KiB."""
    total = 0
    with open(f"/proc/{pid}/smaps_rollup") as f:
        for line in f:
            if line.startswith(("Private_Dirty", "Private_Clean")):
                total += int(line.split()[1])
    return total


class Limits(unittest.TestCase):
    def others_are_served(self, serve):
        with serve.connect() as d:
            d.send(real_time(mn_of(1), qn(1)))
            self.assertEqual(d.acks(1), [qn(1)])

    def test_hundred_megabytes_of_hashes(self):
        with Serve(admit=[mn_of(1)]) as serve:
            pid = serve.pid_of("gateway-0")
            before = memory_kib(pid)
            d = serve.connect()
            sent = 0
            try:
                for _ in range(1600):
                    d.send(b"#" * 65536)
                    sent += 65536
            except OSError:
                pass
            self.assertTrue(d.closed_within(10) if sent == 1600 * 65536 else True)
            d.close()
            self.others_are_served(serve)
            self.assertEqual(serve.counter("closed_garbage"), 1)
            self.assertLess(memory_kib(pid) - before, 4096)

    def test_hundred_megabytes_of_hashes_without_a_limit(self):
        args = ["--link-garbage", "0", "--link-bytes", "0"]
        with Serve(admit=[mn_of(1)], args=args) as serve:
            pid = serve.pid_of("gateway-0")
            before = memory_kib(pid)
            with serve.connect() as d:
                for _ in range(1600):
                    d.send(b"#" * 65536)
                d.send(real_time(mn_of(1), qn(5)))
                self.assertEqual(d.acks(1, timeout=30), [qn(5)])
            self.assertGreaterEqual(serve.counter("garbage_bytes"), 1600 * 65536 - 10)
            self.assertLess(memory_kib(pid) - before, 4096)

    def test_garbage_budget_closes(self):
        with Serve(admit=[mn_of(1)], args=["--link-garbage", "10K"]) as serve:
            with serve.connect() as d:
                d.send(b"x" * 9000 + real_time(mn_of(1), qn(1)))
                self.assertEqual(d.acks(1), [qn(1)])
                d.send(b"x" * 9000)
                self.assertTrue(d.closed_within(5))
            self.assertEqual(serve.counter("closed_garbage"), 1)

    def test_packets_over_the_rate_wait(self):
        with Serve(admit=[mn_of(1)], args=["--link-packets", "500"]) as serve:
            with serve.connect() as d:
                began = time.monotonic()
                d.send(b"".join(real_time(mn_of(1), qn(i)) for i in range(3000)))
                self.assertEqual(d.acks(3000, timeout=20), [qn(i) for i in range(3000)])
                # 1,000 at once, what one read brought more, the rest at 500 a second
                self.assertGreater(time.monotonic() - began, 2)
            self.assertGreater(serve.counter("throttled"), 0)

    def test_refused_packets_wait_too(self):
        with Serve(admit=[mn_of(1)], args=["--link-refused", "50"]) as serve:
            with serve.connect() as d:
                d.send(b"".join(real_time(mn_of(9), qn(i)) for i in range(2000)))
                time.sleep(1)
                self.others_are_served(serve)
                self.assertLess(serve.counter("unknown"), 1500)
                self.assertGreater(serve.counter("throttled"), 0)

    def test_idle_link_is_closed(self):
        with Serve(admit=[mn_of(1)], args=["--link-idle", "1s"]) as serve:
            with serve.connect() as quiet, serve.connect() as busy:
                for i in range(12):
                    time.sleep(0.15)
                    busy.send(real_time(mn_of(1), qn(i)))
                    self.assertEqual(busy.acks(1), [qn(i)])
                self.assertTrue(quiet.closed_within(1))
            self.assertEqual(serve.counter("closed_idle"), 1)

    def test_unfinished_frame_is_closed(self):
        with Serve(admit=[mn_of(1)], args=["--link-partial", "1s"]) as serve:
            with serve.connect() as d:
                began = time.monotonic()
                closed = False
                for b in real_time(mn_of(1), qn(1))[:-2] * 3:  # drips for ever
                    try:
                        d.send(bytes([b]))
                    except OSError:
                        closed = True
                        break
                    time.sleep(0.05)
                self.assertTrue(closed)
                self.assertLess(time.monotonic() - began, 5)
            self.assertEqual(serve.counter("closed_partial"), 1)

    def test_slow_reader(self):
        with Serve(admit=[mn_of(1)], args=["--link-packets", "0", "--link-bytes", "0", "--link-idle", "3s"]) as serve:
            pid = serve.pid_of("gateway-0")
            before = memory_kib(pid)
            d = serve.connect(rcvbuf=4096)
            blob = b"".join(real_time(mn_of(1), qn(i)) for i in range(500))
            d.sock.settimeout(1)
            try:
                for _ in range(2000):
                    d.sock.sendall(blob)
            except OSError:
                pass  # the gateway stopped reading, or closed
            self.others_are_served(serve)
            self.assertEqual(serve.wait_counter("closed_slow", 1, timeout=10), 1)
            self.assertLess(memory_kib(pid) - before, 24 << 10)
            d.close()

    def test_half_open_links_are_probed(self):
        """Keep-alive is on: /proc/net/tcp shows that timer (02) on the gateway's end."""
        with Serve(admit=[mn_of(1)]) as serve:
            with serve.connect() as d:
                d.send(real_time(mn_of(1), qn(1)))
                self.assertEqual(d.acks(1), [qn(1)])
                local, remote = "%04X" % serve.device[1], "%04X" % d.sock.getsockname()[1]
                with open("/proc/net/tcp") as f:
                    rows = [line.split() for line in f.readlines()[1:]]
                timers = [r[5].split(":")[0] for r in rows if r[1].endswith(":" + local) and r[2].endswith(":" + remote)]
                self.assertEqual(timers, ["02"])

    def test_more_links_than_allowed(self):
        with Serve(admit=[mn_of(1)], args=["--links-max", "10"]) as serve:
            devices = [serve.connect() for _ in range(10)]
            serve.wait_counter("links", 10)
            with serve.connect() as extra:
                self.assertTrue(extra.closed_within(5))
            self.assertEqual(serve.counter("closed_limit"), 1)
            devices.pop().close()
            time.sleep(0.2)
            self.others_are_served(serve)
            for d in devices:
                d.close()

    def test_two_thousand_connects_a_second(self):
        with Serve(admit=[mn_of(1)], workers=2) as serve:
            total, threads, failures = 6000, 3, []

            def storm(count):
                for _ in range(count):
                    try:
                        s = socket.create_connection(serve.device, timeout=10)
                        s.close()
                    except OSError as e:
                        failures.append(e)

            began = time.monotonic()
            pool = [threading.Thread(target=storm, args=(total // threads,)) for _ in range(threads)]
            for t in pool:
                t.start()
            served = 0
            while any(t.is_alive() for t in pool):
                with Device(serve.device) as d:
                    d.send(real_time(mn_of(1), qn(served)))
                    self.assertEqual(d.acks(1), [qn(served)])
                served += 1
                time.sleep(0.05)
            for t in pool:
                t.join()
            rate = total / (time.monotonic() - began)
            self.assertEqual(failures, [])
            self.assertGreaterEqual(serve.wait_counter("accepted", total + served), total + served)
            self.assertEqual(serve.counter("closed_error"), 0)
            print(f"connects a second: {rate:.0f}, with {served} packets answered meanwhile")

    def test_slow_loris(self):
        """Three hundred links that drip a byte now and then, each in its own way; none outlives its allowance by staying
        busy, and nobody notices them."""
        good = real_time(mn_of(1), qn(1))
        drips = [good[:-2] * 9, b"#" * 3000, b"##0999" + b"QN=" * 900, b"\x16\x03\x01" * 900]
        with Serve(admit=[mn_of(1)], args=["--link-partial", "2s", "--link-idle", "4s", "--link-garbage", "20"]) as serve:
            pid = serve.pid_of("gateway-0")
            before = memory_kib(pid)
            links = [(serve.connect(), drips[i % len(drips)]) for i in range(300)]
            open_, end, at = set(range(300)), time.monotonic() + 12, 0
            while open_ and time.monotonic() < end:
                for i in list(open_):
                    d, text = links[i]
                    try:
                        d.sock.send(text[at:at + 1])
                    except OSError:
                        open_.discard(i)
                at += 1
                if at % 5 == 0:
                    self.others_are_served(serve)
                time.sleep(0.1)
            self.assertEqual(len(open_), 0)
            self.assertLess(memory_kib(pid) - before, 4096)
            closed = serve.counters()
            self.assertGreaterEqual(closed["closed_partial"] + closed["closed_garbage"], 300)
            for d, _ in links:
                d.close()

    def test_wrong_keys(self):
        """Data areas that no key opens cost what other refused packets cost."""
        with Serve(admit=[mn_of(1)], args=["--link-refused", "50"]) as serve, serve.connect() as d:
            random.seed(1)
            for i in range(500):
                area = random.randbytes(896)
                d.send(wrap(b"QN=%s;ST=31;CN=2011;PW=123456;MN=%s;Flag=9;CP=&&" % (qn(i).encode(), mn_of(1).encode()) + area + b"&&"))
            self.others_are_served(serve)
            time.sleep(0.5)
            counters = serve.counters()
            self.assertGreater(counters["bad_crc"], 100)
            self.assertLess(counters["bad_crc"], 800)
            self.assertEqual(counters["admitted"], 1)  # the one packet of the others

    def test_flood_of_everything(self):
        """Eight links send as fast as they can what nobody wants; a device is served all the while, and no budget is
        taken from it."""
        stranger = [real_time(mn_of(99), qn(i)) for i in range(200)]
        kinds = [b"".join(stranger),
                 b"".join(real_time(mn_of(1), qn(i), pw="000000") for i in range(200)),
                 b"".join(frame("", qn(i), "i23005-Info=D%d" % i, cn="1001", flag="9") for i in range(200)),
                 b"".join(f[:-6] + (b"FFFF" if f[-6:-2] == b"0000" else b"0000") + b"\r\n"  # there are 256 CRCs: 0000 may be right
                          for f in (real_time(mn_of(1), qn(i)) for i in range(200))),
                 os.urandom(65536), b"#" * 65536, b"##9999" * 10000, b"##0100QN=2026;CP=&&a=1&&1234\r\n" * 2000]
        stop = threading.Event()

        def flood(serve, blob):
            while not stop.is_set():
                try:
                    with serve.connect(timeout=2) as d:
                        while not stop.is_set():
                            d.sock.settimeout(1)
                            d.sock.sendall(blob)
                except OSError:
                    pass  # closed, or made to wait: the next link tries the same

        with Serve(admit=[mn_of(1)]) as serve:
            pool = [threading.Thread(target=flood, args=(serve, blob)) for blob in kinds]
            for t in pool:
                t.start()
            try:
                with serve.connect() as d:
                    end, n = time.monotonic() + 5, 0
                    while time.monotonic() < end:
                        n += 1
                        d.send(real_time(mn_of(1), qn(n)))
                        self.assertEqual(d.acks(1), [qn(n)])
                        time.sleep(0.01)
            finally:
                stop.set()
                for t in pool:
                    t.join()
            self.assertEqual(serve.counter("admitted"), n)
            time.sleep(0.3)
            self.assertEqual(serve.counter("acks") + serve.counter("acks_lost"), n + serve.counter("registrations"))
            print(f"packets answered during five seconds of flood: {n}")

    def test_resets(self):
        with Serve(admit=[mn_of(1)]) as serve:
            for i in range(50):
                d = serve.connect()
                d.send(real_time(mn_of(1), qn(i)) * 20)
                d.reset()
            self.others_are_served(serve)
            time.sleep(0.3)
            self.assertEqual(serve.counter("links"), 0)


if __name__ == "__main__":
    unittest.main()
