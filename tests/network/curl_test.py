"""A published port answers curl: kept-alive, HEAD, uploads, large bodies, and what is wrong is refused."""

import pathlib
import random
import re
import subprocess
import tempfile
import zlib

import images
from network import conversation


def curl(*words, data=None):
    told = subprocess.run(["curl", "--silent", "--show-error", "--max-time", "60", *words], input=data, capture_output=True, timeout=90)
    assert told.returncode == 0, told
    return told.stdout


class Curl(images.OnEveryTarget):
    image = "services"

    def setUp(self):
        port = images.free_port()
        running = self.start_image(options=["-p", f"{port}:80"])
        running.until("^serving")
        self.port, self.url = port, f"http://127.0.0.1:{port}"

    def speak(self, text):
        """Sends `text` over a connection and returns everything up to its end."""
        with conversation.connect("127.0.0.1", self.port) as stream:
            stream.sendall(text.encode())
            return conversation.receive_all(stream).decode()

    def test_greets(self):
        self.assertEqual(curl(self.url), b"hello\n")
        self.assertEqual(curl(f"{self.url}/none", "--write-out", "%{http_code}"), b"no such page\n404")

    def test_keeps_the_connection(self):
        told = curl(*[self.url] * 5, *["--output", "/dev/null"] * 5, "--write-out", "%{http_code} %{num_connects}\n")
        self.assertEqual(told, b"200 1\n200 0\n200 0\n200 0\n200 0\n")

    def test_head_has_the_head_alone(self):
        told = curl("--head", self.url).decode()
        self.assertTrue(told.startswith("HTTP/1.1 200 OK\r\n"), told)
        self.assertIn("\r\nContent-Length: 6\r\n", told)
        self.assertTrue(told.endswith("\r\n\r\n"), told)

    def test_uploads_arrive(self):
        data = random.Random(1).randbytes(900_000)
        expected = f"900000 bytes, CRC {zlib.crc32(data):08x}\n".encode()
        # curl asks with "Expect: 100-continue" before it sends as much.
        self.assertEqual(curl("--data-binary", "@-", "--header", "Expect: 100-continue", f"{self.url}/upload", data=data), expected)
        self.assertEqual(curl("--data-binary", "@-", "--header", "Transfer-Encoding: chunked", f"{self.url}/upload", data=data), expected)
        self.assertEqual(curl("--http1.0", "--data-binary", "@-", f"{self.url}/upload", data=data), expected)

    def test_an_upload_beyond_the_limit_is_refused(self):
        told = curl("--data-binary", "@-", "--output", "/dev/null", "--write-out", "%{http_code}", f"{self.url}/upload", data=bytes(2_000_000))
        self.assertEqual(told, b"413")

    def test_large_bodies_arrive(self):
        self.assertTrue(curl(f"{self.url}/body?5000000") == conversation.pattern(5_000_000))

    def test_many_at_once(self):
        # QEMU's own user-mode network listens with a backlog of 1; more at once wait for Linux to try again.
        at_once = "30" if self.target in ("process", "sandbox") else "3"
        with tempfile.TemporaryDirectory() as folder:
            words = [word for i in range(30) for word in (f"{self.url}/body?100000", "--output", f"{folder}/{i}")]
            curl("--parallel", "--parallel-max", at_once, *words)
            for file in pathlib.Path(folder).iterdir():
                self.assertTrue(file.read_bytes() == conversation.pattern(100_000))
            self.assertEqual(len(list(pathlib.Path(folder).iterdir())), 30)

    def test_pipelined_requests_are_answered_in_order(self):
        requests = "".join(f"GET /body?{i} HTTP/1.1\r\nHost: x\r\n\r\n" for i in range(100))
        told = self.speak(requests + "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertEqual(re.findall(r"^Content-Length: (\d+)", told, re.M), [*map(str, range(100)), "6"])

    def test_nonsense_is_refused(self):
        for text, status in {
            "hello\r\n\r\n": 400,
            "GET / HTTP/1.1\r\n\r\n": 400,  # no host
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n": 400,
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n": 400,
            "GET / HTTP/1.1\r\nHost: x\r\nbad name: 1\r\n\r\n": 400,
            "GET / HTTP/3.0\r\nHost: x\r\n\r\n": 505,
            f"GET /{'x' * 10_000} HTTP/1.1\r\nHost: x\r\n\r\n": 414,
            f"GET / HTTP/1.1\r\nHost: x\r\nX: {'x' * 20_000}\r\n\r\n": 431,
        }.items():
            with self.subTest(text=text[:60]):
                self.assertRegex(self.speak(text), rf"^HTTP/1\.1 {status} ")

    def test_a_request_that_dribbles_is_given_up(self):
        with conversation.connect("127.0.0.1", self.port) as stream:
            stream.sendall(b"GET / HT")
            self.assertRegex(conversation.receive_all(stream).decode(), r"^HTTP/1\.1 408 ")


images.main()
