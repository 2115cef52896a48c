"""Cables of our own: everything here lies in the user and network namespace that `run.py` starts itself in.

    with network.tap("service", 1) as cable:        # 10.9.1.1 here, 10.9.1.2 in the image
        server = tender.start(build, "02-server", cable)
"""

import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import time

# linux/if_tun.h, linux/sockios.h
TUNSETIFF, TUNSETPERSIST, TUNSETOFFLOAD, TUNSETVNETHDRSZ = 0x400454CA, 0x400454CB, 0x400454D0, 0x400454D8
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6 = 1, 2, 4
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK = 0x8913, 0x8914, 0x8916, 0x891C
IFF_UP = 1
VIRTIO_NET_HEADER = 12


def _ask(request, name, argument):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        return fcntl.ioctl(any_socket, request, struct.pack("16s24s", name.encode(), argument))


def bring_up(name):
    flags = struct.unpack_from("H", _ask(SIOCGIFFLAGS, name, b""), 16)[0]
    _ask(SIOCSIFFLAGS, name, struct.pack("H", flags | IFF_UP))


def give_address(name, address, mask="255.255.255.0"):
    for request, value in ((SIOCSIFADDR, address), (SIOCSIFNETMASK, mask)):
        _ask(request, name, struct.pack("HH4s", socket.AF_INET, 0, socket.inet_aton(value)))


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)


class tap:
    """A tap device as `aster run --net service=tap:NAME` opens it; network 10.9.INDEX.0/24, or for many
    10.(9 + INDEX/256).(INDEX%256).0/24."""

    def __init__(self, device, index, header=True):
        """`header`: each frame has virtio's in front, and may be whole where the wire would have many segments; without it
        the device is what a driver without offloads sees."""
        network = f"10.{9 + index // 256}.{index % 256}"
        self.device, self.name = device, f"tap{index}"
        self.here, self.image = f"{network}.1", f"{network}.2"
        self.mac = f"52:54:00:00:{index // 256:02x}:{index % 256:02x}"
        self.descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        fcntl.ioctl(self.descriptor, TUNSETIFF, struct.pack("16sH22x", self.name.encode(), IFF_TAP | IFF_NO_PI | (IFF_VNET_HDR if header else 0)))
        if header:
            fcntl.ioctl(self.descriptor, TUNSETVNETHDRSZ, struct.pack("i", VIRTIO_NET_HEADER))
            fcntl.ioctl(self.descriptor, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)
        _write(f"/proc/sys/net/ipv6/conf/{self.name}/disable_ipv6", "1")  # nothing crosses but what is measured
        give_address(self.name, self.here)
        bring_up(self.name)

    def boot_token(self, descriptor):
        """The boot line's words for an image that gets this tap as `descriptor` (abi/boot_line.hpp)."""
        offload = "checksum+tso4+tso6+receive"
        return f"net={self.device},mac={self.mac},fd={descriptor},offload={offload},ip={self.image}/24"

    def keep(self):
        """Lets the device live on without a descriptor, for a program that opens it by its name, and closes ours."""
        fcntl.ioctl(self.descriptor, TUNSETPERSIST, 1)
        self.release()

    def release(self):
        """Our copy of the descriptor; the device goes with the last one."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()


@contextlib.contextmanager
def behind_veth(words, cpu, here="10.8.0.1", there="10.8.0.2", device="here", port=80):
    """Runs a program in a network namespace of its own at the other end of a veth; gives its process and address."""
    script = f"read _; ip link set lo up; ip addr add {there}/24 dev there; ip link set there up; exec \"$@\""
    own = os.readlink("/proc/self/ns/net")
    with subprocess.Popen(["taskset", "-c", str(cpu), "unshare", "-n", "sh", "-c", script, "sh", *words],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while os.readlink(f"/proc/{process.pid}/ns/net") == own and process.poll() is None:
                os.sched_yield()
            ip = ["ip", "link", "add", device, "type", "veth", "peer", "name", "there", "netns", str(process.pid)]
            subprocess.run(ip, check=True)
            _write(f"/proc/sys/net/ipv6/conf/{device}/disable_ipv6", "1")
            give_address(device, here)
            bring_up(device)
            process.stdin.write(b"\n")
            process.stdin.flush()
            wait_for_port(there, port)
            yield process.pid, there
        finally:
            process.kill()


def wait_for_port(address, port, seconds=10):
    """Connects once, however often that takes: the server needs a moment."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection((address, port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def get(connection, host="image", keep=False):
    """Sends one request over an open connection and returns the whole answer."""
    connection.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n{'' if keep else 'Connection: close' + chr(13) + chr(10)}\r\n".encode())
    return read_answer(connection)


def read_answer(connection):
    answer = b""
    while True:
        piece = connection.recv(65536)
        answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        if not piece:
            raise ConnectionError(f"the answer ended early: {answer!r}")
        for field in head.lower().split(b"\r\n"):
            if field.startswith(b"content-length:") and len(body) >= int(field.split(b":")[1]):
                return answer
