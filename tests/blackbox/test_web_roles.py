"""Each route × role, and who sees which outlet. The expectation is written out here by hand; the server's own table is only used to make sure
that no route is missing."""

import json
import time
import unittest

import support
import web_support as web

ROLES = {"operator": "admin", "officer": "officer", "leader": "leader", "maintainer": "maint1", "enterprise": "works1"}
EVERYBODY = set(ROLES)
AUTHORITY = {"operator", "officer", "leader"}
OPERATOR = {"operator"}
UNIT = {"maintainer", "enterprise"}  # marks are theirs alone
FILING = UNIT | {"operator", "officer"}
COMMANDING = {"operator", "officer"}  # never a leader, never a maintainer or an enterprise
ENFORCING = {"officer", "leader"}  # alarms and shifts are the officers', never those who keep the machine
# Harmless requests: those that change something are wrong in a way that is only noticed behind the check of the role.
EXPECT = {
    ("GET", "/api/session"): EVERYBODY,
    ("GET", "/api/areas"): EVERYBODY,
    ("GET", "/api/units"): EVERYBODY,
    ("GET", "/api/factors"): EVERYBODY,
    ("GET", "/api/watch"): EVERYBODY,
    ("GET", "/api/live"): EVERYBODY,
    ("GET", "/api/search"): EVERYBODY,
    ("GET", "/api/enterprises"): EVERYBODY,
    ("GET", "/api/enterprises/{id}"): EVERYBODY,
    ("GET", "/api/outlets"): EVERYBODY,
    ("GET", "/api/outlets/{id}"): EVERYBODY,
    ("GET", "/api/outlets/{id}/series"): EVERYBODY,
    ("GET", "/api/outlets/{id}/record"): EVERYBODY,
    ("GET", "/api/outlets/{id}/records"): EVERYBODY,
    ("GET", "/api/outlets/{id}/means"): EVERYBODY,
    ("GET", "/api/outlets/{id}/operation"): EVERYBODY,
    ("GET", "/api/outlets/{id}/verdicts"): EVERYBODY,
    ("GET", "/api/outlets/{id}/tallies"): EVERYBODY,
    ("GET", "/api/verdicts/{number}"): EVERYBODY,
    ("GET", "/api/judge/state"): AUTHORITY,
    ("GET", "/api/outlets/{id}/live"): EVERYBODY,
    ("GET", "/api/packets/{journal}/{position}"): EVERYBODY,
    ("GET", "/api/outlets/{id}/timeline"): EVERYBODY,
    ("GET", "/api/outlets/{id}/station"): EVERYBODY,
    ("POST", "/api/outlets/{id}/station"): {"operator", "officer", "maintainer"},
    ("GET", "/api/outlets/{id}/marks"): EVERYBODY,
    ("POST", "/api/outlets/{id}/marks"): UNIT,
    ("GET", "/api/marks/{id}"): EVERYBODY,
    ("PATCH", "/api/marks/{id}"): UNIT,
    ("DELETE", "/api/marks/{id}"): UNIT,
    ("GET", "/api/marks/{id}/evidence"): EVERYBODY,
    ("POST", "/api/marks/{id}/queries"): COMMANDING,
    ("GET", "/api/queries"): EVERYBODY,
    ("GET", "/api/queries/{id}"): EVERYBODY,
    ("POST", "/api/queries/{id}/receive"): UNIT,
    ("POST", "/api/queries/{id}/reply"): UNIT,
    ("POST", "/api/queries/{id}/close"): COMMANDING,
    ("GET", "/api/outlets/{id}/filings"): EVERYBODY,
    ("POST", "/api/outlets/{id}/filings"): FILING,
    ("POST", "/api/outlets/{id}/evidence"): FILING,
    ("GET", "/api/filings/export"): EVERYBODY,
    ("POST", "/api/filings/import"): FILING,
    ("GET", "/api/filings/{id}"): EVERYBODY,
    ("PATCH", "/api/filings/{id}"): FILING,
    ("DELETE", "/api/filings/{id}"): FILING,
    ("GET", "/api/filings/{id}/evidence"): EVERYBODY,
    ("GET", "/api/outlets/{id}/site"): AUTHORITY,
    ("PUT", "/api/outlets/{id}/site"): OPERATOR,
    ("GET", "/api/rules"): EVERYBODY,
    ("PUT", "/api/rules/{id}"): OPERATOR,
    ("GET", "/api/plans"): EVERYBODY,
    ("POST", "/api/plans"): COMMANDING,
    ("DELETE", "/api/plans/{id}"): COMMANDING,
    ("GET", "/api/outlets/{id}/cameras"): EVERYBODY,
    ("POST", "/api/outlets/{id}/cameras"): OPERATOR,
    ("DELETE", "/api/cameras/{id}"): OPERATOR,
    ("GET", "/api/cameras/{id}/snapshot"): EVERYBODY,
    ("GET", "/api/cameras/{id}/link"): EVERYBODY,
    ("GET", "/api/hooks"): OPERATOR,
    ("POST", "/api/hooks"): OPERATOR,
    ("DELETE", "/api/hooks/{id}"): OPERATOR,
    ("POST", "/api/session/password"): EVERYBODY,
    ("GET", "/api/devices"): AUTHORITY,
    ("GET", "/api/export"): AUTHORITY,
    ("GET", "/api/maintainers"): AUTHORITY,
    ("GET", "/api/commands/catalogue"): AUTHORITY,
    ("GET", "/api/commands/{id}"): AUTHORITY,
    ("GET", "/api/devices/{id}"): AUTHORITY,
    ("PATCH", "/api/devices/{id}"): OPERATOR,
    ("GET", "/api/devices/{id}/commands"): AUTHORITY,
    ("POST", "/api/devices/{id}/commands"): COMMANDING,
    ("GET", "/api/outlets/{id}/commands"): AUTHORITY,
    ("GET", "/api/overlays"): AUTHORITY,
    ("GET", "/api/policies"): AUTHORITY,
    ("PUT", "/api/policies"): OPERATOR,
    ("GET", "/api/alerts"): AUTHORITY,
    ("GET", "/api/alarms"): AUTHORITY,
    ("GET", "/api/alarms/{number}"): AUTHORITY,
    ("POST", "/api/alarms/steps"): ENFORCING,
    ("POST", "/api/alarms/{number}/steps"): ENFORCING,
    ("POST", "/api/alarms/{number}/notices"): ENFORCING,
    ("GET", "/api/shifts"): AUTHORITY,
    ("POST", "/api/shifts"): ENFORCING,
    ("POST", "/api/shifts/entries"): ENFORCING,
    ("POST", "/api/shifts/handover"): ENFORCING,
    ("GET", "/api/deliveries"): OPERATOR,
    ("GET", "/api/deliveries/settings"): OPERATOR,
    ("PUT", "/api/deliveries/settings"): OPERATOR,
    ("POST", "/api/deliveries/test"): OPERATOR,
    ("GET", "/api/devices/waiting"): OPERATOR,
    ("POST", "/api/devices/admit"): OPERATOR,
    ("POST", "/api/devices/refuse"): OPERATOR,
    ("POST", "/api/devices/{id}/retire"): OPERATOR,
    ("GET", "/api/devices/{id}/keys"): OPERATOR,
    ("POST", "/api/devices/{id}/keys"): OPERATOR,
    ("POST", "/api/devices/register"): OPERATOR,
    ("POST", "/api/import"): OPERATOR,
    ("GET", "/api/reports/rates"): EVERYBODY,
    ("GET", "/api/reports/outlets/{id}"): EVERYBODY,
    ("GET", "/api/system"): OPERATOR,
    ("GET", "/api/targets"): OPERATOR,
    ("POST", "/api/targets"): OPERATOR,
    ("PUT", "/api/targets/{id}"): OPERATOR,
    ("DELETE", "/api/targets/{id}"): OPERATOR,
    ("GET", "/api/targets/{id}/state"): OPERATOR,
    ("GET", "/api/users"): OPERATOR,
    ("POST", "/api/users"): OPERATOR,
    ("PATCH", "/api/users/{name}"): OPERATOR,
    ("DELETE", "/api/session"): EVERYBODY,
}
OPEN = {("GET", "/api/installation"), ("GET", "/api/openapi.yaml"), ("POST", "/api/session"),
        ("POST", "/api/hooks/{token}")}  # the token is the right
WHOLE = {("GET", "/api/devices/waiting"), ("POST", "/api/devices/admit"), ("POST", "/api/devices/refuse"), ("POST", "/api/devices/register"), ("POST", "/api/import"),
         ("GET", "/api/targets"), ("POST", "/api/targets"), ("PUT", "/api/targets/{id}"), ("DELETE", "/api/targets/{id}"), ("GET", "/api/targets/{id}/state"),
         ("PUT", "/api/rules/{id}"), ("PUT", "/api/policies"), ("GET", "/api/users"), ("POST", "/api/users"), ("PATCH", "/api/users/{name}")}
# user -> outlets (1: DA001 in 中原区 kept by maintainer 1, 2: DA002 there by maintainer 2, 3: DW001 in 乙市 by maintainer 1)
SEES = {"admin": {1, 2, 3}, "cityop": {1, 2}, "officer": {1, 2, 3}, "county": {1, 2}, "othercity": {3}, "leader": {1, 2},
        "maint1": {1, 3}, "maint2": {2}, "works1": {1, 2}, "works2": {3}}


class Roles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = web.province()
        cls.clients = {name: web.Client(cls.serve, name) for name in web.USERS}
        now = time.time()
        cls.packets = {}
        with cls.serve.connect() as device:
            for outlet, code in enumerate(("DA001", "DA002", "DW001"), 1):
                device.send(support.real_time(web.MN[code], support.qn(outlet), at=support.civil(now - 10)))
            device.send(support.real_time(support.mn_of(77), support.qn(7)))
            assert len(device.acks(3)) == 3
        admin = cls.clients["admin"]
        for outlet in (1, 2, 3):
            record = web.until(lambda o=outlet: admin.get(f"/api/outlets/{o}/records")["records"], f"a record of {outlet}")[0]
            cls.packets[outlet] = record
        cls.verdict = web.an_exceedance(cls.serve, admin)
        cls.alarm = web.until(lambda: admin.get("/api/alarms?outlet=1&state=all")["alarms"], "an alarm", 30)[0]["number"]
        cls.command = admin.post("/api/devices/1/commands", {"key": "get-clock", "reason": "test", "confirm": True}, expect=202)["id"]
        cls.cameras = {o: admin.post(f"/api/outlets/{o}/cameras", {"name": "站房", "kind": "rtsp", "address": "rtsp://10.0.0.1/1",
                                                                   "link_url": "https://nvr.example/{time}"})["id"] for o in (1, 2, 3)}
        cls.things = {o: cls.make_things("works2" if o == 3 else "works1", o) for o in (1, 2, 3)}
        cls.target = admin.post("/api/targets", {"name": "省中心", "host": "127.0.0.1", "port": 1}, expect=201)["id"]
        cls.stranger = web.until(lambda: admin.get("/api/devices/waiting")["waiting"], "a waiting device")[0]["sample"]

    @classmethod
    def make_things(cls, works, outlet):
        """A mark with evidence, a query about it, and a filing: what stands in paths."""
        unit, path = cls.clients[works], f"/api/outlets/{outlet}/"
        sha = unit.request("POST", path + "evidence", b"%PDF-1.4 test")[1]["sha256"]
        now = int(time.time() * 1000)
        mark = unit.post(path + "marks", {"from": now - 1000, "to": now, "axis": "equipment", "value": "maintenance", "reason": "x", "evidence": [sha]})["mark"]["id"]
        query = cls.clients["admin"].post(f"/api/marks/{mark}/queries", {"text": "?"})["id"]
        filing = unit.post(path + "filings", {"kind": "maintenance", "from": now, "text": "x", "evidence": [sha]})["filing"]["id"]
        return {"marks": mark, "queries": query, "filings": filing, "sha": sha}

    @classmethod
    def tearDownClass(cls):
        for c in cls.clients.values():
            c.close()
        cls.serve.stop()
        cls.serve.clean()

    def path_for(self, pattern, user):
        outlet = min(SEES[user])
        packet = self.packets[outlet]
        path = pattern.replace("{journal}", packet["journal"]).replace("{position}", packet["position"]).replace("{name}", "nobody")
        if pattern == "/api/verdicts/{number}":
            return path.replace("{number}", self.verdict)
        if pattern.startswith("/api/alarms/{number}"):
            return path.replace("{number}", self.alarm)
        if pattern.startswith("/api/commands/"):
            return path.replace("{id}", str(self.command))
        if pattern == "/api/targets/{id}/state":
            return path.replace("{id}", str(self.target))
        if pattern in ("/api/cameras/{id}", "/api/hooks/{id}", "/api/targets/{id}"):
            return path.replace("{id}", "999999")  # what is there is needed by the other rows
        if "cameras/{id}" in pattern:
            return path.replace("{id}", str(self.cameras[outlet]))
        if pattern == "/api/plans/{id}":
            return path.replace("{id}", "999999")
        for kind in ("marks", "queries", "filings"):
            if pattern.startswith(f"/api/{kind}/{{id}}"):
                path = path.replace("{id}", str(self.things[outlet][kind]))
                return path + "?sha256=" + self.things[outlet]["sha"] if path.endswith("/evidence") else path
        if "enterprises" in pattern:
            return path.replace("{id}", "2" if outlet == 3 else "1")
        path = path.replace("{id}", str(outlet))
        return path + f"?time={packet['time']}" if path.endswith("/record") else path

    def ask(self, client, method, path):
        if path.endswith("/live"):
            try:
                next(client.events(path))
                return 200
            except AssertionError as e:
                return int(str(e).rsplit(" ", 1)[1])
        return client.request(method, path, {} if method != "GET" else None)[0]

    def test_each_route_and_role(self):
        table = {tuple(line.split("\t")[:2]) for line in web.run("yanwu-web", "--routes").stdout.decode().splitlines()}
        self.assertEqual(table, set(EXPECT) | OPEN)
        nobody = web.Client(self.serve)
        for (method, pattern), roles in EXPECT.items():
            self.assertEqual(self.ask_nobody(nobody, method, self.path_for(pattern, "admin")), 401, (method, pattern))
            if (method, pattern) == ("DELETE", "/api/session"):
                continue  # would end the sessions the other rows need; see below
            for role, user in ROLES.items():
                status = self.ask(self.clients[user], method, self.path_for(pattern, user))
                if role in roles:
                    self.assertNotIn(status, (401, 403), (method, pattern, role))
                    if pattern.endswith("/snapshot"):
                        self.assertEqual(status, 404, role)  # registered without a picture
                    elif method == "GET":
                        self.assertEqual(status, 200, (method, pattern, role))
                else:
                    self.assertEqual(status, 403, (method, pattern, role))
        for user in ROLES.values():
            other = web.Client(self.serve, user)
            self.assertEqual(self.ask(other, "DELETE", "/api/session"), 200)
            other.get("/api/session", expect=401)
            other.close()
        nobody.close()

    def ask_nobody(self, client, method, path):
        return client.request(method, path, {} if method != "GET" else None)[0]

    def test_an_operator_of_an_area_does_not_administer_the_whole(self):
        for method, pattern in WHOLE:
            status, data, _ = self.clients["cityop"].request(method, self.path_for(pattern, "admin"), {} if method != "GET" else None)
            self.assertEqual((status, data["error"]["code"]), (403, "area"), (method, pattern))
        self.clients["cityop"].get("/api/system")
        self.clients["cityop"].post("/api/devices/3/retire", {"reason": "not mine"}, expect=404)

    def test_units_are_those_of_the_areas_one_sees(self):
        everything = {"410000-X", "410000-Z", "410100-Z", "410102-Z", "410200-Z"}
        seen = {"admin": everything, "cityop": everything - {"410200-Z"}, "county": everything - {"410200-Z"},
                "othercity": {"410000-X", "410000-Z", "410200-Z"}, "maint1": everything, "works2": everything}
        for user, codes in seen.items():
            units = {u.pop("code"): u for u in self.clients[user].get("/api/units")["units"]}
            self.assertEqual(set(units), codes, user)
            self.assertEqual(units["410000-Z"], {"parent": None, "name": "演武省执法监督处", "area": "410000", "area_name": "演武省"})
            self.assertEqual(units["410000-X"], {"parent": "410000-Z", "name": "专班", "area": None, "area_name": None})

    def test_lists_hold_what_one_sees(self):
        for user, outlets in SEES.items():
            c = self.clients[user]
            self.assertEqual({o["id"] for o in c.get("/api/watch")["outlets"]}, outlets, user)
            self.assertEqual({o["id"] for o in c.get("/api/outlets")["outlets"]}, outlets, user)
            enterprises = {1} & {1 for o in outlets if o != 3} | {2} & {2 for o in outlets if o == 3}
            self.assertEqual({e["id"] for e in c.get("/api/enterprises")["enterprises"]}, enterprises, user)
            hits = c.get("/api/search?q=0")["hits"]
            self.assertEqual({h["id"] for h in hits if h["kind"] == "outlet"}, outlets, user)
            self.assertEqual({h["id"] for h in hits if h["kind"] == "enterprise"}, enterprises, user)
            self.assertEqual({h["id"] for h in hits if h["kind"] == "device"}, outlets, user)  # device n is at outlet n
            if web.USERS[user][1] in AUTHORITY:
                self.assertEqual({d["id"] for d in c.get("/api/devices")["devices"]}, outlets, user)

    def test_single_things_are_there_or_not(self):
        for user, outlets in SEES.items():
            c = self.clients[user]
            for outlet in (1, 2, 3):
                expect = 200 if outlet in outlets else 404
                p = self.packets[outlet]
                for path in (f"/api/outlets/{outlet}", f"/api/outlets/{outlet}/series", f"/api/outlets/{outlet}/records",
                             f"/api/outlets/{outlet}/record?time={p['time']}", f"/api/packets/{p['journal']}/{p['position']}"):
                    self.assertEqual(c.request("GET", path)[0], expect, (user, path))
                self.assertEqual(self.ask(c, "GET", f"/api/outlets/{outlet}/live"), expect, (user, outlet))
            for enterprise in (1, 2):
                sees = any((o == 3) == (enterprise == 2) for o in outlets)
                status, data, _ = c.request("GET", f"/api/enterprises/{enterprise}")
                self.assertEqual(status, 200 if sees else 404, (user, enterprise))
                if sees:
                    self.assertLessEqual({o["id"] for o in data["outlets"]}, outlets, user)

    def test_packets_of_strangers_are_the_operators(self):
        for user in SEES:
            status = self.clients[user].request("GET", f"/api/packets/{self.stranger['journal']}/{self.stranger['position']}")[0]
            self.assertEqual(status, 200 if user == "admin" else 404, user)

    def test_own_devices_acknowledgement_is_readable(self):
        p = self.packets[1]
        ack = self.clients["works1"].get(f"/api/packets/{p['journal']}/{p['position']}")["ack"]
        packet = self.clients["works1"].get(f"/api/packets/{p['journal']}/{ack['position']}")
        self.assertEqual((packet["direction"], packet["cn"]), ("out", "9014"))
        self.clients["works2"].get(f"/api/packets/{p['journal']}/{ack['position']}", expect=404)

    def test_live_streams_hold_what_one_sees(self):
        streams = {user: self.clients[user].events("/api/live") for user in ("maint2", "works2", "leader", "admin")}
        for s in streams.values():
            self.assertEqual(next(s)[0], "ping")
        with self.serve.connect() as device:
            for outlet, code in enumerate(("DA001", "DA002", "DW001"), 1):
                device.send(support.real_time(web.MN[code], support.qn(100 + outlet), at=support.civil(time.time())))
            self.assertEqual(len(device.acks(3)), 3)
        for user, s in streams.items():
            seen = set()
            while seen != SEES[user]:
                event, data = next(s)
                if event == "latest":
                    seen.add(data["outlet"])
                    self.assertIn(data["outlet"], SEES[user], user)
            s.close()

    def test_commands_are_nobodys_but_the_authoritys(self):
        """Neither the routes of commands nor the packets that carry them are there for polluters, and officers see those of their area alone."""
        paths = [f"/api/commands/{self.command}", "/api/devices/1/commands", "/api/outlets/1/commands", "/api/devices/1", "/api/alerts"]
        for user in ("maint1", "maint2", "works1", "works2"):
            for path in paths:
                self.clients[user].get(path, expect=403)
        for user in ("admin", "cityop", "officer", "county", "leader"):
            for path in paths:
                self.clients[user].get(path)
        for path in paths[:4]:
            self.clients["othercity"].get(path, expect=404)
        ask = {"key": "get-clock", "reason": "not mine", "confirm": True}
        for user, status in (("othercity", 404), ("leader", 403), ("maint1", 403), ("works1", 403)):
            self.clients[user].post("/api/devices/1/commands", ask, expect=status)

    def test_alarms_are_nobodys_but_the_authoritys(self):
        """Neither desk check, review nor assignment is there for polluters, in no stream and no list; officers see those of their area."""
        for user in ("maint1", "maint2", "works1", "works2"):
            for path in ("/api/alarms", f"/api/alarms/{self.alarm}", "/api/shifts", "/api/deliveries", "/api/deliveries/settings"):
                self.clients[user].get(path, expect=403)
        for user in ("admin", "cityop", "officer", "county", "leader"):
            self.assertIn(self.alarm, [a["number"] for a in self.clients[user].get("/api/alarms?state=all")["alarms"]], user)
        self.assertEqual([a for a in self.clients["othercity"].get("/api/alarms?state=all")["alarms"] if a["outlet"]["id"] != 3], [])
        self.clients["othercity"].get(f"/api/alarms/{self.alarm}", expect=404)

    def test_passwords_are_nowhere(self):
        """Neither a device's PW nor a user's password stands in any answer, whoever asks."""
        for user in SEES:
            c = self.clients[user]
            paths = ["/api/session", "/api/watch", "/api/outlets", "/api/enterprises", "/api/search?q=0", "/api/devices", "/api/users",
                     "/api/system", "/api/export?format=csv", "/api/devices/waiting", "/api/devices/1", "/api/devices/1/commands",
                     "/api/commands/catalogue", "/api/policies", "/api/alerts"]
            paths += [f"/api/outlets/{o}" for o in (1, 2, 3)] + [f"/api/enterprises/{e}" for e in (1, 2)]
            paths += [f"/api/packets/{p['journal']}/{p['position']}" for p in list(self.packets.values()) + [self.stranger]]
            for path in paths:
                status, data, _ = c.request("GET", path)
                raw = data if isinstance(data, bytes) else json.dumps(data).encode()
                self.assertNotIn(web.PASSWORD.encode(), raw, path)
                if status == 200 and "packets" in path:
                    # In the bytes and in what is read from them; QN and MN hold no such digits.
                    self.assertNotIn(b"PW=" + support.PW.encode(), bytes.fromhex(data["hex"]), path)
                    self.assertIn(b"PW=******", bytes.fromhex(data["hex"]), path)
                self.assertNotIn(b'"' + support.PW.encode() + b'"', raw, path)


if __name__ == "__main__":
    unittest.main()
