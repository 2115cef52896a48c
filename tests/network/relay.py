"""A wire that loses, doubles, reorders and corrupts: what netem does, for kernels that have none.

    with relay.Wire(seed=1, loss=0.05, reorder=0.05) as wire:
        # an image at wire.address (options in wire.options), Linux at wire.host_address; `ipv6=True`: by that

Two taps: one that the image is attached to, and one that this process holds, whose other side is Linux's. Frames go
from one to the other through a heap of departure times. Each decision is drawn from `seed`; what meets which decision
depends on the timing of two TCPs, so a run is not repeated to the byte, only in its rules.
"""

import fcntl
import heapq
import os
import random
import select
import socket
import struct
import threading
import time

import namespace
from network import link6

TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x2, 0x1000, 0x4000
SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 15, 23
ETH_P_ALL = 3

# struct virtio_net_hdr: flags, gso_type, header length, segment size, checksum start and offset
OFFLOAD_HEADER = struct.Struct("<BBHHHH")
NEEDS_CHECKSUM, GSO_NONE, GSO_TCPV4, GSO_TCPV6 = 1, 0, 1, 4


class Wire:
    """Probabilities are a frame's, `delay` is one way in seconds. `window` is the largest that either side gets to see
    (with window scaling off); `mtu` that of both links."""

    def __init__(self, seed, loss=0.0, duplicate=0.0, reorder=0.0, corrupt=0.0, delay=0.0005, mtu=1500, window=None, ipv6=False):
        self.random = random.Random(seed)
        self.loss, self.duplicate, self.reorder, self.corrupt, self.delay = loss, duplicate, reorder, corrupt, delay
        self.mtu, self.window = mtu, window
        self.lost = self.doubled = self.reordered = self.corrupted = self.carried = 0
        self.largest = 0  # IP packet
        self.towards_image = namespace.Tap(address=False)
        self.towards_host = link6.Link() if ipv6 else namespace.Tap()
        self.image_address, self.host_address = self.towards_host.image_address, self.towards_host.host_address
        self.options = ["--net", f"service=tap:{self.towards_image.name}",
                        "--ip", f"{self.image_address}/24,gateway={self.host_address}"]
        self.address = self.image_address
        if ipv6:
            self.address, self.host_address = self.towards_host.prefix + "2", self.towards_host.host6
            self.options[-1] += f",ip6={self.address}/64"

    def __enter__(self):
        self.towards_image.__enter__()
        self.towards_host.__enter__()
        for tap in (self.towards_image, self.towards_host):
            namespace.ip("link", "set", tap.name, "mtu", self.mtu)
        # Linux's side: this process is the other end of the tap. Without offload every frame is whole.
        self.host = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        name = self.towards_host.name.encode()
        fcntl.ioctl(self.host, TUNSETIFF, struct.pack("16sH22x", name, IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
        fcntl.ioctl(self.host, TUNSETOFFLOAD, 0)
        # The image's side: a packet socket on its tap sees what it sends, offload and all.
        self.image = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.image.setblocking(False)
        self.image.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.image.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.image.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.image.bind((self.towards_image.name, ETH_P_ALL))
        self.stop_reading, self.stop_writing = os.pipe()
        self.departures, self.serial = [], 0
        self.thread = threading.Thread(target=self.carry)
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.close(self.stop_writing)
        self.thread.join()
        os.close(self.stop_reading)
        os.close(self.host)
        self.image.close()
        self.towards_host.__exit__()
        self.towards_image.__exit__()

    def carry(self):
        """Moves frames until the end."""
        while True:
            wait = max(0, self.departures[0][0] - time.monotonic()) if self.departures else None
            ready, _, _ = select.select([self.host, self.image, self.stop_reading], [], [], wait)
            if self.stop_reading in ready:
                return
            if self.host in ready:
                self.take(lambda: os.read(self.host, 1 << 17), self.to_image)
            if self.image in ready:
                self.take(lambda: self.image.recv(1 << 17), self.to_host)
            now = time.monotonic()
            while self.departures and self.departures[0][0] <= now:
                _, _, deliver, frame = heapq.heappop(self.departures)
                try:
                    deliver(frame)
                except OSError:
                    pass  # full, or down: one more way to lose a frame

    def take(self, read, deliver):
        """Takes what is there, a frame at a time, and decides what becomes of each."""
        for _ in range(64):
            try:
                frame = read()
            except BlockingIOError:
                return
            except OSError:
                return  # the link is down
            for segment in segments(frame):
                self.carried += 1
                self.largest = max(self.largest, len(segment) - OFFLOAD_HEADER.size - 14)
                if self.random.random() < self.loss:
                    self.lost += 1
                    continue
                if self.window is not None:
                    segment = with_window(segment, self.window)
                if self.random.random() < self.corrupt:
                    self.corrupted += 1
                    self.depart(self.flipped(segment), deliver)
                    continue
                self.depart(segment, deliver)
                if self.random.random() < self.duplicate:
                    self.doubled += 1
                    self.depart(segment, deliver)

    def depart(self, frame, deliver):
        delay = self.delay
        if self.random.random() < self.reorder:
            # Long enough for several that come later to go first.
            delay *= self.random.uniform(2, 20)
            self.reordered += 1
        self.serial += 1
        heapq.heappush(self.departures, (time.monotonic() + delay, self.serial, deliver, frame))

    def flipped(self, frame):
        """With another bit somewhere behind the Ethernet header: what that one carries has its own check there."""
        frame = completed(frame)
        bit = self.random.randrange(8 * (OFFLOAD_HEADER.size + 14), 8 * len(frame))
        frame[bit // 8] ^= 1 << bit % 8
        return frame

    def to_image(self, frame):
        self.image.send(frame)

    def to_host(self, frame):
        os.write(self.host, frame)


def segments(frame):
    """The frames that a segmentation offload stands for, so that each is lost or kept by itself."""
    flags, kind, header_length, size, start, offset = OFFLOAD_HEADER.unpack_from(frame)
    body = frame[OFFLOAD_HEADER.size :]
    if kind & 0x7F == GSO_NONE:
        yield frame
        return
    assert kind & 0x7F in (GSO_TCPV4, GSO_TCPV6), kind
    is_v4 = kind & 0x7F == GSO_TCPV4
    ip_header = 14
    tcp_header = ip_header + ((body[ip_header] & 15) * 4 if is_v4 else 40)
    payload = tcp_header + (body[tcp_header + 12] >> 4) * 4
    identification, = struct.unpack_from("!H", body, ip_header + 4)
    sequence, = struct.unpack_from("!I", body, tcp_header + 4)
    tcp_flags = body[tcp_header + 13]
    for number, at in enumerate(range(payload, len(body), size)):
        piece = bytearray(body[:payload] + body[at : at + size])
        last = at + size >= len(body)
        if is_v4:
            struct.pack_into("!H", piece, ip_header + 2, len(piece) - ip_header)
            struct.pack_into("!H", piece, ip_header + 4, identification + number & 0xFFFF)
            struct.pack_into("!H", piece, ip_header + 10, 0)
            struct.pack_into("!H", piece, ip_header + 10, checksum(piece[ip_header:tcp_header]))
        else:
            struct.pack_into("!H", piece, ip_header + 4, len(piece) - tcp_header)
        struct.pack_into("!I", piece, tcp_header + 4, sequence + number * size & 0xFFFFFFFF)
        # FIN and PSH belong to the last one.
        piece[tcp_header + 13] = tcp_flags if last else tcp_flags & ~0x09
        # What the receiver's stack completes: the sum of the pseudo header.
        addresses = piece[ip_header + 12 : ip_header + 20] if is_v4 else piece[ip_header + 8 : ip_header + 40]
        pseudo = addresses + struct.pack("!HH", 6, len(piece) - tcp_header)
        struct.pack_into("!H", piece, tcp_header + 16, ~checksum(pseudo) & 0xFFFF)
        yield OFFLOAD_HEADER.pack(NEEDS_CHECKSUM, GSO_NONE, 0, 0, tcp_header, 16) + piece


def completed(frame):
    """With its checksum, should the receiver have been expected to fill that in."""
    frame = bytearray(frame)
    flags, _, _, _, start, offset = OFFLOAD_HEADER.unpack_from(frame)
    if flags & NEEDS_CHECKSUM:
        begin = OFFLOAD_HEADER.size + start
        struct.pack_into("!H", frame, begin + offset, checksum(frame[begin:]))
        OFFLOAD_HEADER.pack_into(frame, 0, 0, GSO_NONE, 0, 0, 0, 0)
    return frame


def with_window(frame, most):
    """A TCP segment whose window field is at most `most`; anything else as it is."""
    ip = OFFLOAD_HEADER.size + 14
    kind = frame[ip - 2 : ip]
    if (kind, frame[ip + 9]) != (b"\x08\x00", 6) and (kind, frame[ip + 6]) != (b"\x86\xdd", 6):
        return frame
    frame = completed(frame)
    tcp = ip + ((frame[ip] & 15) * 4 if frame[ip] >> 4 == 4 else 40)
    window, = struct.unpack_from("!H", frame, tcp + 14)
    if window > most:
        sum_, = struct.unpack_from("!H", frame, tcp + 16)
        struct.pack_into("!H", frame, tcp + 14, most)
        # RFC 1624: the sum without the old word and with the new one.
        total = (~sum_ & 0xFFFF) + (~window & 0xFFFF) + most
        total = (total & 0xFFFF) + (total >> 16)
        struct.pack_into("!H", frame, tcp + 16, ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF)
    return frame


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data = data + b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
