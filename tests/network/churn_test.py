"""10,000 connections opened and closed leave nothing behind: no fiber, no connection, no memory."""

import pathlib
import re
import socket
import struct

import images
import namespace
import processes

namespace.enter()

from network import conversation

CONNECTIONS = 10_000
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LAST_REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class Churn(images.OnEveryTarget):
    image = "services"

    def resident(self):
        """Memory of the image in kB; 0 where it lies inside of QEMU's."""
        if self.target not in ("process", "sandbox"):
            return 0
        (image,) = [pid for pid, name in processes.descendants(self.running.process.pid).items() if name != "aster-usernet"]
        return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{image}/status").read_text())[1])

    def visit(self, way):
        with conversation.connect(self.address, 80) as stream:
            if way == "closed by the server":
                stream.sendall(LAST_REQUEST)
                assert conversation.receive_all(stream).endswith(b"hello\n")
            else:
                stream.sendall(REQUEST)
                assert stream.recv(1000).endswith(b"hello\n")
                if way == "reset by the client":
                    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def settled(self):
        """What the image says of itself once nobody but the one who asks is connected."""
        seen = {}

        def quiet():
            seen.update(conversation.counters(self.address))
            return seen["fibers"] <= self.fibers

        images.wait_until(quiet, 30, lambda: f"{seen['fibers']} fibers where {self.fibers} are enough")
        return seen

    def test_leaves_nothing_behind(self):
        tap = self.enterContext(namespace.Tap())
        self.running = self.start_image(options=tap.options)
        self.running.until("^serving")
        self.address = tap.image_address
        self.fibers = conversation.counters(self.address)["fibers"]
        ways = ("closed by the client", "closed by the server", "reset by the client")
        for number in range(1000):
            self.visit(ways[number % 3])
        before, resident_before = self.settled(), self.resident()
        for number in range(CONNECTIONS):
            self.visit(ways[number % 3])
        after, resident_after = self.settled(), self.resident()
        self.assertEqual(after["tcp_connections_accepted"] - before["tcp_connections_accepted"] >= CONNECTIONS, True)
        grown = after["heap"] - before["heap"]
        print(f"heap {grown:+} bytes, resident {resident_after - resident_before:+} kB, connections {after['connections']}", end=" ", flush=True)
        self.assertLess(grown, 256 * 1024)
        self.assertLess(resident_after - resident_before, 1024)
        self.assertLess(after["connections"], 100)
        for trouble in ("tcp_backlog_full", "tcp_connection_limit", "tcp_memory_limit", "memory_exhausted", "tcp_retransmissions"):
            self.assertEqual(after[trouble], before[trouble], trouble)


images.main()
