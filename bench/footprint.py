"""How much memory an image needs, and how many of them one machine holds.

One server is given 8 MiB and has to serve 64 connections that are open at the same time. Then 500 servers run at once,
each with a tap and an address of its own, and each has to answer.
"""

import contextlib
import os
import signal
import socket
import time

import measure
import network
import tender
from figure import at_least, at_most, figure, not_measured

SMALL = "8M"
CONNECTIONS = 64
INSTANCES = 500
MEBIBYTE = 1 << 20


def measure_all(house):
    image = house.image("02-server")
    yield from one_small_server(house, image)
    yield small_machine(house, image)
    yield from many_servers(house, image)


def served_at_once(address, port=80):
    """Opens the connections, asks twice on each while all are open, and returns how many were answered both times."""
    with contextlib.ExitStack() as open_ones:
        connections = []
        for _ in range(CONNECTIONS):
            with contextlib.suppress(OSError):
                connections.append(open_ones.enter_context(socket.create_connection((address, port), timeout=10)))
        answered = [0] * len(connections)
        for _ in range(2):
            for index, connection in enumerate(connections):
                with contextlib.suppress(OSError):
                    network.get(connection, keep=True)
                    answered[index] += 1
        return sum(count == 2 for count in answered)


def one_small_server(house, image):
    with network.tap("service", 1) as cable, tender.running(house.build, image, cable, SMALL) as pid:
        network.wait_for_port(cable.image, 80)
        idle = measure.memory(pid)
        served = served_at_once(cable.image)
        loaded = measure.memory(pid)
        faults = measure.usage(pid).faults
    yield figure("footprint", f"sandbox, -m 8: connections of 02-server served while all {CONNECTIONS} are open", served, "", at_least(CONNECTIONS),
                 "two requests on each")
    yield figure("footprint", "sandbox, -m 8: resident memory of 02-server with these", loaded["Rss"] / MEBIBYTE, "MiB", at_most(8),
                 "smaps_rollup of the tender's process",
                 {"idle MiB": idle["Rss"] / MEBIBYTE, "of its own (PSS) MiB": loaded["Pss"] / MEBIBYTE, "faults": faults})


def small_machine(house, image):
    name = f"QEMU microvm, -m 8: connections of 02-server served while all {CONNECTIONS} are open"
    if not house.qemu:
        return not_measured("footprint", name, "", at_least(CONNECTIONS), "qemu-system-x86_64 is not installed")
    with network.tap("service", 2) as cable:
        cable.keep()
        words = [str(house.aster), "run", "--quiet", "--on", "qemu-microvm", "-m", "8", "--net", f"service=tap:{cable.name},ip={cable.image}/24",
                 str(image)]
        pid = measure.spawn(words)
        try:
            network.wait_for_port(cable.image, 80, seconds=30)
            return figure("footprint", name, served_at_once(cable.image), "", at_least(CONNECTIONS), "two requests on each")
        finally:
            tender.stop(pid)


def many_servers(house, image):
    count = 50 if house.quick else INSTANCES
    with contextlib.ExitStack() as cables:
        taps = [cables.enter_context(network.tap("service", 3 + index)) for index in range(count)]
        pids = []
        try:
            begin = time.perf_counter()
            for cable in taps:
                pids.append(tender.start(house.build, image, cable, SMALL))
            started = time.perf_counter() - begin
            answered = sum(answers(cable.image) for cable in taps)
            all_up = time.perf_counter() - begin
            costs = [measure.memory(pid) for pid in pids]
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGTERM)
            for pid in pids:
                os.waitpid(pid, 0)
    mean = {name: sum(cost[name] for cost in costs) / count / MEBIBYTE for name in ("Rss", "Pss")}
    yield figure("footprint", f"02-server at once on this machine, of {count} started", answered, "", at_least(count), "each answers over a tap of its own",
                 {"started per second": count / started, "started and answered per second": count / all_up})
    yield figure("footprint", f"memory of each of the {count}", mean["Pss"], "MiB", None, "proportional set size, mean", {"RSS MiB": mean["Rss"]})


def answers(address):
    with contextlib.suppress(OSError):
        with socket.create_connection((address, 80), timeout=10) as connection:
            return network.get(connection).startswith(b"HTTP/1.1 200 ")
    return False
