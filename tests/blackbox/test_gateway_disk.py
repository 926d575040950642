"""While the journal cannot be written nothing is acknowledged; when it can, service goes on by itself. (The same with
a faulty I/O table, inside one process: tests/unit/test_gateway_worker.c.)"""

import resource
import threading
import time
import unittest

from support import Serve, mn_of, qn, real_time


class Disk(unittest.TestCase):
    def limit(self, serve, size):
        """How large a file of the gateway may grow; needs no rights and no mount."""
        hard = resource.prlimit(serve.pid_of("gateway-0"), resource.RLIMIT_FSIZE)[1]
        resource.prlimit(serve.pid_of("gateway-0"), resource.RLIMIT_FSIZE, (size, hard))

    def test_no_answers_then_all_answers(self):
        with Serve(admit=[mn_of(1), mn_of(2)]) as serve:
            with serve.connect() as a, serve.connect() as b:
                a.send(real_time(mn_of(1), qn(0)))
                self.assertEqual(a.acks(1), [qn(0)])
                self.limit(serve, 1)
                for i in range(1, 6):
                    a.send(real_time(mn_of(1), qn(i)))
                    b.send(real_time(mn_of(2), qn(i)))
                self.assertEqual(a.acks(1, timeout=1.5), [])
                self.assertEqual(b.acks(1, timeout=0.1), [])
                self.assertEqual(serve.counter("acks"), 1)
                self.assertNotEqual(serve.counter("disk"), 0)
                self.assertGreater(serve.counter("commit_failures"), 2)
                self.limit(serve, resource.RLIM_INFINITY)
                self.assertEqual(a.acks(5), [qn(i) for i in range(1, 6)])
                self.assertEqual(b.acks(5), [qn(i) for i in range(1, 6)])
                self.assertEqual(serve.counter("disk"), 0)

    def test_back_pressure_reaches_the_socket(self):
        """With the disk full the gateway takes what its bounds allow, then stops reading; nothing is lost."""
        args = ["--pending-max", "1M", "--link-packets", "0", "--link-bytes", "0"]
        with Serve(admit=[mn_of(i) for i in range(1, 7)], args=args) as serve:
            links = [serve.connect() for _ in range(6)]
            for i, d in enumerate(links):
                d.send(real_time(mn_of(i + 1), qn(0)))
                self.assertEqual(d.acks(1), [qn(0)])
            self.limit(serve, 1)
            rest, whole = [], []
            for i, d in enumerate(links):
                packets = [real_time(mn_of(i + 1), qn(1 + k)) for k in range(40000)]
                blob, at = b"".join(packets), 0
                d.sock.settimeout(0.7)
                try:
                    while at < len(blob):
                        at += d.sock.send(blob[at:at + 65536])
                except TimeoutError:
                    pass
                self.assertLess(at, len(blob))  # the socket pushed back
                size = len(packets[0])
                whole.append(-(-at // size))
                rest.append(blob[at:whole[-1] * size])
            self.assertGreaterEqual(serve.counter("paused"), 1)
            self.assertLess(serve.counter("pending"), 4 << 20)
            self.assertEqual(serve.counter("acks"), len(links))
            self.limit(serve, resource.RLIM_INFINITY)
            for i, d in enumerate(links):
                sender = threading.Thread(target=d.send, args=(rest[i],))
                sender.start()
                self.assertEqual(d.acks(whole[i], timeout=60), [qn(1 + k) for k in range(whole[i])])
                sender.join()
                d.close()
            self.assertEqual(serve.counter("paused"), 0)

    def test_stopping_with_a_full_disk_acknowledges_nothing(self):
        with Serve(admit=[mn_of(1)]) as serve:
            with serve.connect() as d:
                d.send(real_time(mn_of(1), qn(0)))
                self.assertEqual(d.acks(1), [qn(0)])
                self.limit(serve, 1)
                d.send(real_time(mn_of(1), qn(1)))
                time.sleep(0.3)
                serve.stop()
                self.assertEqual(d.acks(1, timeout=2), [])


if __name__ == "__main__":
    unittest.main()
