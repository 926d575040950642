"""What all black-box tests share: a running `yanwu serve` on free ports with a data folder of its own, HJ 212 frames,
devices, admission. Python 3 standard library only. The build folder comes from YANWU_BUILD (default: build)."""

import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("YANWU_BUILD", ROOT / "build")).resolve()
PW = "123456"


def program(name):
    return str(BUILD / name)


def has_program(name):
    return (BUILD / name).exists()


def sanitized():
    """True if the programs were built with a sanitizer: memory figures and the lock mean nothing then."""
    run = subprocess.run([program("yanwu-gateway"), "--probe", "/dev/null"], capture_output=True, text=True, timeout=20)
    return "sanitizer" in run.stderr


def allowed(seconds):
    """What a step that is promised within so many seconds may take here: the promise is of an ordinary disk and of programs as they are
    shipped, so the slowest sync of this disk counts on top, and sanitizers six times."""
    slowest = 0.0
    with tempfile.NamedTemporaryFile() as f:
        for _ in range(5):
            f.write(b"x")
            f.flush()
            began = time.monotonic()
            os.fsync(f.fileno())
            slowest = max(slowest, time.monotonic() - began)
    return (seconds + 20 * slowest) * (6 if sanitized() else 1)


# ---- frames ----

_TABLE = []
for _b in range(256):
    _r = _b
    for _ in range(8):
        _r = (_r >> 1) ^ 0xA001 if _r & 1 else _r >> 1
    _TABLE.append(_r)


def crc(segment):
    r = 0xFFFF
    for b in segment:
        r = _TABLE[(r >> 8) ^ b]
    return r


def wrap(segment):
    """A data segment as a whole frame."""
    if isinstance(segment, str):
        segment = segment.encode()
    return b"##%04d" % len(segment) + segment + b"%04X\r\n" % crc(segment)


def civil(seconds):
    """Seconds since 1970 UTC as the fourteen digits of Beijing time."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(seconds + 8 * 3600))


def frame(mn, qn, cp, cn="2011", st="31", pw=PW, flag="5"):
    return wrap(f"QN={qn};ST={st};CN={cn};PW={pw};MN={mn};Flag={flag};CP=&&{cp}&&")


def real_time(mn, qn, at=None, value="12.30", **more):
    """A 2011 packet with one factor."""
    at = civil(time.time()) if at is None else at
    return frame(mn, qn, f"DataTime={at};a21026-Rtd={value},a21026-Flag=N", **more)


def qn(n):
    """The n-th of a sequence of distinct QNs (17 digits, a real date)."""
    return civil(1767225600 + n // 1000) + "%03d" % (n % 1000)


def mn_of(i):
    return "010000A8900016F0%08X" % i


def plant_mn(i):
    return "5957000000000000%08X" % i


# ---- register ----

def assert_sealed(test, data, *clear):
    """No password stands in clear where the platform keeps its register (packets, as received, hold theirs)."""
    files = [p for name in ("journal/acts/*", "blocks/acts/*", "register.snap", "office.db*") for p in data.glob(name) if p.is_file()]
    test.assertTrue(any(b"sealed:" in p.read_bytes() for p in files), files)
    for p in files:
        for pw in clear:
            test.assertNotIn(pw.encode(), p.read_bytes(), p)


def acts_for(mns, pw=PW, first=1, state="admitted"):
    """Acts that make one enterprise with an outlet and a device for each MN; ids count from `first`."""
    now = int(time.time() * 1e6)
    outlets = [{"id": first + i, "enterprise": first, "code": "DA%03d" % (i + 1), "name": "outlet %d" % (first + i),
                "kind": "air", "st": "31"} for i in range(len(mns))]
    devices = [{"id": first + i, "outlet": first + i, "mn": mn, "pw": pw, "state": state, "version": 2017}
               for i, mn in enumerate(mns)]
    factors = [{"outlet": first + i, "code": "a21026", "unit": "mg/m3"} for i in range(len(mns))]
    return [{"act": "area.put", "by": "test", "at": now, "areas": [{"code": "370000", "parent": "", "name": "test"}]},
            {"act": "register.put", "by": "test", "at": now,
             "enterprises": [{"id": first, "credit_code": "91370000TEST%06d" % first, "name": "works %d" % first,
                              "short_name": "works", "area": "370000"}],
             "outlets": outlets, "devices": devices, "factors": factors}]


def put_acts(data, acts):
    """Appends acts to the acts journal and publishes register.snap (the web process must not run)."""
    text = "".join(json.dumps(a, ensure_ascii=False) + "\n" for a in acts)
    subprocess.run([str(BUILD / "tests/unit/list_gateway/put-acts"), str(data)], input=text.encode(), check=True, timeout=60)


# ---- a device ----

def recv_frames(sock, count, timeout=30.0, buffer=b""):
    """Reads until `count` whole frames came or the time is over; returns (frames, rest)."""
    frames, end = [], time.monotonic() + timeout
    while len(frames) < count:
        while len(buffer) >= 6 and len(buffer) >= 12 + int(buffer[2:6]):
            n = 12 + int(buffer[2:6])
            frames.append(buffer[:n])
            buffer = buffer[n:]
        if len(frames) >= count:
            break
        left = end - time.monotonic()
        if left <= 0:
            break
        sock.settimeout(left)
        try:
            piece = sock.recv(65536)
        except (socket.timeout, TimeoutError):
            break
        except ConnectionError:
            break
        if not piece:
            break
        buffer += piece
    return frames, buffer


def field(frame_bytes, name):
    """A header field of a frame, None if it is not there."""
    for part in frame_bytes[6:-6].split(b";"):
        key, _, value = part.partition(b"=")
        if key == name.encode():
            return value.decode()
    return None


class Device:
    """A data logger: sends frames, takes answers."""

    def __init__(self, address, tls=False, timeout=30.0, rcvbuf=None):
        self.rest = b""
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if rcvbuf:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.sock.settimeout(timeout)
        try:
            self.sock.connect(address)
        except BaseException:
            self.sock.close()
            raise
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock)

    def send(self, data):
        self.sock.settimeout(30)
        self.sock.sendall(data)

    def answers(self, count, timeout=30.0):
        frames, self.rest = recv_frames(self.sock, count, timeout, self.rest)
        return frames

    def acks(self, count, timeout=30.0):
        """QNs of the 9014s that came."""
        return [field(f, "QN") for f in self.answers(count, timeout) if field(f, "CN") == "9014"]

    def closed_within(self, timeout):
        """True if the other side closes the link within that time."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            self.sock.settimeout(left)
            try:
                if not self.sock.recv(65536):
                    return True
            except (socket.timeout, TimeoutError):
                return False
            except (ConnectionError, ssl.SSLError):
                return True
        return False

    def reset(self):
        """Closes with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# ---- the platform ----

def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Serve:
    """`yanwu serve` in a temporary data folder. Devices in `admit` (MNs) are admitted before it starts."""

    def __init__(self, data=None, admit=(), domain="real", only="gateway", workers=1, args=(), tls=False, start=True,
                 environment=None):
        self.own = data is None
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="yanwu-test-"))
        self.only, self.domain, self.workers, self.args = only, domain, workers, list(args)
        self.environment = environment
        self.process = None
        self.log = open(os.devnull, "ab")
        if tls:
            self.args += ["--device-tls-listen", "127.0.0.1:0", "--tls-cert", str(self.data / "cert.pem"),
                          "--tls-key", str(self.data / "key.pem")]
        try:
            if tls:
                self.make_certificate()
            if admit:
                put_acts(self.data, acts_for(list(admit)))
            if start:
                self.start()
        except BaseException:
            self.clean()
            raise

    def make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-keyout", str(self.data / "key.pem"), "-out", str(self.data / "cert.pem"),
                        "-days", "30", "-subj", "/CN=localhost"], check=True, capture_output=True)

    def command(self):
        c = [program("yanwu-serve"), "--data", str(self.data), "--domain", self.domain, "--device-listen",
             "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--workers", str(self.workers)]
        return c + (["--only", self.only] if self.only else []) + self.args

    def start(self, timeout=60.0):
        """Starts and waits for `ready`; self.startup_s is how long that took."""
        began = time.monotonic()
        self.log.close()
        self.log = open(self.data / "serve.log", "ab")
        self.process = subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=self.log, env=self.environment,
                                        preexec_fn=_die_with_parent)
        self.device = self.tls = self.http = None
        os.set_blocking(self.process.stdout.fileno(), False)
        text = b""
        while b"ready\n" not in text:
            piece = self.process.stdout.read() or b""
            text += piece
            if self.process.poll() is not None or time.monotonic() - began > timeout:
                raise AssertionError(f"serve did not get ready: {text!r}\n{self.log_text()}")
            if not piece:
                time.sleep(0.005)
        self.startup_s = time.monotonic() - began
        for line in text.decode().splitlines():
            word, _, value = line.partition(" ")
            if word in ("device", "device-tls"):
                host, _, port = value.rpartition(":")
                setattr(self, "device" if word == "device" else "tls", (host, int(port)))
            elif word == "http":
                self.http = value
        return self

    def log_text(self):
        try:
            return (self.data / "serve.log").read_text(errors="replace")
        except OSError:
            return ""

    def status(self):
        for _ in range(50):
            try:
                return json.loads((self.data / "run/supervisor.json").read_text())
            except (OSError, ValueError):
                time.sleep(0.02)
        raise AssertionError("run/supervisor.json cannot be read")

    def pid_of(self, name):
        """Process id of a child ("gateway-0", "pipeline", "web"), 0 while it does not run."""
        return next((p["pid"] for p in self.status()["processes"] if p["name"] == name), 0)

    def pids(self):
        return {p["name"]: p["pid"] for p in self.status()["processes"]}

    def counters(self, worker=0):
        """The worker's live page by name (gateway/gateway.h names them in order)."""
        page = (self.data / f"journal/p{worker}/live").read_bytes()
        values = struct.unpack_from("<64Q", page, 16)
        return dict(zip(counter_names(), values))

    def counter(self, name):
        """Sum over the workers."""
        return sum(self.counters(w)[name] for w in range(self.workers))

    def wait_counter(self, name, least, timeout=30.0):
        """Waits until a counter is at least so much; returns it."""
        end = time.monotonic() + timeout
        while (value := self.counter(name)) < least and time.monotonic() < end:
            time.sleep(0.02)
        return value

    def journal(self, worker=0):
        """All committed records, as dicts, through `yanwu-journal cat`."""
        out = subprocess.run([program("yanwu-journal"), "cat", str(self.data / f"journal/p{worker}")],
                             check=True, capture_output=True, timeout=120).stdout
        return [json.loads(line) for line in out.splitlines()]

    def sql(self, query):
        """Rows of `yanwu sql` as dicts."""
        out = subprocess.run([program("yanwu-sql"), "--json", str(self.data), query], check=True,
                             capture_output=True, timeout=300).stdout
        return [json.loads(line) for line in out.splitlines()]

    def pipeline(self):
        """The pipeline's live page by name (pipeline/pipeline.h names the counters in order)."""
        page = (self.data / "pipeline.live").read_bytes()
        return dict(zip(_names("src/pipeline/pipeline.h"), struct.unpack_from("<64Q", page, 32)))

    def wait_drained(self, timeout=60.0):
        """Waits until everything committed is in the store."""
        end = time.monotonic() + timeout
        quiet = 0
        while quiet < 5:  # the figure is of the pipeline's last look
            if time.monotonic() > end:
                raise AssertionError("the pipeline did not get through: %r" % self.pipeline())
            try:
                quiet = quiet + 1 if self.pipeline()["lag_bytes"] == 0 else 0
            except OSError:
                quiet = 0
            time.sleep(0.1)

    def connect(self, **more):
        return Device(self.device, **more)

    def kill(self, name):
        """kill -9 of a child, or of the supervisor itself ("supervisor")."""
        pid = self.process.pid if name == "supervisor" else self.pid_of(name)
        if pid > 0:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pid = 0
        if name == "supervisor":
            self.process.wait(20)
            self.process.stdout.close()
            self.process = None
            self.log.close()
        return pid

    def stop(self, timeout=40.0):
        """SIGTERM; returns the exit status."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("serve did not end on SIGTERM\n" + self.log_text())
        finally:
            self.process.stdout.close()
            self.process = None
            self.log.close()
        self.look_for_sanitizer_reports()
        return status

    def look_for_sanitizer_reports(self):
        """A child that a sanitizer ended is started again, so its report would pass unseen."""
        text = self.log_text()
        for sign in ("Sanitizer:", "runtime error:"):
            if sign in text:
                at = max(0, text.index(sign) - 200)
                raise AssertionError("a sanitizer reported:\n" + text[at:at + 6000])

    def clean(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None
        self.log.close()
        try:
            self.look_for_sanitizer_reports()
        finally:
            if self.own:
                shutil.rmtree(self.data, ignore_errors=True)
                pathlib.Path(f"{self.data}.master.key").unlink(missing_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.clean()


_NAMES = {}


def _names(header):
    """Counters in the order of the X table in a header, so that the tests know no order of their own."""
    if header not in _NAMES:
        lines = (line.strip() for line in (ROOT / header).read_text().splitlines())
        _NAMES[header] = [line.split('"')[1] for line in lines if line.startswith("X(") and '"' in line]
    return _NAMES[header]


def counter_names():
    return _names("src/gateway/gateway.h")
