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
            self.assertIn("200", operation["responses"], (method, path))


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
        packet = "/api/packets/{journal}/{position}"
        found = check("GET", f"/api/packets/{r['journal']}/{r['position']}", packet)
        check("GET", f"/api/packets/{r['journal']}/{found['ack']['position']}", packet)
        check("GET", f"/api/packets/{r['journal']}/1", packet, 404)
        check("GET", "/api/packets/acts/0", packet, 404)
        check("GET", "/api/packets/p99/0", packet, 404)
        for path, template in (("/api/live", "/api/live"), ("/api/outlets/1/live", one + "live")):
            event = next(self.client.events(path))
            self.assertEqual(event, ("ping", {}))
            self.seen.add(("GET", template))
        self.acts(check)
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
