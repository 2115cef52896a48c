"""A peer made by hand with scapy on the same link as the one that is tested, be it an image or Linux.

    peer = outsider.Outsider("tap1", "10.9.1.2")
    answers = peer.answers(peer.ip() / TCP(...))      # all that came, up to the answer to a ping that follows
    stream = peer.connect(9); stream.answers("PA", b"text")

Nothing waits for a time to pass: after what is sent go two pings, and once the second is answered everything before it has
been dealt with.
"""

import itertools
import select
import socket
import time

from network.relay import PACKET_IGNORE_OUTGOING, SOL_PACKET

from scapy.config import conf
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether

conf.verb = 0
MAC = "02:00:00:00:00:77"
ETH_P_ALL = 3
PATIENCE = 10


class Outsider:
    def __init__(self, interface, theirs):
        self.theirs, self.ours = theirs, theirs.rsplit(".", 1)[0] + ".77"
        self.link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.link.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.link.bind((interface, ETH_P_ALL))
        self.ports = itertools.count(20000)
        self.pings = itertools.count(1)
        self.their_mac = "ff:ff:ff:ff:ff:ff"
        # Both sides know each other from now on.
        self.their_mac = self.until(lambda f: ARP in f and f[ARP].psrc == theirs and f[ARP].op == 2, self.arp())[ARP].hwsrc

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.close()

    def arp(self, **fields):
        return Ether(src=MAC, dst=fields.pop("to", "ff:ff:ff:ff:ff:ff")) / ARP(**{"op": 1, "hwsrc": MAC, "psrc": self.ours, "pdst": self.theirs, **fields})

    def ip(self, **fields):
        return Ether(src=MAC, dst=fields.pop("to", self.their_mac)) / IP(**{"src": self.ours, "dst": self.theirs, **fields})

    def send(self, *packets):
        for packet in packets:
            self.link.send(bytes(packet))

    def frames(self, until):
        while (left := until - time.monotonic()) > 0:
            if select.select([self.link], [], [], left)[0]:
                frame = Ether(self.link.recv(1 << 16))
                if ARP in frame and frame[ARP].op == 1 and frame[ARP].pdst == self.ours:
                    self.send(self.arp(op=2, hwdst=frame[ARP].hwsrc, pdst=frame[ARP].psrc, to=frame.src))
                yield frame

    def until(self, wanted, *packets, patience=PATIENCE):
        """The first frame that is `wanted` after `packets` were sent."""
        self.send(*packets)
        for frame in self.frames(time.monotonic() + patience):
            if wanted(frame):
                return frame
        raise TimeoutError("no such frame came")

    def answers(self, *packets):
        """All frames that come until what was sent has been dealt with."""
        seen = []
        self.send(*packets)
        for number in (next(self.pings), next(self.pings)):  # the second finds what the round of the first has sent
            self.send(self.ip() / ICMP(id=77, seq=number))
            for frame in self.frames(time.monotonic() + PATIENCE):
                if ICMP in frame and frame[ICMP].type == 0 and frame[ICMP].id == 77:
                    if frame[ICMP].seq == number:
                        break
                    continue
                seen.append(frame)
            else:
                raise TimeoutError("a ping was not answered")
        return seen

    def connect(self, port, **fields):
        return Stream(self, port, **fields)


class Stream:
    """A connection of the outsider. Numbers are relative: 1 is the first byte of each side."""

    def __init__(self, peer, port, options=(("MSS", 1460),), window=65535, echo_clock=False):
        self.peer, self.port, self.here = peer, port, next(peer.ports)
        self.ours, self.theirs, self.window, self.clock = 1000, 0, window, None
        syn = self.peer.until(self.is_here, self.segment("S", seq=0, options=list(options)))
        self.theirs = syn[TCP].seq
        self.syn_options = dict(option for option in syn[TCP].options if len(option) == 2)
        if echo_clock:
            self.clock = [2000, self.syn_options["Timestamp"][0]]
        self.peer.send(self.segment("A"))

    def is_here(self, frame):
        return TCP in frame and frame[TCP].dport == self.here

    def segment(self, flags, payload=b"", seq=1, ack=1, clock=None, options=(), **fields):
        clock = clock or self.clock
        if clock:
            options = [("NOP", None), ("NOP", None), ("Timestamp", tuple(clock)), *options]
        fields = {"window": self.window, **fields}
        number = (self.theirs + ack) % 2**32 if "A" in flags else 0
        return self.peer.ip() / TCP(sport=self.here, dport=self.port, flags=flags, seq=(self.ours + seq) % 2**32, ack=number, options=list(options), **fields) / payload

    def answers(self, *segments):
        """What the other side says to these, each kind once: `A ack 6`."""
        return said(self.describe(frame[TCP]) for frame in self.peer.answers(*segments) if self.is_here(frame))

    def describe(self, tcp):
        flags = str(tcp.flags).replace("P", "")
        if "A" not in flags:
            return f"{flags} seq {(tcp.seq - self.theirs) % 2**32}"
        return f"{flags} ack {(tcp.ack - self.ours) % 2**32}"

    def state(self, seq=1, ack=1):
        """Whether a byte at `seq` is taken, and what is acknowledged then."""
        self.peer.send(self.segment("PA", b"!", seq=seq, ack=ack))
        for frame in self.peer.frames(time.monotonic() + PATIENCE):
            if not self.is_here(frame):
                continue
            if "R" in str(frame[TCP].flags):
                return "gone"
            if (frame[TCP].ack - self.ours) % 2**32 > seq:
                return "lives"
            self.peer.send(self.segment("PA", b"!", seq=seq, ack=ack))
        return "deaf"

    def text(self, size):
        """The next bytes that it sends, up to so many."""
        got = {}
        for frame in self.peer.frames(time.monotonic() + PATIENCE):
            if not self.is_here(frame):
                continue
            if "R" in str(frame[TCP].flags):
                return "reset"
            payload = bytes(frame[TCP].payload)[: frame[IP].len - frame[IP].ihl * 4 - frame[TCP].dataofs * 4]
            for at, byte in enumerate(payload):
                got.setdefault((frame[TCP].seq - self.theirs) % 2**32 + at, byte)
            if len(got) >= size:
                break
        return bytes(got[at] for at in sorted(got)).decode("latin1")


def said(descriptions):
    return ", ".join(dict.fromkeys(descriptions)) or "nothing"
