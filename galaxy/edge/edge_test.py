"""The edge and services of the sample, as images on the real switch; the test plays the daemon.

    edge_test.py ASTER SWITCH EDGE LINKS
"""

import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ASTER, SWITCH, EDGE, LINKS = sys.argv[1:5]
PATIENCE = 30
EDGE_STATION, BLUE, GREEN = 2, 3, 4


class Lines:
    """A socket that carries JSON, a line each."""

    def __init__(self, connected):
        self.socket = connected
        self.socket.settimeout(PATIENCE)
        self.lines = connected.makefile()

    def say(self, what):
        self.socket.sendall(json.dumps(what).encode() + b"\n")

    def hear(self, fits=lambda line: True):
        for line in self.lines:
            if fits(line := json.loads(line)):
                return line
        raise EOFError

    def close(self):
        self.lines.close()
        self.socket.close()


class Edge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.runtime = folder.name
        self.door = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.door.close)
        self.door.bind(f"{self.runtime}/edge")
        self.door.listen()
        self.door.settimeout(PATIENCE)
        self.start([SWITCH, "--runtime", self.runtime])
        end = time.monotonic() + PATIENCE
        while not os.path.exists(f"{self.runtime}/switch"):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.005)
        control = socket.socket(socket.AF_UNIX)
        control.connect(f"{self.runtime}/switch")
        self.switch = Lines(control)
        self.addCleanup(self.switch.close)
        for number, service in ((EDGE_STATION, "edge"), (BLUE, "links"), (GREEN, "links")):
            self.order("station", station=number, service=service, address=f"10.77.0.{number}", world=False, token=f"t{number}")
        self.order("rules", allowed=[["edge", "links"]])
        self.edge = self.run_image(EDGE_STATION, EDGE, "-e", "ASTER_EDGE_TOKEN=secret", "-e", "ASTER_EDGE_LOG=none")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.order("publish", address="127.0.0.1", port=self.port, station=EDGE_STATION, to=80)
        self.switch.hear(lambda e: e["event"] == "done")
        self.meet()

    def start(self, words):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.addCleanup(self.stop, process)
        return process

    def stop(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)

    def order(self, do, **members):
        self.switch.say({"do": do} | members)

    def run_image(self, station, image, *options):
        net = f"service=switch:{self.runtime}/frames,t{station}"
        address = f"10.77.0.{station}/16,gateway=10.77.0.1,dns=10.77.0.1"
        return self.start([ASTER, "run", "-q", "--on", "sandbox", "--net", net, "--ip", address, *options, image])

    def run_links(self, station):
        """An instance of the service, once it is well."""
        process = self.run_image(station, LINKS)
        self.order("probe", id=station, station=station, port=80, path="/links/", timeout_ms=10_000, until_well=True)
        self.assertTrue(self.switch.hear(lambda e: e["event"] == "probed" and e["id"] == station)["well"])
        return process

    def meet(self):
        """The edge's link, after its greeting."""
        accepted, _ = self.door.accept()
        self.link = Lines(accepted)
        self.addCleanup(self.link.close)
        self.assertEqual(self.link.hear(), {"hello": "edge", "token": "secret"})

    def table(self, state, *stations):
        service = {"name": "links", "concurrency": 64, "state": state, "instances": [f"10.77.0.{s}:80" for s in stations]}
        route = {"host": "", "path": "/links", "service": "links", "strip": False}
        self.link.say({"galaxy": {"routes": [route], "services": [service]}})

    def demand(self, fits):
        return self.link.hear(lambda line: line["demand"] and fits(line["demand"][0]))["demand"][0]

    def get(self, path="/links/"):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
            answer.read()
            return answer.status

    @contextlib.contextmanager
    def load(self, clients=8):
        """Clients that ask all the time; how often they were answered with which status."""
        seen, over = collections.Counter(), threading.Event()

        def ask():
            while not over.is_set():
                seen[self.get()] += 1

        threads = [threading.Thread(target=ask) for _ in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield seen
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def await_more(self, seen, more=200):
        end, goal = time.monotonic() + PATIENCE, seen.total() + more
        while seen.total() < goal:
            self.assertLess(time.monotonic(), end, seen)
            time.sleep(0.01)

    def test_a_thousand_requests_to_a_sleeping_service_wake_one_instance_and_none_is_lost(self):
        self.table("asleep")
        with concurrent.futures.ThreadPoolExecutor(1000) as clients:
            answers = [clients.submit(self.get) for _ in range(1000)]
            self.assertGreaterEqual(self.demand(lambda d: d["waiting"] > 0)["waiting"], 1)
            self.run_links(BLUE)
            self.table("well", BLUE)
            self.assertEqual(collections.Counter(a.result() for a in answers), {200: 1000})
        told = self.demand(lambda d: d["requests"] == 1000 and d["outstanding"] + d["waiting"] == 0)
        self.assertEqual(told["failed"], 0)

    def test_instances_change_under_load_and_one_is_killed_and_no_request_is_lost(self):
        blue = self.run_links(BLUE)
        self.table("well", BLUE)
        with self.load() as seen:
            self.await_more(seen)
            green = self.run_links(GREEN)
            self.table("well", GREEN)
            self.demand(lambda d: all(i["at"] != f"10.77.0.{BLUE}:80" for i in d["instances"]))
            self.stop(blue)
            self.await_more(seen)
            green.kill()
            green.wait(PATIENCE)
            self.table("starting")
            self.switch.hear(lambda e: e["event"] == "detached" and e["station"] == GREEN)
            self.run_links(GREEN)
            self.table("well", GREEN)
            self.await_more(seen)
        self.assertEqual(set(seen), {200})

    def test_without_the_daemon_the_edge_goes_on_and_it_finds_the_next(self):
        self.run_links(BLUE)
        self.table("well", BLUE)
        self.assertEqual(self.get(), 200)
        self.link.close()
        self.assertEqual(self.get(), 200)
        self.meet()
        self.table("failed")
        self.demand(lambda d: True)
        end = time.monotonic() + PATIENCE
        while self.get() != 503:
            self.assertLess(time.monotonic(), end)
        self.assertEqual(self.get("/"), 200)  # its own site

    def test_asked_to_stop_it_answers_what_waits_and_ends(self):
        self.table("asleep")
        with concurrent.futures.ThreadPoolExecutor(1) as client:
            answer = client.submit(self.get)
            self.demand(lambda d: d["waiting"] == 1)
            self.edge.send_signal(signal.SIGTERM)
            self.run_links(BLUE)
            self.table("well", BLUE)
            self.assertEqual(answer.result(), 200)
        self.assertEqual(self.edge.wait(PATIENCE), 0)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]])
