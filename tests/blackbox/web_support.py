"""What the tests of the web side share: a small province from a ledger, its users, and a client that signs in."""

import http.client
import json
import subprocess
import time
import urllib.parse

import support

PASSWORD = "correct horse 9"

# Two cities. Enterprise 1 lies in 甲市's county 中原区, enterprise 2 in 乙市.
LEDGER = {
    "行政区.csv": "code,parent,name\n410000,,演武省\n410100,410000,甲市\n410102,410100,中原区\n410200,410000,乙市\n",
    "机构.csv": "机构代码,上级机构,机构名称,行政区\n410000-Z,,演武省执法监督处,410000\n410100-Z,410000-Z,甲市支队,410100\n"
              "410102-Z,410100-Z,中原区大队,410102\n410200-Z,410000-Z,乙市支队,410200\n410000-X,410000-Z,专班,\n",
    "排污单位.csv": "credit_code,name,short_name,area,permit_number,permit_from,permit_to,lon,lat\n"
                  "91410100MA0000001X,甲市第一热电厂,甲热电,410102,91410100MA0000001X001P,2024-07-01,2029-06-30,113.6,34.7\n"
                  "91410200MA0000002X,乙市污水处理厂,乙水务,410200,91410200MA0000002X001P,2023-01-01,2027-12-31,114.3,34.8\n",
    "排放口.csv": "credit_code,code,name,kind,st,maintainer\n"
                "91410100MA0000001X,DA001,一号机组烟囱,air,31,净源运维\n91410100MA0000001X,DA002,二号机组烟囱,air,31,清测运维\n"
                "91410200MA0000002X,DW001,总排口,water,32,净源运维\n",
    "监测因子.csv": "credit_code,outlet,code,unit,range_low,range_high,limit,reference_oxygen,judge_converted\n"
                 "91410100MA0000001X,DA001,a21026,mg/m3,0,100,35,6,yes\n91410100MA0000001X,DA001,a19001,%,0,25,,,\n"
                 "91410100MA0000001X,DA002,a21026,mg/m3,0,100,35,6,yes\n91410200MA0000002X,DW001,w01018,mg/L,0,200,50,,\n",
}
MN = {"DA001": support.mn_of(1), "DA002": support.mn_of(2), "DW001": support.mn_of(3)}
LEDGER["数采仪.csv"] = "mn,credit_code,outlet,pw,version,rtd_interval_s\n" + "".join(
    f"{mn},{'91410200MA0000002X' if code == 'DW001' else '91410100MA0000001X'},{code},{support.PW},2017,30\n"
    for code, mn in MN.items())

# name -> role and what it is bound to
USERS = {
    "admin": ["--role", "operator"],
    "cityop": ["--role", "operator", "--area", "410100"],
    "officer": ["--role", "officer"],
    "county": ["--role", "officer", "--area", "410102"],
    "othercity": ["--role", "officer", "--area", "410200"],
    "leader": ["--role", "leader", "--area", "410100"],
    "maint1": ["--role", "maintainer", "--maintainer", "1"],
    "maint2": ["--role", "maintainer", "--maintainer", "2"],
    "works1": ["--role", "enterprise", "--enterprise", "1"],
    "works2": ["--role", "enterprise", "--enterprise", "2"],
}


def write_ledger(folder, sheets=None):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (sheets or LEDGER).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(program, *args, text="", check=True):
    done = subprocess.run([support.program(program), *map(str, args)], input=text.encode(), capture_output=True, timeout=120)
    if check and done.returncode != 0:
        raise AssertionError(f"{program} {args}: {done.returncode}\n{done.stdout.decode()}\n{done.stderr.decode()}")
    return done


def make_user(data, name, *options, password=PASSWORD):
    return run("yanwu-admin", "create-user", "--data", data, "--name", name, *options, "--password-stdin", text=password + "\n")


def province(users=USERS, ledger=True, only=None, **more):
    """A running platform with the ledger imported and the users made."""
    s = support.Serve(only=only, start=False, **more)
    if ledger:
        run("yanwu-import", "--data", s.data, write_ledger(s.data / "ledger"))
    for name, options in users.items():
        make_user(s.data, name, *options)
    return s.start()


class Client:
    """One browser: a cookie and a CSRF token."""

    def __init__(self, serve, user=None, password=PASSWORD):
        self.address = urllib.parse.urlsplit(serve.http)
        self.cookie = self.csrf = None
        self.headers = {}
        self.connection = None
        if user is not None and self.sign_in(user, password)[0] != 200:
            raise AssertionError(f"{user} cannot sign in")

    def request(self, method, path, body=None, headers=None, csrf=True):
        """(status, parsed JSON or bytes, headers)"""
        send = dict(headers or {})
        if self.cookie:
            send["Cookie"] = "yw_session=" + self.cookie
        if csrf and self.csrf and method != "GET":
            send["X-CSRF"] = self.csrf
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            send["Content-Type"] = "application/json"
        for attempt in range(2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=60)
            try:
                self.connection.request(method, path, body=body, headers=send)
                answer = self.connection.getresponse()
                data = answer.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.connection.close()
                self.connection = None
                if attempt:
                    raise
        if (answer.getheader("Content-Type") or "").startswith("application/json"):
            data = json.loads(data)
        return answer.status, data, answer.headers

    def sign_in(self, user, password=PASSWORD):
        status, data, headers = self.request("POST", "/api/session", {"user": user, "password": password})
        if status == 200:
            self.cookie = headers["Set-Cookie"].split("yw_session=")[1].split(";")[0]
            self.csrf = data["csrf"]
        return status, data, headers

    def get(self, path, expect=200):
        status, data, _ = self.request("GET", path)
        if status != expect:
            raise AssertionError(f"GET {path}: {status}, not {expect}: {data}")
        return data

    def post(self, path, body=None, expect=200, method="POST"):
        status, data, _ = self.request(method, path, body if body is not None else {})
        if status != expect:
            raise AssertionError(f"{method} {path}: {status}, not {expect}: {data}")
        return data

    def events(self, path, timeout=30):
        """A generator of (event, data) from a stream of server-sent events."""
        c = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=timeout)
        c.request("GET", path, headers={"Cookie": "yw_session=" + self.cookie})
        answer = c.getresponse()
        if answer.status != 200:
            answer.close()
            c.close()
            raise AssertionError(f"GET {path}: {answer.status}")
        event = None
        try:
            while True:
                line = answer.readline()
                if not line:
                    return
                line = line.decode().rstrip("\r\n")
                if line.startswith("event: "):
                    event = line[7:]
                elif line.startswith("data: "):
                    yield event, json.loads(line[6:])
        finally:
            answer.close()
            c.close()

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def an_exceedance(serve, client):
    """An hour of outlet DA001 that its device reports over the limit; the number of the verdict about it."""
    at = time.time() // 3600 * 3600 - 7200
    cp = "DataTime=%s;a21026-Avg=80.0,a21026-Flag=N;a19001-Avg=9.0,a19001-Flag=N" % support.civil(at)
    with serve.connect() as device:
        device.send(support.frame(MN["DA001"], support.civil(at) + "077", cp, cn="2061"))
        assert len(device.acks(1)) == 1

    def look():
        status, data, _ = client.request("GET", "/api/outlets/1/verdicts?kind=exceedance")
        return status == 200 and data["verdicts"]
    return until(look, "a verdict", 30)[0]["number"]


def until(look, what, timeout=60.0):
    """Calls look until it gives something true."""
    end = time.monotonic() + timeout
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.05)
