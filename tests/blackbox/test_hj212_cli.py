"""yanwu hj212 decode, encode and check, driven as people drive them."""
import json
import os
import random
import re
import subprocess
import tempfile
import threading
import unittest

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROGRAM = os.path.join(os.environ.get("YANWU_BUILD", os.path.join(SOURCE, "build")), "yanwu-hj212")
KEY = "30" * 16
GOOD = (b"##0139QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
        b"CP=&&DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N&&BE01\r\n")
FIELDS = ["offset", "length", "ok", "version", "qn", "st", "cn", "pw", "mn", "flag", "pnum", "pno", "rf", "cp",
          "items", "findings"]


def run(*args, data=b"", status=0):
    done = subprocess.run([PROGRAM, *args], input=data, capture_output=True, timeout=120)
    assert done.returncode == status, (args, done.returncode, done.stderr)
    return done


def decode(data, *args):
    return [json.loads(line) for line in run("decode", *args, data=data).stdout.splitlines()]


def codes(packet):
    return [f["code"] for f in packet["findings"]]


def crc(segment):
    r = 0xFFFF
    for b in segment:
        r = (r >> 8) ^ b
        for _ in range(8):
            r = r >> 1 ^ 0xA001 if r & 1 else r >> 1
    return r


def frame(segment):
    return b"##%04d%s%04X\r\n" % (len(segment), segment, crc(segment))


def vectors():
    with open(os.path.join(SOURCE, "tests", "data", "hj212_vectors.tsv"), encoding="utf-8") as f:
        for line in f:
            if line.startswith("# "):
                continue
            ok, version, findings, name, packet = line.rstrip("\n").split("\t")
            raw = bytes.fromhex(packet[4:]) if packet.startswith("hex:") else packet.encode() + b"\r\n"
            yield ok == "1", int(version), [] if findings == "-" else findings.split(","), name, raw


class Decode(unittest.TestCase):
    def test_one_packet_in_full(self):
        (packet,) = decode(GOOD)
        self.assertEqual(list(packet), FIELDS)
        self.assertEqual(packet, {
            "offset": 0, "length": 151, "ok": True, "version": 2017, "qn": "20160801085857223", "st": "32",
            "cn": "2011", "pw": "123456", "mn": "010000A8900016F000169DC0", "flag": "5", "pnum": None, "pno": None,
            "rf": None, "cp": {"DataTime": "20160801085857"},
            "items": [{"code": "w01001", "fields": {"Rtd": "7.1", "Flag": "N"}}], "findings": []})

    def test_every_packet_of_the_data_file(self):
        stream = b"".join(raw for *_, raw in vectors())
        got = decode(stream, "--key", KEY)
        at = 0
        for packet, (ok, version, findings, name, raw) in zip(got, vectors(), strict=True):
            with self.subTest(name):
                self.assertEqual((packet["offset"], packet["length"]), (at, len(raw)))
                self.assertEqual((packet["ok"], packet["version"]), (ok, version))
                self.assertEqual(list(dict.fromkeys(codes(packet))), findings)
                for f in packet["findings"]:
                    self.assertLessEqual(f["offset"], len(raw))
                    self.assertTrue(f["text"])
            at += len(raw)

    def test_file_and_standard_input_say_the_same(self):
        with tempfile.NamedTemporaryFile() as f:
            f.write(GOOD * 3)
            f.flush()
            self.assertEqual(run("decode", f.name).stdout, run("decode", data=GOOD * 3).stdout)
            self.assertEqual(run("decode", "-", data=GOOD * 3).stdout, run("decode", data=GOOD * 3).stdout)

    def test_garbage_is_one_object(self):
        got = decode(b"noise" + GOOD + b"\r\n##12\x00\xff##0139QN=2016" + GOOD + b"##")
        self.assertEqual([p["ok"] for p in got], [False, True, False, True, False])
        self.assertEqual([p["length"] for p in got], [5, 151, 21, 151, 2])
        for p in got:
            self.assertEqual(list(p), FIELDS)
        self.assertEqual(codes(got[2]), ["garbage"])
        self.assertIsNone(got[2]["version"])
        self.assertEqual((got[2]["cp"], got[2]["items"]), ({}, []))

    def test_a_long_run_of_garbage_is_one_object(self):
        got = decode(b"#" * 3_000_000 + GOOD)
        self.assertEqual([(p["offset"], p["length"], p["ok"]) for p in got],
                         [(0, 3_000_000, False), (3_000_000, 151, True)])

    def test_repeated_names(self):
        (p,) = decode(frame(b"QN=20160801085857223;ST=52;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&"
                            b"DataTime=20160801085857;PolId=w01018;e01001-Rtd=1.1;e01001-Rtd=2.2,e01001-Flag=N;"
                            b"e01002-Rtd=3;e01001-Min=4;PolId=w01019&&"))
        self.assertEqual(p["cp"], {"DataTime": "20160801085857", "PolId": ["w01018", "w01019"]})
        self.assertEqual(p["items"], [{"code": "e01001", "fields": {"Rtd": "1.1"}},
                                      {"code": "e01001", "fields": {"Rtd": "2.2", "Flag": "N"}},
                                      {"code": "e01002", "fields": {"Rtd": "3"}},
                                      {"code": "e01001", "fields": {"Min": "4"}}])

    def test_gbk_is_converted_and_kept(self):
        area = "DataTime=20240601085857;i11001-Info=//清洗管路//".encode("gbk")
        (p,) = decode(frame(b"QN=20240601085857223;ST=32;CN=3020;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&" +
                            area + b"&&"))
        self.assertEqual(codes(p), ["not_utf8"])
        self.assertTrue(p["ok"])
        self.assertEqual(p["items"], [{"code": "i11001", "fields": {"Info": "//清洗管路//"}}])
        self.assertEqual(bytes.fromhex(p["cp_hex"]), area)

    def test_strict(self):
        bad = frame(b"ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&&&")
        self.assertEqual([p["ok"] for p in decode(bad)], [True])
        self.assertEqual([p["ok"] for p in decode(bad, "--strict")], [False])
        self.assertEqual([p["ok"] for p in decode(GOOD, "--strict")], [True])

    def test_keys(self):
        raw = [v[4] for v in vectors() if "SM4" in v[3]]
        for data in raw:
            (p,) = decode(data)
            self.assertEqual((p["ok"], codes(p), p["items"]), (False, ["encrypted"], []))
            (p,) = decode(data, "--key", "00" * 16, "--key", KEY)
            self.assertEqual((p["ok"], codes(p), p["cp"]), (True, [], {"DataTime": "20240520210600"}))
        run("decode", "--key", "zz", status=2)
        run("decode", "--key", status=2)

    def test_a_live_stream_is_shown_at_once(self):
        with subprocess.Popen([PROGRAM, "decode"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
            p.stdin.write(GOOD)
            p.stdin.flush()
            line = []
            reader = threading.Thread(target=lambda: line.append(p.stdout.readline()))
            reader.start()
            reader.join(20)
            self.assertTrue(line and json.loads(line[0])["ok"])
            p.stdin.close()

    def test_wrong_use(self):
        self.assertIn(b"usage", run("decode", "--help").stdout)
        self.assertIn(b"usage", run("--help").stdout)
        for args in ([], ["sing"], ["decode", "--no-such"], ["decode", "a", "b"]):
            self.assertIn(b"usage", run(*args, status=2).stderr)
        self.assertIn(b"/no/such/file", run("decode", "/no/such/file", status=1).stderr)


class Encode(unittest.TestCase):
    def random_packet(self, r):
        version = r.choice([2005, 2017, 2025])
        split = r.random() < 0.2
        flag = {2005: 0, 2017: 4, 2025: 8}[version] + 2 * split + r.randrange(2)
        digits = lambda n: "".join(r.choice("0123456789") for _ in range(n))
        time_text = "20%02d%02d%02d%02d%02d%02d" % (r.randrange(100), r.randrange(1, 13), r.randrange(1, 29),
                                                    r.randrange(24), r.randrange(60), r.randrange(60))
        cp, items = {}, []
        if r.random() < 0.9:
            cp["DataTime"] = time_text
        if r.random() < 0.2:
            cp["PolId"] = [digits(3) for _ in range(r.randrange(2, 5))]
        if r.random() < 0.2:
            cp["Private%d" % r.randrange(9)] = r.choice(["", "x", "-1.5", "中文", "a b"])
        for _ in range(r.randrange(12)):
            code = r.choice(["a21026", "w01018", "011", "SO2", "LA", "SB1", "i11001", "x-y"])
            names = r.sample(["Rtd", "Min", "Avg", "Max", "Cou", "ZsAvg", "Flag", "SampleTime", "Own"], r.randrange(1, 6))
            fields = {n: r.choice(["N", "St", "1", "-0.50", "9999.99", "", "清洗", time_text]) for n in names}
            if code == "i11001":
                fields["Info"] = r.choice(["//log; a=1, b=2 & 清洗//", "168.0"])
            before = items[-1] if items and items[-1]["code"] == code else None
            if before and not set(before["fields"]) & set(fields):
                continue  # such neighbours are one entry
            if before and next(iter(fields)) not in before["fields"]:
                continue
            items.append({"code": code, "fields": fields})
        return {"offset": 0, "length": 0, "ok": True, "version": version,
                "qn": time_text + digits(3) if r.random() < 0.95 else None, "st": r.choice(["31", "32", "A0"]),
                "cn": r.choice(["2011", "2051", "3020", "9013"]), "pw": digits(6),
                "mn": "".join(r.choice("0123456789ABCDEF") for _ in range(14 if version == 2005 else 24)),
                "flag": str(flag), "pnum": "9" if split else None, "pno": str(r.randrange(1, 10)) if split else None,
                "rf": "1" if version == 2025 and r.random() < 0.3 else None, "cp": cp, "items": items}

    def test_decode_of_encode_is_the_same(self):
        r = random.Random(20260101)
        packets = [self.random_packet(r) for _ in range(3000)]
        lines = "".join(json.dumps(p, ensure_ascii=False) + "\n" for p in packets).encode()
        for options, more in (([], []), (["--key", KEY], []), (["--key", KEY], ["--printed"])):
            frames = run("encode", *options, *more, data=lines).stdout
            self.assertEqual(b"CP=&&{0x" in frames, bool(more))
            got = decode(frames, *options)
            self.assertEqual(len(got), len(packets))
            at = 0
            for want, have in zip(packets, got):
                self.assertEqual(have["offset"], at)
                at += have["length"]
                for name in FIELDS[2:-1]:
                    self.assertEqual(have[name], want[name], (name, want))
            self.assertEqual(at, len(frames))
            again = run("encode", *options, *more, data=run("decode", *options, data=frames).stdout).stdout
            self.assertEqual(again, frames)

    def test_printed_packets_come_back_byte_for_byte(self):
        count = 0
        for ok, version, findings, name, raw in vectors():
            if findings or "comma" in name:
                continue
            options = ["--key", KEY] if "SM4" in name else []
            if b"," in raw and b"-" not in raw:
                continue  # fields without a factor are separated by ; here
            self.assertEqual(run("encode", *options, data=run("decode", *options, data=raw).stdout).stdout, raw, name)
            count += 1
        self.assertGreater(count, 50)

    def test_gbk_comes_back(self):
        area = "DataTime=20240601085857;i11001-Info=//清洗管路//".encode("gbk")
        data = frame(b"QN=20240601085857223;ST=32;CN=3020;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&" + area +
                     b"&&")
        self.assertEqual(run("encode", data=run("decode", data=data).stdout).stdout, data)

    def test_bad_lines_are_named_and_left_out(self):
        good = json.dumps(decode(GOOD)[0])
        lines = [good, "{", "[]", '{"version":2017,"mn":5}', '{"version":2017,"mn":"a;b"}',
                 '{"version":2017,"cp":{"a":"x;y"}}', '{"version":2017,"items":[{"code":"a21026"}]}',
                 '{"version":2017,"cp":{"a":"%s"}}' % ("x" * 20000), '{"version":null}', "", good]
        done = run("encode", data="\n".join(lines).encode(), status=1)
        self.assertEqual(done.stdout, GOOD * 2)
        told = done.stderr.decode().splitlines()
        self.assertEqual([int(line.split("line ")[1].split(":")[0]) for line in told], [2, 3, 4, 5, 6, 7, 8, 9])


class Check(unittest.TestCase):
    def test_good_stream(self):
        done = run("check", data=GOOD * 2)
        self.assertIn(b"conforms", done.stdout)
        self.assertIn(b"2 packets: 2 conform", done.stdout)

    def test_report(self):
        bad = GOOD.replace(b"BE01", b"D3CB")
        done = run("check", data=GOOD + bad + b"xx", status=1)
        self.assertIn(b"crc_modbus", done.stdout)
        self.assertIn(b"garbage at 302, 2 bytes", done.stdout)
        self.assertIn(b"demand: CRC", done.stdout)

    def test_json(self):
        bad = GOOD.replace(b"BE01", b"D3CB")
        report = json.loads(run("check", "--json", data=bad + GOOD + bad, status=1).stdout)
        self.assertEqual((report["packets"], report["conforming"], report["not_ok"]), (3, 1, 0))
        (finding,) = report["findings"]
        self.assertEqual((finding["code"], finding["count"], finding["offence"], finding["first"]),
                         ("crc_modbus", 2, True, 0))
        self.assertTrue(finding["text"] and finding["rule"])

    def test_notes_are_no_offences(self):
        own = frame(b"QN=20240601085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&"
                    b"DataTime=20240601085857;a21026-OwnField=1&&")
        self.assertIn(b"field_name", run("check", data=own).stdout)


class Documents(unittest.TestCase):
    def test_the_list_of_findings_is_complete(self):
        with open(os.path.join(SOURCE, "include", "hj212.h"), encoding="utf-8") as f:
            table = re.findall(r'X\(HJ212_F_\w+, "(\w+)",\s*\\?\s*"([^"]+)"\)', f.read())
        with open(os.path.join(SOURCE, "docs", "protocol.md"), encoding="utf-8") as f:
            listed = re.findall(r"^\| `(\w+)` \| (?:offence|note) \| (.*) \|$", f.read(), re.M)
        self.assertGreater(len(table), 50)
        self.assertEqual(listed, table)


if __name__ == "__main__":
    unittest.main()
