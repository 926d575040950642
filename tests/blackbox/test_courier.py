"""Forwarding to upper platforms: nothing lost whatever a target does, doubles only where they cannot be helped, nothing
but real data, and what a target asks for is refused unless it may ask."""

import json
import pathlib
import random
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

import web_support as web
from test_web_commands import Logger
from support import (PW, Serve, acts_for, field, frame, mn_of, program, put_acts, qn, real_time, recv_frames, wrap,
                     _die_with_parent)


class Upper:
    """An upper platform: takes packets, answers as it is told to."""

    def __init__(self, answer=lambda qn, n: True, delay=0.0, port=0, tls=None):
        self.answer, self.delay, self.tls = answer, delay, tls
        self.got, self.frames, self.lock, self.sockets = {}, [], threading.Lock(), []
        self.stopping = False
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.stopping:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            self.sockets.append(s)
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, s):
        rest = b""
        try:
            if self.tls:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*self.tls)
                s = context.wrap_socket(s, server_side=True)
                self.sockets.append(s)
            while not self.stopping:
                frames, rest = recv_frames(s, 1, 0.2, rest)
                for f in frames:
                    self.take(s, f)
        except OSError:
            pass

    def take(self, s, f):
        q = field(f, "QN")
        with self.lock:
            self.frames.append(f)
            n = self.got[q] = self.got.get(q, 0) + 1
        if self.delay:
            time.sleep(self.delay)
        if self.answer(q, n) and int(field(f, "Flag") or 0) & 1:
            s.sendall(wrap(f"QN={q};ST=91;CN=9014;PW={field(f, 'PW')};MN={field(f, 'MN')};Flag=4;CP=&&&&"))

    def send(self, data):
        self.sockets[-1].sendall(data)

    def wait(self, count, timeout=30.0):
        end = time.monotonic() + timeout
        while len(self.got) < count and time.monotonic() < end:
            time.sleep(0.02)
        return len(self.got)

    def stop(self):
        self.stopping = True
        self.listener.close()
        for s in self.sockets:
            s.close()


def target(number, port, **more):
    t = {"id": number, "name": f"target {number}", "host": "127.0.0.1", "port": port, "tls": False, "require_ack": True,
         "overtime_s": 1, "recount": 3, "window": 16, "rate": 5000}
    t.update(more)
    return {"act": "target.put", "by": "test", "at": int(time.time() * 1e6), "target": t}


class Courier:
    def __init__(self, data, domain="real"):
        self.data = pathlib.Path(data)
        self.log = open(self.data / "courier.log", "ab")  # closed by end()
        self.process = subprocess.Popen([program("yanwu-courier"), "--data", str(data), "--domain", domain],
                                        stderr=self.log, preexec_fn=_die_with_parent)

    def state(self, number):
        for _ in range(100):
            try:
                state = json.loads((self.data / "courier/state.json").read_text())
                return next(t for t in state["targets"] if t["id"] == number)
            except (OSError, ValueError, StopIteration):
                time.sleep(0.05)
        raise AssertionError("no state of target %d: %s" % (number, (self.data / "courier.log").read_text()))

    def wait_state(self, number, fits, timeout=30.0):
        end = time.monotonic() + timeout
        while not fits(s := self.state(number)):
            if time.monotonic() > end:
                raise AssertionError("target %d stays %r" % (number, s))
            time.sleep(0.1)
        return s

    def end(self):
        if self.process.poll() is None:
            self.kill()
        self.log.close()

    def kill(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        status = self.process.wait(20)
        self.log.close()
        text = (self.data / "courier.log").read_text()
        for sign in ("Sanitizer:", "runtime error:"):
            assert sign not in text, text
        return status


class Base(unittest.TestCase):
    """A gateway with admitted devices; its packets are sent by send()."""

    devices = 4

    def setUp(self):
        self.serve = Serve(start=False)
        self.addCleanup(self.serve.clean)
        put_acts(self.serve.data, acts_for([mn_of(i) for i in range(1, self.devices + 1)]))
        self.serve.start()
        self.sent = []

    def upper(self, *args, **more):
        u = Upper(*args, **more)
        self.addCleanup(u.stop)
        return u

    def courier(self, **more):
        c = Courier(self.serve.data, **more)
        self.addCleanup(c.end)
        return c

    def send(self, count):
        first = len(self.sent)
        names = [qn(first + i) for i in range(count)]
        with self.serve.connect() as d:
            for i in range(0, count, 100):
                part = names[i:i + 100]
                d.send(b"".join(real_time(mn_of(1 + k % self.devices), q) for k, q in enumerate(part, i)))
                self.assertEqual(d.acks(len(part)), part)
        self.sent += names


class Delivery(Base):
    def test_targets_that_are_down_slow_and_forgetful(self):
        dice = random.Random(7)
        slow = self.upper(delay=0.01)
        forgetful = self.upper(answer=lambda q, n: dice.random() > 0.3)
        spare = socket.create_server(("127.0.0.1", 0))
        port = spare.getsockname()[1]
        spare.close()
        put_acts(self.serve.data, [target(1, port), target(2, slow.port), target(3, forgetful.port)])
        courier = self.courier()
        self.send(300)
        self.assertEqual(slow.wait(300), 300)
        courier.wait_state(1, lambda s: s["link"] != "connected" and s["last_error"] and (s["lag_ms"] or 0) > 0)
        down = self.upper(port=port)  # it comes up at last
        self.send(100)
        for u in (down, slow, forgetful):
            self.assertEqual(u.wait(400, 60), 400)
            self.assertEqual(set(u.got), set(self.sent))
        for n in (1, 2, 3):
            courier.wait_state(n, lambda s: s["lag_bytes"] == 0 and s["waiting"] == 0, 60)
        # who answers gets everything once; who forgets to answer gets it again, and that is counted
        self.assertEqual(sum(down.got.values()), 400)
        self.assertEqual(sum(slow.got.values()), 400)
        self.assertGreater(sum(forgetful.got.values()), 400)
        self.assertEqual(courier.state(3)["resent"], sum(forgetful.got.values()) - 400)
        self.assertEqual(courier.state(3)["acked"], 400)

    def test_kill_at_any_moment(self):
        upper = self.upper(delay=0.002)
        put_acts(self.serve.data, [target(1, upper.port, window=8)])
        self.send(600)
        dice = random.Random(11)
        kills = 0
        while len(upper.got) < 600 and kills < 60:
            courier = Courier(self.serve.data)
            upper.wait(min(600, len(upper.got) + dice.randrange(5, 60)), 10)
            courier.kill()
            kills += 1
        courier = self.courier()
        self.assertEqual(upper.wait(600), 600)
        courier.wait_state(1, lambda s: s["lag_bytes"] == 0)
        self.assertEqual(set(upper.got), set(self.sent))
        # only what was on its way when the courier died may come twice
        self.assertLessEqual(sum(upper.got.values()) - 600, 8 * kills)
        self.assertGreater(kills, 2)

    def test_catching_up_keeps_to_its_rate(self):
        self.send(150)
        upper = self.upper()
        put_acts(self.serve.data, [target(1, upper.port, rate=50)])
        began = time.monotonic()
        self.courier()
        self.assertEqual(upper.wait(150), 150)
        self.assertGreater(time.monotonic() - began, 1.5)  # 50 at once, 100 more at 50 a second

    def test_rewrite_and_filter(self):
        upper, some = self.upper(), self.upper()
        put_acts(self.serve.data, [
            target(1, upper.port, rewrite=[{"mn": mn_of(1), "to": "UPPER0001"}]),
            target(2, some.port, outlets="2", commands="2051")])
        self.courier()
        with self.serve.connect() as d:
            d.send(frame(mn_of(1), qn(1), "DataTime=20260101000000;a21026-Avg=1.5,a21026-Flag=N", cn="2051", flag="4"))
            d.send(frame(mn_of(2), qn(2), "DataTime=20260101000000;a21026-Avg=1.5,a21026-Flag=N", cn="2051"))
            d.send(real_time(mn_of(2), qn(3)))
            d.send(frame(mn_of(3), qn(4), "DataTime=20260101000000;a21026-Avg=1.5", cn="2051"))
            self.assertEqual(len(d.acks(3)), 3)
        self.assertEqual(upper.wait(4), 4)
        self.assertEqual(some.wait(1), 1)
        time.sleep(0.3)
        self.assertEqual(list(some.got), [qn(2)])
        first = next(f for f in upper.frames if field(f, "QN") == qn(1))
        self.assertEqual((field(first, "MN"), field(first, "Flag")), ("UPPER0001", "5"))
        other = next(f for f in upper.frames if field(f, "QN") == qn(2))
        self.assertEqual(field(other, "MN"), mn_of(2))

    def test_only_what_comes_after_the_target_was_made(self):
        self.send(20)
        upper = self.upper()
        put_acts(self.serve.data, [target(1, upper.port, since=int(time.time() * 1e6))])
        courier = self.courier()
        courier.wait_state(1, lambda s: s["link"] == "connected" and s["lag_bytes"] == 0)
        self.send(5)
        self.assertEqual(upper.wait(5), 5)
        self.assertEqual(set(upper.got), set(self.sent[20:]))

    def test_over_tls(self):
        self.serve.make_certificate()
        upper = self.upper(tls=(str(self.serve.data / "cert.pem"), str(self.serve.data / "key.pem")))
        put_acts(self.serve.data, [target(1, upper.port, tls=True, tls_verify=False),
                                   target(2, upper.port, tls=True, tls_verify=True)])
        courier = self.courier()
        self.send(30)
        self.assertEqual(upper.wait(30), 30)
        stranger = courier.wait_state(2, lambda s: s["last_error"])
        self.assertIn("certificate", stranger["last_error"]["text"])
        self.assertEqual(stranger["sent"], 0)

    def test_a_dropped_target_is_forgotten(self):
        upper = self.upper()
        put_acts(self.serve.data, [target(1, upper.port)])
        courier = self.courier()
        self.send(5)
        self.assertEqual(upper.wait(5), 5)
        put_acts(self.serve.data, [{"act": "target.drop", "by": "test", "at": 1, "id": 1}])
        end = time.monotonic() + 10
        while (self.serve.data / "courier/target-1.pos").exists() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertFalse((self.serve.data / "courier/target-1.pos").exists())
        self.send(5)
        time.sleep(0.5)
        self.assertEqual(len(upper.got), 5)
        self.assertIsNone(courier.process.poll())


class Requests(Base):
    def test_who_may_not_ask_is_refused(self):
        upper = self.upper()
        put_acts(self.serve.data, [target(1, upper.port, outlets="1", commands_allowed=False)])
        courier = self.courier()
        courier.wait_state(1, lambda s: s["link"] == "connected")
        for n, (mn, want) in enumerate([(mn_of(1), "2"), (mn_of(2), "4"), ("NOBODY", "4")]):
            upper.send(frame(mn, qn(900 + n), "", cn="1011"))
            self.assertEqual(upper.wait(n + 1), n + 1)
            answer = upper.frames[-1]
            self.assertEqual((field(answer, "CN"), field(answer, "QN")), ("9011", qn(900 + n)))
            self.assertIn(b"QnRtn=" + want.encode(), answer)
        self.assertEqual(courier.wait_state(1, lambda s: s["refused"] == 3)["commands"], 3)
        upper.send(b"##0007garbage" * 2000)
        self.send(3)
        self.assertEqual(upper.wait(4), 4)  # one of the three is of its outlet; the garbage was passed over


class Answers(unittest.TestCase):
    """The whole platform: a target asks, the device answers, the answer goes up."""

    def test_a_request_goes_down_and_its_answers_come_back(self):
        serve = web.province(users={"admin": ["--role", "operator"]})
        self.addCleanup(serve.clean)
        upper, other = Upper(), Upper()
        self.addCleanup(upper.stop)
        self.addCleanup(other.stop)
        admin = web.Client(serve, "admin")
        self.addCleanup(admin.close)
        mn = web.MN["DA001"]
        for name, u, allowed in (("省中心", upper, True), ("市中心", other, False)):
            admin.post("/api/targets", {"name": name, "host": "127.0.0.1", "port": u.port, "commands_allowed": allowed, "overtime_s": 2,
                                        "filter": {"commands": [2011]}, "rewrite": [{"mn": mn, "to": "UPPER0001"}]}, expect=201)
        logger = Logger(serve, mn)
        self.addCleanup(logger.close)
        at = "20260101000000"

        def history(device, f):
            device.accept(f)
            device.send(device.frame(device.fresh_qn(), f"DataTime={at};a21026-Avg=1.50,a21026-Flag=N", "2051", answer=True))
            device.finish(f)

        logger.replies["2051"] = history
        logger.live()
        self.assertEqual(upper.wait(1), 1)
        wish = qn(4711)
        upper.send(frame("UPPER0001", wish, f"BeginTime={at};EndTime=20260101001000", cn="2051"))
        end = time.monotonic() + 20

        def answers():
            return [f for f in upper.frames if field(f, "CN") in ("9011", "9012", "2051")]

        while len(answers()) < 3 and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual([field(f, "CN") for f in answers()], ["9011", "2051", "9012"])
        self.assertEqual({field(f, "MN") for f in answers()}, {"UPPER0001"})
        self.assertEqual({field(f, "QN") for f in answers() if field(f, "CN") != "2051"}, {wish})
        self.assertIn(b"ExeRtn=1", answers()[-1])
        # 2051 is nothing for the other target, and it may not ask
        self.assertNotIn("2051", {field(f, "CN") for f in other.frames})
        other.send(frame("UPPER0001", qn(4712), "", cn="1011"))
        end = time.monotonic() + 10
        while not any(field(f, "QN") == qn(4712) for f in other.frames) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertTrue(any(b"QnRtn=2" in f for f in other.frames))
        # who asked stands in the list of commands
        command = web.until(lambda: admin.get("/api/devices/1/commands")["commands"], "the command")[0]
        self.assertEqual((command["origin"], command["target"], command["cn"]), ("target", "省中心", 2051))
        # a command nobody knows
        upper.send(frame("UPPER0001", qn(4713), "", cn="1999"))
        end = time.monotonic() + 10
        while not any(b"QnRtn=8" in f for f in upper.frames) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertTrue(any(b"QnRtn=8" in f and field(f, "QN") == qn(4713) for f in upper.frames))


class Domains(unittest.TestCase):
    def test_nothing_but_real_data_goes_out(self):
        with Serve(start=False, domain="training") as serve:
            upper = Upper()
            self.addCleanup(upper.stop)
            put_acts(serve.data, acts_for([mn_of(1)]) + [target(1, upper.port)])
            serve.start()
            with serve.connect() as d:
                d.send(real_time(mn_of(1), qn(1)))
                self.assertEqual(d.acks(1), [qn(1)])
            refused = Courier(serve.data, domain="training")
            self.assertEqual(refused.process.wait(20), 2)
            refused.end()
            # even a courier that was told the wrong domain looks at what each record says
            courier = Courier(serve.data)
            courier.wait_state(1, lambda s: s["link"] == "connected" and s["lag_bytes"] == 0)
            self.assertEqual(upper.got, {})
            courier.kill()


if __name__ == "__main__":
    unittest.main()
