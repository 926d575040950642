"""The packet journal holds both directions byte for byte, with what the gateway concluded."""

import unittest

from support import Serve, mn_of, qn, real_time


class Journal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.good = real_time(mn_of(1), qn(1))
        cls.silent = real_time(mn_of(1), qn(2), flag="4")
        cls.stranger = real_time(mn_of(2), qn(3))
        cls.impostor = real_time(mn_of(1), qn(4), pw="000000")
        cls.damaged = real_time(mn_of(1), qn(5)).replace(b"12.30", b"12.31")
        cls.last = real_time(mn_of(1), qn(6))
        with Serve(admit=[mn_of(1)]) as serve:
            with serve.connect() as d:
                cls.port = d.sock.getsockname()[1]
                d.send(cls.good + cls.silent + cls.stranger + cls.impostor + cls.damaged + b"x" * 5000 + cls.last)
                cls.answers = d.answers(2)
            with serve.connect() as d:  # a frame that nobody ever finished
                d.send(b"##0100QN=2026")
            serve.wait_counter("closed_peer", 2)
            cls.garbage_bytes = serve.counter("garbage_bytes")
            serve.stop()
            cls.records = serve.journal()

    def texts(self, direction, flag=None):
        return [r["text"].encode() for r in self.records
                if r["direction"] == direction and (flag is None or flag in r["flags"])]

    def test_packets_and_answers_byte_for_byte(self):
        self.assertEqual(self.texts("in", "admitted"), [self.good, self.silent, self.last])
        self.assertEqual(self.texts("in", "acked"), [self.good, self.last])
        self.assertEqual(self.texts("out"), self.answers)

    def test_an_answer_stands_right_behind_its_packet(self):
        for i, r in enumerate(self.records):
            if "acked" in r["flags"]:
                self.assertEqual(self.records[i + 1]["direction"], "out")
                self.assertEqual(self.records[i + 1]["link"], r["link"])

    def test_what_was_not_accepted_says_why(self):
        self.assertEqual(self.texts("in", "unknown"), [self.stranger])
        self.assertEqual(self.texts("in", "bad_pw"), [self.impostor])
        self.assertEqual(self.texts("in", "bad_crc"), [self.damaged])

    def test_garbage_is_kept_up_to_a_kilobyte(self):
        garbage = self.texts("in", "garbage")
        self.assertEqual(b"".join(garbage), b"x" * 1024 + b"##0100QN=2026")
        self.assertEqual(self.garbage_bytes, 5000 + 13)

    def test_where_from_and_by_which_register(self):
        begin = self.records[0]
        self.assertEqual((begin["direction"], begin["text"], begin["link"], begin["device"]), ("event", '{"event":"start"}', 0, 0))
        first = self.records[1]
        self.assertEqual(first["peer"], f"127.0.0.1:{self.port}")
        self.assertEqual(first["domain"], "real")
        self.assertGreater(first["register_version"], 0)
        self.assertEqual(first["device"], 1)
        self.assertEqual(len({r["link"] for r in self.records[1:]}), 2)
        arrivals = [r["arrival"] for r in self.records]
        self.assertEqual(arrivals, sorted(arrivals))


if __name__ == "__main__":
    unittest.main()
