"""How many instructions a virtual machine executes until main, and until the image answers a SYN.

QEMU counts them: under `-icount shift=0` one instruction is one nanosecond of the machine's time, so that the time
stamp counter at main is their number, and so is the time at which a frame leaves. The number does not
depend on the machine that measures, and varies a little with the random layout of each boot.
"""

import collections
import fcntl
import pathlib
import socket
import struct
import subprocess
import tempfile
import termios
import time

import frames
import measure
from boot_profile import profile
from figure import at_most, figure, not_measured

TOLD = 5  # functions told beside a number
NAME = {"main": "QEMU microvm: instructions from power-on to main, no devices",
        "syn": "QEMU microvm: instructions from power-on to the first SYN-ACK of 02-server"}
MICROVM = ["-M", "microvm,isa-serial=on,rtc=on,auto-kernel-cmdline=off", "-global", "virtio-mmio.force-legacy=false"]
COUNTED = ["-accel", "tcg", "-cpu", "max", "-m", "64M", "-icount", "shift=0,sleep=off"]
BARE = ["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]


def measure_all(house):
    if not house.qemu:
        why = "qemu-system-x86_64 is not installed"
        yield not_measured("boot", NAME["main"], "", at_most(100_000), why)
        yield not_measured("boot", NAME["syn"], "", at_most(400_000), why)
        return
    rounds = house.rounds(9)
    measure.pin(0)
    stamps = [to_main(house) for _ in range(rounds)]
    yield figure("boot", NAME["main"], int(measure.median(stamps)), "", at_most(100_000),
                 "time stamp counter at main under -icount shift=0", where_to(house, "bench_boot_stamp"))
    answers = [to_first_answer(house) for _ in range(rounds)]
    yield figure("boot", NAME["syn"], int(measure.median(answers)), "", at_most(400_000),
                 "the machine's time at which the frame left, static address", where_to(house, "02-server"))


def machine(house, image, boot_line, *more):
    return [house.qemu, *MICROVM, *COUNTED, *BARE, "-kernel", str(image), "-append", boot_line, *more]


def to_main(house):
    words = machine(house, house.image("bench_boot_stamp"), "arg=stamp", "-serial", "stdio")
    ran = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return int(ran.stdout.split("main at ")[1].split()[0])


class peer:
    """The other end of the machine's only cable: a Linux-like neighbour that asks for the image's MAC address and then
    opens a connection, again and again until it is answered. (A frame that comes before the driver is ready is lost.)"""

    here, image = "10.9.0.1", "10.9.0.2"
    own_mac, mac = "02:00:00:00:00:01", "52:54:00:00:00:01"
    device = f"virtio-net-device,netdev=cable,mac={mac}"
    boot_line = f"arg=server net=service,mac={mac},ip={image}/24"

    def __init__(self):
        self.socket, self.for_qemu = socket.socketpair()
        self.socket.setblocking(False)
        ask = frames.arp_request(self.own_mac, self.here, self.image)
        syn = frames.syn(self.own_mac, self.here, 40000, self.mac, self.image, 80)
        self.knock = b"".join(struct.pack("!I", len(frame)) + frame for frame in (ask, syn))
        self.received = b""

    def netdev(self):
        return ["-netdev", f"socket,id=cable,fd={self.for_qemu.fileno()}", "-device", self.device]

    def unread(self):
        """Bytes that we have sent and QEMU has not yet taken."""
        return struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, b"\0" * 4))[0]

    def knock_until_answered(self, pause, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.unread() == 0:
                self.socket.send(self.knock)
            time.sleep(pause)
            try:
                self.received += self.socket.recv(65536)
            except BlockingIOError:
                continue
            if any(frames.is_syn_ack(frame) for frame in self.frames()):
                return
        raise TimeoutError("no SYN-ACK")

    def frames(self):
        at = 0
        while at + 4 <= len(self.received):
            size = struct.unpack_from("!I", self.received, at)[0]
            yield self.received[at + 4 : at + 4 + size]
            at += 4 + size

    def close(self):
        self.socket.close()
        self.for_qemu.close()


def to_first_answer(house, *more, pause=0.0005):
    """Boots 02-server and returns the instruction at which its first SYN-ACK left."""
    neighbour = peer()
    with tempfile.TemporaryDirectory() as folder:
        dump = pathlib.Path(folder) / "frames.pcap"
        words = machine(house, house.image("02-server"), peer.boot_line, *neighbour.netdev(), "-serial", "null",
                        "-object", f"filter-dump,id=dump,netdev=cable,file={dump}", *more)
        process = subprocess.Popen(words, pass_fds=[neighbour.for_qemu.fileno()], stdin=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            neighbour.knock_until_answered(pause)
        finally:
            process.terminate()
            process.wait()
            neighbour.close()
        return next(microseconds * 1000 for microseconds, frame in frames.read_pcap(dump) if frames.is_syn_ack(frame))


def where_to(house, image):
    """The functions that execute most instructions until then, from a log of every single one."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "executed.log"
        every = ["-singlestep", "-d", "exec,nochain", "-D", str(log)]
        path = house.image(image)
        if image == "02-server":
            to_first_answer(house, *every, pause=0.01)  # this machine is slow: few knocks, so that they count little
            counted = profile(log, path)
        else:
            words = machine(house, path, "arg=stamp", "-serial", "null", *every)
            subprocess.run(words, stdin=subprocess.DEVNULL, timeout=120)
            counted = profile(log, path, until="main")
        return dict(collections.Counter(counted).most_common(TOLD))
