"""Floods over IPv6: those of floods_test.py that are of another kind there, and those of neighbour discovery."""

import pathlib
import random
import re
import socket
import struct

import images
import namespace
import processes

namespace.enter()

from network import conversation, link6, raw, raw6

MEMORY = 32  # MiB
PARTS = 10


class Floods(images.OnEveryTarget):
    image = "services"
    targets = ("sandbox",)

    def setUp(self):
        self.link = self.enterContext(link6.Link())
        self.router = self.enterContext(link6.Router(self.link, prefixes=[self.link.prefix]))
        self.running = self.start_image(options=["-m", str(MEMORY), *self.link.options])
        self.running.until("^serving")
        self.address = link6.address_of(self.link)
        link6.wait_until_certain(self.link, self.address)
        self.before = conversation.counters(self.address)
        self.peers = self.enterContext(raw6.Peers(self.link, self.address))
        self.random = random.Random(self._testMethodName)

    def ask(self):
        """A client that behaves: all of a connection."""
        with conversation.connect(self.address, 80) as stream:
            stream.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertTrue(conversation.receive_all(stream).endswith(b"hello\n"))

    def flood(self, part):
        """Sends what `part(number)` returns, for each of many parts, and asks after each."""
        for number in range(PARTS):
            self.peers.send(*part(number))
            self.ask()
        self.after = conversation.counters(self.address)
        (image,) = [pid for pid, name in processes.descendants(self.running.process.pid).items() if name != "aster-usernet"]
        resident = int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{image}/status").read_text())[1])
        print(f"at most {resident / 1024:.1f} MiB resident", end=" ", flush=True)
        self.assertLess(resident, (MEMORY + 8) * 1024)
        self.assertEqual(self.after["memory_exhausted"], 0)

    def counted(self, name):
        return self.after[name] - self.before[name]

    def number(self):
        return self.random.getrandbits(32)

    def test_syn(self):
        self.flood(lambda part: [self.peers.segment(raw6.far(part * 1000 + i), 1024 + i, 80, raw.SYN, seq=self.number(), options=b"\x02\x04\x05\xa0")
                                 for i in range(1000)])
        print(f"{self.counted('tcp_cookies_sent')} cookies", end=" ", flush=True)
        self.assertGreater(self.counted("tcp_cookies_sent") + self.counted("tcp_half_open_evicted"), PARTS * 100)
        self.assertLess(self.after["connections"], 2000)

    def test_syn_from_neighbours_that_are_not_there(self):
        # Each makes the image look for it, and who is there stays known meanwhile (RFC 6583).
        self.flood(lambda part: [self.peers.segment(raw6.near(self.link, part * 500 + i), 4000, 80, raw.SYN, seq=self.number()) for i in range(500)])
        self.assertGreater(self.counted("arp_unresolved") + self.counted("arp_queue_full"), PARTS * 100)

    def test_pings(self):
        self.flood(lambda part: [self.peers.echo_request(raw6.far(part * 500 + i), 1000) for i in range(500)])
        self.assertGreater(self.counted("icmp_echo_answered"), 0)

    def test_datagrams_to_closed_ports(self):
        self.flood(lambda part: [self.peers.datagram(raw6.far(part * 500 + i), 4000, 5000 + i) for i in range(500)])
        self.assertGreater(self.counted("udp_no_port"), PARTS * 100)
        self.assertGreater(self.counted("icmp_rate_limited"), PARTS * 100)

    def test_options_that_must_be_complained_about(self):
        header = bytes([raw.UDP, 0, 0x9E, 4, 0, 0, 0, 0])
        self.flood(lambda part: [self.peers.packet(raw6.far(part * 500 + i), 60, header + bytes(8)) for i in range(500)])
        self.assertGreater(self.counted("ipv6_refused"), PARTS * 100)
        self.assertGreater(self.counted("icmp_rate_limited"), PARTS * 100)

    def test_fragments(self):
        def part(number):
            for i in range(500):
                source = raw6.far(number * 500 + i)
                # The first of a large datagram, and one that overlaps another's: none is ever complete.
                yield self.peers.fragment(source, i, 0, True, bytes(1432))
                if i % 4 == 0:
                    yield self.peers.fragment(source, i, 800, True, bytes(1432))

        self.flood(part)
        told = {name: self.counted(name) for name in ("fragments_received", "fragments_limit", "fragments_overlapping", "fragments_refused")}
        print(told, end=" ", flush=True)
        self.assertGreater(self.counted("fragments_limit"), PARTS * 10)
        self.assertGreater(self.counted("fragments_overlapping"), PARTS * 10)
        # And what is whole comes through.
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as datagrams:
            datagrams.settimeout(10)
            datagrams.connect((self.address, 7))
            datagrams.send(bytes(5000))
            self.assertEqual(len(datagrams.recv(9000)), 5000)

    def test_routers_and_networks_that_nobody_needs(self):
        def part(number):
            for i in range(200):
                prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 7200, 7200, 0) + raw6.packed(f"2001:db8:bad:{number * 200 + i:x}::")
                body = struct.pack("!BBHII", 64, 0, 1800, 0, 0) + b"\1\1\2\0\0\0\0\1" + prefix
                yield self.peers.message(f"fe80::bad:{number * 200 + i:x}", 134, body, dest=raw6.ALL_NODES)

        self.flood(part)
        self.assertGreater(self.counted("ndp_limit"), PARTS * 100)
        self.assertLessEqual(len(link6.told(self.link)["address6"]), 8)
        self.assertEqual(link6.address_of(self.link), self.address)

    def test_neighbours_that_say_where_they_are(self):
        # Questions from everywhere, each with an address to be remembered, and answers that nobody asked for.
        def part(number):
            for i in range(500):
                mac = struct.pack("!BBHI", 1, 1, 0x0200, self.number())
                source = raw6.near(self.link, number * 500 + i)
                yield self.peers.message(source, 135, bytes(4) + raw6.packed(self.address) + mac)
                answer = struct.pack("!I", 0x20000000) + raw6.packed(source) + struct.pack("!BBHI", 2, 1, 0x0200, self.number())
                yield self.peers.message(source, 136, answer, dest=raw6.ALL_NODES)

        self.flood(part)
        self.assertEqual(self.counted("ndp_malformed"), 0)

    def test_who_says_that_an_address_is_his(self):
        def part(number):
            for _ in range(200):
                body = struct.pack("!I", 0x20000000) + raw6.packed(self.address) + struct.pack("!BBHI", 2, 1, 0x0200, self.number())
                yield self.peers.message(self.address, 136, body, dest=raw6.ALL_NODES)

        self.flood(part)
        self.assertGreater(self.counted("ndp_conflict"), PARTS * 100)
        self.assertEqual(link6.address_of(self.link), self.address)


images.main()
