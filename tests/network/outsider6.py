"""The outsider of outsider.py, over IPv6.

    peer = outsider6.Outsider("tap1", "2001:db8:9:200::2")
    peer.says(peer.ip(nh=253) / b"x")             # what comes of it, in words: "parameter problem 1 at 6"
"""

import itertools
import socket
import time

from network import outsider
from network.outsider import ETH_P_ALL, MAC, PATIENCE, said
from network.relay import PACKET_IGNORE_OUTGOING, SOL_PACKET

from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptDstLLAddr,
                                ICMPv6NDOptSrcLLAddr, ICMPv6PacketTooBig, ICMPv6ParamProblem, ICMPv6TimeExceeded, IPv6)
from scapy.layers.l2 import Ether


def group_of(address):
    """Where neighbours are looked for, and its hardware address."""
    tail = socket.inet_pton(socket.AF_INET6, address)[-3:]
    group = socket.inet_ntop(socket.AF_INET6, b"\xff\x02" + bytes(9) + b"\x01\xff" + tail)
    return group, "33:33:ff:%02x:%02x:%02x" % tuple(tail)


class Outsider(outsider.Outsider):
    def __init__(self, interface, theirs):
        self.theirs, self.ours = theirs, theirs.rsplit(":", 1)[0] + ":77"
        self.link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.link.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.link.bind((interface, ETH_P_ALL))
        self.ports = itertools.count(20000)
        self.pings = itertools.count(1)
        self.their_mac = "33:33:00:00:00:01"
        self.introduce()

    def introduce(self):
        """Both sides know each other from now on, and nobody's address is in doubt."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.their_mac = self.until(lambda f: ICMPv6ND_NA in f and f[ICMPv6ND_NA].tgt == self.theirs and f[ICMPv6ND_NA].O, self.asks(), patience=0.5).src
                return
            except TimeoutError:
                if time.monotonic() > deadline:
                    raise

    def asks(self, about=None, **fields):
        """A question about `about` (theirs), as it should be but for `fields` of the IPv6 header."""
        about = about or self.theirs
        group, mac = group_of(about)
        return Ether(src=MAC, dst=mac) / IPv6(**{"src": self.ours, "dst": group, "hlim": 255, **fields}) / ICMPv6ND_NS(tgt=about) / ICMPv6NDOptSrcLLAddr(lladdr=MAC)

    def ip(self, **fields):
        return Ether(src=MAC, dst=fields.pop("to", self.their_mac)) / IPv6(**{"src": self.ours, "dst": self.theirs, **fields})

    def frames(self, until):
        for frame in super().frames(until):
            if ICMPv6ND_NS in frame and frame[ICMPv6ND_NS].tgt == self.ours:
                self.send(Ether(src=MAC, dst=frame.src) / IPv6(src=self.ours, dst=frame[IPv6].src, hlim=255) /
                          ICMPv6ND_NA(tgt=self.ours, R=0, S=1, O=1) / ICMPv6NDOptDstLLAddr(lladdr=MAC))
                continue
            yield frame

    def answers(self, *packets):
        seen = []
        self.send(*packets)
        for number in (next(self.pings), next(self.pings)):
            self.send(self.ip() / ICMPv6EchoRequest(id=77, seq=number))
            for frame in self.frames(time.monotonic() + PATIENCE):
                if ICMPv6EchoReply in frame and frame[ICMPv6EchoReply].id == 77:
                    if frame[ICMPv6EchoReply].seq == number:
                        break
                    continue
                seen.append(frame)
            else:
                raise TimeoutError("a ping was not answered")
        return seen

    def ping(self, data=b"data", **fields):
        return ICMPv6EchoRequest(id=1, seq=1, data=data, **fields)

    def says(self, *packets):
        """What comes of these, each kind once."""
        return said(filter(None, (self.describe(frame) for frame in self.answers(*packets))))

    def describe(self, frame):
        if IPv6 not in frame:
            return None
        if frame[IPv6].dst not in (self.ours, "ff02::1") and not frame[IPv6].dst.startswith(self.ours[:-2]):
            return None  # chatter of its own
        if frame[IPv6].nh == 44:
            return "a fragment"
        for kind, word in ((ICMPv6EchoReply, "echo"), (ICMPv6DestUnreach, "unreachable"), (ICMPv6PacketTooBig, "too big"), (ICMPv6TimeExceeded, "time exceeded")):
            if kind in frame:
                return word + (f" {frame[kind].code}" if frame[kind].code else "")
        if ICMPv6ParamProblem in frame:
            return f"parameter problem {frame[ICMPv6ParamProblem].code} at {frame[ICMPv6ParamProblem].ptr}"
        if ICMPv6ND_NA in frame:
            a = frame[ICMPv6ND_NA]
            return "advertisement" + " R" * a.R + " S" * a.S + " O" * a.O
        if ICMPv6ND_NS in frame:
            return None
        if TCP in frame:
            return str(frame[TCP].flags)
        if UDP in frame:
            return f"datagram of {frame[UDP].len - 8}"
        return None
