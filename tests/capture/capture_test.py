"""`aster run --pcap`: every frame of an image, on every target, as readers of our own and tcpdump see it."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import urllib.request

import images
import namespace
import processes
from capture import pcapng
from network import conversation

namespace.enter()


def tcpdump(file, *words):
    told = subprocess.run(["tcpdump", "-n", "-r", file, *words], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told
    return told.stdout.splitlines()


def stream(frames, port):
    """The bytes that came from `port`, put together by their sequence numbers."""
    pieces = [frame.payload for frame in frames if frame.payload and frame.payload[0] == port and frame.payload[2]]
    begin = min(sequence for _, sequence, _ in pieces)
    whole = bytearray()
    for _, sequence, data in sorted(pieces, key=lambda piece: piece[1] - begin):
        at = sequence - begin
        assert at <= len(whole), "a hole"
        whole[at : at + len(data)] = data
    return bytes(whole)


class Capture(images.OnEveryTarget):
    image = "services"

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = self.folder / "frames.pcapng"
        self.port = images.free_port()
        self.user = ["-p", f"{self.port}:80"]

    def serve(self, *options, **settings):
        running = self.start_image(options=[*map(str, options)], **settings)
        running.until("^serving")
        return running

    def get(self, path="/", port=None):
        with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=30) as answer:
            return answer.read()

    def interrupt(self, running):
        running.signal(signal.SIGINT)
        return running.wait()

    def test_ctrl_c_leaves_a_file_with_every_frame_and_where_it_went(self):
        before = time.time_ns()
        running = self.serve("--pcap", self.file, *self.user)
        self.assertEqual(self.get(), b"hello\n")
        ran = self.interrupt(running)
        self.assertEqual(ran.code, 0, ran)
        (interface,), frames = pcapng.read(self.file.read_bytes())
        self.assertEqual((interface.name, interface.link, interface.snap), ("service", 1, 0))
        self.assertEqual(interface.options[3], b"user-mode network")
        self.assertEqual((interface.seen, interface.missed), (len(frames), 0))
        own = interface.options[6]
        for frame in frames:
            self.assertEqual(frame.way, pcapng.OUTBOUND if frame.bytes[6:12] == own else pcapng.INBOUND)
            self.assertTrue(frame.checksum_is_right, frame)
            self.assertTrue(before < frame.time < time.time_ns())
        self.assertEqual([frame.time for frame in frames], sorted(frame.time for frame in frames))
        self.assertIn(b"hello\n", stream(frames, 80))
        lines = tcpdump(self.file)
        self.assertEqual(len(lines), len(frames))
        self.assertTrue(any("GET / HTTP/1.1" in line for line in lines), lines)

    def test_on_a_tap_large_frames_are_whole_and_their_checksums_complete(self):
        size = 1_000_000
        with namespace.Tap() as tap:
            running = self.serve("--pcap", self.file, *tap.options)
            self.assertTrue(conversation.drawn(tap.image_address, size))
            self.assertTrue(conversation.sunk(tap.image_address, conversation.pattern(size)))
            self.assertEqual(self.interrupt(running).code, 0)
        (interface,), frames = pcapng.read(self.file.read_bytes())
        self.assertEqual(interface.options[3], f"tap {tap.name}".encode())
        self.assertEqual(interface.missed, 0)
        self.assertEqual(stream(frames, 19), conversation.pattern(size))
        self.assertTrue(all(frame.size == len(frame.bytes) and frame.checksum_is_right for frame in frames))
        longest = {way: max(frame.size for frame in frames if frame.way == way) for way in (pcapng.INBOUND, pcapng.OUTBOUND)}
        if self.target in ("sandbox", "process"):
            self.assertGreater(min(longest.values()), 10_000, "offloads were lost")
            marked = [frame for frame in frames if frame.size > 1514]
            self.assertTrue(all(re.match(rb"offloaded: sent as segments of \d+ bytes", frame.options[1]) for frame in marked))
        self.assertFalse([line for line in tcpdump(self.file, "-vv") if "incorrect" in line])

    def test_a_pipe_has_it_at_once_and_the_console_gives_way(self):
        words = images.command(self.image, self.target, options=["--pcap", "-", *self.user])
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as running:
            while b"serving" not in running.stderr.readline():
                pass
            os.set_blocking(running.stdout.fileno(), False)
            self.get()
            seen = b""

            def arrived():
                nonlocal seen
                seen += running.stdout.read() or b""
                return any(b"hello\n" in frame.bytes for frame in pcapng.read(seen)[1])

            images.wait_until(arrived)
            running.terminate()
            self.assertEqual(running.wait(30), 0)
            os.set_blocking(running.stdout.fileno(), True)
            (interface,), frames = pcapng.read(seen + running.stdout.read())
            self.assertEqual(interface.seen, len(frames))

    def test_a_reader_that_goes_away_does_not_take_the_network_with_it(self):
        words = images.command(self.image, self.target, options=["--pcap", "-", *self.user])
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as running:
            while b"serving" not in running.stderr.readline():
                pass
            running.stdout.close()
            self.assertEqual(self.get(), b"hello\n")
            self.assertEqual(self.get(), b"hello\n")
            running.terminate()
            self.assertEqual(running.wait(30), 0)
            self.assertIn(b"--pcap: its reader has gone; nothing more is recorded", running.stderr.read())

    def test_what_is_kept_can_be_limited(self):
        running = self.serve("--pcap", self.file, "--pcap-snap", 60, "--pcap-limit", "8K", *self.user)
        for _ in range(20):
            self.get()
        ran = self.interrupt(running)
        self.assertIn("--pcap: the limit of 8192 bytes is reached", ran.err)
        (interface,), frames = pcapng.read(self.file.read_bytes())
        self.assertLess(self.file.stat().st_size, 8192 + 200)
        self.assertEqual(interface.seen, len(frames) + interface.missed)
        self.assertGreater(interface.missed, 10)
        self.assertTrue(all(len(frame.bytes) <= 60 for frame in frames))
        self.assertTrue(any(frame.size > 60 for frame in frames))

    def test_a_ring_is_written_when_the_image_panics_and_else_is_not(self):
        running = self.serve("--pcap", self.file, "--pcap-ring", 12, *self.user)
        for _ in range(5):
            self.get()
        self.assertEqual(self.interrupt(running).code, 0)
        self.assertFalse(self.file.exists())

        running = self.serve("--pcap", self.file, "--pcap-ring", 12, *self.user)
        for _ in range(5):
            self.get()
        try:
            self.get("/panic")
        except OSError:
            pass
        ran = running.wait()
        self.assertEqual(ran.code, images.PANIC, ran)
        self.assertRegex(ran.err, rf"\naster: the last 12 frames before that are in {self.file}\n$")
        (interface,), frames = pcapng.read(self.file.read_bytes())
        self.assertEqual((len(frames), interface.missed), (12, interface.seen - 12))
        # What did it is among them.
        self.assertTrue(any(b"GET /panic" in frame.bytes for frame in frames))

    def test_whatever_is_killed_leaves_a_readable_file_and_nothing_else(self):
        running = self.serve("--pcap", self.file, *self.user)
        self.get()
        started = processes.descendants(running.process.pid)
        self.assertIn("aster-capture", started.values())
        images.wait_until(lambda: b"hello\n" in self.file.read_bytes())
        running.process.kill()
        running.process.wait()
        images.wait_until(lambda: not any(processes.alive(pid, name) for pid, name in started.items()))
        _, frames = pcapng.read(self.file.read_bytes())
        self.assertIn(b"hello\n", stream(frames, 80))

    def test_what_cannot_be_is_said_before_anything_starts(self):
        for options, complaint in (
            (["--pcap", "/nowhere/at/all"], "--pcap /nowhere/at/all: No such file or directory; name a file that you may write"),
            (["--pcap", f"other={self.file}"], "the image has no network device of that name"),
            (["--pcap-ring", "5"], "--pcap-ring: nothing is recorded; say where to"),
            (["--pcap", "-", "--pcap-ring", "5"], "a ring goes to a file"),
            (["--pcap", self.file, "--pcap-snap", "0"], "not a number from 1 to 65600"),
        ):
            ran = images.run(self.image, self.target, options=[*map(str, options), *self.user])
            self.assertIn(complaint, ran.err)
            self.assertIn(ran.code, (2, images.CANNOT_RUN))
            self.assertEqual(ran.out, "")


images.main()
