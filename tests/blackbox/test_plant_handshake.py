"""A simulated plant sends nothing to whoever does not pass the training handshake."""

import socket
import subprocess
import threading
import time
import unittest

import support

SCENARIO = str(support.ROOT / "share/scenarios/power-stack.yaml")
MN = "595700000000000000000001"


def plant(*args, timeout=30):
    return subprocess.run([support.program("yanwu-plant"), *args], capture_output=True, timeout=timeout, text=True)


class PlainServer:
    """Accepts, says `greeting` after the first bytes came, keeps what it got."""

    def __init__(self, greeting):
        self.greeting, self.got = greeting, b""
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.sock.settimeout(15)
        self.address = "127.0.0.1:%d" % self.sock.getsockname()[1]
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        try:
            link, _ = self.sock.accept()
            link.settimeout(15)
            while piece := link.recv(65536):
                self.got += piece
                if self.greeting:
                    link.sendall(self.greeting)
        except OSError:
            return

    def close(self):
        self.sock.close()
        self.thread.join(20)


class Handshake(unittest.TestCase):
    def refused(self, greeting, *words):
        server = PlainServer(greeting)
        out = plant("run", SCENARIO, "--to", server.address)
        server.close()
        self.assertEqual(out.returncode, 1, out.stderr)
        self.assertIn("handshake", out.stderr)
        for word in words:
            self.assertIn(word, out.stderr)
        self.assertNotIn(b"##", server.got)
        self.assertRegex(server.got, rb"^YWPLANT 1 [0-9a-f]{16,64}\r\n$")

    def test_other_protocol(self):
        self.refused(b"220 mail.example ESMTP\r\n")

    def test_a_gateway_that_says_real(self):
        self.refused(b"YWPLANT 1 0000000000000000 real\r\n")

    def test_silence_is_told_within_seconds(self):
        began = time.monotonic()
        self.refused(b"", "5 s")
        self.assertLess(time.monotonic() - began, 9)

    def test_the_real_domain_answers_nothing(self):
        with support.Serve(admit=[MN], domain="real") as serve:
            out = plant("run", SCENARIO, "--to", "%s:%d" % serve.device)
            self.assertEqual(out.returncode, 1)
            self.assertIn("handshake", out.stderr)
            self.assertEqual(serve.counter("packets"), 0)

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = "127.0.0.1:%d" % free.getsockname()[1]
        out = plant("run", SCENARIO, "--to", address)
        self.assertEqual(out.returncode, 1)
        self.assertIn("no link within 10 s", out.stderr)

    def test_an_mn_outside_the_reserved_prefix_is_refused(self):
        out = plant("replay", "/dev/null", "--to", "127.0.0.1:9", "--mn", "010000A8900016F000169DC0")
        self.assertEqual(out.returncode, 2)
        self.assertIn("5957", out.stderr)


if __name__ == "__main__":
    unittest.main()
