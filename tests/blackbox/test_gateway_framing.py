"""However the bytes of packets arrive, the packets are the same."""

import socket
import time
import unittest

from support import Serve, field, mn_of, qn, real_time, wrap


class Framing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = Serve(admit=[mn_of(1)], args=["--link-refused", "0", "--link-packets", "0"])
        cls.addClassCleanup(cls.serve.clean)
        cls.n = 0

    def packets(self, count):
        """Fresh packets and their QNs."""
        first = Framing.n
        Framing.n += count
        names = [qn(i) for i in range(first, first + count)]
        return [real_time(mn_of(1), name) for name in names], names

    def test_answer_is_a_9014_with_the_same_qn(self):
        (packet,), (name,) = self.packets(1)
        with self.serve.connect() as d:
            d.send(packet)
            (answer,) = d.answers(1)
        self.assertEqual(field(answer, "QN"), name)
        self.assertEqual(field(answer, "CN"), "9014")
        self.assertEqual(field(answer, "ST"), "91")
        self.assertEqual(field(answer, "MN"), mn_of(1))
        self.assertEqual(field(answer, "Flag"), "4")
        self.assertTrue(answer.endswith(b"\r\n"))
        self.assertIn(b"CP=&&&&", answer)

    def test_no_answer_without_the_answer_bit(self):
        silent, asked = qn(900001), qn(900002)
        with self.serve.connect() as d:
            d.send(real_time(mn_of(1), silent, flag="4") + real_time(mn_of(1), asked))
            self.assertEqual(d.acks(1), [asked])
            self.assertEqual(d.acks(1, timeout=1), [])

    def test_bytes_one_at_a_time(self):
        packets, names = self.packets(3)
        with self.serve.connect() as d:
            for b in b"".join(packets):
                d.send(bytes([b]))
            self.assertEqual(d.acks(3), names)

    def test_glued(self):
        packets, names = self.packets(500)
        with self.serve.connect() as d:
            d.send(b"".join(packets))
            self.assertEqual(d.acks(500), names)

    def test_many_glued_and_answers_read_late(self):
        """A device that sends a day's backlog before it reads its first answer gets all of them."""
        packets, names = self.packets(10000)
        with self.serve.connect() as d:
            d.send(b"".join(packets))
            time.sleep(0.5)
            self.assertEqual(d.acks(len(names), timeout=20), names)

    def test_split_at_every_position(self):
        (one,), _ = self.packets(1)
        packets, names = self.packets(2 * len(one))
        with self.serve.connect() as d:
            for i in range(len(one)):
                pair = packets[2 * i] + packets[2 * i + 1]
                d.send(pair[:i + 1])
                time.sleep(0.0005)
                d.send(pair[i + 1:])
            self.assertEqual(d.acks(len(names)), names)

    def test_garbage_between_packets(self):
        packets, names = self.packets(8)
        noise = [b"hello\r\n", b"##", b"##12", b"##9999QN=", b"\x00\xff" * 50, b"#" * 33, b"##0000", b"\r\n\r\n"]
        with self.serve.connect() as d:
            for n, p in zip(noise, packets):
                d.send(n + p)
            got = d.acks(8)
        self.assertEqual(got, names)
        self.assertGreater(self.serve.counter("garbage_bytes"), 0)

    def test_bad_crc_is_not_answered(self):
        packets, names = self.packets(3)
        bad = bytearray(packets[1])
        bad[40] ^= 1
        before = self.serve.counter("bad_crc")
        with self.serve.connect() as d:
            d.send(packets[0] + bytes(bad) + packets[2])
            self.assertEqual(d.acks(2), [names[0], names[2]])
            self.assertEqual(d.acks(1, timeout=1.5), [])
        self.assertGreater(self.serve.counter("bad_crc") + self.serve.counter("garbage_bytes"), before)

    def test_frame_without_cr_lf_is_taken_after_a_silence(self):
        packets, names = self.packets(2)
        with self.serve.connect() as d:
            d.send(packets[0][:-2])
            self.assertEqual(d.acks(1), names[:1])
            d.send(b"\r\n" + packets[1])  # the late end of the first is no garbage
            self.assertEqual(d.acks(1), names[1:])

    def test_last_frame_before_the_link_is_closed(self):
        packets, names = self.packets(2)
        with self.serve.connect() as d:
            d.send(packets[0] + packets[1][:-2])
            d.sock.shutdown(socket.SHUT_WR)
            self.assertEqual(d.acks(2), names)
            self.assertTrue(d.closed_within(5))

    def test_largest_frame_and_one_too_large(self):
        head = f"QN={qn(900003)};ST=31;CN=2011;PW=123456;MN={mn_of(1)};Flag=5;CP=&&DataTime=20260101000000;a21026-Info="
        large = wrap(head + "x" * (9999 - len(head) - 2) + "&&")
        packets, names = self.packets(1)
        with self.serve.connect() as d:
            d.send(large)
            self.assertEqual(d.acks(1), [qn(900003)])
            d.send(b"##9999" + b"y" * 30000 + b"\r\n" + packets[0])
            self.assertEqual(d.acks(1), names)

    def test_a_notice_is_answered_by_9013(self):
        with self.serve.connect() as d:
            segment = f"QN={qn(900010)};ST=31;CN=1013;PW=123456;MN={mn_of(1)};Flag=5;CP=&&&&"
            d.send(wrap(segment))
            (answer,) = d.answers(1)
        self.assertEqual((field(answer, "CN"), field(answer, "QN")), ("9013", qn(900010)))


if __name__ == "__main__":
    unittest.main()
