"""The shift log: who is on duty, entries and automatic lines, the hand-over that both confirm, by unit."""

import time
import unittest

import support
import test_alarms
import web_support as web

USERS = {
    "admin": ["--role", "operator"],
    "day": ["--role", "officer", "--area", "410100", "--unit", "410100-Z", "--display-name", "郭值守"],
    "night": ["--role", "officer", "--area", "410100", "--unit", "410100-Z", "--display-name", "陆接班"],
    "county": ["--role", "officer", "--area", "410102", "--unit", "410102-Z"],
    "othercity": ["--role", "officer", "--area", "410200", "--unit", "410200-Z"],
    "works1": ["--role", "enterprise", "--enterprise", "1"],
}


class Shifts(unittest.TestCase):
    def setUp(self):
        self.serve = web.province(users=USERS)
        with self.serve.connect() as device:
            device.send(support.real_time(web.MN["DA001"], support.qn(1)))
            assert len(device.acks(1)) == 1
        self.serve.wait_drained()
        self.serve.stop()
        self.serve.only = "web"
        for name in ("judge.db", "judge.db-wal", "judge.db-shm"):
            (self.serve.data / "series" / name).unlink(missing_ok=True)
        test_alarms.say(self.serve.data, 1, [test_alarms.verdict(1)])
        self.serve.start()
        self.clients = {}
        self.sign_in()

    def tearDown(self):
        for c in self.clients.values():
            c.close()
        self.serve.clean()

    def sign_in(self):
        for c in self.clients.values():
            c.close()
        self.clients = {name: web.Client(self.serve, name) for name in USERS}

    def log(self, user="day", query=""):
        return self.clients[user].get("/api/shifts" + query)

    def hand(self, user, action, expect=200, **more):
        return self.clients[user].post("/api/shifts/handover", {"action": action, **more}, expect=expect)

    def test_a_shift_and_its_hand_over(self):
        number = web.until(lambda: self.clients["day"].get("/api/alarms?state=open")["alarms"], "an alarm", 20)[0]["number"]
        log = self.clients["day"].post("/api/shifts", {"text": "设备正常"})
        self.assertRegex(log["shift"], r"^\d{8}-[12]$")
        self.assertEqual((log["unit"], log["unit_zh"], log["to"] - log["from"], log["current"]), ("410100-Z", "甲市支队", 12 * 3600000, True))
        self.assertEqual([p["person"] for p in log["on_duty"]], [{"name": "day", "display_name": "郭值守", "display_name_en": "郭值守"}])
        self.clients["day"].post(f"/api/alarms/{number}/steps", {"kind": "take"})
        self.clients["day"].post(f"/api/alarms/{number}/steps", {"kind": "assign", "to_unit": "410102-Z"})
        self.clients["day"].post("/api/shifts/entries", {"text": "致电中控，答复氨水泵切换"})
        self.clients["day"].post("/api/shifts/entries", {"text": ""}, expect=422)
        log = self.log()
        self.assertEqual([e["kind"] for e in log["entries"]], ["entry", "assign", "begin", "raise"])  # newest first
        self.assertEqual([e["automatic"] for e in log["entries"]], [False, True, False, True])
        self.assertIn(number, log["entries"][3]["text"])
        self.assertEqual((log["entries"][3]["by"]["display_name"], log["entries"][3]["by"]["display_name_en"]), ("系统", "platform"))
        self.assertEqual(log["entries"][1]["by"]["display_name"], "郭值守")
        self.assertIn("交办中原区大队", log["entries"][1]["text"])
        self.assertEqual(log["entries"][0]["by"]["display_name"], "郭值守")
        # Both must confirm.
        self.hand("day", "accept", 409)
        for wrong in ("day", "county", "othercity", "works1", "admin", "nobody"):
            self.hand("day", "offer", 422, to=wrong)
        pending = self.hand("day", "offer", to="night", text="一条待核实")["pending"]
        self.assertEqual((pending["by"]["name"], pending["to"]["name"], pending["open"]), ("day", "night", [number]))
        self.hand("day", "offer", 409, to="night")
        self.hand("day", "accept", 403)
        self.hand("day", "refuse", 403, text="x")
        self.hand("night", "cancel", 403)
        self.hand("night", "refuse", 422)
        self.assertIsNone(self.hand("night", "refuse", text="记录不全")["pending"])
        offer = self.hand("day", "offer", to="night", text="已补记")["pending"]
        self.serve.kill("web")
        self.wait_for_web()
        self.assertEqual(self.log("night")["pending"]["id"], offer["id"])
        self.hand("night", "accept", 409, id=offer["id"] - 1)
        after = self.hand("night", "accept", id=offer["id"])
        self.assertIsNone(after["pending"])
        accept = after["entries"][0]
        self.assertEqual((accept["kind"], accept["of"], accept["by"]["name"]), ("accept", offer["id"], "night"))
        duty = [p["person"]["name"] for p in after["on_duty"]] or [p["person"]["name"] for p in self.log("night", "?shift=" + self.next_of(after))["on_duty"]]
        self.assertEqual(duty, ["night"])  # who handed over has left
        self.hand("night", "offer", to="day")
        self.assertIsNone(self.hand("night", "cancel")["pending"])
        self.hand("night", "nonsense", 422)

    def next_of(self, log):
        day, part = log["shift"].split("-")
        if part == "1":
            return day + "-2"
        return time.strftime("%Y%m%d", time.gmtime(time.mktime(time.strptime(day, "%Y%m%d")) - time.timezone + 86400)) + "-1"

    def wait_for_web(self):
        def look():
            try:
                self.sign_in()
                return True
            except (OSError, AssertionError):
                return False
        web.until(look, "the web process is back", 30)

    def test_units_and_roles(self):
        self.clients["day"].post("/api/shifts/entries", {"text": "市里的一条"})
        self.clients["county"].post("/api/shifts/entries", {"text": "县里的一条"})
        self.assertEqual([e["text"] for e in self.log("county")["entries"] if not e["automatic"]], ["县里的一条"])
        self.assertEqual([e["text"] for e in self.log("day", "?unit=410102-Z")["entries"] if not e["automatic"]], ["县里的一条"])
        self.clients["county"].get("/api/shifts?unit=410100-Z", expect=404)
        self.clients["othercity"].get("/api/shifts?unit=410100-Z", expect=404)
        self.clients["day"].get("/api/shifts?unit=nobody", expect=404)
        self.clients["county"].post("/api/shifts/entries", {"text": "x", "unit": "410100-Z"}, expect=404)
        self.assertEqual(self.log("othercity")["entries"], [])
        self.clients["works1"].get("/api/shifts", expect=403)
        for path in ("/api/shifts", "/api/shifts/entries", "/api/shifts/handover"):
            self.clients["works1"].post(path, {"text": "x"}, expect=403)
            self.clients["admin"].post(path, {"text": "x"}, expect=403)  # operators keep the machine, not the log
        self.assertEqual(self.log("admin", "?unit=410100-Z")["unit_zh"], "甲市支队")
        earlier = self.log("day")["earlier"]
        self.assertEqual(self.log("day", "?shift=" + earlier)["later"], self.log("day")["shift"])
        self.clients["day"].get("/api/shifts?shift=yesterday", expect=400)
        self.clients["admin"].post("/api/policies", {"shift_first_min": 540, "shift_second_min": 1020}, method="PUT")
        log = self.log("day", "?shift=20261123-1")
        self.assertEqual((log["to"] - log["from"]) // 3600000, 8)


if __name__ == "__main__":
    unittest.main()
