"""Who is believed: MN, PW, the reserved prefix and the training handshake."""

import time
import unittest

from support import Serve, acts_for, mn_of, plant_mn, put_acts, qn, real_time

NONCE = "00112233445566778899aabbccddeeff"


class Admission(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = Serve(admit=[mn_of(i) for i in range(1, 6)] + [plant_mn(1)])
        cls.addClassCleanup(cls.serve.clean)

    def test_wrong_password_is_kept_and_not_answered(self):
        before = self.serve.counter("bad_pw")
        with self.serve.connect() as d:
            d.send(real_time(mn_of(1), qn(1), pw="654321") + real_time(mn_of(1), qn(2)))
            self.assertEqual(d.acks(1), [qn(2)])
            self.assertEqual(d.acks(1, timeout=1), [])
        self.assertEqual(self.serve.counter("bad_pw"), before + 1)

    def test_unknown_device_waits(self):
        before = self.serve.counter("unknown")
        with self.serve.connect() as d:
            d.send(real_time(mn_of(777), qn(1)))
            self.assertEqual(d.acks(1, timeout=0.5), [])
        self.assertEqual(self.serve.wait_counter("unknown", before + 1), before + 1)

    def test_admission_counts_from_the_next_packet(self):
        with self.serve.connect() as d:
            d.send(real_time(mn_of(500), qn(1)))
            self.assertEqual(d.acks(1, timeout=0.5), [])
            put_acts(self.serve.data, acts_for([mn_of(500)], first=500))
            end = time.monotonic() + 5
            got = []
            while not got and time.monotonic() < end:
                d.send(real_time(mn_of(500), qn(2)))
                got = d.acks(1, timeout=0.3)
            self.assertEqual(got, [qn(2)])

    def test_several_mns_on_one_link(self):
        with self.serve.connect() as d:
            d.send(b"".join(real_time(mn_of(i), qn(10 + i)) for i in range(1, 6)))
            self.assertEqual(d.acks(5), [qn(10 + i) for i in range(1, 6)])

    def test_an_mn_moves_between_links(self):
        before = self.serve.counter("moved")
        with self.serve.connect() as a, self.serve.connect() as b:
            for n, d in enumerate([a, b, a, a, b]):
                d.send(real_time(mn_of(2), qn(100 + n)))
                self.assertEqual(d.acks(1), [qn(100 + n)])
            self.assertEqual(self.serve.counter("moved") - before, 3)

    def test_reserved_prefix_is_refused_in_the_real_domain(self):
        before = self.serve.counter("unknown")
        with self.serve.connect() as d:
            d.send(f"YWPLANT 1 {NONCE}\r\n".encode())
            d.send(real_time(plant_mn(1), qn(1)))
            self.assertEqual(d.acks(1, timeout=0.5), [])
            self.assertEqual(d.rest, b"")  # no word of the handshake either
        self.assertEqual(self.serve.counter("unknown"), before + 1)
        self.assertEqual(self.serve.counter("plants"), 0)


class Plants(unittest.TestCase):
    def handshake(self, serve, domain):
        with serve.connect() as d:
            d.send(f"YWPLANT 1 {NONCE}\r\n".encode())
            line = b""
            while not line.endswith(b"\n"):
                line += d.sock.recv(1)
            self.assertEqual(line, f"YWPLANT 1 {NONCE} {domain}\r\n".encode())
            d.send(real_time(plant_mn(1), qn(1)))
            self.assertEqual(d.acks(1), [qn(1)])
        with serve.connect() as d:  # no handshake: an ordinary device passes, a plant does not
            d.send(real_time(plant_mn(1), qn(2)) + real_time(mn_of(1), qn(3)))
            self.assertEqual(d.acks(1), [qn(3)])
            self.assertEqual(d.acks(1, timeout=1), [])

    def test_demonstration(self):
        with Serve(admit=[mn_of(1), plant_mn(1)], domain="demo") as serve:
            self.handshake(serve, "demo")

    def test_training(self):
        with Serve(admit=[mn_of(1), plant_mn(1)], domain="training") as serve:
            self.handshake(serve, "training")
            for bad in (b"YWPLANT 2 " + NONCE.encode(), b"YWPLANT 1 1234", b"YWPLANT 1 " + b"a" * 65,
                        b"YWPLANT 1 " + b"g" * 32):
                with serve.connect() as d:
                    d.send(bad + b"\r\n" + real_time(mn_of(1), qn(5)))
                    self.assertEqual(d.acks(1), [qn(5)])
                    d.send(real_time(plant_mn(1), qn(6)))
                    self.assertEqual(d.acks(1, timeout=0.3), [])

    def test_handshake_split_and_late(self):
        with Serve(admit=[mn_of(1), plant_mn(1)], domain="demo") as serve:
            with serve.connect() as d:
                for b in f"YWPLANT 1 {NONCE}\r\n".encode():
                    d.send(bytes([b]))
                self.assertEqual(d.sock.recv(200), f"YWPLANT 1 {NONCE} demo\r\n".encode())
            with serve.connect() as d:  # only the first line may be one
                d.send(real_time(mn_of(1), qn(1)) + f"YWPLANT 1 {NONCE}\r\n".encode() + real_time(mn_of(1), qn(2)))
                self.assertEqual(d.acks(2), [qn(1), qn(2)])
                self.assertEqual(d.rest, b"")


if __name__ == "__main__":
    unittest.main()
