"""Gaps repair themselves: a device that lost its line for a while is asked for what is missing, newest first, through restarts; what came
first stays; what never comes is given up where people see it."""

import threading
import time
import unittest

import support
import web_support as web

MINUTES = 10
STEP = MINUTES * 60
SLOTS = 54  # up to now
MN = web.MN["DA001"]
LEDGER = dict(web.LEDGER)
LEDGER["数采仪.csv"] = "mn,credit_code,outlet,pw,version,rtd_interval_s,min_interval_min\n" + "".join(
    f"{mn},{'91410200MA0000002X' if code == 'DW001' else '91410100MA0000001X'},{code},{support.PW},2017,30,{MINUTES}\n"
    for code, mn in web.MN.items())


class Logger(threading.Thread):
    """A data logger with a memory of minute records: time -> value. Answers 2051 as the standard says."""

    def __init__(self, mn, memory):
        super().__init__(daemon=True)
        self.mn, self.memory = mn, dict(memory)
        self.asked = []  # (begin, end) in seconds, as they came
        self.mute = False
        self.ended = False
        self.n = 0
        self.lock = threading.Lock()

    def connect(self, serve):
        self.link = serve.connect()
        return self

    def packet(self, cn, cp, qn=None, flag="5"):
        self.n += 1
        return support.frame(self.mn, qn or support.qn(int(time.time() * 10) % 10**8 * 1000 + self.n % 1000), cp, cn=cn, flag=flag)

    def minute(self, at, value):
        return self.packet("2051", f"DataTime={support.civil(at)};a21026-Avg={value},a21026-Min={value},a21026-Max={value},a21026-Flag=N")

    def tell(self, at, value):
        with self.lock:
            self.link.send(self.minute(at, value))

    def run(self):
        while not self.ended:
            try:
                frames = self.link.answers(1, timeout=0.5)
            except OSError:
                return
            for f in frames:
                if support.field(f, "CN") == "2051":
                    self.answer(f)

    def answer(self, request):
        cp = dict(part.split("=") for part in request.split(b"CP=&&")[1].split(b"&&")[0].decode().replace(";", ",").split(","))
        begin, end = (time.mktime(time.strptime(cp[k], "%Y%m%d%H%M%S")) - time.timezone - 8 * 3600 for k in ("BeginTime", "EndTime"))
        self.asked.append((int(begin), int(end)))
        if self.mute:
            return
        qn = support.field(request, "QN")
        reply = lambda cn, text: support.wrap(f"QN={qn};ST=91;CN={cn};PW={support.PW};MN={self.mn};Flag=4;CP=&&{text}&&")
        with self.lock:
            self.link.send(reply("9011", "QnRtn=1"))
            found = [(t, v) for t, v in sorted(self.memory.items()) if begin <= t <= end]
            for t, v in found:
                self.link.send(self.minute(t, v))
            self.link.send(reply("9012", "ExeRtn=1" if found else "ExeRtn=100"))

    def stop(self):
        self.ended = True
        self.join(5)
        self.link.close()


def states(client, first, last, kind="minute"):
    """start of slot (s) -> state, of the timeline."""
    t = client.get(f"/api/outlets/1/timeline?kind={kind}&from={first * 1000}&to={last * 1000}")
    out = {}
    for run in t["runs"]:
        for at in range(run["from"] // 1000, run["to"] // 1000, STEP):
            out[at] = run["state"]
    return out, t


class Gaps(unittest.TestCase):
    def setUp(self):
        self.serve = support.Serve(only=None, start=False)
        web.run("yanwu-import", "--data", self.serve.data, web.write_ledger(self.serve.data / "ledger", LEDGER))
        for name in ("admin", "officer", "works1", "maint1"):
            web.make_user(self.serve.data, name, *web.USERS[name])
        self.serve.start()
        self.admin = web.Client(self.serve, "admin")
        # Eight hours that ended so long ago that everything in them was due, and one that was not.
        self.first = int(time.time()) // STEP * STEP - 9 * 3600
        self.last = self.first + 8 * 3600
        self.logger = None

    def tearDown(self):
        if self.logger:
            self.logger.stop()
        self.admin.close()
        self.serve.clean()

    def policies(self, **more):
        self.admin.post("/api/policies", dict(more, reason="test"), method="PUT")

    def start_logger(self, memory, without):
        self.logger = Logger(MN, memory).connect(self.serve)
        for t, v in sorted(memory.items()):
            if t not in without:
                self.logger.tell(t, v)
        self.logger.start()
        return self.logger

    def commands(self):
        return self.admin.get("/api/outlets/1/commands?limit=100")["commands"]

    def test_an_hour_is_asked_for_and_comes_back(self):
        """Two hours lost, questions of three records; killed in the middle."""
        memory = {self.first + i * STEP: "%.1f" % (10 + i) for i in range(SLOTS)}
        lost = {self.first + i * STEP for i in (*range(12, 18), *range(30, 36))}
        self.policies(gap_records=3)
        # The device answers with a record that is there, and says otherwise about it now: what came first stays.
        logger = self.start_logger(memory, lost)
        other = self.first + 29 * STEP
        logger.memory[other] = "99.9"
        web.until(lambda: logger.asked, "the first question", 60)
        # The newest three that are missing, exactly; then the three before.
        self.assertEqual(logger.asked[0], (self.first + 33 * STEP, self.first + 36 * STEP - 1))
        web.until(lambda: len(logger.asked) >= 2, "the second question", 60)
        self.assertEqual(logger.asked[1], (self.first + 30 * STEP, self.first + 33 * STEP - 1))
        # Killed: the supervisor and with it everything.
        self.admin.close()
        self.serve.kill("supervisor")
        logger.stop()
        self.serve.start()
        before = list(logger.asked)
        fresh = Logger(MN, logger.memory).connect(self.serve)
        fresh.asked = before
        self.logger = logger = fresh
        logger.tell(self.last, logger.memory[self.last])  # heard: on line again
        logger.start()
        self.admin = web.Client(self.serve, "admin")
        web.until(lambda: all(s in ("late", "received", "backfilled") for t, s in states(self.admin, self.first, self.last)[0].items()),
                  "everything is there", 150)
        # Newest first, each range once (one that was under way when the platform died may be asked again).
        self.assertEqual(logger.asked[-2:], [(self.first + 15 * STEP, self.first + 18 * STEP - 1), (self.first + 12 * STEP, self.first + 15 * STEP - 1)])
        self.assertLessEqual(len(logger.asked), 5)
        found, timeline = states(self.admin, self.first, self.last)
        self.assertEqual({t for t, s in found.items() if s == "backfilled"}, lost)
        self.assertEqual(timeline["step_ms"], STEP * 1000)
        self.assertEqual(timeline["counts"]["backfilled"], 12)
        self.assertEqual(timeline["counts"]["owed"], 48)
        self.assertGreaterEqual(len(timeline["asks"]), 4)
        # Device time and mark of what came later; the command that brought it says who, and why, in words.
        at = self.first + 34 * STEP
        record = self.admin.get(f"/api/outlets/1/record?kind=minute&time={at * 1000}")
        self.assertEqual([r["backfilled"] for r in record["revisions"]], [True])
        self.assertEqual(record["values"][0]["fields"]["Avg"], "44.0")
        commands = self.commands()
        self.assertTrue(all(c["origin"] == "policy" and c["by"] == "policy:gaps" and c["cn"] == 2051 and "缺失" in c["reason"] for c in commands))
        self.assertIn("done", {c["outcome"] for c in commands})
        # Counted by day, the same.
        days = self.admin.get(f"/api/outlets/1/timeline?kind=minute&by=day&from={self.first * 1000}&to={self.last * 1000}")["days"]
        self.assertEqual(sum(d["backfilled"] for d in days), 12)
        # A polluter sees what is there, not who asked.
        works = web.Client(self.serve, "works1")
        _, seen = states(works, self.first, self.last)
        self.assertNotIn("asks", seen)
        self.assertEqual(seen["counts"]["asked"], 0)
        works.get("/api/outlets/3/timeline", 404)
        works.close()

    def test_what_came_first_stays(self):
        """The answer brings a record that is there already, with another value."""
        memory = {self.first + i * STEP: "%.1f" % (10 + i) for i in range(SLOTS)}
        gap, there = self.first + 20 * STEP, self.first + 21 * STEP
        logger = self.start_logger(memory, {gap})
        logger.memory[there] = "99.9"
        web.until(lambda: logger.asked, "a question", 60)
        self.assertEqual(logger.asked[0], (gap, gap + STEP - 1))
        # A person asks for the whole hour: the platform gets the other value too.
        device = self.admin.get("/api/outlets/1")["devices"][0]["id"]
        web.until(lambda: states(self.admin, self.first, self.last)[0][gap] == "backfilled", "the gap is filled", 30)
        web.until(lambda: self.admin.request("POST", f"/api/devices/{device}/commands", {
            "key": "minute-data", "arguments": {"BeginTime": support.civil(gap), "EndTime": support.civil(there)}, "reason": "核对",
            "confirm": True})[0] == 202, "asked by a person", 20)
        url = f"/api/outlets/1/record?kind=minute&time={there * 1000}"
        record = web.until(lambda: (r := self.admin.get(url)) and len(r["revisions"]) == 2 and r, "two revisions", 20)
        self.assertEqual(record["values"][0]["fields"]["Avg"], "31.0")
        self.assertEqual([(r["backfilled"], r["current"]) for r in record["revisions"]], [(False, True), (True, False)])
        self.assertIn(states(self.admin, self.first, self.last)[0][there], ("late", "received"))

    def test_given_up_where_people_see_it(self):
        """A device that never answers, and one that has no data."""
        memory = {self.first + i * STEP: "1.0" for i in range(SLOTS)}
        self.policies(gap_tries=1, overtime_s=1, recount=0)
        gap = {self.first + i * STEP for i in (40, 41)}
        logger = self.start_logger(memory, gap)
        logger.mute = True
        web.until(lambda: {states(self.admin, self.first, self.last)[0][t] for t in gap} == {"lost"}, "given up", 40)
        alert = web.until(lambda: [a for a in self.admin.get("/api/alerts")["alerts"] if a["code"] == "gaps_lost"], "an alert", 60)[0]
        self.assertEqual((alert["outlet"], alert["params"]["records"], alert["params"]["from"]), (1, 2, min(gap) * 1000))
        n = len(logger.asked)
        self.assertEqual(logger.asked, [(min(gap), max(gap) + STEP - 1)])
        time.sleep(3)
        self.assertEqual(len(logger.asked), n)
        detail = self.admin.get("/api/devices/1")["gaps"]
        self.assertEqual(detail["minute"]["lost"], 2)
        # It counts if it comes after all.
        logger.tell(min(gap), "5.0")
        web.until(lambda: states(self.admin, self.first, self.last)[0][min(gap)] == "late", "it came after all", 20)

    def test_no_data_twice_is_the_end(self):
        memory = {self.first + i * STEP: "1.0" for i in range(SLOTS)}
        gap = self.first + 40 * STEP
        logger = self.start_logger(memory, {gap})
        logger.memory.pop(gap)
        web.until(lambda: states(self.admin, self.first, self.last)[0][gap] == "lost", "given up", 60)
        self.assertEqual(logger.asked, [(gap, gap + STEP - 1)] * 2)

    def test_patience_with_a_device_that_does_not_answer(self):
        """One question in vain: the next one comes minutes later, for no other gap either."""
        memory = {self.first + i * STEP: "1.0" for i in range(SLOTS)}
        gaps = [self.first + i * STEP for i in (20, 30, 40)]
        self.policies(overtime_s=1, recount=0)
        logger = self.start_logger(memory, gaps)
        logger.mute = True
        web.until(lambda: [c for c in self.commands() if c["outcome"] == "no_answer"], "no answer", 60)
        time.sleep(8)
        self.assertEqual(logger.asked, [(gaps[-1], gaps[-1] + STEP - 1)])
        found = states(self.admin, self.first, self.last)[0]
        self.assertEqual({found[t] for t in gaps}, {"missing"})

    def test_so_many_an_hour_and_no_more(self):
        memory = {self.first + i * STEP: "1.0" for i in range(SLOTS)}
        gaps = [self.first + i * STEP for i in (10, 20, 30, 40)]
        self.policies(gap_per_hour=2)
        logger = self.start_logger(memory, gaps)
        web.until(lambda: len(logger.asked) >= 2, "two questions", 60)
        time.sleep(6)
        self.assertEqual(logger.asked, [(t, t + STEP - 1) for t in (gaps[3], gaps[2])])
        found = states(self.admin, self.first, self.last)[0]
        self.assertEqual([found[t] for t in gaps], ["missing", "missing", "backfilled", "backfilled"])

    def test_not_asked_where_it_is_only_watched(self):
        memory = {self.first + i * STEP: "1.0" for i in range(SLOTS)}
        gap = self.first + 40 * STEP
        self.policies(gap_policy=1)
        self.start_logger(memory, {gap})
        web.until(lambda: states(self.admin, self.first, self.last)[0].get(gap) == "missing", "the gap is seen", 20)
        time.sleep(8)
        self.assertEqual(self.commands(), [])
        self.assertEqual(self.logger.asked, [])

    def test_queries_that_are_wrong(self):
        for query in ("kind=real", "kind=x", "from=5&to=4", "from=-1", "by=week", "from=0", "by=day&from=0"):
            with self.subTest(query):
                self.admin.get("/api/outlets/1/timeline?" + query, 400)
        t = self.admin.get("/api/outlets/2/timeline?kind=hour")
        self.assertEqual((t["runs"][0]["state"], t["counts"]["owed"]), ("none", 0))
        self.admin.get("/api/outlets/99/timeline", 404)


if __name__ == "__main__":
    unittest.main()
