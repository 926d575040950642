"""Ten thousand idle links: what each costs in user memory, and that the service does not notice them."""

import resource
import socket
import unittest

from support import Device, Serve, mn_of, qn, real_time, sanitized

LINKS = 10000
BYTES_PER_LINK = 4096


def private_bytes(pid):
    total = 0
    with open(f"/proc/{pid}/smaps_rollup") as f:
        for line in f:
            if line.startswith(("Private_Dirty", "Private_Clean")):
                total += int(line.split()[1]) * 1024
    return total


class IdleLinks(unittest.TestCase):
    def test_ten_thousand(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        if hard < LINKS + 100:
            self.skipTest(f"this host allows {hard} open files, {LINKS} links need more")
        with Serve(admit=[mn_of(1)], workers=2) as serve:
            pids = [pid for name, pid in serve.pids().items() if name.startswith("gateway")]
            with Device(serve.device) as d:
                d.send(real_time(mn_of(1), qn(1)))
                self.assertEqual(d.acks(1), [qn(1)])
            before = sum(private_bytes(p) for p in pids)
            links = []
            self.addCleanup(lambda: [s.close() for s in links])
            for i in range(LINKS):
                links.append(socket.create_connection(serve.device, timeout=20))
                links[-1].sendall(real_time(mn_of(1), qn(2 + i)))  # each has been used
            self.assertEqual(serve.wait_counter("acks", LINKS + 1, timeout=60), LINKS + 1)
            self.assertEqual(serve.counter("links"), LINKS)
            each = (sum(private_bytes(p) for p in pids) - before) / LINKS
            print(f"user memory per idle link: {each:.0f} bytes ({LINKS} links, 2 workers)")
            if not sanitized():
                self.assertLessEqual(each, BYTES_PER_LINK)
            with Device(serve.device) as d:
                d.send(real_time(mn_of(1), qn(1)))
                self.assertEqual(d.acks(1), [qn(1)])


if __name__ == "__main__":
    unittest.main()
