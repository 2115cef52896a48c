"""Python's websockets and Chromium talk to a server of WebSockets, and so does a client that is up to no good."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

try:
    import websockets
except ImportError:  # Debian's package is seen by Debian's interpreter alone
    if os.path.samefile(sys.executable, "/usr/bin/python3"):
        sys.exit(77)
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
from websockets.exceptions import ConnectionClosed, InvalidStatusCode
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

import images


def frame(first, payload, key=b"\0\0\0\0"):
    return bytes([first, 0x80 | len(payload)]) + key + payload


class Clients(images.OnEveryTarget):
    image = "sockets"

    def setUp(self):
        self.port = images.free_port()
        self.running = self.start_image(options=["-p", f"{self.port}:80"])
        self.running.until("^serving$")

    def url(self, path):
        return f"ws://127.0.0.1:{self.port}{path}"

    def talk(self, conversation):
        asyncio.run(asyncio.wait_for(conversation(), 60))

    def raw(self, path, *fields):
        """A client that has shaken hands and says what it wants from then on."""
        stream = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.addCleanup(stream.close)
        request = [f"GET {path} HTTP/1.1", "Host: h", "Connection: Upgrade", "Upgrade: websocket",
                   "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *fields]
        stream.sendall("\r\n".join([*request, "", ""]).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += stream.recv(1)
        self.assertTrue(head.startswith(b"HTTP/1.1 101 "), head)
        return stream

    def all_of(self, stream):
        said = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := stream.recv(65536):
                said += piece
        return said

    def test_messages_of_all_sizes_come_back(self):
        async def conversation():
            for compression in (None, "deflate"):
                async with websockets.connect(self.url("/echo"), compression=compression, max_size=None) as ws:
                    for size in (0, 1, 125, 126, 127, 65535, 65536, 1024 * 1024):
                        for message in ("µ" * (size // 2), os.urandom(size)):
                            await ws.send(message)
                            self.assertEqual(await ws.recv(), message)
                    await ws.send(["in ", "three ", "parts"])
                    self.assertEqual(await ws.recv(), "in three parts")
                    await asyncio.wait_for(await ws.ping(b"there?"), 30)
                self.assertEqual((ws.close_code, ws.close_reason), (1000, ""))

        self.talk(conversation)

    def test_compression_in_every_way_that_can_be_agreed_on(self):
        async def conversation():
            for path in ("/echo", "/context"):
                for offer in ({}, {"client_max_window_bits": True}, {"server_max_window_bits": 9, "client_max_window_bits": 9},
                              {"server_no_context_takeover": True, "client_no_context_takeover": True}):
                    ours = ClientPerMessageDeflateFactory(**offer)
                    async with websockets.connect(self.url(path), compression=None, extensions=[ours]) as ws:
                        self.assertEqual(len(ws.extensions), 1, ws.response_headers)
                        for i in range(20):
                            for message in (f"message {i}", f"message {i} " + "x" * 5000 * i, os.urandom(3000)):
                                await ws.send(message)
                                self.assertEqual(await ws.recv(), message)

        self.talk(conversation)

    def test_many_at_once_hear_each_other(self):
        async def conversation():
            async with contextlib.AsyncExitStack() as stack:
                guests = [await stack.enter_async_context(websockets.connect(self.url("/chat"))) for _ in range(50)]
                for number, guest in enumerate(guests):
                    await guest.send(f"I am {number}")
                    heard = await asyncio.gather(*(each.recv() for each in guests))
                    self.assertEqual(set(heard), {f"I am {number}"})

        self.talk(conversation)

    def test_closing_from_either_side(self):
        async def conversation():
            for code in (1000, 1001, 1011, 3000, 4999):
                async with websockets.connect(self.url(f"/codes/{code}")) as ws:
                    with self.assertRaises(ConnectionClosed):
                        await ws.recv()
                    self.assertEqual((ws.close_code, ws.close_reason), (code, "as asked"))
            async with websockets.connect(self.url("/ticks")) as ws:
                self.assertEqual([await ws.recv() for _ in range(3)], ["0", "1", "2"])
                await ws.close(4004, "enough")
            self.assertEqual(ws.close_code, 4004)

        self.talk(conversation)
        self.running.until("^ticked for a client that closed with 4004$")

    def test_refusals(self):
        async def conversation():
            for fields, status in (({"origin": "https://evil.example"}, 403), ({"origin": f"http://127.0.0.1:{self.port}"}, 101),
                                   ({"origin": "https://friend.example"}, 101)):
                try:
                    async with websockets.connect(self.url("/echo"), **fields, subprotocols=["soap", "chat.v1"]) as ws:
                        seen = 101
                        self.assertEqual(ws.subprotocol, "chat.v1")
                except InvalidStatusCode as refused:
                    seen = refused.status_code
                self.assertEqual(seen, status, fields)
            async with websockets.connect(self.url("/small"), compression=None) as ws:
                await ws.send("x" * 1001)
                with self.assertRaises(ConnectionClosed):
                    await ws.recv()
                self.assertEqual(ws.close_code, 1009)

        self.talk(conversation)
        told = subprocess.run(["curl", "--silent", "--include", "--max-time", "30", f"http://127.0.0.1:{self.port}/echo"],
                              capture_output=True, text=True, timeout=60)
        self.assertTrue(told.stdout.startswith("HTTP/1.1 426 Upgrade Required\n"), told)

    def test_what_is_wrong_is_answered_with_its_code(self):
        for sent, said in ((frame(0x81, b"Hello"), b"\x81\x05Hello"),
                           (frame(0x88, b"\x03\xe8"), b"\x88\x02\x03\xe8"),
                           (b"\x81\x05Hello", b"\x03\xea"),
                           (frame(0x83, b""), b"\x03\xea"),
                           (frame(0xc1, b""), b"\x03\xea"),
                           (frame(0x81, b"\xff"), b"\x03\xef"),
                           (b"\x82\xff\x7f" + b"\xff" * 7 + b"\0\0\0\0", b"\x03\xf1")):
            stream = self.raw("/echo")
            stream.sendall(sent)
            stream.shutdown(socket.SHUT_WR)
            answer = self.all_of(stream)
            self.assertIn(said, answer[:len(said) + 2], (sent, answer))

    def test_who_is_silent_is_asked_and_given_up(self):
        stream = self.raw("/small")
        began = time.monotonic()
        self.assertEqual(self.all_of(stream), b"\x89\x00")
        self.assertGreater(time.monotonic() - began, 1.9)

    def test_a_server_that_stops_says_so(self):
        stream = self.raw("/echo")
        self.running.process.terminate()
        self.assertEqual(stream.recv(100), b"\x88\x02\x03\xe9")
        stream.sendall(frame(0x88, b"\x03\xe9"))
        self.assertEqual(self.all_of(stream), b"")
        self.assertEqual(self.running.wait().code, 0, self.running)


class Chromium(images.OnEveryTarget):
    image = "sockets"
    targets = ("sandbox",)

    def test_a_page_talks_to_them_all(self):
        chromium = shutil.which("chromium")
        if not chromium:
            self.skipTest("there is no Chromium here")
        port = images.free_port()
        running = self.start_image(options=["-p", f"{port}:80"])
        running.until("^serving$")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            browser = subprocess.Popen([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                                        f"--user-data-dir={profile}", "--remote-debugging-port=0", f"http://127.0.0.1:{port}/"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=images.end_with_the_test)
            try:
                running.until("^end of the report$")
            finally:
                browser.terminate()
                browser.wait(30)
        frugal = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; " \
                 "server_max_window_bits=12; client_max_window_bits=12"
        self.assertEqual(running.out.splitlines()[1:-1], [
            f"speaks chat.v1 with {frugal}",
            "4000  true",
            "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
            "1005  true",
            "1009 the message is too large true",
            "heard to all",
            "4321 as asked true",
        ])


images.main()
