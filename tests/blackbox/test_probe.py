"""The conformance probe against a device that does everything right (a simulated one) and one that does much wrong: each
fault must be found, with its bytes."""

import json
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from support import ROOT, civil, field, program, _die_with_parent


def probe(*args):
    return subprocess.Popen([program("yanwu-hj212"), "probe", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            preexec_fn=_die_with_parent)


def port_of(process):
    line = b""
    while not (m := re.search(rb"port (\d+)", line)):
        more = process.stderr.readline()
        if not more:
            raise AssertionError(line)
        line += more
    threading.Thread(target=process.stderr.read, daemon=True).start()
    return int(m[1])


class GoodDevice(unittest.TestCase):
    def test_a_simulated_device_passes(self):
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "report"
            run = probe("--listen", "127.0.0.1:0", "--settings", "--equipment", "--quick", "--overtime", "2",
                        "--report", str(report))
            plant = subprocess.Popen([program("yanwu-plant"), "run", str(ROOT / "share/scenarios/wastewater-works.yaml"),
                                      "--to", f"127.0.0.1:{port_of(run)}"], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent)
            try:
                status = run.wait(240)
            finally:
                plant.kill()
                plant.wait()
                run.stdout.close()
            result = json.loads(pathlib.Path(f"{report}.json").read_text())
            wrong = {r["id"]: r["why_en"] for r in result["rules"] if r["verdict"] == "fail"}
            self.assertEqual(wrong, {})
            self.assertEqual(status, 0)
            self.assertGreater(result["summary"]["pass"], 45)
            self.assertEqual(result["version"], 2017)
            html = pathlib.Path(f"{report}.html").read_text()
            for word in ("HJ 212 符合性测试报告", result["mn"], "clock.set", "</html>"):
                self.assertIn(word, html)
            self.assertNotRegex(html, r"(src|href)=")  # nothing is loaded from anywhere


def modbus(data):
    r = 0xFFFF
    for b in data:
        r ^= b
        for _ in range(8):
            r = r >> 1 ^ 0xA001 if r & 1 else r >> 1
    return r


class Sloppy:
    """A device that answers everything with its own habits: Modbus CRC, ST of the request, wrong PW taken, refused nothing,
    an interval out of range, a clock two hours slow, no 9012 for history, no resend."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def frame(self, text):
        data = text.encode()
        return b"##%04d" % len(data) + data + (b"%04x" % modbus(data)) + b"\r\n"

    def serve(self):
        s, _ = self.listener.accept()
        threading.Thread(target=self.upload, args=(s,), daemon=True).start()
        buffer = b""
        with s:
            while True:
                try:
                    piece = s.recv(65536)
                except OSError:
                    return
                if not piece:
                    return
                buffer += piece
                while m := re.search(rb"##(\d{4})", buffer):
                    end = m.end() + int(m[1]) + 6
                    if len(buffer) < end:
                        break
                    self.answer(s, buffer[m.start():end])
                    buffer = buffer[end:]

    def upload(self, s):
        n = 0
        try:
            while True:
                n += 1
                s.sendall(self.frame(f"QN={civil(time.time())}{n % 1000:03d};ST=32;CN=2011;PW=123456;MN=SLOPPY;Flag=5;"
                                     f"CP=&&DataTime={civil(time.time())};w01018-Rtd=1.0&&"))
                time.sleep(3)
        except OSError:
            pass

    def answer(self, s, f):
        cn, qn, st = field(f, "CN"), field(f, "QN"), field(f, "ST")
        if cn in ("9014", "9013"):
            return
        head = f"QN={qn};ST={st};CN=%s;PW=123456;MN=SLOPPY;Flag=5;CP=&&%s&&"
        if cn in ("2012", "2022"):
            s.sendall(self.frame(head % ("9013", "")))
            return
        s.sendall(self.frame(head % ("9011", "QnRtn=1")))
        if cn == "1011":
            s.sendall(self.frame(head % ("1011", f"SystemTime={civil(time.time() - 7200)}")))
        if cn == "1061":
            s.sendall(self.frame(head % ("1061", "RtdInterval=5")))
        if cn not in ("2051", "2061", "2031", "2041"):
            s.sendall(self.frame(head % ("9012", "ExeRtn=1")))


class SloppyDevice(unittest.TestCase):
    def test_its_faults_are_found(self):
        device = Sloppy()
        run = probe(f"127.0.0.1:{device.port}", "--quick", "--settings", "--overtime", "1", "--json", "-", "--english")
        out, err = run.communicate(timeout=400)
        device.listener.close()
        self.assertEqual(run.returncode, 1, err)
        result = json.loads(out)
        verdict = {r["id"]: r["verdict"] for r in result["rules"]}
        for rule in ("form.crc", "form.mn", "reply.st", "reply.flag", "clock.right", "clock.set", "interval.real.get",
                     "interval.real.set", "history.minute", "password.set", "refuse.pw", "refuse.cn", "refuse.qn", "refuse.executed",
                     "delivery.resend"):
            with self.subTest(rule=rule):
                self.assertEqual(verdict[rule], "fail")
        for rule in ("reply.qn", "reply.mn", "reply.exertn", "form.len", "form.tail", "clock.get", "stream.split", "stream.glued"):
            with self.subTest(rule=rule):
                self.assertEqual(verdict[rule], "pass")
        clock = next(r for r in result["rules"] if r["id"] == "clock.right")
        self.assertIn("7200 s slow", clock["why_en"])
        shown = bytes.fromhex(result["frames"][clock["frames"][-1]]["hex"])
        self.assertIn(b"CN=9012", shown)


class WrongUse(unittest.TestCase):
    def test_messages(self):
        for args, status, word in [([], 2, b"--listen"), (["nowhere.invalid"], 1, b"nowhere.invalid"), (["127.0.0.1:x"], 1, b"HOST:PORT"), (["127.0.0.1:1"], 1, b"connect"),
                                   (["--hj212", "1999", "127.0.0.1:1"], 2, b"2005, 2017 or 2025"),
                                   (["--listen", "--wait", "1", "127.0.0.1:0"], 1, b"no device connected")]:
            with self.subTest(args=args):
                run = subprocess.run([program("yanwu-hj212"), "probe", *args], capture_output=True, timeout=30)
                self.assertEqual(run.returncode, status, run.stderr)
                self.assertIn(word, run.stderr)


if __name__ == "__main__":
    unittest.main()
