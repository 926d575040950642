"""Two links claim one MN: what is told, who is believed, and that a device that connects again is no twin."""

import json
import time
import unittest

import test_gateway_commands as gc
from support import Serve, acts_for, mn_of, put_acts, qn, real_time


class Sequence:
    """Packets of one device on several links, each with a QN of its own."""

    def __init__(self):
        self.n = 0

    def send(self, d, count=1):
        for _ in range(count):
            self.n += 1
            d.send(real_time(mn_of(1), qn(self.n)))

    def answered(self, d, timeout=5.0):
        """Sends one packet; is it acknowledged?"""
        self.send(d)
        return d.acks(1, timeout) == [qn(self.n)]


def with_policy(policy, peers=""):
    acts = acts_for([mn_of(1)])
    acts.append({"act": "device.set", "by": "test", "at": 1, "id": 1, "twin_policy": policy, "peers": peers})
    return acts


def alarms(serve, worker=0):
    return [(json.loads(r["text"]), r) for r in serve.journal(worker)
            if r["direction"] == "event" and json.loads(r["text"])["event"] == "twin"]


class Twins(unittest.TestCase):
    def one_alarm(self, serve):
        """One, once it is on the disk: it is counted a moment before."""
        end = time.monotonic() + 60
        while not alarms(serve) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(len(alarms(serve)), 1)

    def start(self, policy, peers="", **more):
        serve = Serve(start=False, **more)
        self.addCleanup(serve.clean)
        put_acts(serve.data, with_policy(policy, peers))
        return serve.start()

    def test_alarm_once_a_minute(self):
        serve, s = self.start(1), Sequence()
        with serve.connect() as a, serve.connect() as b:
            for _ in range(10):
                self.assertTrue(s.answered(a))
                self.assertTrue(s.answered(b))
            self.assertEqual(serve.wait_counter("twin_alarms", 1), 1)
            time.sleep(0.2)
            (event, record), = alarms(serve)
            self.assertEqual((event["device"], record["device"]), (1, 1))
            addresses = {"127.0.0.1:%d" % x.sock.getsockname()[1] for x in (a, b)}
            self.assertEqual({event["other_peer"], record["peer"]}, addresses)
            self.assertNotEqual(event["other_link"], record["link"])
            self.assertEqual(serve.counter("twin"), 0)

    def test_first_keeps_it(self):
        serve, s = self.start(2), Sequence()
        with serve.connect() as a, serve.connect() as b:
            self.assertTrue(s.answered(a))
            s.answered(b)
            self.assertTrue(s.answered(a))
            for _ in range(3):
                self.assertFalse(s.answered(b, timeout=0.3))
                self.assertTrue(s.answered(a))
            self.assertEqual(serve.counter("twin"), 3)
            line = gc.command(n=7)  # what the refused one says of a command does not count
            gc.write_lines(serve, line)
            request, = a.answers(1)
            b.send(gc.answer(request, "9011", "QnRtn=1") + gc.answer(request, "9012", "ExeRtn=1"))
            serve.wait_counter("twin", 5)
            a.send(gc.answer(request, "9011", "QnRtn=2"))
            self.assertEqual(gc.wait_end(serve, line)["outcome"], "refused")
            refused = [r for r in serve.journal() if "twin" in r["flags"]]
            self.assertEqual(len(refused), 5)
            self.assertTrue(all(r["flags"] == ["twin"] and r["device"] == 1 for r in refused))
            self.one_alarm(serve)
            a.close()
            time.sleep(0.2)
            self.assertTrue(s.answered(b))  # it is the only one now

    def test_policy_of_the_installation(self):
        """It holds for devices that have none of their own."""
        with Serve(start=False) as serve:
            put_acts(serve.data, acts_for([mn_of(1)]) + [{"act": "policy.set", "by": "test", "at": 1, "name": "twin_policy", "value": 2}])
            serve.start()
            s = Sequence()
            with serve.connect() as a, serve.connect() as b:
                self.assertTrue(s.answered(a))
                s.answered(b)
                self.assertTrue(s.answered(a))
                self.assertFalse(s.answered(b, timeout=0.3))
                put_acts(serve.data, [{"act": "device.set", "by": "test", "at": 2, "id": 1, "twin_policy": 1}])
                end = time.monotonic() + 60
                while not (done := s.answered(b, timeout=0.3)) and time.monotonic() < end:
                    pass
                self.assertTrue(done)

    def test_only_from_its_networks(self):
        serve, s = self.start(3, "10.0.0.0/8"), Sequence()
        with serve.connect() as a:
            self.assertFalse(s.answered(a, timeout=0.5))
            self.assertEqual(serve.counter("twin"), 1)
            self.one_alarm(serve)
            put_acts(serve.data, [{"act": "device.set", "by": "test", "at": 2, "id": 1, "peers": "10.0.0.0/8 127.0.0.0/8"}])
            end = time.monotonic() + 60
            while not (done := s.answered(a, timeout=0.3)) and time.monotonic() < end:
                pass
            self.assertTrue(done)
            put_acts(serve.data, [{"act": "device.set", "by": "test", "at": 3, "id": 1, "peers": "10.0.0.0/8"}])
            end = time.monotonic() + 60
            while (done := s.answered(a, timeout=0.3)) and time.monotonic() < end:
                pass
            self.assertFalse(done)  # a link that had been believed is judged anew

    def test_connecting_again_is_no_twin(self):
        """Closed in order, reset, silent and half open, closed with packets still unread: a hundred times."""
        serve, s = self.start(2, args=["--link-packets", "200"]), Sequence()
        kept = []
        for i in range(100):
            d = serve.connect()
            if i % 4 == 3:
                s.send(d, 450)  # over the rate: the rest is read after the next link has spoken
                d.close()
            else:
                self.assertTrue(s.answered(d))
                if i % 4 == 0:
                    d.close()
                elif i % 4 == 1:
                    d.reset()
                else:
                    kept.append(d)
            if i == 40:
                time.sleep(2)
        for d in kept:
            d.close()
        self.assertEqual((serve.counter("twin_alarms"), serve.counter("twin")), (0, 0))
        self.assertEqual(alarms(serve), [])

    def in_both_workers(self, serve):
        """A link in each worker."""
        found = {}
        while len(found) < 2:
            d = serve.connect()
            time.sleep(0.05)
            links = [serve.counters(w)["links"] for w in (0, 1)]
            worker = next((w for w in (0, 1) if links[w] > (1 if w in found else 0)), None)
            if worker is None or worker in found:
                d.close()
                time.sleep(0.05)
            else:
                found[worker] = d
        return found[0], found[1]

    def test_two_workers_alarm(self):
        serve, s = self.start(1, workers=2), Sequence()
        a, b = self.in_both_workers(serve)
        with a, b:
            end = time.monotonic() + 10
            while serve.counter("twin_alarms") == 0 and time.monotonic() < end:
                self.assertTrue(s.answered(a))
                self.assertTrue(s.answered(b))
            time.sleep(0.3)
            told = alarms(serve, 0) + alarms(serve, 1)
            self.assertIn(len(told), (1, 2))  # two if neither had heard of the other's yet
            addresses = {"127.0.0.1:%d" % x.sock.getsockname()[1] for x in (a, b)}
            for event, record in told:
                self.assertEqual({event["other_peer"], record["peer"]}, addresses)

    def test_two_workers_first_keeps_it(self):
        serve, s = self.start(2, workers=2), Sequence()
        a, b = self.in_both_workers(serve)
        with a, b:
            self.assertTrue(s.answered(a))
            end = time.monotonic() + 10
            while s.answered(b, timeout=2) and time.monotonic() < end:
                time.sleep(0.1)  # the word takes its way through the supervisor
                self.assertTrue(s.answered(a))
            for _ in range(5):
                self.assertFalse(s.answered(b, timeout=0.2))
                self.assertTrue(s.answered(a))
            self.assertEqual(serve.counters(1)["twin"], 6)
            self.assertIn(serve.counter("twin_alarms"), (1, 2))

    def test_two_workers_connecting_again_is_no_twin(self):
        serve, s = self.start(2, workers=2), Sequence()
        kept = []
        for i in range(60):
            d = serve.connect()
            self.assertTrue(s.answered(d))
            if i % 3 == 0:
                d.close()
            elif i % 3 == 1:
                d.reset()
            else:
                kept.append(d)
        for d in kept:
            d.close()
        self.assertGreater(min(serve.counters(w)["acks"] for w in (0, 1)), 0)
        self.assertEqual((serve.counter("twin_alarms"), serve.counter("twin")), (0, 0))

    def test_packets_that_come_twice(self):
        """A resend is answered again and counted; a packet played on another link by somebody else tells that link."""
        serve = self.start(1)
        packet = real_time(mn_of(1), qn(1))
        with serve.connect() as d:
            for i in range(5):
                d.send(packet)
                self.assertEqual(d.acks(1), [qn(1)])
                d.send(real_time(mn_of(1), qn(10 + i)))
                self.assertEqual(d.acks(1), [qn(10 + i)])
            self.assertEqual(serve.counter("resent"), 4)
            with serve.connect() as replayer:
                replayer.send(packet)
                self.assertEqual(replayer.acks(1), [qn(1)])
            d.send(real_time(mn_of(1), qn(20)))
            self.assertEqual(d.acks(1), [qn(20)])
            self.assertEqual(serve.counter("resent"), 5)
            self.assertEqual(serve.wait_counter("twin_alarms", 1), 1)


if __name__ == "__main__":
    unittest.main()
