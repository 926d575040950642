"""docs/openapi.yaml against the running server: every route of the server's table is documented with its roles, every documented operation
answers with a documented status and a body of the documented shape, no member more and no required one less."""

import time
import unittest

import yaml

import support
import web_support as web

with open(support.ROOT / "docs/openapi.yaml", encoding="utf-8") as f:
    SPEC = yaml.safe_load(f)


def resolve(node):
    while isinstance(node, dict) and "$ref" in node:
        target = SPEC
        for part in node["$ref"].lstrip("#/").split("/"):
            target = target[part]
        node = target
    return node


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


def shape_errors(value, schema, where="$"):
    """Where and how the value is not of the schema."""
    schema = resolve(schema)
    if value is None:
        return [] if schema.get("nullable") else [f"{where}: null"]
    if "oneOf" in schema:
        return min((shape_errors(value, one, where) for one in schema["oneOf"]), key=len)
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind in ("integer", "number"))):
        return [f"{where}: {type(value).__name__}, not {kind}"]
    errors = []
    if "enum" in schema and value not in schema["enum"]:
        errors.append(f"{where}: {value!r} is not one of {schema['enum']}")
    if kind == "array":
        for i, item in enumerate(value):
            errors += shape_errors(item, schema["items"], f"{where}[{i}]")
    if kind == "object":
        known, rest = schema.get("properties", {}), schema.get("additionalProperties", not schema.get("properties"))
        errors += [f"{where}.{name}: missing" for name in schema.get("required", []) if name not in value]
        for name, item in value.items():
            if name in known:
                errors += shape_errors(item, known[name], f"{where}.{name}")
            elif isinstance(rest, dict):
                errors += shape_errors(item, rest, f"{where}.{name}")
            elif not rest:
                errors.append(f"{where}.{name}: not documented")
    return errors


def operations():
    for path, methods in SPEC["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


class ShapeCheck(unittest.TestCase):
    """The checker itself must be able to fail."""

    def test_differences_are_found(self):
        schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"type": "string"}}}}
        self.assertEqual(shape_errors({"a": 1, "b": ["x"]}, schema), [])
        for wrong in ({}, {"a": "1"}, {"a": True}, {"a": None}, {"a": 1, "c": 2}, {"a": 1, "b": [1]}, []):
            self.assertNotEqual(shape_errors(wrong, schema), [], wrong)


class Routes(unittest.TestCase):
    def test_server_and_description_have_the_same_routes(self):
        table = {}
        for line in web.run("yanwu-web", "--routes").stdout.decode().splitlines():
            method, path, roles, scope, _ = line.split("\t")
            table[method, path] = (sorted(r for r in roles.split(",") if r != "anybody"), scope == "whole")
        described = {(m, p): (sorted(o["x-roles"]), o.get("x-scope") == "whole") for m, p, o in operations()}
        self.assertEqual(described, table)

    def test_every_operation_says_what_it_is(self):
        for method, path, operation in operations():
            self.assertTrue(operation.get("summary"), (method, path))
            self.assertTrue({"200", "201", "202"} & set(operation["responses"]), (method, path))


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.serve = web.province()
        cls.client = web.Client(cls.serve, "admin")
        now = time.time()
        with cls.serve.connect() as device:
            for i in range(3):
                device.send(support.real_time(web.MN["DA001"], support.qn(i), at=support.civil(now - 90 + 30 * i), value="12.30"))
            device.send(support.real_time(support.mn_of(99), support.qn(9)))
            assert len(device.acks(3)) == 3
        records = web.until(lambda: cls.client.get("/api/outlets/1/records")["records"], "a record")
        web.until(lambda: cls.client.get("/api/devices/waiting")["waiting"], "a waiting device")
        web.until(lambda: cls.client.get("/api/watch")["counts"]["online"], "an outlet on line")
        cls.record = records[0]

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.serve.stop()
        cls.serve.clean()

    def check(self, method, path, template, expect=200, body=None, headers=None, client=None):
        """One request; its answer must be documented."""
        client = client or self.client
        operation = SPEC["paths"][template][method.lower()]
        status, data, sent = client.request(method, path, body, headers)
        self.assertEqual(status, expect, f"{method} {path}: {data}")
        if status in (401, 403, 404, 405) and str(status) not in operation["responses"]:
            documented = SPEC["components"]["responses"]["Error"]  # said once for all operations, in the description
        else:
            documented = resolve(operation["responses"][str(status)])
        kind = sent["Content-Type"].split(";")[0]
        self.assertIn(kind, documented["content"], f"{method} {path}")
        if kind == "application/json":
            self.assertEqual(shape_errors(data, documented["content"][kind]["schema"]), [], f"{method} {path}")
        self.seen.add((method, template))
        return data

    def test_every_operation(self):
        self.seen = set()
        check, r = self.check, self.record
        check("GET", "/api/installation", "/api/installation")
        check("GET", "/api/openapi.yaml", "/api/openapi.yaml")
        for path in ("/api/session", "/api/areas", "/api/units", "/api/factors", "/api/maintainers", "/api/watch", "/api/enterprises", "/api/outlets", "/api/devices",
                     "/api/devices/waiting", "/api/system", "/api/users", "/api/export", "/api/search"):
            check("GET", path, path)
        check("GET", "/api/watch?area=410100&q=DA", "/api/watch")
        check("GET", "/api/search?q=1", "/api/search")
        check("GET", "/api/export?format=csv", "/api/export")
        check("GET", "/api/export?format=doc", "/api/export", 400)
        for what, template in (("rates", "/api/reports/rates"), ("outlets/1", "/api/reports/outlets/{id}")):
            check("GET", "/api/reports/" + what, template)
            check("GET", f"/api/reports/{what}?period=quarter&at=2026-Q4&format=xlsx", template)
            check("GET", f"/api/reports/{what}?format=pdf&lang=en", template)
            check("GET", f"/api/reports/{what}?period=week", template, 400)
        check("GET", "/api/reports/outlets/999", "/api/reports/outlets/{id}", 404)
        for path in ("enterprises", "outlets", "devices"):
            first = check("GET", f"/api/{path}?limit=1", f"/api/{path}")
            check("GET", f"/api/{path}?limit=1&after={first['next']}", f"/api/{path}")
            check("GET", f"/api/{path}?limit=0", f"/api/{path}", 400)
            check("GET", f"/api/{path}?after=x", f"/api/{path}", 400)
        for path in ("enterprises", "outlets"):
            check("GET", f"/api/{path}/1", f"/api/{path}/{{id}}")
            check("GET", f"/api/{path}/999", f"/api/{path}/{{id}}", 404)
            check("GET", f"/api/{path}/x", f"/api/{path}/{{id}}", 404)
        one = "/api/outlets/{id}/"
        check("GET", "/api/outlets/1/series?kind=real&points=10", one + "series")
        check("GET", "/api/outlets/1/series?kind=hour&factors=a21026,a19001&field=Avg", one + "series")
        check("GET", "/api/outlets/1/series?from=5&to=5", one + "series", 400)
        check("GET", "/api/outlets/1/series?kind=century", one + "series", 400)
        check("GET", f"/api/outlets/1/record?time={r['time']}", one + "record")
        check("GET", "/api/outlets/1/record", one + "record", 400)
        check("GET", "/api/outlets/1/record?time=1", one + "record", 404)
        check("GET", "/api/outlets/1/records?kind=real&limit=2", one + "records")
        check("GET", f"/api/outlets/1/records?before={r['time']}", one + "records")
        check("GET", "/api/outlets/1/records?limit=-1", one + "records", 400)
        number = web.an_exceedance(self.serve, self.client)
        check("GET", "/api/outlets/1/means?period=1h", one + "means")
        check("GET", "/api/outlets/1/means?period=century", one + "means", 400)
        check("GET", "/api/outlets/999/means", one + "means", 404)
        check("GET", "/api/outlets/1/operation", one + "operation")
        check("GET", "/api/outlets/1/operation?from=5&to=4", one + "operation", 400)
        check("GET", "/api/outlets/1/verdicts?gone=1", one + "verdicts")
        check("GET", "/api/outlets/1/verdicts?kind=murder", one + "verdicts", 400)
        check("GET", "/api/outlets/1/tallies?period=month", one + "tallies")
        check("GET", f"/api/verdicts/{number}", "/api/verdicts/{number}")
        check("GET", "/api/verdicts/CP20200101-1-a21026-0", "/api/verdicts/{number}", 404)
        check("GET", "/api/judge/state", "/api/judge/state")
        packet = "/api/packets/{journal}/{position}"
        found = check("GET", f"/api/packets/{r['journal']}/{r['position']}", packet)
        check("GET", f"/api/packets/{r['journal']}/{found['ack']['position']}", packet)
        check("GET", f"/api/packets/{r['journal']}/1", packet, 404)
        check("GET", "/api/packets/acts/0", packet)
        check("GET", "/api/packets/acts/1", packet, 404)
        check("GET", "/api/packets/p99/0", packet, 404)
        for path, template in (("/api/live", "/api/live"), ("/api/outlets/1/live", one + "live")):
            event = next(self.client.events(path))
            self.assertEqual(event, ("ping", {}))
            self.seen.add(("GET", template))
        self.acts(check)
        self.commands(check)
        self.station(check)
        self.keys(check)
        self.targets(check)
        self.marks(check)
        self.filings(check)
        self.rules(check)
        self.alarms(check)
        self.users_and_sessions(check)
        self.assertEqual(self.seen, {(m, p) for m, p, _ in operations()})

    def acts(self, check):
        admit, refuse, retire = "/api/devices/admit", "/api/devices/refuse", "/api/devices/{id}/retire"
        mn = support.mn_of(99)
        check("POST", admit, admit, 400, b"{")
        check("POST", admit, admit, 422, {"mn": mn})
        check("POST", admit, admit, 422, {"mn": mn, "outlet": 999})
        check("POST", admit, admit, 422, {"mn": "no blanks please", "outlet": 1})
        device = check("POST", admit, admit, 200, {"mn": mn, "outlet": 2, "pw": "123456", "reason": "新装"})["device"]
        check("POST", refuse, refuse, 409, {"mn": mn, "reason": "?"})
        check("POST", refuse, refuse, 422, {"mn": mn})
        check("POST", refuse, refuse, 200, {"mn": "STRANGER", "reason": "不明设备"})
        check("POST", "/api/devices/999/retire", retire, 404, {"reason": "x"})
        check("POST", f"/api/devices/{device['id']}/retire", retire, 422, {})
        check("POST", f"/api/devices/{device['id']}/retire", retire, 200, {"reason": "拆除"})
        check("POST", f"/api/devices/{device['id']}/retire", retire, 409, {"reason": "拆除"})
        book = "code,parent,name\n410300,410000,丙市\n".encode()
        check("POST", "/api/import?dry_run=1&name=areas.csv", "/api/import", 200, book)
        check("POST", "/api/import?name=areas.csv", "/api/import", 200, book)
        check("POST", "/api/import?name=areas.csv", "/api/import", 422, "code,parent,name\n1,2,x\n".encode())
        check("POST", "/api/import", "/api/import", 422, b"PK\3\4 no zip")

    def commands(self, check):
        check("GET", "/api/commands/catalogue", "/api/commands/catalogue")
        asking = "/api/devices/{id}/commands"
        wish = {"key": "get-clock", "reason": "检查", "confirm": True}
        command = check("POST", "/api/devices/1/commands", asking, 202, wish)["id"]
        check("POST", "/api/devices/1/commands", asking, 422, {**wish, "confirm": False})
        check("POST", "/api/devices/1/commands", asking, 422, {**wish, "key": "set-realtime-interval", "arguments": {"RtdInterval": 1}})
        check("POST", "/api/devices/1/commands", asking, 400, b"{")
        check("POST", "/api/devices/999/commands", asking, 404, wish)
        check("GET", f"/api/commands/{command}", "/api/commands/{id}")
        check("GET", "/api/commands/5", "/api/commands/{id}", 404)
        web.until(lambda: self.client.get("/api/devices/1/commands?before=9000000000000000")["commands"], "the command in the store")
        for path, template in (("/api/devices/1/commands", asking), ("/api/outlets/1/commands", "/api/outlets/{id}/commands")):
            check("GET", path + "?limit=1", template)
            check("GET", path + f"?before={command}", template)
            check("GET", path + "?limit=x", template, 400)
        device = "/api/devices/{id}"
        web.until(lambda: self.client.get("/api/devices/1")["links"], "what is known of the device")
        check("GET", "/api/devices/1", device)
        check("GET", "/api/devices/999", device, 404)
        check("PATCH", "/api/devices/1", device, 200, {"pin_crc": 1, "overlay": "plain-names", "reason": "检查"})
        check("PATCH", "/api/devices/1", device, 422, {"pin_crc": 9})
        check("PATCH", "/api/devices/1", device, 400, b"")
        check("GET", "/api/devices/1", device)
        check("GET", "/api/overlays", "/api/overlays")
        check("GET", "/api/policies", "/api/policies")
        check("PUT", "/api/policies", "/api/policies", 200, {"recount": 2})
        check("PUT", "/api/policies", "/api/policies", 422, {"recount": -2})
        check("PUT", "/api/policies", "/api/policies", 400, b"[]")
        check("GET", "/api/alerts", "/api/alerts")

    def alarms(self, check):
        """Of the exceedance that the judge found."""
        number = web.until(lambda: self.client.get("/api/alarms?state=all")["alarms"], "an alarm", 30)[0]["number"]
        officer = web.Client(self.serve, "officer")
        self.addCleanup(officer.close)
        one, steps = "/api/alarms/{number}", "/api/alarms/{number}/steps"
        at = f"/api/alarms/{number}"
        check("GET", "/api/alarms?state=open&sort=due&kind=exceedance&outlet=1&limit=1", "/api/alarms")
        check("GET", "/api/alarms?state=gone", "/api/alarms", 400)
        check("GET", at, one)
        check("GET", "/api/alarms/BJ19990101-0001", one, 404)
        if self.client.get(at)["stage"] == "closed":
            check("POST", at + "/steps", steps, 200, {"kind": "reopen", "text": "x"}, client=officer)
        else:
            check("POST", at + "/steps", steps, 200, {"kind": "take"}, client=officer)
        check("POST", at + "/steps", steps, 409, {"kind": "sign"}, client=officer)
        check("POST", at + "/steps", steps, 422, {"kind": "raise"}, client=officer)
        check("POST", at + "/steps", steps, 400, b"{", client=officer)
        check("POST", "/api/alarms/BJ19990101-0001/steps", steps, 404, {"kind": "take"}, client=officer)
        many = "/api/alarms/steps"
        check("POST", many, many, 200, {"kind": "note", "text": "x", "numbers": [number, "BJ19990101-0001"]}, client=officer)
        check("POST", many, many, 422, {"kind": "note", "text": "x"}, client=officer)
        check("POST", many, many, 400, b"", client=officer)
        notices = "/api/alarms/{number}/notices"
        check("POST", at + "/notices", notices, 200, {"text": "请说明"}, client=officer)
        check("POST", at + "/notices", notices, 422, {}, client=officer)
        check("POST", at + "/notices", notices, 400, b"", client=officer)
        check("POST", "/api/alarms/BJ19990101-0001/notices", notices, 404, {"text": "x"}, client=officer)
        check("GET", at, one)
        shifts, entries, handover = "/api/shifts", "/api/shifts/entries", "/api/shifts/handover"
        check("POST", shifts, shifts, 200, {}, client=officer)
        check("POST", entries, entries, 200, {"text": "致电中控"}, client=officer)
        check("POST", entries, entries, 422, {}, client=officer)
        check("POST", handover, handover, 200, {"action": "offer", "to": "leader", "unit": "410100-Z"}, client=officer)
        check("POST", handover, handover, 409, {"action": "offer", "to": "leader", "unit": "410100-Z"}, client=officer)
        check("POST", handover, handover, 422, {"action": "offer", "to": "nobody"}, client=officer)
        check("POST", handover, handover, 403, {"action": "accept", "unit": "410100-Z"}, client=officer)
        check("GET", "/api/shifts?unit=410100-Z", shifts)
        check("GET", "/api/shifts", shifts)
        check("GET", "/api/shifts?unit=nobody", shifts, 404)
        check("GET", "/api/shifts?shift=x", shifts, 400)
        settings, queue, test = "/api/deliveries/settings", "/api/deliveries", "/api/deliveries/test"
        check("GET", settings, settings)
        wish = {"base_url": "https://yanwu.example", "allow_private": True, "robots": [{"name": "群", "kind": "wecom", "url": "http://127.0.0.1:1/x", "secret": ""}]}
        check("PUT", settings, settings, 200, wish)
        check("PUT", settings, settings, 422, {"base_url": "x"})
        check("PUT", settings, settings, 400, b"[]")
        check("POST", test, test, 202)
        web.until(lambda: self.client.get(queue)["deliveries"], "the test in the queue")
        check("GET", queue + "?limit=1", queue)
        check("GET", queue + "?state=x", queue, 400)

    def keys(self, check):
        keys, register = "/api/devices/{id}/keys", "/api/devices/register"
        check("POST", "/api/devices/1/keys", keys, 409, {"rotate": True, "reason": "更换"})
        check("POST", "/api/devices/1/keys", keys, 200, {"key": "0" * 16, "created": "20260101000000000", "reason": "部平台注册"})
        check("POST", "/api/devices/1/keys", keys, 200, {"rotate": True, "reason": "更换"})
        check("POST", "/api/devices/1/keys", keys, 422, {"key": "short", "reason": "部平台注册"})
        check("POST", "/api/devices/1/keys", keys, 400, b"{")
        check("POST", "/api/devices/999/keys", keys, 404, {"rotate": True, "reason": "更换"})
        check("GET", "/api/devices/1/keys", keys)
        check("GET", "/api/devices/999/keys", keys, 404)
        check("GET", "/api/devices/1", "/api/devices/{id}")
        alerts = check("GET", "/api/alerts", "/api/alerts")["alerts"]
        self.assertIn("key_old", [a["code"] for a in alerts])
        wish = {"hardware": "6970000000001ABCDEFG1234", "mn": "0123456789ABCDEF01234567", "outlet": 1, "reason": "新装"}
        check("POST", register, register, 202, wish)
        check("POST", register, register, 409, {**wish, "outlet": 2})
        check("POST", register, register, 422, {**wish, "mn": "x"})
        check("POST", register, register, 400, b"")

    def targets(self, check):
        all_, one = "/api/targets", "/api/targets/{id}"
        wish = {"name": "省中心", "host": "127.0.0.1", "port": 1, "pw": "654321", "rewrite": [{"mn": web.MN["DA001"], "to": "UP1"}],
                "filter": {"areas": ["410100"], "outlets": [3], "commands": [2051]}, "reason": "接入省平台"}
        number = check("POST", all_, all_, 201, wish)["id"]
        check("POST", all_, all_, 422, wish)  # the name is taken
        check("POST", all_, all_, 422, {**wish, "name": "x", "port": 70000})
        check("POST", all_, all_, 400, b"{")
        web.until(lambda: self.client.get("/api/targets")["targets"][0]["state"]["last_error"], "what the courier says of it")
        made = check("GET", all_, all_)["targets"][0]
        self.assertEqual((made["pw"], made["filter"]["outlets"]), ({"set": True}, [3]))
        check("GET", f"/api/targets/{number}/state", one + "/state")
        check("GET", "/api/targets/99/state", one + "/state", 404)
        check("PUT", f"/api/targets/{number}", one, 200, {"paused": True, "reason": "检修"})
        check("PUT", f"/api/targets/{number}", one, 422, {"rate": 0})
        check("PUT", "/api/targets/99", one, 404, {"paused": True})
        self.assertEqual(check("GET", all_, all_)["targets"][0]["state"]["link"], "paused")
        check("DELETE", f"/api/targets/{number}", one, 200)
        check("DELETE", f"/api/targets/{number}", one, 404)

    def station(self, check):
        one, camera, hooks = "/api/outlets/{id}/", "/api/cameras/{id}", "/api/hooks"
        check("GET", "/api/outlets/1/timeline", one + "timeline")
        check("GET", "/api/outlets/1/timeline?kind=hour&by=day", one + "timeline")
        check("GET", "/api/outlets/1/timeline?by=week", one + "timeline", 400)
        check("GET", "/api/outlets/999/timeline", one + "timeline", 404)
        word = {"kind": "door", "state": "open", "text": "检查"}
        check("POST", "/api/outlets/1/station", one + "station", 200, word)
        check("POST", "/api/outlets/1/station", one + "station", 422, {"kind": "door", "state": "ajar"})
        check("POST", "/api/outlets/1/station", one + "station", 400, b"")
        web.until(lambda: self.client.get("/api/outlets/1/station")["events"], "an event")
        check("GET", "/api/outlets/1/station", one + "station")
        check("GET", "/api/outlets/1/station?limit=0", one + "station", 400)
        hook = check("POST", hooks, hooks, 200, {"outlet": 1, "name": "door"})
        check("POST", hooks, hooks, 422, {"outlet": 1, "name": "a b"})
        check("POST", hooks, hooks, 400, b"")
        check("GET", hooks, hooks)
        check("GET", hooks + "?after=x", hooks, 400)
        check("POST", hook["path"], hooks + "/{token}", 200, word)
        check("POST", hook["path"], hooks + "/{token}", 422, {})
        check("POST", "/api/hooks/unknown", hooks + "/{token}", 404, word)
        check("POST", hook["path"], hooks + "/{token}", 413, b"x" * 9000)
        check("DELETE", f"/api/hooks/{hook['id']}", hooks + "/{id}")
        check("DELETE", f"/api/hooks/{hook['id']}", hooks + "/{id}", 404)
        wish = {"name": "站房", "kind": "rtsp", "address": "rtsp://10.1.2.3/1", "link_url": "https://nvr.example/{time}",
                "snapshot_url": "http://127.0.0.1:1025/x", "user": "a", "pw": "b"}
        made = check("POST", "/api/outlets/1/cameras", one + "cameras", 200, wish)
        check("POST", "/api/outlets/1/cameras", one + "cameras", 422, {**wish, "kind": "film"})
        check("POST", "/api/outlets/1/cameras", one + "cameras", 400, b"")
        check("GET", "/api/outlets/1/cameras", one + "cameras")
        check("GET", f"/api/cameras/{made['id']}/link?time=1780000000000", camera + "/link")
        check("GET", f"/api/cameras/{made['id']}/link?time=x", camera + "/link", 400)
        check("GET", f"/api/cameras/{made['id']}/snapshot", camera + "/snapshot", 502)
        check("DELETE", f"/api/cameras/{made['id']}", camera)
        check("GET", f"/api/cameras/{made['id']}/snapshot", camera + "/snapshot", 404)

    def marks(self, check):
        web.make_user(self.serve.data, "unit", "--role", "enterprise", "--enterprise", "1")
        unit, now = web.Client(self.serve, "unit"), int(time.time() * 1000)
        all_, one, query = "/api/outlets/{id}/marks", "/api/marks/{id}", "/api/queries/{id}"
        sha = check("POST", "/api/outlets/1/evidence", "/api/outlets/{id}/evidence", 200, b"%PDF-1.7 x", client=unit)["sha256"]
        check("POST", "/api/outlets/1/evidence", "/api/outlets/{id}/evidence", 422, b"MZ", client=unit)
        wish = {"from": now - 1000, "to": now, "axis": "equipment", "value": "calibration", "reason": "校准", "factors": ["a21026"], "evidence": [sha]}
        mark = check("POST", "/api/outlets/1/marks", all_, 200, wish, client=unit)["mark"]["id"]
        check("POST", "/api/outlets/1/marks", all_, 403, wish)
        check("POST", "/api/outlets/1/marks", all_, 422, {**wish, "reason": ""}, client=unit)
        check("POST", "/api/outlets/1/marks", all_, 400, b"{", client=unit)
        check("GET", f"/api/outlets/1/marks?from={now - 5000}&to={now}&withdrawn=1", all_)
        check("GET", "/api/outlets/1/marks?from=5&to=5", all_, 400)
        number = check("POST", f"/api/marks/{mark}/queries", one + "/queries", 200, {"text": "请说明"})["id"]
        check("POST", f"/api/marks/{mark}/queries", one + "/queries", 422, {"text": ""})
        check("GET", f"/api/marks/{mark}", one)
        check("GET", "/api/marks/99999", one, 404)
        check("GET", f"/api/marks/{mark}/evidence?sha256={sha}", one + "/evidence")
        check("GET", f"/api/marks/{mark}/evidence?sha256=x", one + "/evidence", 404)
        check("PATCH", f"/api/marks/{mark}", one, 200, {"reason": "更正", "to": now + 1000}, client=unit)
        check("PATCH", f"/api/marks/{mark}", one, 409, {"reason": "更正", "version": 1}, client=unit)
        check("GET", "/api/queries", "/api/queries", client=unit)
        check("GET", "/api/queries?state=open&outlet=1&limit=1", "/api/queries")
        check("GET", "/api/queries?state=lost", "/api/queries", 400)
        check("GET", f"/api/queries/{number}", query, client=unit)
        check("POST", f"/api/queries/{number}/receive", query + "/receive", 200, {}, client=unit)
        check("POST", f"/api/queries/{number}/reply", query + "/reply", 200, {"text": "已更正", "result": "amended"}, client=unit)
        check("POST", f"/api/queries/{number}/reply", query + "/reply", 409, {"text": "已更正", "result": "amended"}, client=unit)
        check("POST", f"/api/queries/{number}/close", query + "/close", 200, {"text": "属实"})
        check("GET", f"/api/queries/{number}", query)
        check("GET", f"/api/queries/{number}", query, client=unit)
        check("DELETE", f"/api/marks/{mark}", one, 200, {"reason": "误标"}, client=unit)
        check("DELETE", f"/api/marks/{mark}", one, 409, {"reason": "误标"}, client=unit)
        unit.close()

    def filings(self, check):
        now, all_, one = int(time.time() * 1000), "/api/outlets/{id}/filings", "/api/filings/{id}"
        wish = {"kind": "comparison", "from": now, "factor": "a21026", "reference": [1, 2], "measured": [1, 2.5], "passed": True, "document": "BD-1"}
        number = check("POST", "/api/outlets/1/filings", all_, 200, wish)["filing"]["id"]
        check("POST", "/api/outlets/1/filings", all_, 403, {**wish, "kind": "manual", "reading": 1})
        check("POST", "/api/outlets/1/filings", all_, 422, {**wish, "factor": ""})
        check("PATCH", f"/api/filings/{number}", one, 200, {"document": "BD-2", "reason": "更正"})
        check("PATCH", f"/api/filings/{number}", one, 422, {"document": "BD-2"})
        check("GET", f"/api/filings/{number}", one)
        check("GET", f"/api/filings/{number}/evidence?sha256=x", one + "/evidence", 404)
        check("GET", "/api/outlets/1/filings?kind=comparison", all_)
        check("GET", "/api/outlets/1/filings?kind=none", all_, 400)
        check("GET", "/api/filings/export", "/api/filings/export")
        check("GET", "/api/filings/export?format=csv&outlet=1", "/api/filings/export")
        head = "credit_code,outlet_code,kind,from,factor,reading,nominal\n"
        check("POST", "/api/filings/import?name=f.csv", "/api/filings/import", 200, (head + "91410100MA0000001X,DA001,standard,2026-03-01 08:00,a21026,1,1\n").encode())
        check("POST", "/api/filings/import?name=f.csv", "/api/filings/import", 422, (head + "x,DA001,standard,2026-03-01 08:00,a21026,1,1\n").encode())
        check("POST", "/api/filings/import", "/api/filings/import", 422, b"PK\3\4 no zip")
        check("DELETE", f"/api/filings/{number}", one, 200, {"reason": "重复"})

    def rules(self, check):
        check("GET", "/api/rules", "/api/rules")
        check("PUT", "/api/rules/hj75.day", "/api/rules/{id}", 200, {"figure": "valid_hours", "value": 18, "reason": "官方文本"})
        check("PUT", "/api/rules/hj75.day", "/api/rules/{id}", 422, {"figure": "valid_hours", "value": 18})
        check("GET", "/api/outlets/1/site", "/api/outlets/{id}/site")
        check("PUT", "/api/outlets/1/site", "/api/outlets/{id}/site", 200, {"site": {"site": "DA001", "profile": "flue-gas", "factors": {"a21026": {}}}, "reason": "x"})
        check("PUT", "/api/outlets/1/site", "/api/outlets/{id}/site", 422, {"site": {"profile": "x"}, "reason": "x"})
        now = int(time.time() * 1000)
        plan = {"enterprise": 1, "from": now, "to": now + 86400000, "level": "红色", "power_share": 0.5}
        number = check("POST", "/api/plans", "/api/plans", 200, plan)["id"]
        check("POST", "/api/plans", "/api/plans", 422, {**plan, "level": ""})
        check("GET", "/api/plans?enterprise=1", "/api/plans")
        check("DELETE", f"/api/plans/{number}", "/api/plans/{id}", 200)

    def users_and_sessions(self, check):
        users, user = "/api/users", "/api/users/{name}"
        check("POST", users, users, 200, {"name": "new", "role": "officer", "password": "12345678", "display_name": "新人"})
        check("POST", users, users, 409, {"name": "new", "role": "officer", "password": "12345678"})
        check("POST", users, users, 422, {"name": "short", "role": "officer", "password": "1234567"})
        check("POST", users, users, 422, {"name": "x", "role": "king", "password": "12345678"})
        check("POST", users, users, 400, b"")
        check("PATCH", "/api/users/new", user, 200, {"area": "410100", "unit": "甲市支队"})
        check("PATCH", "/api/users/new", user, 422, {"area": "999"})
        check("POST", users, users, 200, {"name": "m1", "role": "maintainer", "password": "12345678", "maintainer": "净源运维"})
        check("POST", users, users, 422, {"name": "m2", "role": "maintainer", "password": "12345678", "maintainer": "无此单位"})
        check("PATCH", "/api/users/nobody", user, 404, {"area": ""})
        check("PATCH", "/api/users/admin", user, 409, {"disabled": True})
        check("PATCH", "/api/users/new", user, 400, b"[]")
        other = web.Client(self.serve)
        self.assertEqual(other.request("GET", "/api/session")[0], 401)
        check("GET", "/api/session", "/api/session", 401, client=other)
        check("POST", "/api/session", "/api/session", 401, {"user": "new", "password": "wrong one"}, client=other)
        check("POST", "/api/session", "/api/session", 400, b"?", client=other)
        check("POST", "/api/session", "/api/session", 422, {"user": 5, "password": "x"}, client=other)
        self.assertEqual(other.sign_in("new", "12345678")[0], 200)
        password = "/api/session/password"
        check("POST", password, password, 422, {"old": "no", "new": "87654321"}, client=other)
        check("POST", password, password, 422, {"old": "12345678", "new": "short"}, client=other)
        check("POST", password, password, 200, {"old": "12345678", "new": "87654321"}, client=other)
        check("POST", "/api/session", "/api/session", 200, {"user": "new", "password": "87654321"}, client=other)
        check("DELETE", "/api/session", "/api/session", 200, client=other)
        other.close()


if __name__ == "__main__":
    unittest.main()
