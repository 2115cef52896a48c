"""Talking to the image `services` over TCP, as Linux does it."""

import re
import socket
import threading
import urllib.request
import zlib

CYCLE = bytes(range(251))


def pattern(size):
    """What the source sends."""
    return (CYCLE * (size // len(CYCLE) + 1))[:size]


def connect(address, port, timeout=30, **options):
    stream = socket.create_connection((address, port), timeout)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return stream


def receive_all(stream):
    """Everything up to the orderly end."""
    pieces = []
    while piece := stream.recv(1 << 16):
        pieces.append(piece)
    return b"".join(pieces)


def echoed(address, data, timeout=120):
    """Sends `data` to the echo and returns what comes back, both at once."""
    with connect(address, 7, timeout) as stream:
        failure = []

        def send():
            try:
                stream.sendall(data)
                stream.shutdown(socket.SHUT_WR)
            except OSError as error:
                failure.append(error)

        sender = threading.Thread(target=send)
        sender.start()
        received = receive_all(stream)
        sender.join()
        if failure:
            raise failure[0]
        return received


def sunk(address, data, port=9, timeout=120):
    """Sends `data` to the sink, and whether it says that all of it came."""
    with connect(address, port, timeout) as stream:
        stream.sendall(data)
        stream.shutdown(socket.SHUT_WR)
        return receive_all(stream).decode() == f"{len(data)} bytes, CRC {zlib.crc32(data):08x}\n"


def drawn(address, size, timeout=120):
    """Whether the source sends `size` bytes as it should."""
    with connect(address, 19, timeout) as stream:
        stream.sendall(f"{size}\n".encode())
        return receive_all(stream) == pattern(size)


def counters(address, port=80):
    """What the image says of itself at /counters."""
    host = f"[{address}]" if ":" in address else address
    with urllib.request.urlopen(f"http://{host}:{port}/counters", timeout=30) as answer:
        return {name: int(value) for name, value in re.findall(r"^(\w+) (\d+)$", answer.read().decode(), re.M)}
