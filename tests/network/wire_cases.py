"""What an outsider does, by name: each case returns in a few words what came of it. See wire_test.py.

A case gets an `outsider.Outsider` and asks whatever it likes; its answer must not depend on how fast anything goes.
"""

import struct

from network.outsider import MAC, said

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_LSRR, IPOption_RR, fragment
from scapy.layers.l2 import ARP, Dot1Q, Ether

CASES = {}


def case(name):
    def keep(function):
        assert name not in CASES, name
        CASES[name] = function
        return function

    return keep


def cases(pattern, table):
    """One case for each line of a table: `f(peer, value)`."""

    def keep(function):
        for name, value in table.items():
            case(pattern.format(name))(lambda peer, value=value: function(peer, value))
        return function

    return keep


# --- Segments to no connection ----------------------------------------------------------------------------

FLAGS = {"no flag": "", "SYN": "S", "FIN": "F", "RST": "R", "ACK": "A", "SYN ACK": "SA", "SYN FIN": "SF", "SYN RST": "SR", "PSH URG": "PU",
         "a Christmas tree": "FPU", "all flags": "FSRPAU", "FIN ACK": "FA", "RST ACK": "RA"}


def bare(peer, flags, port, payload=b"", ip=None, **fields):
    """The answers to one segment that belongs to nothing, with numbers relative to its own."""
    here = next(peer.ports)
    sent = (ip or peer.ip()) / TCP(sport=here, dport=port, flags=flags, seq=1000, ack=5000 if "A" in flags else 0, **fields) / payload
    heard = [frame[TCP] for frame in peer.answers(sent) if TCP in frame and frame[TCP].dport == here]
    peer.send(peer.ip() / TCP(sport=here, dport=port, flags="R", seq=1001))  # no half-open connection is left
    return said(f"{t.flags} ack {t.ack - 1000}" if "A" in str(t.flags) else f"{t.flags} seq {t.seq}" for t in heard)


@cases("{} to a listener", FLAGS)
def _(peer, flags):
    return bare(peer, flags, 9)


@cases("{} to a closed port", FLAGS)
def _(peer, flags):
    return bare(peer, flags, 81)


@case("SYN with text")
def _(peer):
    return bare(peer, "S", 9, b"text")


@case("SYN from port 0")
def _(peer):
    sent = peer.ip() / TCP(sport=0, dport=9, flags="S", seq=1000)
    return said(str(f[TCP].flags) for f in peer.answers(sent) if TCP in f and f[TCP].dport == 0)


# --- Options of a SYN -------------------------------------------------------------------------------------


def with_options(peer, raw, words=None):
    """A SYN with these bytes for options: what the answer to it offers."""
    here = next(peer.ports)
    raw += bytes(-len(raw) % 4)
    bare = struct.pack("!HHIIBBHHH", here, 9, 1000, 0, (5 + len(raw) // 4 if words is None else words) << 4, 2, 65535, 0, 0) + raw
    ours, theirs = (bytes(map(int, a.split("."))) for a in (peer.ours, peer.theirs))
    total = sum(struct.unpack(f"!{len(bare) // 2}H", bare)) + sum(struct.unpack("!4H", ours + theirs)) + 6 + len(bare)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    sent = peer.ip(proto=6) / (bare[:16] + struct.pack("!H", ~total & 0xFFFF) + bare[18:])
    heard = [f[TCP] for f in peer.answers(sent) if TCP in f and f[TCP].dport == here]
    peer.send(peer.ip() / TCP(sport=here, dport=9, flags="R", seq=1001))
    return said(f"{t.flags} {' '.join(sorted(o[0] for o in t.options if o[0] not in ('NOP', 'EOL')))}" for t in heard)


MSS, SCALE, SACK, CLOCK = b"\x02\x04\x05\xb4", b"\x03\x03\x07", b"\x04\x02", b"\x08\x0a\0\0\0\1\0\0\0\0"


@cases("a SYN whose options are {}", {
    "none": b"",
    "all that are known": MSS + SACK + CLOCK + b"\1" + SCALE,
    "forty bytes of padding": b"\1" * 40,
    "ended early": MSS + b"\0" + SACK + CLOCK + SCALE,
    "of length 0": b"\x02\0\x05\xb4" + SACK,
    "of length 1": b"\x02\1\x05\xb4" + SACK,
    "longer than the header": MSS + b"\x08\x20\0\0",
    "cut off after the kind": MSS + b"\1\1\1\x08",
    "unknown ones before known": b"\xfd\x04\1\2" + MSS + b"\x63\x02" + SACK,
    "a segment size of length 3": b"\x02\x03\x05" + SACK,
    "a segment size of 0": b"\x02\x04\0\0",
    "two segment sizes": MSS + b"\x02\x04\x02\0",
    "a scale of 255": MSS + b"\1\x03\x03\xff",
    "a scale of length 4": MSS + b"\x03\x04\7\7",
    "selective acknowledgement of length 4": MSS + b"\x04\x04\0\0",
    "blocks in a SYN": MSS + b"\1\1\x05\x0a\0\0\0\1\0\0\0\2",
    "a clock of length 8": MSS + b"\x08\x08\0\0\0\1\0\0",
    "a cookie of Fast Open": MSS + b"\x22\x0a\1\2\3\4\5\6\7\x08",
    "a request for Fast Open": MSS + b"\x22\2",
    "an MD5 signature": MSS + b"\x13\x12" + bytes(16),
})
def _(peer, raw):
    return with_options(peer, raw)


@cases("a SYN whose header is said to be {} bytes long", {"0": 0, "16": 4, "60, and is 20": 15})
def _(peer, words):
    return with_options(peer, b"", words)


# --- A connection -----------------------------------------------------------------------------------------


@case("numbers and flags: no flag at all")
def _(peer):
    s = peer.connect(9)
    return s.answers(s.segment("", b"x")) + "; " + s.state()


@case("numbers and flags: text without ACK")
def _(peer):
    s = peer.connect(9)
    return s.answers(s.segment("P", b"x")) + "; " + s.state()


@case("numbers and flags: a Christmas tree")
def _(peer):
    s = peer.connect(9)
    return s.answers(s.segment("FPU")) + "; " + s.state()


SEGMENTS = {
    "RST exactly at the edge": ("R", 1, 1, b""),
    "RST inside the window": ("R", 100, 1, b""),
    "RST just before the window": ("R", 0, 1, b""),
    "RST far beyond the window": ("R", 1 << 30, 1, b""),
    "RST with text exactly at the edge": ("R", 1, 1, b"why"),
    "RST ACK that acknowledges nothing known": ("RA", 1, 1 << 30, b""),
    "SYN exactly at the edge": ("S", 1, 1, b""),
    "SYN inside the window": ("S", 100, 1, b""),
    "SYN beyond the window": ("S", 1 << 30, 1, b""),
    "SYN ACK, the first once more": ("SA", 0, 1, b""),
    "SYN FIN inside the window": ("SFA", 1, 1, b""),
    "an acknowledgement of what was not sent": ("A", 1, 1000, b""),
    "text with an acknowledgement of what was not sent": ("A", 1, 1000, b"x"),
    "an acknowledgement from half the numbers ago": ("A", 1, -(1 << 30), b""),
    "one old byte": ("A", 0, 1, b"x"),
    "old, and no byte": ("A", 0, 1, b""),
    "text far before the window": ("A", -100_000, 1, b"x" * 100),
    "text just beyond the window": ("A", 1 + (1 << 22), 1, b"x"),
    "text half of all numbers ahead": ("A", 1 << 31, 1, b"x"),
    "FIN beyond a gap": ("FA", 100, 1, b""),
    "urgent, and a pointer beyond the text": ("AU", 1, 1, b""),
}


@cases("a connection gets {}", SEGMENTS)
def _(peer, what):
    flags, seq, ack, text = what
    s = peer.connect(9)
    told = s.answers(s.segment(flags, text, seq=seq, ack=ack, urgptr=500 if "U" in flags else 0))
    return f"{told}; {s.state()}"


def echo(peer, *pieces, expected, **fields):
    """What the echo makes of pieces of text at given numbers."""
    s = peer.connect(7)
    for at, text in pieces:
        peer.send(s.segment("PA", text, seq=at, **fields))
    heard = s.text(expected)
    peer.send(s.segment("RA", seq=1 + expected, ack=1))
    return heard


@case("text that overlaps what was taken: the first stays")
def _(peer):
    return echo(peer, (1, b"abcdef"), (4, b"XYZghi"), expected=9)


@case("text that comes early and is overlapped by other text before the gap is closed")
def _(peer):
    return echo(peer, (4, b"def"), (2, b"BCDEF"), (1, b"a"), (7, b"g"), expected=7)


@case("text that comes early twice, with other bytes the second time")
def _(peer):
    return echo(peer, (3, b"cdef"), (3, b"CDEF"), (1, b"ab"), expected=6)


@case("text that comes early, larger the second time")
def _(peer):
    return echo(peer, (4, b"de"), (2, b"BCDEFG"), (1, b"a"), expected=7)


@case("text in one piece that covers early text of other bytes")
def _(peer):
    return echo(peer, (3, b"cd"), (1, b"ABCDEF"), expected=6)


@case("bytes backwards, one by one")
def _(peer):
    return echo(peer, *((at, b"abcdefghij"[at - 1 : at]) for at in range(10, 0, -1)), expected=10)


@case("urgent text is text")
def _(peer):
    s = peer.connect(7)
    peer.send(s.segment("PAU", b"ab!", urgptr=3), s.segment("PA", b"cd", seq=4))
    return s.text(4)


@case("FIN, and text behind it")
def _(peer):
    s = peer.connect(9)
    told = s.answers(s.segment("FA"), s.segment("A", b"more", seq=2))
    return "acknowledged" if "A ack 2" in told.replace("FA", "A") and "R" not in told else told


@case("a window that closes at once, and opens by a byte")
def _(peer):
    s = peer.connect(7, window=0)
    told = s.answers(s.segment("PA", b"abc"))
    peer.send(s.segment("A", seq=4, window=1))
    return s.text(1)[:1]


@case("a window that shrinks under what may be sent")
def _(peer):
    s = peer.connect(7, window=1000)
    peer.send(s.segment("A", window=2), s.segment("PA", b"abcdef", window=2))
    first = s.text(2)[:2]
    peer.send(s.segment("A", seq=7, ack=3, window=1000))
    return first + s.text(4)[:4]


@case("clocks: an older one is not believed")
def _(peer):
    s = peer.connect(9, options=(("MSS", 1460), ("SAckOK", b""), ("Timestamp", (2000, 0))), echo_clock=True)
    return s.answers(s.segment("PA", b"x", clock=[1000, s.clock[1]])) + "; " + s.state()


@case("clocks: a RST with an older one")
def _(peer):
    s = peer.connect(9, options=(("MSS", 1460), ("Timestamp", (2000, 0))), echo_clock=True)
    return s.answers(s.segment("R", clock=[1000, s.clock[1]])) + "; " + s.state()


@case("blocks that report nonsense")
def _(peer):
    s = peer.connect(9, options=(("MSS", 1460), ("SAckOK", b"")))
    begin = s.theirs + 1000
    return s.answers(s.segment("A", options=[("NOP", None), ("NOP", None), ("SAck", (begin, begin + 5000))]),
                     s.segment("A", options=[("NOP", None), ("NOP", None), ("SAck", (begin, begin - 5000))])) + "; " + s.state()


# --- IPv4 -------------------------------------------------------------------------------------------------


@cases("an IPv4 header with {}", {
    "a wrong checksum": {"chksum": 0x1234}, "version 6": {"version": 6}, "a length beyond the frame": {"len": 1400}, "a length less than itself": {"len": 12},
    "a header of 16 bytes": {"ihl": 4}, "a time to live of 0": {"ttl": 0}, "a time to live of 1": {"ttl": 1}, "the evil bit": {"flags": 4},
    "the source 127.0.0.1": {"src": "127.0.0.1"}, "the source 0.0.0.0": {"src": "0.0.0.0"}, "the source 255.255.255.255": {"src": "255.255.255.255"},
    "a multicast source": {"src": "224.0.0.5"}, "its own destination as source": {"src": "their own"}, "the destination 127.0.0.1": {"dst": "127.0.0.1"},
    "somebody else's destination": {"dst": "10.77.7.7"}, "the destination 0.0.0.0": {"dst": "0.0.0.0"}, "a recorded route": {"options": [IPOption_RR(length=7, routers=["0.0.0.0"])]},
    "a source route": {"options": [IPOption_LSRR(routers=["10.1.1.1"])]},
})
def _(peer, fields):
    fields = {**fields, **({"src": peer.theirs} if fields.get("src") == "their own" else {})}
    heard = peer.answers(peer.ip(**fields) / ICMP(id=5, seq=5) / b"hello")
    return said(f"ICMP {f[ICMP].type} {f[ICMP].code} to {'us' if f[IP].dst == peer.ours else f[IP].dst}" for f in heard if ICMP in f)


@case("an unknown protocol")
def _(peer):
    return said(f"ICMP {f[ICMP].type} {f[ICMP].code}" for f in peer.answers(peer.ip(proto=253) / b"what") if ICMP in f)


@case("a SYN by broadcast at the link")
def _(peer):
    return bare(peer, "S", 9, ip=peer.ip(to="ff:ff:ff:ff:ff:ff"))


@case("a SYN to another station's link address")
def _(peer):
    return bare(peer, "S", 9, ip=peer.ip(to="02:00:00:00:00:99"))


@case("a SYN with a wrong TCP checksum")
def _(peer):
    return bare(peer, "S", 9, chksum=0x1234)


@case("a SYN whose ends are the same (land)")
def _(peer):
    sent = peer.ip(src=peer.theirs) / TCP(sport=9, dport=9, flags="S", seq=1000)
    return said(str(f[TCP].flags) for f in peer.answers(sent) if TCP in f)


def pieces(peer, size=3000, **fields):
    return fragment(peer.ip(id=next(peer.ports), **fields) / UDP(sport=4000, dport=7, chksum=0) / bytes(size), 1000)


@case("fragments in order")
def _(peer):
    return echoed(peer, pieces(peer))


@case("fragments backwards")
def _(peer):
    return echoed(peer, reversed(pieces(peer)))


@case("fragments, each twice")
def _(peer):
    return echoed(peer, [f for p in pieces(peer) for f in (p, p)])


def echoed(peer, packets):
    """Whether a datagram in these pieces is answered; another, whole one tells when that has been decided."""
    peer.send(*packets, peer.ip() / UDP(sport=4000, dport=7) / b"whole")
    sizes = []
    peer.until(lambda f: note(f, sizes) and sizes[-1] == 5)
    return said(f"{size} bytes" for size in sizes if size != 5)


def note(frame, sizes):
    """Notes how large a datagram from the echo is; one that comes in fragments by its first."""
    if UDP not in frame or frame[UDP].sport != 7 or frame[UDP].dport != 4000:
        return False
    sizes.append(frame[UDP].len - 8)
    return True


@case("fragments of which one overlaps another's bytes")
def _(peer):
    first, second, *rest = pieces(peer)
    other = second.copy()
    other[IP].frag -= 8
    return echoed(peer, [first, other, second, *rest])


@case("a fragment that begins inside the first, with other bytes (teardrop)")
def _(peer):
    first, *rest = pieces(peer, 1500)
    evil = first.copy()
    evil[IP].frag, evil[IP].flags = 3, 0
    evil[IP].remove_payload()
    return echoed(peer, [first, evil / b"evil", *rest])


@case("a first fragment too small for a UDP header")
def _(peer):
    whole = peer.ip(id=next(peer.ports)) / UDP(sport=4000, dport=7, chksum=0) / bytes(16)
    return echoed(peer, fragment(whole, 8))


@case("a fragment that ends beyond 65,535 (ping of death)")
def _(peer):
    return echoed(peer, [peer.ip(id=9, proto=17, flags="MF") / bytes(1000), peer.ip(id=9, proto=17, frag=8189) / bytes(1000)])


@case("a SYN in fragments")
def _(peer):
    here = next(peer.ports)
    whole = peer.ip(id=next(peer.ports)) / TCP(sport=here, dport=9, flags="S", seq=1000, options=[("MSS", 1460)])
    heard = peer.answers(*fragment(whole, 8))
    peer.send(peer.ip() / TCP(sport=here, dport=9, flags="R", seq=1001))
    return said(str(f[TCP].flags) for f in heard if TCP in f and f[TCP].dport == here)


# --- UDP --------------------------------------------------------------------------------------------------


@cases("a datagram with {}", {
    "nothing wrong": {}, "no checksum": {"chksum": 0}, "a wrong checksum": {"chksum": 0x1234}, "a length beyond the packet": {"len": 500},
    "a length of 7": {"len": 7}, "a length less than the packet": {"len": 10}, "port 0 as source": {"sport": 0},
})
def _(peer, fields):
    fields = {"sport": 4000, "dport": 7, **fields}
    peer.send(peer.ip() / UDP(**fields) / b"hello", peer.ip() / UDP(sport=4001, dport=7) / b"marker")
    sizes = []

    def heard(frame):
        if UDP in frame and frame[UDP].sport == 7 and frame[UDP].dport == fields["sport"]:
            sizes.append(frame[UDP].len - 8)
        return UDP in frame and frame[UDP].dport == 4001

    peer.until(heard)
    return said(f"{size} bytes" for size in sizes)


@case("a datagram to a closed port")
def _(peer):
    return said(f"ICMP {f[ICMP].type} {f[ICMP].code}" for f in peer.answers(peer.ip() / UDP(sport=4000, dport=4999) / b"x") if ICMP in f)


@case("a datagram to a closed port, by broadcast at the link")
def _(peer):
    return said(f"ICMP {f[ICMP].type} {f[ICMP].code}" for f in peer.answers(peer.ip(to="ff:ff:ff:ff:ff:ff") / UDP(sport=4000, dport=4999) / b"x") if ICMP in f)


# --- ICMP -------------------------------------------------------------------------------------------------


@cases("ICMP: {}", {
    "a ping with a wrong checksum": ICMP(id=5, chksum=0x1234), "a request for the time": ICMP(type=13, id=5), "a request for the mask": ICMP(type=17, id=5),
    "a request for information": ICMP(type=15, id=5), "an answer to nothing": ICMP(type=0, id=5), "an unknown kind": ICMP(type=200), "a ping with code 1": ICMP(code=1, id=5),
    "a router's advertisement": ICMP(type=9),
})
def _(peer, message):
    return said(f"ICMP {f[ICMP].type} {f[ICMP].code}" for f in peer.answers(peer.ip() / message / b"hello") if ICMP in f)


@case("ICMP: a ping to everybody")
def _(peer):
    sent = peer.ip(to="ff:ff:ff:ff:ff:ff", dst="255.255.255.255") / ICMP(id=5)
    return said(f"ICMP {f[ICMP].type} {f[ICMP].code}" for f in peer.answers(sent) if ICMP in f)


@cases("a connection, and forged ICMP: {}", {
    "port unreachable": (3, 3, 0), "protocol unreachable": (3, 2, 0), "host unreachable": (3, 1, 0), "forbidden": (3, 13, 0), "source quench": (4, 0, 0),
    "a path of 68 bytes": (3, 4, 68), "a path of 0 bytes": (3, 4, 0), "time exceeded": (11, 0, 0), "a wrong parameter": (12, 0, 0), "a redirect": (5, 1, 0),
})
def _(peer, what):
    kind, code, mtu = what
    s = peer.connect(9)
    quoted = IP(src=peer.theirs, dst=peer.ours, ttl=60) / TCP(sport=9, dport=s.here, flags="A", seq=s.theirs + 1, ack=s.ours + 1)
    told = s.answers(peer.ip() / ICMP(type=kind, code=code, nexthopmtu=mtu) / bytes(quoted)[:28])
    return f"{told}; {s.state()}"


@case("ICMP about ICMP")
def _(peer):
    quoted = IP(src=peer.theirs, dst=peer.ours) / ICMP(type=3, code=3) / bytes(28)
    heard = peer.answers(peer.ip() / ICMP(type=3, code=3) / bytes(quoted), peer.ip() / ICMP(type=3, code=3) / b"cut")
    return said(f"ICMP {f[ICMP].type}" for f in heard if ICMP in f)


# --- Ethernet and ARP -------------------------------------------------------------------------------------


def arp_answers(peer, *packets):
    return said(f"{'answer' if f[ARP].op == 2 else 'question'} about {'itself' if f[ARP].psrc == peer.theirs else f[ARP].psrc}"
                for f in peer.answers(*packets) if ARP in f and f.src != MAC and not (f[ARP].op == 1 and f[ARP].pdst == peer.ours))


@cases("ARP: a question {}", {
    "as it should be": {}, "about somebody else": {"pdst": "10.9.250.9"}, "from 0.0.0.0, a probe": {"psrc": "0.0.0.0"}, "by unicast": {"to": "theirs"},
    "of another hardware": {"hwtype": 6}, "of another protocol": {"ptype": 0x86DD}, "with lengths that are wrong": {"hwlen": 8, "plen": 6}, "of operation 9": {"op": 9},
})
def _(peer, fields):
    fields = {**fields, **({"to": peer.their_mac} if "to" in fields else {})}
    return arp_answers(peer, peer.arp(**fields))


@case("ARP: a question from a multicast address of the link")
def _(peer):
    return arp_answers(peer, peer.arp(hwsrc="01:00:5e:00:00:01", psrc="10.9.250.9"))


@case("ARP: an answer nobody asked for, about a stranger")
def _(peer):
    return arp_answers(peer, peer.arp(op=2, psrc=peer.theirs.rsplit(".", 1)[0] + ".66", hwsrc="02:00:00:00:00:66", hwdst=peer.their_mac, to=peer.their_mac))


@case("ARP: somebody claims its address, and a connection goes on")
def _(peer):
    s = peer.connect(9)
    peer.send(peer.arp(psrc=peer.theirs, hwsrc="02:00:00:00:00:66"))
    return s.state()


@case("Ethernet: a tag of a VLAN that is not ours")
def _(peer):
    sent = Ether(src=MAC, dst=peer.their_mac) / Dot1Q(vlan=7) / IP(src=peer.ours, dst=peer.theirs) / ICMP(id=5)
    return said(f"ICMP {f[ICMP].type}" for f in peer.answers(sent) if ICMP in f)


@cases("Ethernet: {}", {"an unknown kind": b"\x88\xb5" + bytes(60), "a length in place of a kind": b"\x00\x40" + bytes(64), "IPv4 without a packet": b"\x08\x00",
                        "ARP without a packet": b"\x08\x06", "a header cut short": b""})
def _(peer, tail):
    frame = bytes.fromhex((peer.their_mac + MAC).replace(":", "")) + tail
    frame = frame if tail else frame[:12] + b"\x08"
    if len(frame) < 14:
        frame = frame + b"\0"
    peer.link.send(frame)
    return said(f"ICMP {f[ICMP].type}" for f in peer.answers() if ICMP in f)
