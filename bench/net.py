"""The network stack beside the Linux kernel's, lwIP's and nginx: an image in the sandbox over a tap, the kernel's TCP in
another namespace over a veth with its offloads on, lwIP over a tap.

The same client (programs/stream_client.cpp, wrk) asks each in turn. The server has one CPU and one process, the client
the other. What a gigabyte costs is CPU time of the server's process; Linux's work on what it sends and is sent is in it.
Requests per second with 64 connections are in http_rate.py.
"""

import contextlib
import dataclasses
import json
import pathlib
import re
import resource
import subprocess
import tempfile
import time

import http_rate
import measure
import network
import peers
import tender
from figure import at_least, at_most, figure, not_measured
from http_rate import CLIENT_CPU, SERVER_CPU

GROUP = "net"
DISCARD = 9
MANY = 10_000
GIGABYTE, KIBIBYTE = 1e9, 1 << 10
OURS, KERNEL, LWIP = "sandbox over tap", "kernel over veth", "lwIP over tap"


@dataclasses.dataclass
class server:
    pid: int
    address: str


def measure_all(house):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with contextlib.ExitStack() as all_of_it:
        servers = streams(house, all_of_it)
        yield from bulk(house, servers)
        yield from round_trip(house, servers)
    with contextlib.ExitStack() as all_of_it:
        fresh = image(house, all_of_it, "bench_streams", 34, DISCARD)
        yield idle_connection(house, fresh, 5, "memory per idle connection, fiber apart", 1.5)
    with contextlib.ExitStack() as all_of_it:
        yield from http(house, all_of_it)
    yield from segments(house)


def client(house, *words):
    """What the client of streams says, in numbers."""
    ran = subprocess.run([str(house.image("bench_stream_client")), *map(str, words)], capture_output=True, text=True, timeout=60)
    if ran.returncode != 0:
        raise RuntimeError(f"bench_stream_client {' '.join(map(str, words))}: {ran.stderr.strip()}")
    return [float(word) for word in ran.stdout.split()]


def image(house, all_of_it, name, index, port, memory="64M"):
    """An image in the sandbox, on the server's CPU and a tap of its own."""
    measure.pin(SERVER_CPU)
    cable = all_of_it.enter_context(network.tap("service", index))
    pid = all_of_it.enter_context(tender.running(house.build, house.image(name), cable, memory))
    network.wait_for_port(cable.image, port)
    measure.pin(CLIENT_CPU)
    return server(pid, cable.image)


def streams(house, all_of_it):
    """Starts the three servers of plain streams."""
    servers = {OURS: image(house, all_of_it, "bench_streams", 31, DISCARD)}
    measure.pin(SERVER_CPU)
    native = network.behind_veth([str(house.image("bench_kernel_streams"))], SERVER_CPU, "10.8.31.1", "10.8.31.2", "here31", DISCARD)
    servers[KERNEL] = server(*all_of_it.enter_context(native))
    lwip = house.build / "bench/bench_lwip_streams"
    if lwip.exists():
        cable = all_of_it.enter_context(network.tap("lwip", 32, header=False))
        process = subprocess.Popen([str(lwip), str(cable.descriptor), cable.image], pass_fds=[cable.descriptor])
        all_of_it.callback(process.wait)
        all_of_it.callback(process.kill)
        servers[LWIP] = server(process.pid, cable.image)
        network.wait_for_port(cable.image, DISCARD)
    measure.pin(CLIENT_CPU)
    return servers


def in_turn(servers, rounds, ask):
    """What `ask` says of each server in each round."""
    seen = {name: [] for name in servers}
    for name, one in servers.items():
        ask(one)
    for _ in range(rounds):
        for name, one in servers.items():
            seen[name].append(ask(one))
    return seen


def bulk(house, servers):
    seconds, rounds = (1, 2) if house.quick else (1, 7)
    for what, verb in (("receive", "send"), ("send", "receive")):

        def move(one):
            spent, begin = measure.usage(one.pid).cpu, time.monotonic()
            rate = client(house, verb, one.address, seconds)[0]
            return rate, (measure.usage(one.pid).cpu - spent) / (time.monotonic() - begin) / rate

        seen = in_turn(servers, rounds, move)
        rate = {name: [one[0] for one in of] for name, of in seen.items()}
        told = "; ".join(f"{name} {measure.median(rate[name]) / GIGABYTE:.2f} GB/s at {measure.median(one[1] for one in of) * 1e12:.0f} ms of CPU a GB"
                         for name, of in seen.items())
        how = f"one connection, rounds of {seconds} s in turn, MTU 1500"
        for peer, goal in ((KERNEL, 0.8), (LWIP, 3)):
            name = f"bulk TCP, {what}: {OURS} / {peer}"
            if peer in servers:
                yield figure(GROUP, name, measure.ratio(rate[OURS], rate[peer]), "×", at_least(goal), how, {"rates": told} if peer == KERNEL else {})
            else:
                yield not_measured(GROUP, name, "×", at_least(goal), "liblwip-dev or g++ is not installed")


def round_trip(house, servers):
    rounds = 2000 if house.quick else 20_000
    seen = in_turn(servers, 3 if house.quick else 5, lambda one: client(house, "round-trip", one.address, rounds))
    for index, what in enumerate(("median", "99th percentile")):
        of = {name: [one[index] for one in times] for name, times in seen.items()}
        yield figure(GROUP, f"round trip of one byte, {what}: {OURS} / {KERNEL}", measure.ratio(of[OURS], of[KERNEL]), "×", at_most(1.2),
                     f"{rounds:,} in a row on one connection, in turn", {f"{name} µs": measure.median(times) / 1e3 for name, times in of.items()})


@contextlib.contextmanager
def held(house, address, port, number):
    """So many connections that are open and say nothing."""
    words = [str(house.image("bench_stream_client")), "hold", address, str(port), str(number)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        if holder.stdout.readline() != "open\n":
            raise RuntimeError(f"{address}:{port} does not take {number} connections")
        yield
        holder.stdin.close()


def idle_connection(house, one, port, name, goal):
    number = 2000 if house.quick else 4000
    with held(house, one.address, port, 200):
        pass  # what the first connections bring once is none of theirs
    before = measure.memory(one.pid)["Pss"]
    with held(house, one.address, port, number):
        time.sleep(1.5)  # after a second of silence a connection has given back what it can
        after = measure.memory(one.pid)["Pss"]
    return figure(GROUP, name, (after - before) / number / KIBIBYTE, "KiB", at_most(goal), f"proportional memory of the process, {number:,} connections")


def http(house, all_of_it):
    wrk, nginx = peers.find("wrk"), peers.find("nginx")
    ours = image(house, all_of_it, "bench_fixed_answer", 33, 80, memory="1G")
    servers = {OURS: ours}
    if nginx:
        servers["nginx"] = server(*all_of_it.enter_context(http_rate.native(nginx)))
    yield idle_connection(house, ours, 80, "memory per idle connection of an HTTP server, with its fiber", 8)
    yield from many_connections(house, wrk, ours)
    name = "connections opened, asked once and closed, per second: sandbox over tap / nginx over veth"
    if not nginx:
        yield not_measured(GROUP, name, "×", at_least(1), "nginx is not installed")
        return
    seconds, rounds = (1, 2) if house.quick else (2, 5)
    seen = in_turn(servers, rounds, lambda one: client(house, "connect", one.address, seconds)[0])
    yield figure(GROUP, name, measure.ratio(seen[OURS], seen["nginx"]), "×", at_least(1), f"32 at once, rounds of {seconds} s in turn",
                 {f"{who} 1/s": int(measure.median(of)) for who, of in seen.items()})


def many_connections(house, wrk, ours):
    name = f"requests per second on 64 connections with {MANY:,} open / with these alone"
    if not wrk:
        yield not_measured(GROUP, name, "×", at_least(0.7), "wrk is not installed")
        return
    seconds, rounds = (1, 2) if house.quick else (3, 3)
    load = lambda: http_rate.put_load_on(wrk, ours.pid, f"http://{ours.address}/", seconds)
    load()
    few, many = [], []
    for _ in range(rounds):
        few.append(load())
        with held(house, ours.address, 80, MANY - http_rate.CONNECTIONS):
            many.append(load())
    rate = lambda of: [one.rate for one in of]
    yield figure(GROUP, name, measure.ratio(rate(many), rate(few)), "×", at_least(0.7), f"wrk, 100-byte body, rounds of {seconds} s in turn",
                 {"1/s": int(measure.median(rate(many))), "alone 1/s": int(measure.median(rate(few))),
                  "CPU µs a request": measure.median(one.cpu for one in many)})


def segments(house):
    """What the stacks alone execute for a segment, and how large they are."""
    valgrind, lwip = peers.find("valgrind"), house.build / "bench/bench_lwip_segment_cost"
    for batch, goal in ((1, at_most(1)), (16, None)):
        name = f"instructions for a segment received in order, {'one at a time' if batch == 1 else f'{batch} at a time'}: the stack alone / lwIP"
        if not valgrind or not lwip.exists():
            yield not_measured(GROUP, name, "×", goal, "liblwip-dev" if valgrind else "valgrind" + " is not installed")
            continue
        ours, theirs = (instructions(program, batch) for program in (house.image("bench_segment_cost"), lwip))
        yield figure(GROUP, name, ours / theirs, "×", goal, "callgrind, 1,460 bytes, checksums in software, into the program's buffer",
                     {"ours": int(ours), "lwIP's": int(theirs)})
    yield code_size(house)


def code_size(house):
    told = subprocess.run([str(house.aster), "inspect", "--json", str(house.image("bench_streams"))], capture_output=True, text=True, check=True)
    ours = next(library["in_file"] for library in json.loads(told.stdout)["libraries"] if library["name"] == "aster/net")
    beside = {}
    if library := next(pathlib.Path("/usr/lib/x86_64-linux-gnu").glob("liblwip.so.?"), None):
        sizes = subprocess.run(["size", str(library)], capture_output=True, text=True, check=True).stdout.splitlines()[1].split()
        beside = {"Debian's liblwip.so, all of it, text KB": int(sizes[0]) // 1000}
    return figure(GROUP, "the stack's part of an image of streams", ours / 1000, "KB", None, "`aster inspect`", beside)


def instructions(program, batch, segments=3200):
    with tempfile.NamedTemporaryFile() as out:
        words = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", "--toggle-collect=deliver*", str(program), str(segments), str(batch)]
        told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120).stderr
    return int(re.search(r"Collected : (\d+)", told)[1]) / segments
