"""The switch of a galaxy beside Linux: one instance gets bytes from another, through aster-switch, and one network
namespace from another over a veth with its offloads on.

The services are those of programs/streams.cpp and kernel_streams.cpp, the clients programs/pull.cpp (an image) and
stream_client.cpp. All may use every CPU: through the switch that is three processes, over the veth two.
"""

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time

import measure
import network
from figure import at_least, figure

GROUP = "galaxy_switch"
OURS, KERNEL = "instances by aster-switch", "namespaces over veth"
GIGABYTE = 1e9


class switch:
    """A switch with two stations, of which one may reach the other; `streams` runs on the first."""

    def __init__(self, house, all_of_it):
        self.house = house
        self.folder = all_of_it.enter_context(tempfile.TemporaryDirectory())
        self.process = subprocess.Popen([str(house.build / "bin/aster-switch"), "--runtime", self.folder])
        all_of_it.callback(self.process.wait)
        all_of_it.callback(self.process.terminate)
        while not os.path.exists(f"{self.folder}/switch"):
            time.sleep(0.005)
        self.daemon = all_of_it.enter_context(contextlib.closing(socket.socket(socket.AF_UNIX)))
        self.daemon.connect(f"{self.folder}/switch")
        self.events = self.daemon.makefile("r")
        for number, service in ((2, "streams"), (3, "client")):
            self.order("station", station=number, service=service, address=f"10.77.0.{number}", world=False, token=f"t{number}")
        self.order("rules", allowed=[["client", "streams"]])
        self.server = subprocess.Popen(self.command(2, "bench_streams"))
        all_of_it.callback(self.server.wait)
        all_of_it.callback(self.server.terminate)
        self.order("probe", id=1, station=2, port=19, timeout_ms=10_000, until_well=True)
        while (event := json.loads(self.events.readline()))["event"] != "probed":
            pass
        assert event["well"], event

    def order(self, what, **members):
        self.daemon.sendall(json.dumps({"do": what} | members).encode() + b"\n")

    def command(self, number, image, *words):
        net = f"service=switch:{self.folder}/frames,t{number}"
        return [str(self.house.aster), "run", "-q", "--net", net, str(self.house.image(image)), "--", *map(str, words)]

    def ask(self, what, number):
        ran = subprocess.run(self.command(3, "bench_pull", what, "10.77.0.2", number), capture_output=True, text=True, timeout=60)
        if ran.returncode != 0:
            raise RuntimeError(f"bench_pull {what}: {ran.stdout}{ran.stderr}")
        return [float(word) for word in ran.stdout.split()]


def kernel_client(house, address, what, number):
    words = [str(house.image("bench_stream_client")), what, address, str(number)]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    return [float(word) for word in ran.stdout.split()]


def measure_all(house):
    seconds, rounds, round_trips = (1, 2, 2000) if house.quick else (1, 7, 20_000)
    everywhere = ",".join(map(str, os.sched_getaffinity(0)))
    with contextlib.ExitStack() as all_of_it:
        ours = switch(house, all_of_it)
        native = network.behind_veth([str(house.image("bench_kernel_streams"))], everywhere, "10.8.41.1", "10.8.41.2", "here41", 19)
        _, there = all_of_it.enter_context(native)
        rates, costs, times = {OURS: [], KERNEL: []}, [], {OURS: [], KERNEL: []}
        for _ in range(rounds):
            spent, begin = measure.usage(ours.process.pid).cpu, time.monotonic()
            rates[OURS] += ours.ask("receive", seconds)
            costs.append((measure.usage(ours.process.pid).cpu - spent) / (time.monotonic() - begin))
            rates[KERNEL] += kernel_client(house, there, "receive", seconds)
        for _ in range(3):
            times[OURS].append(ours.ask("round-trip", round_trips)[0])
            times[KERNEL].append(kernel_client(house, there, "round-trip", round_trips)[0])
    told = {f"{name} GB/s": measure.median(of) / GIGABYTE for name, of in rates.items()}
    yield figure(GROUP, f"bulk TCP with large segments: {OURS} / {KERNEL}", measure.ratio(rates[OURS], rates[KERNEL]), "×", at_least(1),
                 f"one connection, rounds of {seconds} s in turn", told | {"the switch's share of a CPU": measure.median(costs)})
    yield figure(GROUP, f"round trip of one byte, median: {OURS} / {KERNEL}", measure.ratio(times[OURS], times[KERNEL]), "×", None,
                 f"{round_trips:,} in a row on one connection, in turn", {f"{name} µs": measure.median(of) / 1e3 for name, of in times.items()})
