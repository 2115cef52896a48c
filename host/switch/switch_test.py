"""aster-switch with real images and a daemon that the test plays.

    switch_test.py ASTER SWITCH SERVER VISITOR
"""

import contextlib
import http.client
import http.server
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ASTER, SWITCH, SERVER, VISITOR = sys.argv[1:5]
PATIENCE = 20


class Daemon:
    """A connection to the switch: orders go out, events come in."""

    def __init__(self, runtime):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(f"{runtime}/switch")
        self.lines = self.socket.makefile("r")
        self.unread = []
        self.state = self.event("state")

    def order(self, what, **members):
        self.socket.sendall(json.dumps({"do": what} | members).encode() + b"\n")

    def event(self, kind, **members):
        """The next event of that kind and with these members; others are kept."""
        fits = lambda e: e["event"] == kind and all(e.get(k) == v for k, v in members.items())
        while True:
            for i, e in enumerate(self.unread):
                if fits(e):
                    return self.unread.pop(i)
            line = self.lines.readline()
            if not line:
                raise EOFError(f"the switch closed; unread: {self.unread}")
            self.unread.append(json.loads(line))

    def close(self):
        self.lines.close()
        self.socket.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Galaxy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.runtime = folder.name
        self.switch = subprocess.Popen([SWITCH, "--runtime", self.runtime])
        self.addCleanup(self.stop, self.switch)
        self.wait_for(lambda: os.path.exists(f"{self.runtime}/switch"))
        self.daemon = Daemon(self.runtime)
        self.addCleanup(lambda: self.daemon.close())
        self.services = {}

    def wait_for(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.005)

    def stop(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        self.assertIn(process.wait(PATIENCE), (0, 143))  # 143: an image that had not come to serving yet

    def station(self, number, service, world=False):
        self.services[service] = number
        self.daemon.order(
            "station", station=number, service=service, address=f"10.77.0.{number}", world=world, token=f"t{number}"
        )

    def command(self, number, image, *words, on="sandbox", options=()):
        net = f"service=switch:{self.runtime}/frames,t{number}"
        return [ASTER, "run", "-q", "--on", on, "--net", net, *options, image, "--", *words]

    def start(self, number, image=SERVER, **how):
        process = subprocess.Popen(self.command(number, image, **how), stdout=subprocess.DEVNULL)
        self.addCleanup(self.stop, process)
        self.daemon.event("attached", station=number)
        return process

    def well(self, number, **members):
        asked = {"id": 1, "station": number, "port": 80, "timeout_ms": 10_000, "until_well": True} | members
        self.daemon.order("probe", **asked)
        return self.daemon.event("probed", id=asked["id"])

    def visit(self, number, *where, **how):
        """What a visitor on that station is told, a line for each address."""
        ran = subprocess.run(
            self.command(number, VISITOR, *where, **how), capture_output=True, text=True, timeout=60
        )
        self.assertEqual(ran.stderr, "")
        return ran.stdout.splitlines()

    def get(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            return connection.getresponse().read().decode()

    def test_what_is_declared_works_and_nothing_else(self):
        self.station(7, "shop")
        self.station(8, "paste")
        self.station(9, "guest")
        self.daemon.order("rules", allowed=[["guest", "shop"]])
        self.start(7)
        self.start(8)
        self.assertTrue(self.well(7, path="/")["well"])
        self.assertTrue(self.well(8)["well"])
        for on in ("sandbox", "process", "qemu"):
            seen = self.visit(9, "10.77.0.7:80/", "10.77.0.8:80/", "10.77.0.1:7777/", on=on)
            self.assertEqual(seen[0], "10.77.0.7:80/: 200 Hello from a unikernel", on)
            for line in seen[1:]:
                self.assertNotIn("200", line, on)
        # As much as is declared, from now on.
        self.daemon.order("rules", allowed=[["guest", "paste"]])
        seen = self.visit(9, "10.77.0.7:80/", "10.77.0.8:80/")
        self.assertNotIn("200", seen[0])
        self.assertIn("200", seen[1])
        self.daemon.order("traffic")
        told = {s["station"]: s for s in self.daemon.event("traffic")["stations"]}
        self.assertGreater(told[8]["frames_out"], 3)
        self.assertGreater(told[9]["dropped"], 0)

    def test_a_name_wakes_a_service_before_it_is_answered(self):
        self.station(7, "shop")
        self.station(9, "guest")
        self.daemon.order("rules", allowed=[["guest", "shop"]])
        visitor = subprocess.Popen(
            self.command(9, VISITOR, "shop:80/", "nobody:80/", "broken:80/", "example.org:80/"),
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self.stop, visitor)
        asked = self.daemon.event("question", name="shop")
        self.assertEqual(asked["station"], 9)
        self.start(7)
        self.assertTrue(self.well(7)["well"])
        self.daemon.order("answer", id=asked["id"], addresses=["10.77.0.7"], failed=False)
        none = self.daemon.event("question", name="nobody")
        self.daemon.order("answer", id=none["id"], addresses=[], failed=False)
        broken = self.daemon.event("question", name="broken")
        self.daemon.order("answer", id=broken["id"], addresses=[], failed=True)
        lines = visitor.communicate(timeout=60)[0].splitlines()
        self.assertEqual(lines[0], "shop:80/: 200 Hello from a unikernel")
        self.assertEqual(lines[1], "nobody:80/: no such host")
        self.assertNotIn("200", lines[2])
        self.assertEqual(lines[3], "example.org:80/: no such host")

    def test_a_published_port_leads_to_a_station_also_while_it_is_replaced(self):
        self.station(7, "shop")
        server = self.start(7)
        port = free_port()
        self.daemon.order("publish", address="127.0.0.1", port=port, station=7, to=80)
        self.daemon.event("done", of="publish", port=port)
        self.assertIn("Hello from a unikernel", self.get(port))
        server.terminate()
        server.wait(PATIENCE)
        self.daemon.event("detached", station=7)
        got = []
        waiting = threading.Thread(target=lambda: got.append(self.get(port)))
        waiting.start()
        self.start(7)
        waiting.join(PATIENCE)
        self.assertIn("Hello from a unikernel", got[0])

        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port_taken = taken.getsockname()[1]
            self.daemon.order("publish", address="127.0.0.1", port=port_taken, station=7, to=80)
            self.assertIn("is in use", self.daemon.event("failed", of="publish")["why"])
        self.daemon.order("unpublish", address="127.0.0.1", port=port)
        self.daemon.event("done", of="unpublish")

        def refused():
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 5):
                return False
            return True

        self.wait_for(refused)

    def test_bytes_cross_a_published_port_unchanged_and_half_closed(self):
        self.station(2, "edge")
        self.daemon.order("rules", allowed=[])
        port = free_port()
        self.daemon.order("publish", address="127.0.0.1", port=port, station=2, to=80)
        self.daemon.event("done", of="publish")
        self.start(2)
        self.assertTrue(self.well(2)["well"])
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            s.shutdown(socket.SHUT_WR)
            told = b""
            while more := s.recv(4096):
                told += more
        self.assertTrue(told.startswith(b"HTTP/1.1 200"), told)
        self.assertIn(b"Hello", told)

    def test_probes_say_what_is_wrong(self):
        self.station(7, "shop")
        probe = {"timeout_ms": 300, "until_well": False}
        self.assertEqual(self.well(7, id=2, **probe)["why"], "no instance is plugged in")
        self.assertEqual(self.well(99, id=3, **probe)["why"], "there is no such station")
        self.start(7)
        self.assertTrue(self.well(7)["well"])
        told = self.well(7, id=4, port=81, **probe)
        self.assertEqual((told["well"], told["why"]), (False, "connection refused"))
        told = self.well(7, id=5, path="/", **probe)
        self.assertEqual((told["well"], told["status"], told["why"]), (True, 200, ""))

    def test_a_daemon_may_go_and_another_come(self):
        self.station(7, "shop")
        self.station(9, "guest")
        self.daemon.order("rules", allowed=[["guest", "shop"]])
        port = free_port()
        self.daemon.order("publish", address="127.0.0.1", port=port, station=7, to=80)
        self.start(7)
        self.assertTrue(self.well(7)["well"])
        self.daemon.close()
        self.assertIn("Hello", self.get(port))
        self.assertIn("200", self.visit(9, "10.77.0.7:80/")[0])
        visitor = subprocess.Popen(self.command(9, VISITOR, "shop:80/"), stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop, visitor)
        self.daemon = Daemon(self.runtime)
        state = {s["station"]: s for s in self.daemon.state["stations"]}
        self.assertEqual((state[7]["service"], state[7]["attached"]), ("shop", True))
        published = [{"address": "127.0.0.1", "port": port, "station": 7, "to": 80}]
        self.assertEqual(self.daemon.state["published"], published)
        asked = self.daemon.event("question", name="shop")
        self.daemon.order("answer", id=asked["id"], addresses=["10.77.0.7"], failed=False)
        self.assertIn("200", visitor.communicate(timeout=60)[0])
        # The older of two is closed.
        newer = Daemon(self.runtime)
        self.addCleanup(newer.close)
        with self.assertRaises(EOFError):
            self.daemon.event("never")

    def test_the_edges_link_reaches_the_daemon(self):
        self.station(2, "edge")
        self.station(3, "other")
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(f"{self.runtime}/edge")
            door.listen()
            door.settimeout(PATIENCE)

            def answer():
                link, _ = door.accept()
                with link:
                    self.assertTrue(link.recv(4096).startswith(b"GET /hello"))
                    link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi\n")

            serving = threading.Thread(target=answer)
            serving.start()
            self.assertEqual(self.visit(2, "10.77.0.1:7777/hello"), ["10.77.0.1:7777/hello: 200 hi"])
            serving.join()
            self.assertNotIn("200", self.visit(3, "10.77.0.1:7777/hello")[0])

    def test_the_world_is_for_those_that_may_go_there(self):
        """In a namespace whose only address beside loopback is the world's."""
        script = f"""
            ip link set lo up; ip addr add 198.51.100.7/32 dev lo
            exec {sys.executable} {__file__} {" ".join(sys.argv[1:5])} InAWorldOfItsOwn.runTest
        """
        ran = subprocess.run(["unshare", "-Urn", "sh", "-c", script], capture_output=True, text=True, timeout=90)
        if "unshare failed" in ran.stderr:
            self.skipTest("no namespace can be made here")
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_who_may_not_plug_in_is_told_why(self):
        self.station(7, "shop")
        ran = subprocess.run(self.command(8, SERVER), capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(ran.returncode, 125)
        self.assertIn("no station has that token", ran.stderr)
        self.start(7)
        ran = subprocess.run(self.command(7, SERVER), capture_output=True, text=True, timeout=PATIENCE)
        self.assertIn("station 7 (shop) is taken", ran.stderr)

    def test_one_that_sends_garbage_and_never_listens_harms_nobody(self):
        self.station(6, "rogue")
        self.station(7, "shop")
        self.station(9, "guest")
        self.daemon.order("rules", allowed=[["guest", "shop"], ["rogue", "shop"]])
        self.start(7)
        self.assertTrue(self.well(7)["well"])
        rogue = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(rogue.close)
        rogue.settimeout(PATIENCE)
        rogue.connect(f"{self.runtime}/frames")
        rogue.send(b"t6 offloaded\n")
        self.assertEqual(rogue.recv(256)[:28], b"r mac=02:41:53:4d:00:06,ip=1")
        dice, over = random.Random(5), threading.Event()
        ours, theirs = bytes.fromhex("0241534d0006"), bytes.fromhex("0241534d0007")
        ip = lambda last: bytes((10, 77, 0, last))
        segment = dice.randbytes(4) + bytes(8) + b"\x50\x02" + bytes(6)

        def packet(source, destination):
            return b"\x08\x00\x45\x00\x00\x28" + bytes(5) + b"\x06\x00\x00" + source + destination + segment

        def rant():
            kinds = [
                lambda: dice.randbytes(dice.randrange(1, 3000)),  # nothing that means anything
                lambda: bytes(12) + theirs + theirs + packet(ip(7), ip(9)),  # as somebody else
                lambda: bytes(12) + theirs + ours + packet(ip(6), ip(7)),  # which is allowed, without end
                lambda: b"\xff" * 12 + theirs + ours + packet(ip(6), ip(7)),  # with an impossible header
            ]
            with contextlib.suppress(OSError):
                while not over.is_set():
                    rogue.send(dice.choice(kinds)())

        ranting = threading.Thread(target=rant)
        ranting.start()
        try:
            for _ in range(3):
                self.assertEqual(self.visit(9, "10.77.0.7:80/"), ["10.77.0.7:80/: 200 Hello from a unikernel"])
        finally:
            over.set()
            ranting.join()
        self.daemon.order("traffic")
        told = {s["station"]: s for s in self.daemon.event("traffic")["stations"]}
        self.assertGreater(told[6]["dropped"], 100)
        self.assertGreater(told[6]["frames_in"], 100)

    def test_an_address_may_be_asked_for(self):
        self.station(7, "shop")
        self.start(7, options=["--ip", "dhcp"])
        self.assertTrue(self.well(7)["well"])

    def test_a_station_that_is_removed_is_gone(self):
        self.station(7, "shop")
        server = self.start(7)
        self.assertTrue(self.well(7)["well"])
        self.daemon.order("remove", station=7)
        told = self.well(7, timeout_ms=100, until_well=False)
        self.assertEqual(told["why"], "there is no such station")
        self.assertIsNone(server.poll())
        self.daemon.order("station", station=7, service="shop", address="not one", world=False, token="t7")
        self.assertIn("is no address", self.daemon.event("failed", of="station")["why"])

    def test_nonsense_is_told_and_harmless(self):
        self.daemon.socket.sendall(b"dance\n{}\n\n")
        self.assertIn("line 1", self.daemon.event("failed", of="order")["why"])
        self.daemon.event("failed", of="order")
        self.station(7, "shop")
        self.start(7)

    def test_two_switches_do_not_share_a_folder(self):
        second = subprocess.run([SWITCH, "--runtime", self.runtime], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(second.returncode, 125)
        self.assertIn("somebody listens there", second.stderr)
        self.daemon.order("end")
        self.assertEqual(self.switch.wait(PATIENCE), 0)
        self.assertEqual(os.listdir(self.runtime), [])


class InAWorldOfItsOwn(Galaxy):
    """The test above runs what is here where it makes sense."""

    def runTest(self):
        self.station(7, "traveller", world=True)
        self.station(8, "hermit")
        outside, host = http.server.ThreadingHTTPServer(("198.51.100.7", 80), Page), http.server.ThreadingHTTPServer(("127.0.0.1", 80), Page)
        for server in (outside, host):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        self.assertEqual(self.visit(7, "198.51.100.7:80/", "198.51.100.7:80/large"), [
            "198.51.100.7:80/: 200 the world", f"198.51.100.7:80/large: 200 {'x' * 200_000}"])
        # Not by the gateway's address to the host's loopback, which a user-mode network would let through.
        for line in self.visit(7, "10.77.0.1:80/") + self.visit(8, "198.51.100.7:80/"):
            self.assertNotIn("200", line)


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        page = b"x" * 200_000 if self.path == "/large" else b"the world"
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


def load_tests(loader, tests, pattern):
    return loader.loadTestsFromTestCase(Galaxy)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]])
