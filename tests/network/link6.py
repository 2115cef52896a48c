"""A link that speaks IPv6: Linux on this side of it, and a router whose announcements the test dictates.

    link = self.enterContext(link6.Link())         # a tap with 2001:db8:9:1::1/64 and fe80::1 on it
    router = self.enterContext(link6.Router(link, prefixes=[link.prefix]))
    address = link6.address_of(link)               # the image's, by what it says of itself over IPv4
"""

import ipaddress
import pathlib
import re
import socket
import struct
import threading
import urllib.request

import images
import namespace

ALL_NODES, ALL_ROUTERS = "ff02::1", "ff02::2"
ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT = 133, 134, 135, 136
LINK_LOCAL = "fe80::1"


class Link(namespace.Tap):
    """`mtu` is the tap's; IPv4 is there as well, to ask the image by."""

    def __init__(self):
        super().__init__()
        self.prefix = f"2001:db8:9:{namespace.Tap.count:x}::"
        self.host6 = self.prefix + "1"

    def __enter__(self):
        super().__enter__()
        self.setting("addr_gen_mode", 1)  # no address but those that are given here
        self.setting("accept_ra", 0)
        self.setting("forwarding", 1)  # its advertisements as a neighbour say that it is a router
        self.setting("disable_ipv6", 0)
        for address in (self.host6, LINK_LOCAL):
            namespace.ip("address", "add", f"{address}/64", "dev", self.name, "nodad")
        return self

    def mac(self):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as there:
            there.bind((self.name, 0))
            return there.getsockname()[4]

    def setting(self, name, value):
        pathlib.Path(f"/proc/sys/net/ipv6/conf/{self.name}/{name}").write_text(str(value))


class Router:
    """Says what it is told to in router advertisements: to whoever asks, and by `announce()`.

    `prefixes` are of /64: a text, or (text, valid, preferred) in seconds. `options` are bytes behind all others."""

    def __init__(self, link, prefixes=(), lifetime=1800, mtu=0, servers=(), domains=(), flags=0, options=b""):
        self.link, self.prefixes, self.lifetime, self.mtu = link, list(prefixes), lifetime, mtu
        self.servers, self.domains, self.flags, self.options = list(servers), list(domains), flags, options
        self.index = socket.if_nametoindex(link.name)
        self.socket = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        for option in (socket.IPV6_MULTICAST_HOPS, socket.IPV6_UNICAST_HOPS):
            self.socket.setsockopt(socket.IPPROTO_IPV6, option, 255)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, self.index)
        group = socket.inet_pton(socket.AF_INET6, ALL_ROUTERS) + struct.pack("@I", self.index)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
        self.socket.bind((LINK_LOCAL, 0, 0, self.index))
        # Sent to the group they arrive at a socket that is bound to no address.
        self.ears = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        self.ears.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.answer)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        self.socket.close()
        self.ears.close()

    def answer(self):
        self.ears.settimeout(0.05)
        while not self.stop.is_set():
            try:
                message, _ = self.ears.recvfrom(2000)
            except TimeoutError:
                continue
            if message[0] == ROUTER_SOLICITATION:
                self.announce()

    def announce(self, **changes):
        """Changes what is announced, and announces it."""
        for name, value in changes.items():
            assert hasattr(self, name), name
            setattr(self, name, value)
        self.socket.sendto(self.message(), (ALL_NODES, 0, 0, self.index))

    def message(self):
        text = struct.pack("!BBHBBHII", ROUTER_ADVERTISEMENT, 0, 0, 64, self.flags, self.lifetime, 0, 0)
        text += struct.pack("!BB", 1, 1) + self.link.mac()
        if self.mtu:
            text += struct.pack("!BBHI", 5, 1, 0, self.mtu)
        for prefix in self.prefixes:
            prefix, valid, preferred = (prefix, 3600, 1800) if isinstance(prefix, str) else prefix
            text += struct.pack("!BBBBIII", 3, 4, 64, 0xC0, valid, preferred, 0) + socket.inet_pton(socket.AF_INET6, prefix)
        if self.servers:
            text += struct.pack("!BBHI", 25, 1 + 2 * len(self.servers), 0, 1800)
            text += b"".join(socket.inet_pton(socket.AF_INET6, server) for server in self.servers)
        if self.domains:
            names = b"".join(b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0" for name in self.domains)
            names += bytes(-len(names) % 8)
            text += struct.pack("!BBHI", 31, 1 + len(names) // 8, 0, 1800) + names
        return text + self.options


def told(link):
    """What the image says of its addresses: {"address6": […], "gateway6": […], "dns6": […]}."""
    with urllib.request.urlopen(f"http://{link.image_address}/addresses", timeout=30) as answer:
        found = {"address6": [], "gateway6": [], "dns6": []}
        for kind, value in re.findall(r"^(\w+) (\S+)$", answer.read().decode(), re.M):
            found.setdefault(kind, []).append(value)
        return found


def addresses_of(link, prefix):
    network = ipaddress.ip_network(f"{prefix}/64")
    return [address for address in (text.split("/")[0] for text in told(link)["address6"]) if ipaddress.ip_address(address) in network]


def address_of(link, prefix=None):
    """The image's address in `prefix` (the link's own), once it has one."""
    images.wait_until(lambda: addresses_of(link, prefix or link.prefix), 30, lambda: f"no address: {told(link)}")
    return addresses_of(link, prefix or link.prefix)[0]


def link_local_of(link):
    return address_of(link, "fe80::")


def wait_until_certain(link, address):
    """Until the image has asked whether anybody else has its address, and nobody has: it says so when it is asked."""
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as asks:
        asks.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)
        asks.bind((LINK_LOCAL, 0, 0, socket.if_nametoindex(link.name)))
        asks.settimeout(0.2)
        target = socket.inet_pton(socket.AF_INET6, address)
        question = struct.pack("!BBHI", NEIGHBOUR_SOLICITATION, 0, 0, 0) + target + b"\1\1" + link.mac()

        def overrides():
            asks.sendto(question, (address, 0))
            try:
                answer, _ = asks.recvfrom(2000)
            except TimeoutError:
                return False
            return answer[0] == NEIGHBOUR_ADVERTISEMENT and answer[8:24] == target and answer[4] & 0x20

        images.wait_until(overrides, 10, lambda: f"{address} is in doubt")
