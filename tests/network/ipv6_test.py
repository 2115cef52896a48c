"""IPv6 with the Linux kernel on the other side: addresses from a router, neighbours, TCP and datagrams both ways, paths."""

import pathlib
import random
import socket
import subprocess
import threading
import time

import images
import namespace
from network import conversation, link6, relay
from network.linux_peer import Linux

namespace.enter()

MEGABYTE = 1 << 20
HOP_BY_HOP, DESTINATION_OPTIONS = 54, 59  # IPV6_HOPOPTS, IPV6_DSTOPTS
PAD_8 = bytes([0, 0, 1, 4, 0, 0, 0, 0])  # an option header of eight bytes: padding
UNKNOWN_SKIPPED = bytes([0, 0, 0x1E, 4, 1, 2, 3, 4])  # an option that asks to be skipped when unknown
UNKNOWN_TOLD = bytes([0, 0, 0x9E, 4, 1, 2, 3, 4])  # … to be complained about


class WithLink(images.OnEveryTarget):
    image = "services"
    targets = ("sandbox",)

    def setUp(self):
        self.link = self.enterContext(link6.Link())

    def serve(self, **announced):
        self.router = self.enterContext(link6.Router(self.link, **{"prefixes": [self.link.prefix], **announced}))
        self.running = self.start_image(options=self.link.options)
        self.running.until("^serving")
        self.address = link6.address_of(self.link)

    def counted(self, name):
        return conversation.counters(self.link.image_address)[name]

    def neighbours(self, *words):
        return subprocess.run(["ip", "-6", "neigh", *words, "dev", self.link.name], capture_output=True, text=True, check=True).stdout

    def wait_until_told(self, condition):
        """… of its addresses by the image."""
        images.wait_until(lambda: condition(link6.told(self.link)), 10, lambda: str(link6.told(self.link)))


class Talks(WithLink):
    targets = images.TARGETS

    def setUp(self):
        super().setUp()
        self.serve()

    def test_pings_small_large_and_in_fragments(self):
        for address in (self.address, f"{link6.link_local_of(self.link)}%{self.link.name}"):
            for size in (0, 56, 1452, 8000, 65507):
                with self.subTest(address=address, size=size):
                    words = ["ping", "-6", "-n", "-c", "10", "-i", "0.02", "-W", "5", "-s", str(size), address]
                    told = subprocess.run(words, capture_output=True, text=True, timeout=60)
                    self.assertRegex(told.stdout, "10 packets transmitted, 10 received, 0% packet loss", told)
                    self.assertNotIn("DUP", told.stdout)

    def test_bulk_both_ways_is_byte_exact(self):
        size = (20 if self.target in ("process", "sandbox") else 5) * MEGABYTE
        begin = time.monotonic()
        data = random.Random(1).randbytes(size)
        self.assertTrue(conversation.echoed(self.address, data) == data)
        print(f"{2 * size / MEGABYTE / (time.monotonic() - begin):.0f} MB/s", end=" ", flush=True)
        self.assertTrue(conversation.sunk(self.address, data))
        self.assertTrue(conversation.drawn(self.address, size))
        counted = conversation.counters(self.link.image_address)
        for name in ("tcp_malformed", "tcp_checksum", "ipv6_malformed", "ipv6_refused", "tcp_retransmissions"):
            self.assertEqual(counted[name], 0, name)

    def test_datagrams_are_echoed(self):
        for size in (0, 1, 17, 1452, 1453, 5000, 60000):
            data = random.Random(size).randbytes(size)
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as datagrams:
                datagrams.settimeout(10)
                datagrams.connect((self.address, 7))
                datagrams.send(data)
                self.assertEqual(datagrams.recv(65536), data, size)

    def test_nobody_listening_is_a_refusal(self):
        with self.assertRaises(ConnectionRefusedError):
            conversation.connect(self.address, 81)
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as datagrams:
            datagrams.settimeout(10)
            datagrams.connect((self.address, 81))
            datagrams.send(b"x")
            with self.assertRaises(ConnectionRefusedError):
                datagrams.recv(10)


class Connects(WithLink):
    targets = images.TARGETS

    def test_the_image_to_linux(self):
        self.enterContext(link6.Router(self.link, prefixes=[self.link.prefix]))
        listener = self.enterContext(socket.create_server((self.link.host6, 0), family=socket.AF_INET6))

        def serve():
            with listener.accept()[0] as client:
                while piece := client.recv(1 << 16):
                    client.sendall(piece)

        threading.Thread(target=serve, daemon=True).start()
        ran = self.run_image("connect", self.link.host6, str(listener.getsockname()[1]), options=self.link.options)
        self.assert_succeeds(ran, "1000000 bytes came back, CRC right\n")

    def test_without_a_router_it_is_unreachable(self):
        ran = self.run_image("connect", "fd00:99::2", "7", options=self.link.options)
        self.assertEqual((ran.code, ran.out), (3, "not connected: host unreachable\n"), ran)


class Addresses(WithLink):
    def test_they_are_made_of_what_a_router_announces(self):
        self.serve(servers=["fd00:53::1"], mtu=1400)
        told = link6.told(self.link)
        self.assertEqual((told["gateway6"], told["dns6"]), ([link6.LINK_LOCAL], ["fd00:53::1"]))
        # Nothing of the hardware address is in it (RFC 7217).
        self.assertNotIn("ff:fe", self.address)
        # A second network, while the first goes on.
        self.router.announce(prefixes=[self.link.prefix, "fd00:77::"])
        second = link6.address_of(self.link, "fd00:77::")
        self.assertNotEqual(second.split(":")[-4:], self.address.split(":")[-4:])
        namespace.ip("-6", "route", "add", "fd00:77::/64", "dev", self.link.name)
        for address in (self.address, second):
            self.assertEqual(conversation.echoed(address, b"x"), b"x")
        # One that is said to be valid no more stays for two hours all the same (RFC 4862 §5.5.3 e).
        self.router.announce(prefixes=[self.link.prefix, ("fd00:77::", 0, 0)])
        # Which ends first when another is announced that has a short life of its own.
        self.router.announce(prefixes=[("fd00:78::", 2, 1)])
        link6.address_of(self.link, "fd00:78::")
        self.assertEqual(link6.addresses_of(self.link, "fd00:77::"), [second])
        images.wait_until(lambda: not link6.addresses_of(self.link, "fd00:78::"), 10)

    def test_the_network_s_mtu_is_obeyed(self):
        self.serve(mtu=1300)
        largest = self.largest_packet(lambda: self.assertTrue(conversation.drawn(self.address, 100_000)))
        self.assertEqual(largest, 1300)

    def largest_packet(self, action):
        """The largest IPv6 packet of TCP that comes from the image meanwhile, or is to be cut from what comes."""
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as ears:
            ears.setsockopt(relay.SOL_PACKET, relay.PACKET_VNET_HDR, 1)
            ears.setsockopt(relay.SOL_PACKET, relay.PACKET_IGNORE_OUTGOING, 1)
            ears.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            ears.bind((self.link.name, 0x86DD))
            ears.setblocking(False)
            action()
            largest, tcp = 0, relay.OFFLOAD_HEADER.size + 14 + 40
            while True:
                try:
                    frame = ears.recv(1 << 17)
                except BlockingIOError:
                    return largest
                _, kind, _, size, _, _ = relay.OFFLOAD_HEADER.unpack_from(frame)
                if frame[tcp - 34] == 6:
                    largest = max(largest, 40 + (frame[tcp + 12] >> 4) * 4 + size if kind else len(frame) - tcp + 40)

    def test_one_that_somebody_has_is_not_taken(self):
        self.serve()
        wanted = [self.address, link6.link_local_of(self.link)]
        self.running.__exit__()
        images.wait_until(lambda: "NO-CARRIER" in subprocess.run(["ip", "link", "show", self.link.name], capture_output=True, text=True, check=True).stdout)
        for address in wanted:
            namespace.ip("address", "add", f"{address}/64", "dev", self.link.name, "nodad")
        # The same image at the same place would have the same addresses; these are somebody's now.
        self.running = self.start_image(options=self.link.options)
        self.running.until("^serving")
        for prefix, taken in zip((self.link.prefix, "fe80::"), wanted):
            images.wait_until(lambda: set(link6.addresses_of(self.link, prefix)) - {taken} and taken not in link6.addresses_of(self.link, prefix),
                              10, lambda: str(link6.told(self.link)))
        self.assertGreaterEqual(self.counted("ndp_conflict"), 2)
        self.assertEqual(conversation.echoed(link6.address_of(self.link), b"x"), b"x")

    def test_one_that_the_image_has_is_not_taken_by_linux(self):
        self.serve()
        link6.wait_until_certain(self.link, self.address)
        namespace.ip("address", "add", f"{self.address}/64", "dev", self.link.name)

        def state():
            return subprocess.run(["ip", "-6", "address", "show", "dev", self.link.name, "to", self.address], capture_output=True, text=True, check=True).stdout

        images.wait_until(lambda: "dadfailed" in state(), 10, state)
        namespace.ip("address", "delete", f"{self.address}/64", "dev", self.link.name)
        self.assertEqual(conversation.echoed(self.address, b"x"), b"x")


class Neighbours(WithLink):
    def setUp(self):
        super().setUp()
        self.serve()

    def test_linux_asks_and_is_answered(self):
        self.neighbours("flush")
        self.assertEqual(conversation.echoed(self.address, b"x"), b"x")
        self.assertRegex(self.neighbours("show", self.address), "lladdr .* (REACHABLE|DELAY|STALE)")
        # As soon as it uses what it knows for a while, it asks by unicast: RFC 4861 §7.3.3.
        namespace.ip("-6", "neigh", "change", self.address, "dev", self.link.name, "nud", "probe")
        images.wait_until(lambda: "REACHABLE" in self.neighbours("show", self.address), 10, lambda: self.neighbours("show"))

    def test_a_neighbour_with_another_hardware_address_is_found_again(self):
        with conversation.connect(self.address, 7) as stream:
            stream.sendall(b"before")
            self.assertEqual(stream.recv(10), b"before")
            self.link.setting("ndisc_notify", 1)  # Linux says so to everybody (RFC 4861 §7.2.6)
            namespace.ip("link", "set", self.link.name, "address", "02:11:22:33:44:55")
            stream.sendall(b"after")
            self.assertEqual(stream.recv(10), b"after")


class Paths(WithLink):
    """A second Linux, two hops away: this one forwards."""

    far, gateway = "fd00:99::2", "fd00:99::1"

    def setUp(self):
        super().setUp()
        self.serve()
        forwarding = pathlib.Path("/proc/sys/net/ipv6/conf/all/forwarding")
        forwarding.write_text("1")
        self.addCleanup(forwarding.write_text, "0")

        self.linux = self.enterContext(Linux(self.far, gateway=self.gateway))

    def test_a_router_that_says_too_big_is_believed(self):
        # Both ends announce segments of 1,440 bytes; the way between them takes less.
        namespace.ip("-6", "route", "add", "fd00:99::/64", "dev", "wire0", "mtu", 1300, "metric", 1)
        self.assertTrue(self.linux.inside(lambda: conversation.drawn(self.address, MEGABYTE)))
        self.assertGreaterEqual(self.counted("icmp_error_received"), 1)
        self.assertEqual(self.counted("tcp_timeouts"), 0)

    def test_extension_headers_are_passed_over(self):
        for option, header in ((HOP_BY_HOP, PAD_8), (DESTINATION_OPTIONS, PAD_8), (DESTINATION_OPTIONS, UNKNOWN_SKIPPED)):
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as datagrams:
                datagrams.settimeout(10)
                datagrams.setsockopt(socket.IPPROTO_IPV6, option, header)
                datagrams.connect((self.address, 7))
                for size in (5, 4000):  # whole, and cut: a fragment header is one more of them
                    data = random.Random(size).randbytes(size)
                    datagrams.send(data)
                    self.assertEqual(datagrams.recv(5000), data)
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as stream:
            stream.settimeout(10)
            stream.setsockopt(socket.IPPROTO_IPV6, DESTINATION_OPTIONS, PAD_8)
            stream.connect((self.address, 7))
            stream.sendall(b"through")
            self.assertEqual(stream.recv(10), b"through")

    def test_an_option_that_must_be_known_is_complained_about(self):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as datagrams:
            datagrams.settimeout(10)
            datagrams.setsockopt(socket.IPPROTO_IPV6, DESTINATION_OPTIONS, UNKNOWN_TOLD)
            datagrams.connect((self.address, 7))
            datagrams.send(b"x")
            with self.assertRaises(OSError) as wrong:  # a parameter problem arrives as EPROTO
                datagrams.recv(10)
            self.assertEqual(wrong.exception.errno, 71)

    def test_a_router_that_goes_and_comes_back(self):
        with self.linux.inside(lambda: conversation.connect(self.address, 7)) as far:
            def ask(word):
                far.sendall(word)
                self.assertEqual(far.recv(100), word)

            ask(b"before")
            self.router.announce(lifetime=0)
            self.wait_until_told(lambda told: not told["gateway6"])
            far.sendall(b"meanwhile")
            # It has arrived, and there is no way for the answer.
            images.wait_until(lambda: self.counted("ipv6_no_route") > 0)
            self.router.announce(lifetime=1800)
            self.assertEqual(far.recv(100), b"meanwhile")
            ask(b"after")


images.main()
