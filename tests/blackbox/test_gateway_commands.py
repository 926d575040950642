"""Commands from the acts journal to a device and back, over real sockets: `yanwu serve` with gateways alone, the acts
written as the web process would, and a device by hand on the other side."""

import json
import subprocess
import time
import unittest

from support import BUILD, PW, Serve, civil, field, frame, mn_of, qn, real_time, wrap

LAST_ID = [0]


def now_us():
    return int(time.time() * 1e6)


def command_qn(n):
    return "20261123173000%03d" % n


def command(device=1, mn=None, cn=1011, n=1, valid_s=30, **more):
    """A line of the acts journal; overtime of one second, so that tests do not wait long."""
    LAST_ID[0] = max(LAST_ID[0] + 1, now_us())
    c = {"id": LAST_ID[0], "key": "test", "cn": cn, "device": device, "mn": mn or mn_of(device), "st": "32", "version": 2017,
         "flow": "request", "answer": "one", "upload": 1011, "cp": "PolId=a21026", "qn": command_qn(n), "overtime_s": 1,
         "recount": 2, "execute_s": 2, "valid_until": now_us() + int(valid_s * 1e6), "encrypt": False, "origin": "person"}
    c.update(more)
    return {"command": c, "by": "test", "at": c["id"], "reason": "test"}


def write_lines(serve, *lines):
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    subprocess.run([str(BUILD / "tests/unit/list_gateway/put-acts"), "--acts-only", str(serve.data)], input=text.encode(),
                   check=True, timeout=60)


def answer(request, cn, cp, st="91"):
    return wrap(f"QN={field(request, 'QN')};ST={st};CN={cn};PW={PW};MN={field(request, 'MN')};Flag=4;CP=&&{cp}&&")


def events(serve, id=None, worker=0):
    out = []
    for r in serve.journal(worker):
        if r["direction"] != "event":
            continue
        e = json.loads(r["text"])
        e["_link"], e["_device"] = r["link"], r["device"]
        if id is None or e.get("id") == id:
            out.append(e)
    return out


def wait_end(serve, line, timeout=10, worker=0):
    """The event that ends a command, once it is committed."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        for e in events(serve, line["command"]["id"], worker):
            if e["step"] == "end":
                return e
        time.sleep(0.05)
    raise AssertionError("no end of the command: %r\n%s" % (events(serve, worker=worker), serve.log_text()))


def modbus(data):
    r = 0xFFFF
    for b in data:
        r ^= b
        for _ in range(8):
            r = (r >> 1) ^ 0xA001 if r & 1 else r >> 1
    return r


class Talking:
    """A device that has said something, so that its link and manner are known."""

    def __init__(self, serve, i=1, n=1):
        self.device = serve.connect()
        self.device.send(real_time(mn_of(i), qn(n)))
        if self.device.acks(1) != [qn(n)]:
            self.device.close()
            raise AssertionError("the device was not answered")

    def __enter__(self):
        return self.device

    def __exit__(self, *_):
        self.device.close()


class Commands(unittest.TestCase):
    def test_request_with_answer(self):
        with Serve(admit=[mn_of(1)]) as serve, Talking(serve) as d:
            line = command()
            write_lines(serve, line)
            request, = d.answers(1)
            self.assertEqual(field(request, "QN"), command_qn(1))
            self.assertEqual([field(request, x) for x in ("ST", "CN", "PW", "MN", "Flag")], ["31", "1011", PW, mn_of(1), "5"])
            self.assertIn(b"CP=&&PolId=a21026&&", request)
            d.send(answer(request, "9011", "QnRtn=1"))
            d.send(answer(request, "1011", "PolId=a21026,SystemTime=20261123173001", st="31"))
            d.send(answer(request, "9012", "ExeRtn=1"))
            end = wait_end(serve, line)
            self.assertEqual((end["outcome"], end["qnrtn"], end["exertn"], end["uploads"]), ("done", 1, 1, 1))
            steps = events(serve, line["command"]["id"])
            self.assertEqual([e["step"] for e in steps], ["sent", "accepted", "answer", "end"])
            self.assertEqual(steps[0]["attempt"], 1)
            self.assertGreater(steps[0]["until"], now_us() - 10**7)
            self.assertTrue(all(e["_device"] == 1 for e in steps))
            records = {r["position"]: r for r in serve.journal()}
            for e, cn in zip(steps[1:], ("9011", "1011", "9012")):
                packet = records[str(e["position"])]
                self.assertIn("CN=" + cn, packet["text"])
                self.assertIn("asked", packet["flags"])
            out, = [r for r in records.values() if r["direction"] == "out" and "command" in r["flags"]]
            self.assertEqual(out["device"], 1)
            self.assertEqual(serve.counter("commands"), 1)
            self.assertEqual(serve.counter("talking"), 0)

    def test_history_uploads_are_acknowledged_and_told(self):
        with Serve(admit=[mn_of(1)]) as serve, Talking(serve) as d:
            base = 1767225600
            line = command(cn=2051, answer="uploads", upload=2051, **{"from": base * 10**6, "to": (base + 3600) * 10**6},
                           cp=f"BeginTime={civil(base)},EndTime={civil(base + 3600)}")
            write_lines(serve, line)
            request, = d.answers(1)
            d.send(answer(request, "9011", "QnRtn=1"))
            for i in range(6):
                d.send(frame(mn_of(1), qn(100 + i), f"DataTime={civil(base + 600 * i)};a21026-Avg=1.0,a21026-Flag=N", cn="2051"))
                self.assertEqual(d.acks(1), [qn(100 + i)])
            d.send(frame(mn_of(1), qn(200), f"DataTime={civil(base + 7200)};a21026-Avg=1.0,a21026-Flag=N", cn="2051"))
            d.acks(1)
            d.send(answer(request, "9012", "ExeRtn=1"))
            end = wait_end(serve, line)
            self.assertEqual((end["outcome"], end["uploads"]), ("done", 6))
            self.assertEqual([e["step"] for e in events(serve, line["command"]["id"])],
                             ["sent", "accepted"] + ["answer"] * 4 + ["end"])
            uploads = [r for r in serve.journal() if "CN=2051" in r["text"] and r["direction"] == "in"]
            self.assertEqual(["asked" in r["flags"] for r in uploads], [True] * 6 + [False])

    def test_notice(self):
        with Serve(admit=[mn_of(1)]) as serve, Talking(serve) as d:
            line = command(cn=2012, flow="notice", answer="none", upload=0, cp="")
            write_lines(serve, line)
            request, = d.answers(1)
            self.assertIn(b"CP=&&&&", request)
            d.send(answer(request, "9013", ""))
            end = wait_end(serve, line)
            self.assertEqual(end["outcome"], "done")
            self.assertNotIn("qnrtn", end)

    def test_time_of_sending_is_put_in(self):
        with Serve(admit=[mn_of(1)]) as serve, Talking(serve) as d:
            write_lines(serve, command(cn=1012, answer="none", upload=0, cp="SystemTime=@now", recount=1))
            first, second = d.answers(2, timeout=5)
            times = [f[f.index(b"SystemTime=") + 11:][:14].decode() for f in (first, second)]
            self.assertLessEqual(abs(int(times[0]) - int(civil(time.time()))), 100)
            self.assertGreater(times[1], times[0])
            self.assertEqual(field(first, "QN"), field(second, "QN"))

    def test_silence_is_told_after_all_resends(self):
        with Serve(admit=[mn_of(1)]) as serve, Talking(serve) as d:
            line = command()
            write_lines(serve, line)
            requests = d.answers(4, timeout=4.5)
            self.assertEqual(len(requests), 3)
            self.assertEqual(set(requests), {requests[0]})
            end = wait_end(serve, line)
            self.assertEqual(end["outcome"], "no_answer")
            self.assertNotIn("position", end)
            self.assertEqual([e.get("attempt") for e in events(serve, line["command"]["id"])], [1, 2, 3, None])

    def test_refused_and_no_data_and_failed_and_no_result(self):
        with Serve(admit=[mn_of(1)]) as serve, Talking(serve) as d:
            lines = [command(n=i) for i in range(1, 5)]
            write_lines(serve, *lines)
            replies = [[("9011", "QnRtn=3")], [("9011", "QnRtn=1"), ("9012", "ExeRtn=100")],
                       [("9011", "QnRtn=1"), ("9012", "ExeRtn=5")], [("9011", "QnRtn=1")]]
            got = []
            for each in replies:
                request, = d.answers(1)
                got.append(field(request, "QN"))
                for cn, cp in each:
                    d.send(answer(request, cn, cp))
            ends = [wait_end(serve, line) for line in lines]
            self.assertEqual(got, [command_qn(i) for i in range(1, 5)])  # one after the other, in order
            self.assertEqual([e["outcome"] for e in ends], ["refused", "no_data", "failed", "no_result"])
            self.assertEqual((ends[0]["qnrtn"], ends[1]["exertn"], ends[2]["exertn"]), (3, 100, 5))

    def test_link_moves_between_resends(self):
        with Serve(admit=[mn_of(1)]) as serve:
            with Talking(serve) as d:
                line = command(recount=5)
                write_lines(serve, line)
                self.assertEqual(len(d.answers(1)), 1)
            with Talking(serve, n=2) as d:
                request, = d.answers(1, timeout=5)
                d.send(answer(request, "9011", "QnRtn=1") + answer(request, "9012", "ExeRtn=1"))
                self.assertEqual(wait_end(serve, line)["outcome"], "done")
            links = {e["_link"] for e in events(serve, line["command"]["id"])}
            self.assertEqual(len(links), 2)

    def test_device_that_comes_later(self):
        with Serve(admit=[mn_of(1)]) as serve:
            line = command()
            write_lines(serve, line)
            time.sleep(1.5)
            with Talking(serve) as d:
                request, = d.answers(1, timeout=5)
                d.send(answer(request, "9011", "QnRtn=1") + answer(request, "9012", "ExeRtn=1"))
                self.assertEqual(wait_end(serve, line)["outcome"], "done")

    def test_command_that_lapses(self):
        with Serve(admit=[mn_of(1)]) as serve:
            write_lines(serve, command(valid_s=1))
            time.sleep(2.2)
            with Talking(serve) as d:
                self.assertEqual(d.answers(1, timeout=2), [])
            self.assertEqual([e["event"] for e in events(serve)], ["start"])

    def test_lines_before_the_start_and_wrong_lines(self):
        with Serve(admit=[mn_of(1)], start=False) as serve:
            write_lines(serve, command(n=1))
            time.sleep(0.01)
            serve.start()
            with Talking(serve) as d:
                write_lines(serve, command(n=2, overtime_s=0), command(n=3))
                request, = d.answers(1)
                self.assertEqual(field(request, "QN"), command_qn(3))
                self.assertEqual(d.answers(1, timeout=0.5), [])
            self.assertIn("overtime_s", serve.log_text())

    def test_second_worker_holds_the_device(self):
        with Serve(admit=[mn_of(1)], workers=2) as serve:
            n, d = 0, None
            while serve.counters(1)["acks"] == 0:  # until a link lands in the second worker
                if d is not None:
                    d.close()
                n += 1
                d = serve.connect()
                d.send(real_time(mn_of(1), qn(n)))
                self.assertEqual(d.acks(1), [qn(n)])
            with d:
                line = command()
                write_lines(serve, line)
                request, = d.answers(1)
                d.send(answer(request, "9011", "QnRtn=1") + answer(request, "9012", "ExeRtn=1"))
                self.assertEqual(wait_end(serve, line, worker=1)["outcome"], "done")
            self.assertEqual(events(serve, line["command"]["id"], worker=0), [])

    def reconnect(self, serve):
        end = time.monotonic() + 10
        while True:
            try:
                return Talking(serve, n=50 + int(time.monotonic() * 10) % 900)
            except (OSError, AssertionError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def test_worker_killed_between_claim_and_answer(self):
        """It is never sent again, and the journal shows that it was sent, has no end, and that the worker began anew."""
        with Serve(admit=[mn_of(1)]) as serve:
            with Talking(serve) as d:
                line = command(recount=5)
                write_lines(serve, line)
                seen = d.answers(1)
                serve.kill("gateway-0")
                self.assertTrue(d.closed_within(5))
            with self.reconnect(serve) as d:
                seen += d.answers(1, timeout=4)
                other = command(n=9)
                write_lines(serve, other)
                request, = d.answers(1)
                self.assertEqual(field(request, "QN"), command_qn(9))  # the new life takes new commands
                d.send(answer(request, "9011", "QnRtn=1") + answer(request, "9012", "ExeRtn=1"))
                self.assertEqual(wait_end(serve, other)["outcome"], "done")
                seen += d.answers(1, timeout=2)
            self.assertEqual([field(f, "QN") for f in seen], [command_qn(1)])
            first = line["command"]["id"]
            story = [e.get("step", e["event"]) for e in events(serve) if e.get("id", first) == first]
            self.assertEqual(story, ["start", "sent", "start"])

    def test_workers_killed_at_any_moment_never_send_twice(self):
        with Serve(admit=[mn_of(1)]) as serve:
            for i, pause in enumerate((0, 0.02, 0.045, 0.08)):
                with self.reconnect(serve) as d:
                    write_lines(serve, command(n=100 + i, recount=0, overtime_s=5))
                    time.sleep(pause)
                    serve.kill("gateway-0")
                    seen = [field(f, "QN") for f in d.answers(1, timeout=1) if field(f, "CN") == "1011"]
                with self.reconnect(serve) as d:
                    again = [f for f in d.answers(1, timeout=1.5) if field(f, "CN") == "1011"]
                    for f in again:
                        d.send(answer(f, "9011", "QnRtn=2"))
                    seen += [field(f, "QN") for f in again]
                self.assertLessEqual(seen.count(command_qn(100 + i)), 1)

    def test_supervisor_killed_sends_nothing_again(self):
        with Serve(admit=[mn_of(1)]) as serve:
            write_lines(serve, command(valid_s=60))
            time.sleep(0.2)
            serve.kill("supervisor")
            time.sleep(0.5)
            serve.start()
            with Talking(serve) as d:
                self.assertEqual(d.answers(1, timeout=2), [])

    def test_device_with_modbus_crc_is_spoken_to_in_kind(self):
        def speak(whole):
            segment = whole[6:-6]
            return b"##%04d" % len(segment) + segment + b"%04x\r\n" % modbus(segment)

        with Serve(admit=[mn_of(1)]) as serve, serve.connect() as d:
            # a CRC of digits alone says nothing about the case
            shown = (speak(real_time(mn_of(1), qn(1), value=f"{v}.5")) for v in range(100))
            d.send(next(f for f in shown if any(c in b"abcdef" for c in f[-6:-2])))
            reply, = d.answers(1)
            self.assertEqual(reply, speak(reply))
            line = command()
            write_lines(serve, line)
            request, = d.answers(1)
            self.assertEqual(request, speak(request))
            d.send(speak(answer(request, "9011", "QnRtn=1")) + speak(answer(request, "9012", "ExeRtn=1")))
            self.assertEqual(wait_end(serve, line)["outcome"], "done")

    def test_device_without_an_mn(self):
        """HJ 212-2025: it registers (1001), is told its MN (1002) and answers with it."""
        with Serve(admit=[mn_of(1)]) as serve, serve.connect() as d:
            d.send(frame("", qn(1), "i23005-Info=DAS0000000000000000000001;i23006-Info=CPU7", cn="1001", flag="9"))
            reply, = d.answers(1)
            self.assertEqual([field(reply, x) for x in ("CN", "QN", "MN", "ST")], ["9013", qn(1), "", "91"])
            line = command(cn=1002, version=2025, hardware="DAS0000000000000000000001", answer="none", upload=0,
                           cp="i23005-Info=DAS0000000000000000000001")
            write_lines(serve, line)
            request, = d.answers(1)
            self.assertEqual([field(request, x) for x in ("CN", "MN", "Flag", "PW")], ["1002", mn_of(1), "9", PW])
            d.send(answer(request, "9011", "QnRtn=1"))
            d.send(answer(request, "9012", "ExeRtn=1"))
            self.assertEqual(wait_end(serve, line)["outcome"], "done")
            first = [r for r in serve.journal() if "CN=1001" in r["text"]][0]
            self.assertEqual((first["flags"], first["device"]), (["unknown", "acked"], 0))

    def test_registrations_are_limited_like_other_strangers(self):
        with Serve(admit=[mn_of(1)], args=["--link-refused", "20"]) as serve, serve.connect() as d:
            d.send(b"".join(frame("", qn(i), "i23005-Info=D%d" % i, cn="1001", flag="9") for i in range(2000)))
            time.sleep(1)
            self.assertLess(serve.counter("registrations"), 1500)
            with Talking(serve):
                pass

    def test_notices_of_the_device(self):
        with Serve(admit=[mn_of(1)]) as serve, serve.connect() as d:
            for n, (cn, flag) in enumerate((("1013", "5"), ("1001", "9"), ("1014", "9"), ("9015", "9"))):
                cp = {"1001": "i23005-Info=D1", "1014": "SKCreateTime=20260101000000000"}.get(cn, "")
                d.send(frame(mn_of(1), qn(n), cp, cn=cn, flag=flag))
                reply, = d.answers(1)
                self.assertEqual([field(reply, x) for x in ("CN", "QN", "MN")], ["9013", qn(n), mn_of(1)])

    def test_text_goes_out_in_the_devices_coding(self):
        with Serve(admit=[mn_of(1)]) as serve, Talking(serve) as d:
            for n, coding in enumerate(("gbk", "utf-8")):
                info = "DataTime=20260101000000;PolId=a21026,i11001-Info=//标定//".encode(coding)
                d.send(wrap(b"QN=%s;ST=31;CN=3020;PW=%s;MN=%s;Flag=5;CP=&&%s&&" %
                            (qn(2 + n).encode(), PW.encode(), mn_of(1).encode(), info)))
                self.assertEqual(d.acks(1), [qn(2 + n)])
                line = command(cn=3021, answer="none", upload=0, n=n, cp="PolId=a21026,InfoId=i12001,i12001-Info=正常")
                write_lines(serve, line)
                request, = d.answers(1)
                self.assertIn("i12001-Info=正常&&".encode(coding), request)
                self.assertEqual(request, wrap(request[6:-6]))
                d.send(answer(request, "9011", "QnRtn=2"))
                wait_end(serve, line)

    def test_system_of_the_request(self):
        """The device's own, but for data of another system that it has besides (electricity, working conditions)."""
        with Serve(admit=[mn_of(1)]) as serve, Talking(serve) as d:
            d.send(real_time(mn_of(1), qn(2), st="44"))
            d.acks(1)
            for n, (st, want) in enumerate((("32", "31"), ("44", "44"), ("45", "45"))):
                line = command(n=n, st=st)
                write_lines(serve, line)
                request, = d.answers(1)
                self.assertEqual(field(request, "ST"), want)
                d.send(answer(request, "9011", "QnRtn=2"))
                wait_end(serve, line)

    def test_new_password_is_used_at_once(self):
        with Serve(admit=[mn_of(1)]) as serve, Talking(serve) as d:
            refused = command(cn=1072, n=1, answer="none", upload=0, cp="NewPW=000000")
            lines = [command(cn=1072, n=2, answer="none", upload=0, cp="NewPW=654321"), command(n=3)]
            write_lines(serve, refused, *lines)
            request, = d.answers(1)
            d.send(answer(request, "9011", "QnRtn=2"))
            request, = d.answers(1)
            self.assertEqual(field(request, "PW"), PW)
            d.send(answer(request, "9011", "QnRtn=1") + answer(request, "9012", "ExeRtn=1"))
            request, = d.answers(1)
            self.assertEqual(field(request, "PW"), "654321")

    def test_device_that_repeats_itself(self):
        """Thousands of replies to one command: told a few times, counted all, and the link has no more room than others."""
        with Serve(admit=[mn_of(1)], args=["--link-packets", "1000"]) as serve, Talking(serve) as d:
            line = command(execute_s=20)
            write_lines(serve, line)
            request, = d.answers(1)
            began = time.monotonic()
            d.send(answer(request, "9011", "QnRtn=1") * 2000)
            d.send(answer(request, "1011", "PolId=a21026,SystemTime=20261123173001", st="31") * 2000)
            d.send(answer(request, "9012", "ExeRtn=1") * 500)
            end = wait_end(serve, line, timeout=20)
            self.assertEqual((end["outcome"], end["uploads"]), ("done", 2000))
            self.assertGreater(time.monotonic() - began, 1)  # 2,000 at once, the rest at 1,000 a second
            self.assertEqual([e["step"] for e in events(serve, line["command"]["id"])],
                             ["sent", "accepted"] + ["answer"] * 4 + ["end"])

    def test_many_at_once(self):
        """Two hundred devices on one link, a command each, all answered."""
        count = 200
        with Serve(admit=[mn_of(i) for i in range(1, count + 1)]) as serve, serve.connect() as d:
            lines = [command(device=i, n=i, overtime_s=20, valid_s=60) for i in range(1, count + 1)]
            d.send(b"".join(real_time(mn_of(i), qn(i)) for i in range(1, count + 1)))
            self.assertEqual(len(d.acks(count)), count)
            write_lines(serve, *lines)
            requests = d.answers(count, timeout=30)
            self.assertEqual(len({field(f, "MN") for f in requests}), count)
            for f in requests:
                d.send(answer(f, "9011", "QnRtn=1") + answer(f, "9012", "ExeRtn=1"))
            wait_end(serve, lines[-1])
            ends = [e["outcome"] for e in events(serve) if e.get("step") == "end"]
            self.assertEqual(ends, ["done"] * count)


if __name__ == "__main__":
    unittest.main()
