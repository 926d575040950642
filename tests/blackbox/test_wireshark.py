"""share/wireshark/hj212.lua in tshark, on captures made here: what it shows of each packet is what `yanwu hj212
decode` says, however TCP cuts and glues the stream."""
import csv
import json
import os
import random
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROGRAM = os.path.join(os.environ.get("YANWU_BUILD", os.path.join(SOURCE, "build")), "yanwu-hj212")
SCRIPT = os.path.join(SOURCE, "share", "wireshark", "hj212.lua")
DEVICE, HOST = 40001, 9212
KINDS = {"crc_modbus": "modbus", "crc": "bad", "encrypted": "encrypted"}
EXPERTS = ["len", "len_digits", "len_over", "tail", "crc", "crc_modbus", "crc_case", "encrypted", "cipher_text"]
COMPARED = ["qn", "st", "cn", "pw", "mn", "pnum", "pno", "rf"]


def vectors():
    with open(os.path.join(SOURCE, "tests", "data", "hj212_vectors.tsv"), encoding="utf-8") as f:
        for line in f:
            if not line.startswith("# "):
                packet = line.rstrip("\n").split("\t")[4]
                yield bytes.fromhex(packet[4:]) if packet.startswith("hex:") else packet.encode() + b"\r\n"


def crc(segment):
    r = 0xFFFF
    for b in segment:
        r = (r >> 8) ^ b
        for _ in range(8):
            r = r >> 1 ^ 0xA001 if r & 1 else r >> 1
    return r


def frame(segment):
    return b"##%04d%s%04X\r\n" % (len(segment), segment, crc(segment))


def capture(conversations):
    """Bytes of a pcap file: TCP conversations, each (server port, [(from device?, bytes), ...]) with its handshake."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    clock = 1700000000.0

    def packet(device_port, port, to_host, flags, seq, ack, data=b""):
        nonlocal clock
        clock += 0.001
        source, target = (device_port, port) if to_host else (port, device_port)
        a, b = (b"\x0a\0\0\x02", b"\x0a\0\0\x01") if to_host else (b"\x0a\0\0\x01", b"\x0a\0\0\x02")
        tcp = struct.pack(">HHIIBBHHH", source, target, seq, ack, 5 << 4, flags, 65535, 0, 0) + data
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0, a, b) + tcp
        whole = b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + ip
        out.append(struct.pack("<IIII", int(clock), int(clock % 1 * 1e6), len(whole), len(whole)) + whole)

    for i, (port, segments) in enumerate(conversations):
        device_port, seq = DEVICE + i, {True: 1000, False: 5000}
        packet(device_port, port, True, 2, seq[True], 0)
        packet(device_port, port, False, 0x12, seq[False], seq[True] + 1)
        seq = {k: v + 1 for k, v in seq.items()}
        packet(device_port, port, True, 0x10, seq[True], seq[False])
        for to_host, data in segments:
            packet(device_port, port, to_host, 0x18, seq[to_host], seq[not to_host], data)
            seq[to_host] += len(data)
    return b"".join(out)


class Pdu:
    """One packet as the dissector shows it, in the form of `yanwu hj212 decode`."""

    def __init__(self, proto):
        self.fields, self.cp, self.items, self.experts, self.labels = {}, {}, [], set(), {}
        before = None
        for field in proto.iter("field"):
            name = field.get("name")
            if name.startswith("hj212.expert."):
                self.experts.add(name[len("hj212.expert."):])
            elif name == "hj212.item":
                before = self.take_item(field, before)
            else:
                self.fields.setdefault(name, field.get("show"))
                self.labels.setdefault(name, field.get("showname"))
        self.garbage = "hj212.garbage" in self.fields

    def take_item(self, field, before):
        part = {f.get("name").rpartition(".")[2]: f.get("show") for f in field}
        value, code = part.get("value", ""), part.get("code")
        if code is None:
            name = part["field"]
            have = self.cp.get(name)
            self.cp[name] = value if have is None else (have if isinstance(have, list) else [have]) + [value]
            return None
        if before == code and part["field"] not in self.items[-1]["fields"]:
            self.items[-1]["fields"][part["field"]] = value
        else:
            self.items.append({"code": code, "fields": {part["field"]: value}})
        return code


class Wireshark(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if not shutil.which("tshark"):
            raise AssertionError("tshark is not installed; scripts/install.sh installs it")
        cls.folder = tempfile.mkdtemp()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def tshark(self, conversations, *args):
        path = os.path.join(self.folder, "capture.pcap")
        with open(path, "wb") as f:
            f.write(capture(conversations))
        # Debian's tshark runs Lua for root as well; a profile of our own keeps the user's settings out
        done = subprocess.run(["tshark", "-n", "-X", "lua_script:" + SCRIPT, "-r", path, *args], capture_output=True,
                              timeout=120, env={**os.environ, "HOME": self.folder, "LC_ALL": "C.UTF-8",
                                                "XDG_CONFIG_HOME": self.folder})
        self.assertEqual(done.returncode, 0, done.stderr)
        for word in (b"Lua", b"lua"):
            self.assertNotIn(word, done.stderr.replace(SCRIPT.encode(), b""), done.stderr)
        return done.stdout.decode(errors="replace")  # tshark itself cuts long labels inside a character

    def pdus(self, conversations, *args):
        root = ElementTree.fromstring(self.tshark(conversations, "-T", "pdml", *args))
        return [Pdu(p) for p in root.iter("proto") if p.get("name") == "hj212"]

    def decode(self, data):
        done = subprocess.run([PROGRAM, "decode"], input=data, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def compare(self, pdu, want):
        codes = [f["code"] for f in want["findings"]]
        self.assertEqual({k: pdu.fields.get("hj212." + k) for k in COMPARED}, {k: want[k] for k in COMPARED})
        if want["flag"] is not None and re.fullmatch(r"\d{1,3}", want["flag"]):
            value = int(want["flag"])
            self.assertEqual(int(pdu.fields["hj212.flag"]), value)
            self.assertEqual(pdu.fields["hj212.flag.ack"] in ("1", "True"), bool(value & 1))
            self.assertEqual(pdu.fields["hj212.flag.split"] in ("1", "True"), bool(value & 2))
            self.assertEqual(int(pdu.fields["hj212.flag.version"]), value >> 2)
            if value < 12:
                self.assertIn("-%d)" % (2005, 2017, 2025)[value >> 2], pdu.labels["hj212.flag"])
        kind = next((KINDS[c] for c in ("encrypted", "crc_modbus", "crc") if c in codes), "hj212")
        self.assertEqual(pdu.fields["hj212.crc.kind"], kind, want)
        self.assertEqual(pdu.experts & set(EXPERTS), set(codes) & set(EXPERTS), want)
        if kind != "encrypted":
            self.assertEqual(pdu.cp, want["cp"])
            self.assertEqual(pdu.items, want["items"])
        if "qn" not in codes and want["qn"]:
            q = want["qn"]
            self.assertIn("(%s-%s-%s %s:%s:%s.%s UTC+8)" % (q[:4], q[4:6], q[6:8], q[8:10], q[10:12], q[12:14], q[14:]),
                          pdu.labels["hj212.qn"])

    def compare_all(self, pdus, stream):
        want = self.decode(stream)
        self.assertEqual([p.garbage for p in pdus], [w["version"] is None for w in want])
        for pdu, w in zip(pdus, want):
            if not pdu.garbage:
                with self.subTest(packet=w["offset"]):
                    self.compare(pdu, w)

    def test_every_vector(self):
        packets = list(vectors())
        self.compare_all(self.pdus([(HOST, [(True, p) for p in packets])]), b"".join(packets))

    def test_glued_and_split(self):
        packets = [p for p in vectors()][:60]
        stream = b"".join(packets)
        for size in (7, 50, 333, 1460):
            segments = [(True, stream[i:i + size]) for i in range(0, len(stream), size)]
            self.compare_all(self.pdus([(HOST, segments)]), stream)

    def test_cut_at_every_place(self):
        one = frame(b"QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;"
                    b"CP=&&DataTime=20240601085857;a21026-Rtd=1.5,a21026-Flag=N&&")
        two = frame(b"QN=20240601085857224;ST=91;CN=9011;PW=123456;MN=010000A8900016F000169DC0;Flag=8;CP=&&QnRtn=1&&")
        stream = one + two
        cuts = range(1, len(stream))
        pdus = self.pdus([(HOST, [(True, stream[:c]), (True, stream[c:])]) for c in cuts])
        self.assertEqual(len(pdus), 2 * len(cuts))
        want = self.decode(stream)
        for i, pdu in enumerate(pdus):
            if cuts[i // 2] in (len(one) - 2, len(one) - 1, len(stream) - 2, len(stream) - 1):
                pdu.experts.discard("tail")  # CR LF came after the frame was shown
            self.compare(pdu, want[i % 2])

    def test_garbage_between(self):
        good = next(vectors())
        stream = b"\x00\xffnoise" + good + b"##0139QN=2016" + good + b"#x" + good
        pdus = self.pdus([(HOST, [(True, stream)])])
        self.compare_all(pdus, stream)
        self.assertEqual(sum(p.garbage for p in pdus), 3)

    def test_no_bytes_make_it_fail(self):
        r, packets, conversations = random.Random(212), list(vectors()), []
        for _ in range(400):
            stream = bytearray(b"".join(r.sample(packets, 2)))
            for _ in range(r.choice((1, 3, 20))):
                at = r.randrange(len(stream))
                bad = bytes(r.choice(b"#&=;,-/{0\r\n\xff\x00") for _ in range(r.randrange(3)))
                stream[at:at + r.choice((0, 1, 1, 5))] = bad
            cuts = sorted(r.randrange(len(stream)) for _ in range(r.randrange(3))) + [len(stream)]
            conversations.append((HOST, [(True, bytes(stream[a:b])) for a, b in zip([0] + cuts, cuts) if a < b]))
        text = self.tshark(conversations, "-V", "-Y", "tcp.len > 0")
        self.assertNotRegex(text, "(?i)lua error|malformed packet|dissector bug")
        self.assertGreater(text.count("LEN 数据段长度"), 400)

    def test_any_port_once_a_frame_was_seen(self):
        packets = list(vectors())[:5]
        stream = b"".join(packets)
        rest = stream[len(packets[0]):]
        segments = [(True, packets[0])] + [(True, rest[i:i + 40]) for i in range(0, len(rest), 40)]
        self.compare_all(self.pdus([(33333, segments)]), stream)
        self.assertEqual(self.pdus([(33333, [(True, b"GET / HTTP/1.1\r\n\r\n"), (True, b"## heading\r\n")])]), [])

    def test_ports_are_a_preference(self):
        packet = next(vectors())
        cut = [(True, packet[:5]), (True, packet[5:])]
        self.assertEqual(self.pdus([(33334, cut)]), [])
        self.compare_all(self.pdus([(33334, cut)], "-o", "hj212.ports:33330-33340"), packet)

    def test_device_without_line_ends(self):
        packets = [p[:-2] for p in list(vectors())[:4]]
        segments = [(True, packets[0]), (True, packets[1]), (True, packets[2] + packets[3])]
        pdus = self.pdus([(HOST, segments)])
        self.compare_all(pdus, b"".join(packets))
        self.assertTrue(all("tail" in p.experts for p in pdus))

    def test_info_speaks_the_terms_of_the_field(self):
        head = b"QN=20240601085857223;ST=32;CN=%s;PW=123456;MN=010000A8900016F000169DC0;Flag=%s;CP=&&%s&&"
        conversation = [
            (False, frame(head % (b"2051", b"9", b"BeginTime=20240601080000;EndTime=20240601080000"))),
            (True, frame(head % (b"9011", b"8", b"QnRtn=1"))),
            (True, frame(head % (b"2051", b"9", b"DataTime=20240601080000;w01018-Avg=2.2"))),
            (False, frame(head % (b"9014", b"8", b""))),
            (True, frame(head % (b"9012", b"8", b"ExeRtn=100"))),
            (True, frame(head % (b"1014", b"9", b"SKCreateTime=20240601085857223"))),
            (False, frame(head % (b"1014", b"9", b"SKCreateTime=20240601085857223,NewSK=0123456789abcdef"))),
            (True, frame(head % (b"7777", b"8", b""))),
            (True, frame(head % (b"2011", b"9", b"DataTime=20240601085857")).replace(b"2011", b"2012")),
        ]
        lines = self.tshark([(HOST, conversation)], "-T", "fields", "-e", "_ws.col.Info", "-Y", "hj212").splitlines()
        mn = "MN=010000A8900016F000169DC0"
        self.assertEqual(lines, [
            f"取污染物分钟数据 CN=2051 {mn}",
            f"请求应答 CN=9011 {mn} QnRtn=1 准备执行请求",
            f"上传污染物分钟数据 CN=2051 {mn} 2024-06-01 08:00:00",
            f"数据应答 CN=9014 {mn}",
            f"执行结果 CN=9012 {mn} ExeRtn=100 没有数据",
            f"现场机获取新密钥 CN=1014 {mn}",
            f"上位机设置新密钥 CN=1014 {mn}",
            f"未知命令 CN=7777 {mn}",
            f"停止察看污染物实时数据 CN=2012 {mn} 2024-06-01 08:58:57 [CRC 错误]",
        ])

    def test_names_are_those_of_the_tables(self):
        with open(SCRIPT, encoding="utf-8") as f:
            text = f.read()
        tables = {}
        for name, body in re.findall(r"^local (to_field|to_host|systems) = \{\n(.*?)^\}", text, re.M | re.S):
            rows = re.findall(r'^  \["?(\w+)"?\] = \{"(.*?)", "(.*?)"\},$', body, re.M)
            tables[name] = {k: (zh, en) for k, zh, en in rows}
        want = {"to_field": {}, "to_host": {}, "systems": {}}
        with open(os.path.join(SOURCE, "share", "hj212", "commands.csv"), encoding="utf-8") as f:
            for row in csv.DictReader(f):
                if row["cn"].isdigit():
                    for name, direction in (("to_field", "host->field"), ("to_host", "field->host")):
                        if row["direction"] in (direction, "both"):
                            want[name][row["cn"]] = (row["name_zh"], row["name_en"])
        with open(os.path.join(SOURCE, "share", "hj212", "st.csv"), encoding="utf-8") as f:
            for row in csv.DictReader(f):
                if len(row["st"]) == 2:
                    want["systems"][row["st"]] = (row["name_zh"], row["name_en"])
        self.assertEqual(tables, want)


if __name__ == "__main__":
    unittest.main()
