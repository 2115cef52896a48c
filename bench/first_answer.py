"""From the start of the tender to the first answer over HTTP that 02-server gives.

The client is there first: its SYN waits in the tap (or finds the port of the user-mode network closed and tries
again) until the image listens, so that nothing is lost in polling. Image and client have a CPU each.
"""

import contextlib
import socket
import time

import measure
import network
import tender
from figure import at_most, figure

SERVER_CPU, CLIENT_CPU = 0, 1
MILLISECONDS = 1e3


def measure_all(house):
    rounds = house.rounds(60)
    image = house.image("02-server")
    sandbox = [over_tap(house, image, index) for index in range(rounds)]
    how = "spawn to the last byte of the answer, median"
    yield figure("first_answer", "aster-sandbox, tap: exec to the first HTTP answer of 02-server", measure.median(sandbox) * MILLISECONDS,
                 "ms", at_most(10), how, spread(sandbox))
    for name, target in (("sandbox", "sandbox"), ("QEMU microvm, emulated", "qemu-microvm")):
        if target.startswith("qemu") and not house.qemu:
            continue
        times = [over_user_network(house, image, target) for _ in range(rounds if target == "sandbox" else max(3, rounds // 6))]
        yield figure("first_answer", f"`aster run -p`, {name}: exec to the first HTTP answer of 02-server", measure.median(times) * MILLISECONDS,
                     "ms", at_most(10) if target == "sandbox" else None, how, spread(times))


def spread(times):
    ordered = sorted(times)
    return {"least": f"{ordered[0] * MILLISECONDS:.2f} ms", "90th percentile": f"{ordered[len(ordered) * 9 // 10] * MILLISECONDS:.2f} ms"}


def over_tap(house, image, index):
    with network.tap("service", index) as cable:
        measure.pin(SERVER_CPU)
        begin = time.perf_counter()
        pid = tender.start(house.build, image, cable)
        measure.pin(CLIENT_CPU)
        try:
            with socket.create_connection((cable.image, 80), timeout=10) as connection:
                network.get(connection)
                return time.perf_counter() - begin
        finally:
            tender.stop(pid)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def over_user_network(house, image, target):
    port = free_port()
    measure.pin(SERVER_CPU)
    words = [str(house.aster), "run", "--quiet", "--on", target, "-p", f"{port}:80", str(image)]
    begin = time.perf_counter()
    pid = measure.spawn(words)
    measure.pin(CLIENT_CPU)
    try:
        while True:
            # A forwarded connection may be accepted before the image is there to take it, and is reset then.
            with contextlib.suppress(ConnectionError):
                with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                    network.get(connection)
                    return time.perf_counter() - begin
            if time.perf_counter() - begin > 30:
                raise TimeoutError(f"no answer from {' '.join(words)}")
            time.sleep(0.0002)
    finally:
        tender.stop(pid)
