"""The few frames that a peer made by hand sends and has to recognise."""

import socket
import struct

ETHERTYPE_IPV4, ETHERTYPE_ARP = 0x0800, 0x0806
SMALLEST = 60  # an Ethernet frame, without its checksum
SYN, ACK = 0x02, 0x10


def _mac(text):
    return bytes.fromhex(text.replace(":", ""))


def _ethernet(to, source, kind, payload):
    return (_mac(to) + _mac(source) + struct.pack("!H", kind) + payload).ljust(SMALLEST, b"\0")


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def arp_request(own_mac, own_address, address):
    """Who has `address`? (RFC 826)"""
    ask = struct.pack("!HHBBH", 1, ETHERTYPE_IPV4, 6, 4, 1)
    ask += _mac(own_mac) + socket.inet_aton(own_address) + bytes(6) + socket.inet_aton(address)
    return _ethernet("ff:ff:ff:ff:ff:ff", own_mac, ETHERTYPE_ARP, ask)


def syn(own_mac, own_address, own_port, mac, address, port):
    """A connection's first segment (RFC 9293), with a maximum segment size."""
    source, to = socket.inet_aton(own_address), socket.inet_aton(address)
    options = struct.pack("!BBH", 2, 4, 1460)
    offset = (20 + len(options)) // 4 << 4
    tcp = struct.pack("!HHIIBBHHH", own_port, port, 1000, 0, offset, SYN, 65535, 0, 0) + options
    pseudo_header = source + to + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo_header + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, socket.IPPROTO_TCP, 0, source, to)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return _ethernet(mac, own_mac, ETHERTYPE_IPV4, ip + tcp)


def is_syn_ack(frame):
    if len(frame) < 54 or frame[12:14] != struct.pack("!H", ETHERTYPE_IPV4) or frame[23] != socket.IPPROTO_TCP:
        return False
    tcp = 14 + (frame[14] & 15) * 4
    return frame[tcp + 13] & (SYN | ACK) == SYN | ACK


def read_pcap(path):
    """Yields (microseconds within the second, frame)."""
    data = path.read_bytes()
    at = 24
    while at + 16 <= len(data):
        _, microseconds, size, _ = struct.unpack_from("<IIII", data, at)
        yield microseconds, data[at + 16 : at + 16 + size]
        at += 16 + size
