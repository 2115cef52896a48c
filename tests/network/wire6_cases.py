"""The cases of IPv6, ICMPv6 and neighbour discovery, as wire_cases.py has those of IPv4. A case gets an
`outsider6.Outsider`."""

import socket
import struct

from network.outsider import MAC
from network.outsider6 import group_of

from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_Redirect,
                                ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr, ICMPv6PacketTooBig, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                                IPv6ExtHdrHopByHop, IPv6ExtHdrRouting)
from scapy.layers.l2 import Ether
from scapy.packet import Raw

CASES = {}
ICMP, TCP_, UDP_ = 58, 6, 17


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


def ping_bytes(peer, size=100, src=None, dst=None):
    """A whole echo request, with its checksum, as bytes."""
    whole = IPv6(src=src or peer.ours, dst=dst or peer.theirs) / peer.ping(bytes(size))
    return bytes(whole)[40:]


# --- The header -------------------------------------------------------------------------------------------


@cases("a ping {}", {
    "as it should be": {}, "with a hop limit of 1": {"hlim": 1}, "with a hop limit of 0": {"hlim": 0}, "with a traffic class and a flow label": {"tc": 0xE3, "fl": 0xABCDE},
    "from the unspecified address": {"src": "::"}, "from the loopback address": {"src": "::1"}, "from a group": {"src": "ff02::1"},
    "from its own address": {"src": "ITS"}, "from a mapped address": {"src": "::ffff:10.9.1.77"}, "to the loopback address": {"dst": "::1"},
    "to a mapped address": {"dst": "::ffff:10.9.200.2"}, "to an address of nobody": {"dst": "NOBODY"}, "of version 5": {"version": 5},
    "longer than its frame": {"plen": 2000}, "of length 0": {"plen": 0}, "shorter than its frame": {"plen": 12},
})
def _(peer, fields):
    stand_for = {"ITS": peer.theirs, "NOBODY": peer.theirs.rsplit(":", 1)[0] + ":99"}
    fields = {name: stand_for.get(value, value) for name, value in fields.items()}
    return peer.says(peer.ip(**fields) / peer.ping())


@case("a ping to all nodes")
def _(peer):
    return peer.says(peer.ip(dst="ff02::1", to="33:33:00:00:00:01") / peer.ping())


@case("a ping to all routers")
def _(peer):
    return peer.says(peer.ip(dst="ff02::2", to="33:33:00:00:00:02") / peer.ping())


@case("a ping to its solicited-node group")
def _(peer):
    group, mac = group_of(peer.theirs)
    return peer.says(peer.ip(dst=group, to=mac) / peer.ping())


@case("a ping to it, in a frame to everybody")
def _(peer):
    return peer.says(peer.ip(to="33:33:00:00:00:01") / peer.ping())


# --- Extension headers ------------------------------------------------------------------------------------


@cases("behind {}", {
    "padding hop by hop": [(0, b"\1\4\0\0\0\0")], "padding for the destination": [(60, b"\1\4\0\0\0\0")],
    "padding of ones": [(60, b"\1\4\1\1\1\1")], "six single paddings": [(60, bytes(6))],
    "an unknown option of kind 00": [(60, b"\x1e\4\1\2\3\4")], "an unknown option of kind 01": [(60, b"\x5e\4\1\2\3\4")],
    "an unknown option of kind 10": [(60, b"\x9e\4\1\2\3\4")], "an unknown option of kind 11": [(60, b"\xde\4\1\2\3\4")],
    "a jumbo payload": [(0, b"\xc2\4\0\1\0\0")], "a router alert": [(0, b"\5\2\0\0\1\0")], "an option longer than its header": [(60, b"\x1e\x20\1\2\3\4")],
    "a header of the destination after one hop by hop": [(0, b"\1\4\0\0\0\0"), (60, b"\1\4\0\0\0\0")],
    "a header hop by hop that is not the first": [(60, b"\1\4\0\0\0\0"), (0, b"\1\4\0\0\0\0")],
    "seven headers of the destination": [(60, b"\1\4\0\0\0\0")] * 7, "twenty headers of the destination": [(60, b"\1\4\0\0\0\0")] * 20,
    "a routing header of type 0 with nothing left": [(43, b"\0\0\0\0\0\0")], "a routing header of type 0 with one left": [(43, b"\0\1\0\0\0\0")],
    "a routing header of type 99 with nothing left": [(43, b"\x63\0\0\0\0\0")], "a routing header of type 99 with one left": [(43, b"\x63\1\0\0\0\0")],
    "a whole fragment": [(44, b"\0\0\0\0\0\7")], "two whole fragments": [(44, b"\0\0\0\0\0\7"), (44, b"\0\0\0\0\0\x08")],
})
def _(peer, headers):
    chain = b""
    for number, (_, body) in enumerate(headers):
        following = headers[number + 1][0] if number + 1 < len(headers) else ICMP
        chain += bytes([following, 0]) + body
    return peer.says(peer.ip(nh=headers[0][0]) / Raw(chain + ping_bytes(peer)))


@case("an unknown option of kind 10, to all nodes")
def _(peer):
    return peer.says(peer.ip(dst="ff02::1", to="33:33:00:00:00:01", nh=60) / Raw(bytes([ICMP, 0]) + b"\x9e\4\1\2\3\4" + ping_bytes(peer, dst="ff02::1")))


@case("an unknown option of kind 11, to all nodes")
def _(peer):
    return peer.says(peer.ip(dst="ff02::1", to="33:33:00:00:00:01", nh=60) / Raw(bytes([ICMP, 0]) + b"\xde\4\1\2\3\4" + ping_bytes(peer, dst="ff02::1")))


@case("an unknown protocol")
def _(peer):
    return peer.says(peer.ip(nh=253) / Raw(b"12345678"))


@case("no next header")
def _(peer):
    return peer.says(peer.ip(nh=59) / Raw(b"12345678"))


@case("an extension header that is cut off")
def _(peer):
    return peer.says(peer.ip(nh=60) / Raw(bytes([ICMP, 5]) + b"\1\4\0\0\0\0"))


# --- Fragments --------------------------------------------------------------------------------------------


def parts(peer, pieces, identification=None, nh=ICMP):
    """Fragments from (offset, more, bytes)."""
    identification = next(peer.pings) if identification is None else identification
    return [peer.ip() / IPv6ExtHdrFragment(nh=nh, offset=offset // 8, m=more, id=identification) / Raw(data) for offset, more, data in pieces]


@cases("fragments: {}", {
    "in order": lambda p: [(0, 1, p[:64]), (64, 0, p[64:])],
    "the last first": lambda p: [(64, 0, p[64:]), (0, 1, p[:64])],
    "one twice": lambda p: [(0, 1, p[:64]), (0, 1, p[:64]), (64, 0, p[64:])],
    "overlapping by eight bytes": lambda p: [(0, 1, p[:64]), (56, 0, p[56:])],
    "overlapping, and then what is missing": lambda p: [(0, 1, p[:64]), (32, 1, p[32:72]), (64, 0, p[64:])],
    "one within another": lambda p: [(0, 1, p[:64]), (16, 1, p[16:32]), (64, 0, p[64:])],
    "two ends": lambda p: [(64, 0, p[64:]), (80, 0, p[80:]), (0, 1, p[:64])],
    "behind the end": lambda p: [(0, 1, p[:64]), (64, 0, p[64:96]), (96, 0, p[96:])],
    "of a length that is no multiple of eight": lambda p: [(0, 1, p[:63]), (64, 0, p[64:])],
    "without a byte": lambda p: [(0, 1, b""), (0, 1, p[:64]), (64, 0, p[64:])],
    "larger than any packet": lambda p: [(65528, 0, bytes(100))],
    "eight bytes each": lambda p: [(at, int(at + 8 < len(p)), p[at : at + 8]) for at in range(0, len(p), 8)],
})
def _(peer, cut):
    return peer.says(*parts(peer, cut(ping_bytes(peer))))


@case("fragments: of two datagrams are not mixed")
def _(peer):
    p = ping_bytes(peer)
    return peer.says(*parts(peer, [(0, 1, p[:64])]), *parts(peer, [(64, 0, p[64:])]))


@case("fragments: the first without its headers (RFC 7112)")
def _(peer):
    p = bytes([ICMP, 0]) + b"\1\4\0\0\0\0" + ping_bytes(peer)
    return peer.says(*parts(peer, [(0, 1, p[:8]), (8, 0, p[8:])], nh=60))


@case("fragments: of a fragment")
def _(peer):
    p = bytes([ICMP, 0]) + struct.pack("!HI", 1, 7) + ping_bytes(peer)
    return peer.says(*parts(peer, [(0, 1, p[:64]), (64, 0, p[64:])], nh=44))


@case("fragments: a question of a neighbour (RFC 6980)")
def _(peer):
    whole = bytes(IPv6(src=peer.ours, dst=peer.theirs, hlim=255) / ICMPv6ND_NS(tgt=peer.theirs) / ICMPv6NDOptSrcLLAddr(lladdr=MAC))[40:]
    pieces = [(0, 1, whole[:16]), (16, 0, whole[16:])]
    return peer.says(*[peer.ip(hlim=255) / IPv6ExtHdrFragment(nh=ICMP, offset=o // 8, m=m, id=99) / Raw(d) for o, m, d in pieces])


@case("fragments: a question of a neighbour in a whole one (RFC 6980)")
def _(peer):
    whole = bytes(IPv6(src=peer.ours, dst=peer.theirs, hlim=255) / ICMPv6ND_NS(tgt=peer.theirs) / ICMPv6NDOptSrcLLAddr(lladdr=MAC))[40:]
    return peer.says(peer.ip(hlim=255) / IPv6ExtHdrFragment(nh=ICMP, offset=0, m=0, id=98) / Raw(whole))


# --- ICMPv6 -----------------------------------------------------------------------------------------------


@cases("ICMPv6: {}", {
    "a ping with a wrong checksum": {"cksum": 1}, "a ping with code 1": {"code": 1},
})
def _(peer, fields):
    return peer.says(peer.ip() / peer.ping(**fields))


@cases("ICMPv6: type {}", {"0, an error of no kind": 0, "100, an error for experiments": 100, "5, an unknown error": 5, "139, a question about the node": 139,
                           "200, for experiments": 200, "255": 255, "129, an answer that nobody asked for": 129})
def _(peer, kind):
    return peer.says(peer.ip(nh=ICMP) / Raw(summed(peer, bytes([kind, 0, 0, 0]) + bytes(20))))


def summed(peer, message, src=None, dst=None):
    """`message` with the checksum of ICMPv6."""
    pseudo = socket.inet_pton(socket.AF_INET6, src or peer.ours) + socket.inet_pton(socket.AF_INET6, dst or peer.theirs) + struct.pack("!II", len(message), ICMP)
    whole = pseudo + message + b"\0" * (len(message) % 2)
    total = sum(struct.unpack(f"!{len(whole) // 2}H", whole))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return message[:2] + struct.pack("!H", ~total & 0xFFFF) + message[4:]


@case("ICMPv6: a message of three bytes")
def _(peer):
    return peer.says(peer.ip(nh=ICMP) / Raw(b"\x80\0\0"))


@cases("ICMPv6: a connection is told {}", {
    "of a path of 1,280 bytes": ICMPv6PacketTooBig(mtu=1280), "of a path of 68 bytes": ICMPv6PacketTooBig(mtu=68), "of a path of 4 GB": ICMPv6PacketTooBig(mtu=0xFFFFFFFF),
    "that nobody listens": ICMPv6DestUnreach(code=4), "that there is no way": ICMPv6DestUnreach(code=0),
})
def _(peer, error):
    s = peer.connect(9)
    quoted = IPv6(src=peer.theirs, dst=peer.ours, nh=TCP_) / TCP(sport=9, dport=s.here, seq=(s.theirs + 1) % 2**32, flags="A")
    peer.answers(peer.ip() / error / quoted)
    return s.state()


# --- Neighbours -------------------------------------------------------------------------------------------


@case("a question about it")
def _(peer):
    return peer.says(peer.asks())


@cases("a question about it {}", {"from beyond the link": {"hlim": 254}, "from the unspecified address, and where that is": {"src": "::"}, "from a group": {"src": "ff02::1"}})
def _(peer, fields):
    return peer.says(peer.asks(**fields))


def question(peer, target=None, code=0, options=b"", src=None, dst=None, to=None):
    target = socket.inet_pton(socket.AF_INET6, target or peer.theirs)
    body = summed(peer, struct.pack("!BBHI", 135, code, 0, 0) + target + options, src, dst)
    return peer.ip(src=src or peer.ours, dst=dst or peer.theirs, hlim=255, nh=ICMP, **({"to": to} if to else {})) / Raw(body)


SOURCE = b"\1\1" + bytes.fromhex(MAC.replace(":", ""))


@cases("a question about it, to itself, {}", {
    "as it should be": {"options": SOURCE}, "without where we are": {}, "with code 1": {"code": 1, "options": SOURCE},
    "with an option of length 0": {"options": b"\1\0" + bytes(6)}, "with an option that is cut off": {"options": SOURCE + b"\x0e\4" + bytes(6)},
    "with an unknown option": {"options": SOURCE + b"\xfd\1" + bytes(6)}, "with where we are twice": {"options": SOURCE + SOURCE},
    "with an address of a group for where we are": {"options": b"\1\1\x33\x33\0\0\0\1"},
})
def _(peer, fields):
    return peer.says(question(peer, **fields))


@case("a question about a group")
def _(peer):
    return peer.says(question(peer, target="ff02::1", options=SOURCE))


@case("a question about somebody else")
def _(peer):
    return peer.says(question(peer, target=peer.theirs.rsplit(":", 1)[0] + ":99", options=SOURCE))


@case("a question whether its address is free")
def _(peer):
    group, mac = group_of(peer.theirs)
    return peer.says(question(peer, src="::", dst=group, to=mac))


@case("a question whether its address is free, sent to itself")
def _(peer):
    return peer.says(question(peer, src="::"))


ELSEWHERE = "02:00:00:00:00:99"


def where_answers_go(peer, *told):
    """The hardware address that a ping is answered at, once these were heard."""
    peer.send(*told)
    heard = peer.until(lambda f: ICMPv6EchoReply in f and f[ICMPv6EchoReply].id == 5, peer.ip() / ICMPv6EchoRequest(id=5, seq=next(peer.pings)))
    # As it was before, for those that follow.
    peer.introduce()
    peer.send(Ether(src=MAC, dst=peer.their_mac) / IPv6(src=peer.ours, dst=peer.theirs, hlim=255) / ICMPv6ND_NA(tgt=peer.ours, R=0, S=0, O=1) / ICMPv6NDOptDstLLAddr(lladdr=MAC))
    return {MAC: "here", ELSEWHERE: "elsewhere"}.get(heard.dst, heard.dst)


@cases("an advertisement that we are elsewhere, {}", {
    "that overrides": {"O": 1}, "that does not override": {"O": 0}, "from beyond the link": {"O": 1, "hlim": 254},
    "to all nodes, and solicited": {"O": 1, "S": 1, "dst": "ff02::1"}, "to all nodes": {"O": 1, "dst": "ff02::1"},
})
def _(peer, fields):
    fields = dict(fields)
    header = {"src": peer.ours, "dst": fields.pop("dst", peer.theirs), "hlim": fields.pop("hlim", 255)}
    to = "33:33:00:00:00:01" if header["dst"] == "ff02::1" else peer.their_mac
    na = ICMPv6ND_NA(**{"tgt": peer.ours, "R": 0, "S": 0, **fields}) / ICMPv6NDOptDstLLAddr(lladdr=ELSEWHERE)
    return where_answers_go(peer, Ether(src=MAC, dst=to) / IPv6(**header) / na)


@case("a question from elsewhere in our name")
def _(peer):
    group, mac = group_of(peer.theirs)
    spoof = Ether(src=ELSEWHERE, dst=mac) / IPv6(src=peer.ours, dst=group, hlim=255) / ICMPv6ND_NS(tgt=peer.theirs) / ICMPv6NDOptSrcLLAddr(lladdr=ELSEWHERE)
    return where_answers_go(peer, spoof)


@case("a redirect to elsewhere, from nobody's router")
def _(peer):
    redirect = Ether(src=MAC, dst=peer.their_mac) / IPv6(src="fe80::77", dst=peer.theirs, hlim=255) / ICMPv6ND_Redirect(tgt=peer.ours, dst=peer.ours) / ICMPv6NDOptDstLLAddr(lladdr=ELSEWHERE)
    return where_answers_go(peer, redirect)


# --- What lies in it --------------------------------------------------------------------------------------


@cases("a datagram {}", {
    "to an open port": {}, "to a closed port": {"dport": 81}, "without a checksum": {"chksum": 0}, "with a wrong checksum": {"chksum": 1},
    "from port 0": {"sport": 0}, "to port 0": {"dport": 0}, "longer than its packet": {"len": 100}, "of length 4": {"len": 4},
})
def _(peer, fields):
    return peer.says(peer.ip() / UDP(**{"sport": 4000, "dport": 7, **fields}) / b"text")


@case("a datagram to a closed port, of all nodes")
def _(peer):
    return peer.says(peer.ip(dst="ff02::1", to="33:33:00:00:00:01") / UDP(sport=4000, dport=81) / b"text")


@cases("{}", {
    "SYN to a listener": ("S", 9), "SYN to a closed port": ("S", 81), "ACK to a listener": ("A", 9), "FIN to a listener": ("F", 9), "RST to a closed port": ("R", 81),
    "a Christmas tree to a closed port": ("FPU", 81),
})
def _(peer, what):
    flags, port = what
    here = next(peer.ports)
    told = peer.says(peer.ip() / TCP(sport=here, dport=port, flags=flags, seq=1000, ack=5000 if "A" in flags else 0))
    peer.send(peer.ip() / TCP(sport=here, dport=port, flags="R", seq=1001))
    return told


@case("SYN to all nodes")
def _(peer):
    return peer.says(peer.ip(dst="ff02::1", to="33:33:00:00:00:01") / TCP(sport=next(peer.ports), dport=9, flags="S", seq=1000))


@case("SYN with a wrong checksum")
def _(peer):
    return peer.says(peer.ip() / TCP(sport=next(peer.ports), dport=9, flags="S", seq=1000, chksum=1))


@case("SYN in two fragments")
def _(peer):
    here = next(peer.ports)
    p = bytes(IPv6(src=peer.ours, dst=peer.theirs) / TCP(sport=here, dport=9, flags="S", seq=1000, options=[("MSS", 1440)]))[40:]
    told = peer.says(*parts(peer, [(0, 1, p[:16]), (16, 0, p[16:])], nh=TCP_))
    peer.send(peer.ip() / TCP(sport=here, dport=9, flags="R", seq=1001))
    return told
