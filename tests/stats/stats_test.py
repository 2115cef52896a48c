"""A running image tells about itself: `aster stats`, on every target, also when the image is busy, and when it is stuck."""

import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import urllib.request

import images
from network import conversation

PLACE = tempfile.TemporaryDirectory()
os.environ["XDG_RUNTIME_DIR"] = PLACE.name


def stats(*words, code=0):
    told = subprocess.run([images.ASTER, "stats", *map(str, words)], capture_output=True, text=True, timeout=60)
    assert told.returncode == code, told
    return told.stdout if code == 0 else told.stderr


class Stats(images.OnEveryTarget):
    image = "services"

    def setUp(self):
        self.ports = {guest: images.free_port() for guest in (7, 80)}
        options = [word for guest, host in self.ports.items() for word in ("-p", f"{host}:{guest}")]
        self.running = self.start_image(options=options)
        self.running.until("^serving")
        images.wait_until(lambda: "asterism_net" in stats("--prometheus"))  # the image's first word has been heard

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[80]}{path}", timeout=30) as answer:
            return answer.read()

    def test_tells_what_the_program_itself_counts(self):
        told = json.loads(stats("services", "--json"))
        self.assertEqual(told["instance"]["pid"], self.running.process.pid)
        self.assertEqual(told["instance"]["target"], self.target)
        own = dict(line.rsplit(" ", 1) for line in self.get("/counters").decode().splitlines())
        self.assertLessEqual(set(told["counters"]), set(own))
        self.assertGreater(len(told["counters"]), 80)
        self.assertGreater(int(own["frames_received"]), told["counters"]["frames_received"])
        (interface,) = told["interfaces"]
        self.assertEqual((interface["name"], interface["address"]), ("service", "10.0.2.15/24"))
        self.assertEqual(interface["frames_received"], told["counters"]["frames_received"])
        self.assertGreater(interface["bytes_sent"], 42)
        self.assertGreater(told["memory"]["heap"], 1000)

    def test_lists_what_is_open(self):
        with conversation.connect("127.0.0.1", self.ports[7]) as stream:
            stream.sendall(b"hello")
            self.assertEqual(stream.recv(5), b"hello")
            sockets = json.loads(stats("--json", "--connections"))["sockets"]
            listening = {s["local"] for s in sockets if s["state"] == "LISTEN"}
            self.assertEqual(listening, {f"[::]:{port}" for port in (7, 9, 19, 24, 26, 80)})
            (open_one,) = [s for s in sockets if s["state"] == "ESTABLISHED"]
            self.assertEqual(open_one["local"], "10.0.2.15:7")
            self.assertGreater(open_one["congestion_window"], 0)
            table = stats(self.running.process.pid, "--connections").splitlines()
            self.assertRegex(table[0], r"^ +STATE +RECV-Q +SEND-Q +LOCAL +REMOTE +RTT ")
            self.assertTrue(any(re.match(r"tcp  ESTABLISHED +0 +[05]  10\.0\.2\.15:7 ", line) for line in table), table)
            self.assertEqual(len(json.loads(stats("--json", "-c", "-n", 3))["sockets"]), 3)

    def test_tells_what_fibers_wait_for(self):
        table = stats("--fibers")
        self.assertRegex(table, r"\nnetwork +network +(waiting +a device event|ready) ")
        self.assertRegex(table, r"\nhttp +services +waiting +a connection ")

    def test_a_busy_program_answers(self):
        ends = threading.Event()

        def ask_for_much():
            while not ends.is_set():
                self.get("/body?300000")

        clients = [threading.Thread(target=ask_for_much) for _ in range(2)]
        for client in clients:
            client.start()
        try:
            counts = [json.loads(stats("--json"))["counters"]["frames_sent"] for _ in range(5)]
        finally:
            ends.set()
            for client in clients:
                client.join()
        self.assertEqual(counts, sorted(counts))
        self.assertGreater(counts[-1], counts[0])

    def test_one_that_hangs_is_said_to(self):
        def spin():
            try:
                self.get("/spin")
            except OSError:
                pass

        client = threading.Thread(target=spin)
        client.start()
        images.wait_until(lambda: "no answer" in subprocess.run([images.ASTER, "stats"], capture_output=True, text=True).stderr)
        self.assertIn("no answer for 3s: a fiber keeps the CPU, or the machine is stopped", stats(code=1))
        self.running.process.kill()
        client.join()

    def test_prometheus_reads_it(self):
        text = stats("--prometheus")
        sample = rf'^asterism_net_frames_received_total\{{instance="services",pid="{self.running.process.pid}"\}} \d+$'
        self.assertRegex(text, re.compile(sample, re.M))
        for line in text.splitlines():
            self.assertRegex(line, r'^(# TYPE [a-z_0-9]+ (counter|gauge)|[a-z_0-9]+\{instance="services",pid="\d+"(,interface="service")?\} \d+(\.\d+)?)$')

    def test_watching_tells_rates(self):
        with subprocess.Popen([images.ASTER, "stats", "--watch"], stdout=subprocess.PIPE, text=True) as watching:
            try:
                images.wait_until(lambda: self.get("/") and re.search(r"^  frames_received +\d+ +\d+/s$", watching.stdout.readline()))
            finally:
                watching.terminate()

    def test_nobody_else_is_answered_and_nothing_is_left(self):
        (door,) = (pathlib.Path(PLACE.name) / "asterism").iterdir()
        self.assertEqual(door.parent.stat().st_mode & 0o777, 0o700)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(door))
            client.sendall(b"ask stats\nask stats\n" + b"x" * 10_000)
            client.settimeout(10)
            self.assertTrue(client.recv(100_000))
        self.assertEqual(self.get("/"), b"hello\n")
        self.running.process.terminate()
        self.running.wait()
        self.assertFalse(door.parent.exists())
        self.assertIn("no image runs", stats(code=1))


images.main()
