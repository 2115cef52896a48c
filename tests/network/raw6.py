"""What raw.py does, over IPv6: frames made by hand, from thousands of sources.

    peers = raw6.Peers(link, address)              # on the link of the image that has `address`
    peers.send(peers.segment(raw6.far(1), 4000, 80, raw.SYN, seq=1))

Sources are of two kinds: `far(number)`, behind the router, which is this machine, and `near(link, number)`, neighbours that
the image has to look for.
"""

import socket
import struct
import subprocess

from network import raw
from network.relay import PACKET_IGNORE_OUTGOING, SOL_PACKET, checksum

ICMP, FRAGMENT, HOP_BY_HOP = 58, 44, 0
ETH_P_IPV6 = 0x86DD
ALL_NODES = "ff02::1"


def far(number):
    return f"2001:db8:ff:{number >> 16 & 0xFFFF:x}::{(number & 0xFFFF) + 1:x}"


def near(link, number):
    return f"{link.prefix}77:{number & 0xFFFF:x}"


def packed(address):
    return socket.inet_pton(socket.AF_INET6, address)


class Peers(raw.Peers):
    def __init__(self, link, image):
        self.image = image
        self.link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IPV6))
        self.link.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.link.bind((link.name, ETH_P_IPV6))
        known = subprocess.run(["ip", "-6", "neigh", "show", image], capture_output=True, text=True, check=True).stdout.split()
        self.theirs, self.ours = bytes.fromhex(known[known.index("lladdr") + 1].replace(":", "")), link.mac()

    def packet(self, source, protocol, payload, dest=None, hops=64):
        """An IPv6 packet in its frame."""
        dest = packed(dest or self.image)
        to = b"\x33\x33" + dest[12:] if dest[0] == 0xFF else self.theirs
        header = struct.pack("!IHBB", 6 << 28, len(payload), protocol, hops) + packed(source) + dest
        return to + self.ours + struct.pack("!H", ETH_P_IPV6) + header + payload

    def summed(self, source, protocol, body, at, dest=None):
        body = bytearray(body)
        pseudo = packed(source) + packed(dest or self.image) + struct.pack("!II", len(body), protocol)
        struct.pack_into("!H", body, at, checksum(pseudo + body) or 0xFFFF)
        return bytes(body)

    def segment(self, source, sport, dport, flags, seq=0, ack=0, payload=b"", options=b"", window=65535, urgent=0):
        words = 5 + len(options) // 4
        bare = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, words << 4, flags, window, 0, urgent)
        return self.packet(source, raw.TCP, self.summed(source, raw.TCP, bare + options + payload, 16))

    def datagram(self, source, sport, dport, payload=b""):
        bare = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
        return self.packet(source, raw.UDP, self.summed(source, raw.UDP, bare, 6))

    def message(self, source, kind, rest, dest=None, hops=255):
        """A message of ICMPv6: `rest` is what follows its checksum."""
        return self.packet(source, ICMP, self.summed(source, ICMP, struct.pack("!BBH", kind, 0, 0) + rest, 2, dest), dest, hops)

    def echo_request(self, source, size=56):
        return self.message(source, 128, struct.pack("!HH", 1, 1) + bytes(size), hops=64)

    def fragment(self, source, identification, offset, more, payload, protocol=raw.UDP):
        """A fragment header with its payload; `offset` in bytes."""
        return self.packet(source, FRAGMENT, struct.pack("!BBHI", protocol, 0, offset | more, identification) + payload)
