"""Floods of all kinds, from thousands of sources: a client that behaves is answered all the same, memory stays within
what the image was given, and the counters tell what went on.

Each flood is bounded, and nothing depends on how fast it goes: after each part of it a client asks, and is answered.
"""

import pathlib
import random
import re
import socket

import images
import namespace
import processes

namespace.enter()

from network import conversation, raw

MEMORY = 32  # MiB
PARTS = 10


class Floods(images.OnEveryTarget):
    image = "services"
    targets = ("sandbox",)

    def setUp(self):
        self.tap = self.enterContext(namespace.Tap())
        self.running = self.start_image(options=["-m", str(MEMORY), *self.tap.options])
        self.running.until("^serving")
        self.address = self.tap.image_address
        self.before = conversation.counters(self.address)
        self.peers = self.enterContext(raw.Peers(self.tap))
        self.random = random.Random(self._testMethodName)
        self.answered = 0

    def ask(self):
        """A client that behaves: all of a connection."""
        with conversation.connect(self.address, 80) as stream:
            stream.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertTrue(conversation.receive_all(stream).endswith(b"hello\n"))
        self.answered += 1

    def flood(self, part):
        """Sends what `part(number)` returns, for each of many parts, and asks after each."""
        for number in range(PARTS):
            self.peers.send(*part(number))
            self.ask()
        self.assertEqual(self.answered, PARTS)
        self.after = conversation.counters(self.address)
        self.assert_within_memory()

    def assert_within_memory(self):
        (image,) = [pid for pid, name in processes.descendants(self.running.process.pid).items() if name != "aster-usernet"]
        resident = int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{image}/status").read_text())[1])
        print(f"at most {resident / 1024:.1f} MiB resident", end=" ", flush=True)
        self.assertLess(resident, (MEMORY + 8) * 1024)  # the tender's own and the image's file beside its memory
        self.assertEqual(self.after["memory_exhausted"], 0)

    def counted(self, name):
        return self.after[name] - self.before[name]

    def port(self):
        return self.random.randrange(1024, 65536)

    def number(self):
        return self.random.getrandbits(32)

    def test_syn(self):
        self.flood(lambda part: [self.peers.segment(raw.source(part * 1000 + i), self.port(), 80, raw.SYN, seq=self.number(), options=b"\x02\x04\x05\xb4")
                                 for i in range(1000)])
        print(f"{self.counted('tcp_cookies_sent')} cookies", end=" ", flush=True)
        self.assertGreater(self.counted("tcp_cookies_sent") + self.counted("tcp_half_open_evicted"), PARTS * 100)
        self.assertLess(self.after["connections"], 2000)

    def test_acknowledgements_that_guess_cookies(self):
        # So that cookies are believed at all.
        self.peers.send(*(self.peers.segment(raw.source(i), 4000, 80, raw.SYN, seq=1) for i in range(2000)))
        self.flood(lambda part: [self.peers.segment(raw.source(part * 500 + i), self.port(), 80, raw.ACK, seq=self.number(), ack=self.number())
                                 for i in range(500)])
        self.assertLess(self.counted("tcp_connections_accepted"), PARTS + 10)

    def test_segments_and_resets_of_no_connection(self):
        kinds = (raw.ACK, raw.RST, raw.RST | raw.ACK, raw.SYN | raw.ACK, raw.FIN, 0, raw.FIN | raw.PSH | raw.URG)
        self.flood(lambda part: [self.peers.segment(raw.source(part * 500 + i), self.port(), (80, 81)[i % 2], kinds[i % len(kinds)], seq=self.number(),
                                                    ack=self.number(), payload=bytes(i % 3)) for i in range(500)])
        self.assertEqual(self.after["connections"] <= self.before["connections"] + 5, True, self.after["connections"])
        self.assertGreater(self.counted("tcp_segments_received"), PARTS * 100)

    def test_resets_and_acknowledgements_that_guess_at_a_connection(self):
        with conversation.connect(self.address, 7) as held:
            here, port = held.getsockname()
            held.sendall(b"1")
            self.assertEqual(held.recv(1), b"1")

            def guesses(_):
                for i in range(500):
                    flags = (raw.RST, raw.RST | raw.ACK, raw.SYN, raw.ACK)[i % 4]
                    yield self.peers.segment(here, port, 7, flags, seq=self.number(), ack=self.number(), payload=bytes(i % 2))

            self.flood(guesses)
            held.sendall(b"2")
            self.assertEqual(held.recv(1), b"2")
        self.assertEqual(self.counted("tcp_connections_reset"), 0)
        told = {name: self.counted(name) for name in ("tcp_out_of_window", "tcp_bad_syn", "tcp_bad_reset", "tcp_challenge_acks", "tcp_challenge_limited")}
        print(told, end=" ", flush=True)
        self.assertGreater(self.counted("tcp_out_of_window"), PARTS * 50)

    def test_pings(self):
        self.flood(lambda part: [self.peers.echo_request(raw.source(part * 500 + i), 1000) for i in range(500)])
        self.assertGreater(self.counted("icmp_echo_answered"), 0)

    def test_datagrams_to_closed_ports(self):
        self.flood(lambda part: [self.peers.datagram(raw.source(part * 500 + i), 4000, 5000 + i) for i in range(500)])
        self.assertGreater(self.counted("udp_no_port"), PARTS * 100)
        self.assertGreater(self.counted("icmp_rate_limited"), PARTS * 100)  # not everybody is told

    def test_fragments(self):
        def part(number):
            for i in range(500):
                source = raw.source(number * 500 + i)
                # The first of a large datagram, and one that overlaps another's: none is ever complete.
                yield self.peers.packet(source, raw.UDP, bytes(1480), identification=i, fragment=0x2000)
                if i % 4 == 0:
                    yield self.peers.packet(source, raw.UDP, bytes(1480), identification=i, fragment=0x2000 | 100)

        self.flood(part)
        told = {name: self.counted(name) for name in ("fragments_received", "fragments_limit", "fragments_overlapping", "fragments_refused")}
        print(told, end=" ", flush=True)
        self.assertGreater(self.counted("fragments_limit"), PARTS * 10)
        self.assertGreater(self.counted("fragments_overlapping"), PARTS * 10)
        # And what is whole comes through.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.settimeout(10)
            datagrams.connect((self.address, 7))
            datagrams.send(bytes(5000))
            self.assertEqual(len(datagrams.recv(9000)), 5000)

    def test_segments_out_of_order_from_a_thousand_connections(self):
        opened = self.peers.handshakes([raw.source(i) for i in range(1000)], 80)
        self.assertGreater(len(opened), 900)
        sources = list(opened)

        def part(number):
            for source in sources[number * 100 : number * 100 + 100]:
                for gap in range(1, 31):  # each with a byte missing before it
                    yield self.peers.segment(source, 4000, 80, raw.ACK, seq=1001 + gap * 1500, ack=opened[source], payload=bytes(1400))

        self.flood(part)
        told = {name: self.counted(name) for name in ("tcp_out_of_order", "tcp_out_of_order_dropped", "tcp_memory_limit", "tcp_connections_accepted")}
        print(told, end=" ", flush=True)
        self.assertGreater(self.counted("tcp_out_of_order"), 100)
        self.assertGreater(self.counted("tcp_out_of_order_dropped"), 1000)

    def test_windows_that_never_open(self):
        opened = self.peers.handshakes([raw.source(i) for i in range(500)], 80, window=0)
        self.assertGreater(len(opened), 450)
        sources = list(opened)
        request = b"GET /body?3000000 HTTP/1.1\r\nHost: x\r\n\r\n"
        self.flood(lambda part: [self.peers.segment(source, 4000, 80, raw.ACK | raw.PSH, seq=1001, ack=opened[source], payload=request, window=0)
                                 for source in sources[part * 50 : part * 50 + 50]])
        # The server does not wait for ever for those who take nothing.
        images.wait_until(lambda: conversation.counters(self.address)["fibers"] <= self.before["fibers"] + 5, 60, lambda: "fibers are left")

    def test_slow_requests(self):
        slow = [conversation.connect(self.address, 80) for _ in range(900)]
        for stream in slow:
            self.addCleanup(stream.close)
            stream.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")

        def drip():
            for stream in slow:
                try:
                    stream.send(b"x")
                except OSError:
                    pass  # the server has had enough of it

        for _ in range(PARTS):
            drip()
            self.ask()
        # They are thrown out, however they drip.
        ended = 0
        for stream in slow:
            try:
                while stream.recv(1000):
                    pass
                ended += 1
            except ConnectionResetError:
                ended += 1
        self.assertEqual(ended, len(slow))
        images.wait_until(lambda: conversation.counters(self.address)["fibers"] <= self.before["fibers"], 60, lambda: "fibers are left")
        self.after = conversation.counters(self.address)
        self.assert_within_memory()


images.main()
