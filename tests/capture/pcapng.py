"""Reads pcapng as draft-ietf-opsawg-pcapng has it, and what of the frames in it the tests look at."""

import struct
from dataclasses import dataclass, field

SECTION, INTERFACE, STATISTICS, FRAME = 0x0A0D0D0A, 1, 5, 6
INBOUND, OUTBOUND = 1, 2


@dataclass
class Interface:
    link: int
    snap: int
    options: dict
    seen: int = None  # by its statistics
    missed: int = None

    @property
    def name(self):
        return self.options[2].decode()


@dataclass
class Frame:
    interface: Interface
    time: int  # nanoseconds since 1970
    bytes: bytes
    size: int
    way: int
    options: dict = field(repr=False)

    @property
    def payload(self):
        """Of TCP over IPv4: (source port, sequence number, bytes); else None."""
        ethernet, ip = self.bytes[:14], self.bytes[14:]
        if ethernet[12:14] != b"\x08\x00" or ip[9] != 6:
            return None
        tcp = ip[(ip[0] & 15) * 4 : struct.unpack(">H", ip[2:4])[0]]
        source, _, sequence = struct.unpack(">HHI", tcp[:8])
        return source, sequence, tcp[(tcp[12] >> 4) * 4 :]

    @property
    def checksum_is_right(self):
        """Of TCP over IPv4, both of them (RFC 1071); of anything else nothing is said."""
        ip = self.bytes[14:]
        if self.bytes[12:14] != b"\x08\x00" or ip[9] != 6:
            return True
        head, total = (ip[0] & 15) * 4, struct.unpack(">H", ip[2:4])[0]
        pseudo = ip[12:20] + struct.pack(">BBH", 0, 6, total - head)
        return folded(ip[:head]) == 0xFFFF and folded(pseudo + ip[head:total]) == 0xFFFF


def folded(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2])) + (data[-1] << 8 if len(data) % 2 else 0)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def options(data):
    found = {}
    while data:
        code, size = struct.unpack("=HH", data[:4])
        if code == 0:
            break
        found[code] = data[4 : 4 + size]
        data = data[4 + (size + 3) // 4 * 4 :]
    return found


def read(data):
    """(interfaces, frames). Anything that is not as it should be is an error, but that the end may be missing."""
    interfaces, frames, at = [], [], 0
    while at + 12 <= len(data):
        kind, size = struct.unpack("=II", data[at : at + 8])
        if at + size > len(data):
            break
        assert size % 4 == 0 and struct.unpack("=I", data[at + size - 4 : at + size])[0] == size, (at, kind, size)
        body = data[at + 8 : at + size - 4]
        at += size
        if kind == SECTION:
            assert at == size, "a second section"
            assert struct.unpack("=IHH", body[:8]) == (0x1A2B3C4D, 1, 0)
        elif kind == INTERFACE:
            link, _, snap = struct.unpack("=HHI", body[:8])
            interfaces.append(Interface(link, snap, options(body[8:])))
            assert interfaces[-1].options[9] == b"\x09", "not nanoseconds"
        elif kind == FRAME:
            number, high, low, kept, whole = struct.unpack("=IIIII", body[:20])
            said = options(body[20 + (kept + 3) // 4 * 4 :])
            way = struct.unpack("=I", said[2])[0] & 3
            frames.append(Frame(interfaces[number], high << 32 | low, body[20 : 20 + kept], whole, way, said))
        elif kind == STATISTICS:
            (number,) = struct.unpack("=I", body[:4])
            said = options(body[12:])
            interfaces[number].seen, interfaces[number].missed = (struct.unpack("=Q", said[code])[0] for code in (4, 5))
        else:
            raise AssertionError(f"a block of type {kind}")
    return interfaces, frames
