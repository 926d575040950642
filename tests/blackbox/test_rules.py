"""Rules and sites: what is judged by is open to all, corrected by the operator alone, with a reason, as an act."""

import json
import unittest

import web_support as web


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = web.province()
        cls.clients = {name: web.Client(cls.serve, name) for name in web.USERS}
        cls.admin = cls.clients["admin"]

    @classmethod
    def tearDownClass(cls):
        for c in cls.clients.values():
            c.close()
        cls.serve.stop()
        cls.serve.clean()

    def figure(self, client, rule, name):
        rules = [r for r in client.get("/api/rules")["rules"] if r["id"] == rule]
        return [f for r in rules for f in r["figures"] if f["name"] == name]

    def put(self, rule, body, expect=200, client=None):
        return (client or self.admin).post(f"/api/rules/{rule}", body, expect=expect, method="PUT")

    def test_every_rule_says_where_it_comes_from(self):
        answer = self.clients["works1"].get("/api/rules")
        self.assertGreater(len(answer["rules"]), 20)
        self.assertGreater(len(answer["limits"]), 20)
        self.assertRegex(answer["digest"], "^[0-9a-f]{16}$")
        for r in answer["rules"]:
            self.assertTrue(r["id"] and r["title_zh"] and r["title_en"], r)
            self.assertIn(r["confidence"], ("O", "S", "C", "R+", "R-", "?"))
            if r["confidence"] in ("R-", "?") and r["accuses"]:
                self.assertFalse(r["enabled"], r["id"])  # unsure and accusing: off until somebody has read the text

    def test_a_correction_is_an_act_with_a_reason(self):
        before = self.admin.get("/api/rules")
        wish = {"figure": "valid_hours", "value": 18, "reason": "HJ 76-2017 附录 B 官方文本"}
        for user in ("officer", "leader", "maint1", "works1", "cityop"):
            self.put("hj75.day", wish, expect=403, client=self.clients[user])
        after = self.put("hj75.day", wish)
        (figure,) = self.figure(self.admin, "hj75.day", "valid_hours")
        self.assertEqual((figure["value"], figure["corrected"], figure["confidence"]), (18, True, "O"))
        self.assertNotEqual(after["digest"], before["digest"])
        (said,) = after["corrections"]
        self.assertEqual((said["rule"], said["figure"], said["value"], said["by"], said["reason"]), ("hj75.day", "valid_hours", 18, "admin", wish["reason"]))
        self.put("hj75.day", {"figure": "valid_hours", "withdrawn": True, "reason": "误读"})
        self.assertEqual(self.admin.get("/api/rules")["digest"], before["digest"])

    def test_what_there_is_not_cannot_be_corrected(self):
        self.put("hj75.day", {"figure": "valid_hours", "value": 18}, expect=422)
        self.put("hj75.day", {"figure": "valid_hours", "value": "18", "reason": "x"}, expect=422)
        self.put("hj75.day", {"figure": "valid_hours", "reason": "x"}, expect=422)
        self.put("hj75.day", {"reason": "x"}, expect=422)
        self.put("hj75.day", {"figure": "valid_hours", "value": 18, "from": "1. Mai", "reason": "x"}, expect=422)
        status, data, _ = self.admin.request("PUT", "/api/rules/hj75.day", {"figure": "valid_days", "value": 1, "reason": "x"})
        self.assertIn(status, (404, 422))
        self.assertIn("valid_hours", data["error"]["text_en"])  # says what there is
        self.assertIn(self.admin.request("PUT", "/api/rules/hj75.none", {"enabled": False, "reason": "x"})[0], (404, 422))
        self.assertEqual(self.admin.get("/api/rules")["corrections"], [])

    def test_a_site_is_built_or_put(self):
        built = self.admin.get("/api/outlets/1/site")
        self.assertIsNone(built["put"])
        self.assertEqual(built["built"]["limits"][0]["value"], 35)
        self.assertEqual(built["built"]["reference_oxygen"], 6)
        for user in ("works1", "maint1"):
            self.clients[user].get("/api/outlets/1/site", expect=403)
        self.clients["othercity"].get("/api/outlets/1/site", expect=404)
        site = {"site": "DA001", "profile": "flue-gas", "reference_oxygen": 9, "factors": {"a21026": {"range": [0, 200]}},
                "limits": [{"factor": "a21026", "value": 50, "unit": "mg/m3", "period": "1h", "basis": "permit", "converted": True, "source": "排污许可证"}]}
        self.clients["officer"].post("/api/outlets/1/site", {"site": site, "reason": "x"}, expect=403, method="PUT")
        self.admin.post("/api/outlets/1/site", {"site": site}, expect=422, method="PUT")
        wrong = json.loads(json.dumps(site))
        wrong["limits"][0]["period"] = "fortnight"
        status, data, _ = self.admin.request("PUT", "/api/outlets/1/site", {"site": wrong, "reason": "x"})
        self.assertEqual(status, 422)
        self.assertIn("limits", data["error"]["text_en"])
        for extra in ({"marks": [{"id": 1, "from": "2026-11-03 08:00:00", "to": "2026-11-03 20:00:00", "condition": "stopped"}]}, {"from": "2026-11-01"},
                      {"profile": "volcano"}, {"surprise": 1}):
            self.admin.post("/api/outlets/1/site", {"site": {**site, **extra}, "reason": "x"}, expect=422, method="PUT")
        self.assertIsNone(self.admin.get("/api/outlets/1/site")["put"])
        got = self.admin.post("/api/outlets/1/site", {"site": site, "reason": "按许可证副本"}, method="PUT")
        self.assertEqual(got["put"], site)
        self.assertEqual((got["built"]["reference_oxygen"], got["built"]["limits"][0]["value"]), (9, 50))
        self.assertIsNone(got["problem"])
        self.assertIsNone(self.admin.post("/api/outlets/1/site", {"site": None, "reason": "恢复"}, method="PUT")["put"])


if __name__ == "__main__":
    unittest.main()
