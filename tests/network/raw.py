"""Frames made by hand, for peers that no kernel would be: thousands of sources, segments out of all order.

    peer = raw.Peers(tap)                          # on the link of the image behind `tap`
    peer.send(peer.segment(source, 4000, 80, raw.SYN, seq=1))
    for segment in peer.heard(): ...               # what the image has sent since

Sources that are not on the link (198.18.0.0/15, which belongs to nobody) are reached through the gateway, which is this
machine: Linux drops what the image answers them, and this sees it all the same.
"""

import collections
import errno
import select
import socket
import struct
import subprocess

from network.relay import PACKET_IGNORE_OUTGOING, SOL_PACKET, checksum

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
TCP, UDP, ICMP = 6, 17, 1
ETH_P_IP = 0x0800

Segment = collections.namedtuple("Segment", "source sport dest dport seq ack flags window payload")


def source(number):
    """One of 130,000 addresses of nobody."""
    return f"198.{18 + (number >> 16) % 2}.{number >> 8 & 255}.{number & 255}"


class Peers:
    def __init__(self, tap):
        self.image = tap.image_address
        self.link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
        self.link.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.link.bind((tap.name, ETH_P_IP))
        ours = self.link.getsockname()[4].hex()
        # Linux has spoken with the image, and knows where it is.
        known = subprocess.run(["ip", "neigh", "show", self.image], capture_output=True, text=True, check=True).stdout.split()
        theirs = known[known.index("lladdr") + 1]
        self.ethernet = bytes.fromhex(theirs.replace(":", "") + ours) + struct.pack("!H", ETH_P_IP)

    def close(self):
        self.link.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def packet(self, source, protocol, payload, identification=0, fragment=0):
        """An IPv4 packet in its frame; `fragment` is the field of flags and offset."""
        header = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), identification, fragment, 64, protocol, 0,
                                       socket.inet_aton(source), socket.inet_aton(self.image)))
        struct.pack_into("!H", header, 10, checksum(header))
        return self.ethernet + header + payload

    def segment(self, source, sport, dport, flags, seq=0, ack=0, payload=b"", options=b"", window=65535, urgent=0):
        words = 5 + len(options) // 4
        bare = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, words << 4, flags, window, 0, urgent)
        body = bytearray(bare + options + payload)
        pseudo = socket.inet_aton(source) + socket.inet_aton(self.image) + struct.pack("!HH", TCP, len(body))
        struct.pack_into("!H", body, 16, checksum(pseudo + body))
        return self.packet(source, TCP, bytes(body))

    def datagram(self, source, sport, dport, payload=b""):
        return self.packet(source, UDP, struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload)

    def echo_request(self, source, size=56):
        body = bytearray(struct.pack("!BBHHH", 8, 0, 0, 1, 1) + bytes(size))
        struct.pack_into("!H", body, 2, checksum(body))
        return self.packet(source, ICMP, bytes(body))

    def send(self, *frames):
        for frame in frames:
            try:
                self.link.send(frame)
            except OSError as error:
                if error.errno != errno.ENOBUFS:  # the image takes no more for now: lost, as on a full link
                    raise

    def heard(self, seconds=0):
        """TCP segments that have come from the image; waits for the first up to so long."""
        while select.select([self.link], [], [], seconds)[0]:
            seconds = 0
            frame = self.link.recv(1 << 16)
            ip = frame[14:]
            if ip[9] != TCP:
                continue
            tcp = ip[(ip[0] & 15) * 4 : struct.unpack_from("!H", ip, 2)[0]]
            sport, dport, seq, ack, words, flags, window = struct.unpack_from("!HHIIBBH", tcp)
            yield Segment(socket.inet_ntoa(ip[12:16]), sport, socket.inet_ntoa(ip[16:20]), dport, seq, ack, flags, window, tcp[(words >> 4) * 4 :])

    def handshakes(self, sources, dport, window=65535, options=b""):
        """Opens a connection from port 4000 of each source; returns {source: the image's next number} of those that came
        about. What was lost is tried again. Our own next number is 1001."""
        opened, missing = {}, set(sources)
        for _ in range(20):
            if not missing:
                break
            waiting = sorted(missing)
            for at in range(0, len(waiting), 100):
                self.send(*(self.segment(s, 4000, dport, SYN, seq=1000, options=options, window=window) for s in waiting[at : at + 100]))
                for answer in self.heard(0.05):
                    if answer.flags & (SYN | ACK) == SYN | ACK and answer.dest in missing:
                        missing.discard(answer.dest)
                        opened[answer.dest] = answer.seq + 1
                        self.send(self.segment(answer.dest, 4000, dport, ACK, seq=1001, ack=answer.seq + 1, window=window))
        return opened
