"""Devices over TLS: the same packets, the same answers."""

import socket
import ssl
import time
import unittest
import warnings

from support import Device, Serve, mn_of, qn, real_time


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = Serve(admit=[mn_of(1), mn_of(2)], tls=True, args=["--link-partial", "2s"])
        cls.addClassCleanup(cls.serve.clean)

    def test_packets_over_tls(self):
        with Device(self.serve.tls, tls=True) as d:
            self.assertIn(d.sock.version(), ("TLSv1.2", "TLSv1.3"))
            d.send(b"".join(real_time(mn_of(1), qn(i)) for i in range(300)))
            self.assertEqual(d.acks(300), [qn(i) for i in range(300)])
            packet = real_time(mn_of(1), qn(301))
            for b in packet:
                d.send(bytes([b]))
            self.assertEqual(d.acks(1), [qn(301)])
            self.assertEqual(self.serve.counter("links_tls"), 1)

    def test_one_packet_in_two_records(self):
        with Device(self.serve.tls, tls=True) as d:
            packet = real_time(mn_of(2), qn(400))
            d.send(packet[:50])
            time.sleep(0.1)
            d.send(packet[50:])
            self.assertEqual(d.acks(1), [qn(400)])

    def test_old_versions_are_refused(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        warnings.simplefilter("ignore", DeprecationWarning)
        with self.assertRaises((ssl.SSLError, ValueError, OSError)):
            context.minimum_version = ssl.TLSVersion.TLSv1_1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.wrap_socket(socket.create_connection(self.serve.tls, timeout=5))

    def test_plain_bytes_on_the_tls_port(self):
        with Device(self.serve.tls) as d:
            d.send(real_time(mn_of(1), qn(1)))
            self.assertTrue(d.closed_within(5))

    def test_unfinished_handshake_is_closed(self):
        with Device(self.serve.tls) as d:
            d.send(b"\x16\x03\x01")
            self.assertTrue(d.closed_within(6))

    def test_a_wrong_key_is_said(self):
        with Serve(start=False, tls=True) as serve:
            (serve.data / "key.pem").write_text("no key")
            with self.assertRaises(AssertionError):
                serve.start()
            self.assertEqual(serve.process.returncode, 1)
            self.assertIn("key.pem cannot be used", serve.log_text())
            self.assertIn("cannot be started", serve.log_text())

    def test_plain_and_tls_side_by_side(self):
        with Device(self.serve.tls, tls=True) as a, self.serve.connect() as b:
            for i in range(20):
                a.send(real_time(mn_of(1), qn(1000 + i)))
                b.send(real_time(mn_of(2), qn(2000 + i)))
                self.assertEqual(a.acks(1), [qn(1000 + i)])
                self.assertEqual(b.acks(1), [qn(2000 + i)])


if __name__ == "__main__":
    unittest.main()
