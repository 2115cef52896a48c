"""The tender with real images: what it promises them, what it takes from them, and what it says to people.

    sandbox_test.py TENDER PROBE
"""

import ctypes
import errno
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

TENDER, PROBE = sys.argv[1:3]
KILLED = -signal.SIGSYS


def tender(*words, **settings):
    settings = {"capture_output": True, "text": True, "timeout": 20, "env": {}} | settings
    return subprocess.run([TENDER, *map(str, words)], **settings)


def calls():
    """The numbers of x86-64 Linux's system calls."""
    header = pathlib.Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h").read_text()
    return {name: int(number) for name, number in re.findall(r"#define __NR_(\w+) (\d+)", header)}


def rings_are_allowed():
    """Whether this kernel has io_uring and lets us use it."""
    libc = ctypes.CDLL(None, use_errno=True)
    ring = libc.syscall(calls()["io_uring_setup"], 1, ctypes.create_string_buffer(120))
    if ring >= 0:
        os.close(ring)
    return ring >= 0


class Entry(unittest.TestCase):
    def test_the_first_instruction_finds_what_was_promised(self):
        ran = tender(PROBE, "state")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        lines = [line.split() for line in ran.stdout.splitlines()]
        promises = [line for line in lines if line[0] != "place"]
        self.assertGreaterEqual(len(promises), 13)
        self.assertEqual([line for line in promises if line[1] != "yes"], [])

    def test_every_place_is_random(self):
        starts = [
            [int(place) for place in re.findall(r"place (\d+)", tender(PROBE, "state").stdout)] for _ in range(40)
        ]
        for kind, places in zip(("image", "memory", "stack"), zip(*starts)):
            self.assertEqual(len(set(places)), len(starts), kind)
            varying = 0
            for place in places:
                varying |= place ^ places[0]
            # All of 28 bits show up in 40 draws but for a chance of one in ten thousand million.
            self.assertGreaterEqual(bin(varying).count("1"), 27, kind)

    def test_the_exit_code_is_the_images_own(self):
        for code in (0, 1, 77, 255):
            self.assertEqual(tender(PROBE, "call", 231, code).returncode, code)

    def test_arguments_reach_the_boot_line(self):
        ran = tender(PROBE, "line", "a b", "ü")
        self.assertTrue(ran.stdout.endswith("arg=line arg=a%20b arg=%C3%BC\n"), ran.stdout)

    def test_the_environment_is_the_boot_line(self):
        ran = tender(PROBE, env={"ASTER_BOOT": "arg=x arg=line env=A=b", "SECRET": "s"})
        self.assertEqual(ran.stdout, "arg=x arg=line env=A=b\n")


class Confinement(unittest.TestCase):
    def test_what_libc_may_ask_reaches_the_image(self):
        for name in "open openat socket connect fork vfork clone clone3 execve kill tgkill brk munmap futex".split():
            ran = tender(PROBE, "call", calls()[name])
            self.assertEqual((ran.stdout, ran.returncode), ("trapped\n", 0), name)

    def test_what_no_honest_program_calls_kills(self):
        deadly = "ptrace process_vm_readv process_vm_writev bpf io_uring_setup mount unshare setns userfaultfd keyctl"
        for name in deadly.split():
            ran = tender(PROBE, "call", calls()[name])
            self.assertEqual((ran.stdout, ran.returncode), ("", KILLED), name)

    def test_a_ring_reads_and_writes_devices_and_does_nothing_else(self):
        if not rings_are_allowed():
            self.skipTest("this kernel makes no rings for us")
        device, peer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with device, peer:
            ran = tender("--device", device.fileno(), PROBE, "ring", pass_fds=[device.fileno()])
            peer.setblocking(False)
            self.assertEqual(peer.recv(100), b"frame")
            self.assertRaises(BlockingIOError, peer.recv, 100)
        said = ran.stdout.splitlines()
        self.assertEqual(said[:2], ["write 5", f"write-unregistered {-errno.EBADF}"])
        refused = f" {-errno.EACCES}"
        self.assertEqual([line for line in said[2:] if not line.endswith((refused, f" {-errno.EINVAL}"))], [])
        self.assertEqual(sum(line == "operation" + refused for line in said), len(said) - 5 - said.count(f"operation {-errno.EINVAL}"))
        self.assertGreater(said.count("operation" + refused), 30)  # the rest of 62 are none of this kernel's
        for what in ("write-descriptor", "write-linked", "write-by-a-worker"):
            self.assertIn(what + refused, said)

    def test_a_ring_takes_no_registrations_and_without_devices_there_is_none(self):
        self.assertEqual(tender(PROBE, "call", calls()["io_uring_register"], 16, 2, 0, 0).returncode, KILLED)
        self.assertEqual(tender(PROBE, "ring").stdout, "none\n")
        self.assertEqual(tender(PROBE, "call", calls()["io_uring_enter"], 16, 0, 0, 0).stdout, f"answered {-errno.EBADF}\n")

    def test_executable_memory_kills(self):
        self.assertEqual(tender(PROBE, "call", calls()["mmap"], 0, 4096, 7, 0x22, -1, 0).returncode, KILLED)
        self.assertEqual(tender(PROBE, "call", calls()["mprotect"], 0, 4096, 5).returncode, KILLED)

    def test_calls_of_another_architecture_kill(self):
        for way in ("int80", "x32"):
            ran = tender(PROBE, way)
            self.assertEqual((ran.stdout, ran.returncode), ("", KILLED), way)

    def test_pages_keep_their_protections(self):
        for what in ("null", "code", "constant"):
            ran = tender(PROBE, "write", what)
            self.assertEqual((ran.stdout, ran.returncode), ("fault 11\n", 134), what)

    def test_a_stack_overflow_hits_a_guard_page(self):
        ran = tender(PROBE, "overflow")
        self.assertEqual((ran.stdout, ran.returncode), ("fault 11\n", 134))


class Running:
    """A probe that goes on running; ended when the test ends."""

    def __init__(self, test, *words, **settings):
        settings = {"stdout": subprocess.PIPE, "env": {}} | settings
        self.process = subprocess.Popen([TENDER, *map(str, words)], **settings)
        test.addCleanup(self.end)

    def end(self):
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def line(self):
        return self.process.stdout.readline().decode().strip()

    def sleeps(self):
        """True once the process is idle in a system call."""
        for _ in range(2000):
            if pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "S":
                return True
            time.sleep(0.001)
        return False


class Process(unittest.TestCase):
    def test_requests_to_stop_reach_an_image_that_sleeps(self):
        for request in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            probe = Running(self, PROBE, "wait")
            self.assertEqual(probe.line(), "waiting")
            probe.process.send_signal(request)
            self.assertEqual(probe.line(), "stopped")
            self.assertEqual(probe.process.wait(10), 143)

    def test_an_ignored_hangup_stays_ignored(self):
        probe = Running(self, PROBE, "wait", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.assertEqual(probe.line(), "waiting")
        probe.process.send_signal(signal.SIGHUP)
        probe.process.send_signal(signal.SIGTERM)
        self.assertEqual(probe.line(), "stopped")
        self.assertEqual(probe.process.wait(10), 143)

    def test_sigterm_at_any_moment_of_the_start_is_not_lost(self):
        for microseconds in range(0, 2000, 50):
            probe = Running(self, PROBE, "wait")
            end = time.perf_counter() + microseconds / 1e6
            while time.perf_counter() < end:
                pass
            probe.process.send_signal(signal.SIGTERM)
            # Before the tender has blocked it, SIGTERM ends the tender; after that, the image sees it.
            self.assertIn(probe.process.wait(10), (-signal.SIGTERM, 143), microseconds)

    def test_only_the_descriptors_given_stay_open(self):
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        reading, writing = os.pipe()
        spare = os.open("/dev/null", os.O_RDONLY)
        words = ["--control", writing, "--device", there.fileno(), PROBE, "wait"]
        probe = Running(self, *words, pass_fds=[writing, there.fileno(), spare])
        self.assertEqual(probe.line(), "waiting")
        ring = [16] if rings_are_allowed() else []
        self.assertEqual(sorted(map(int, os.listdir(f"/proc/{probe.process.pid}/fd"))), [0, 1, 2, 3, 4, *ring])
        for descriptor in (reading, writing, spare):
            os.close(descriptor)
        here.close()
        there.close()

    def test_descriptors_that_stand_in_each_others_place_are_sorted_out(self):
        # The control channel is given as 4 and the device as 3: each in the other's place.
        device, peer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        reading, writing = os.pipe()
        script = f"exec 8<&{device.fileno()} 9>&{writing}; exec 3<&8 4>&9 8<&- 9<&-; exec {TENDER} --control 4 --device 3 {PROBE} echo"
        process = subprocess.Popen(["bash", "-c", script], pass_fds=[device.fileno(), writing])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        device.close()
        os.close(writing)
        peer.settimeout(10)
        for frame in (b"first", b"x" * 2000):
            peer.send(frame)
            self.assertEqual(peer.recv(4096), frame)
        peer.close()
        self.assertEqual(process.wait(10), 0)
        os.close(reading)

    def test_an_idle_image_burns_nothing(self):
        probe = Running(self, PROBE, "wait")
        self.assertEqual(probe.line(), "waiting")
        self.assertTrue(probe.sleeps())
        used = lambda: pathlib.Path(f"/proc/{probe.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        before = used()
        time.sleep(0.3)
        self.assertEqual(used(), before)

    def test_the_process_is_confined_as_linux_reports_it(self):
        probe = Running(self, PROBE, "wait")
        self.assertEqual(probe.line(), "waiting")
        status = dict(
            line.split(":\t", 1) for line in pathlib.Path(f"/proc/{probe.process.pid}/status").read_text().splitlines()
        )
        self.assertEqual(status["Seccomp"].strip(), "2")
        self.assertEqual(status["NoNewPrivs"].strip(), "1")
        maps = pathlib.Path(f"/proc/{probe.process.pid}/maps").read_text().splitlines()
        self.assertEqual([line for line in maps if re.search(r" .w.x", line.split(" ", 1)[1])], [])
        self.assertFalse([line for line in maps if re.match(r"\S+ rwx", line)])


class Refusals(unittest.TestCase):
    """Bad input gets one line that names the thing, the cause and the mend."""

    def refused(self, words, *parts, **settings):
        ran = tender(*words, **settings)
        self.assertEqual(ran.returncode, 125, ran)
        self.assertEqual(ran.stderr.count("\n"), 1, ran.stderr)
        for part in ("aster-sandbox: ", *parts):
            self.assertIn(part, ran.stderr)
        self.assertEqual(ran.stdout, "")

    def test_what_is_not_an_image(self):
        self.refused(["/nowhere"], "/nowhere", "cannot be opened", "no such file")
        self.refused([__file__], __file__, "not an ELF file")
        self.refused(["/"], "cannot be read")
        self.refused([TENDER], TENDER, "not an Asterism image")
        self.refused(["/bin/ls"], "dynamically linked")

    def test_too_little_memory(self):
        self.refused(["-m", "1", PROBE], "more memory than -m", "-m 64M")

    def test_an_absurd_amount_of_memory(self):
        self.refused(["-m", "60000G", PROBE], "does not fit into memory")

    def test_descriptors_that_are_not_open(self):
        self.refused(["--control", 77, PROBE], "not an open descriptor")
        self.refused(["--device", 77, PROBE], "not an open descriptor")
        self.refused(["--device", 4, PROBE], "not an open descriptor")

    def test_a_file_cut_short_anywhere(self):
        whole = pathlib.Path(PROBE).read_bytes()
        layout = subprocess.run(["readelf", "-lW", PROBE], capture_output=True, text=True, check=True).stdout
        loaded = max(
            int(offset, 16) + int(size, 16)
            for offset, size in re.findall(r"LOAD\s+(0x\w+) 0x\w+ 0x\w+ (0x\w+)", layout)
        )
        with tempfile.TemporaryDirectory() as folder:
            short = pathlib.Path(folder) / "short"
            for size in range(0, loaded, 512):
                short.write_bytes(whole[:size])
                self.refused([short], str(short))

    def test_help_goes_to_standard_output(self):
        ran = tender("--help")
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertTrue(ran.stdout.startswith("Usage: aster-sandbox"))


class Tender(unittest.TestCase):
    def test_it_has_no_relocations_and_is_small(self):
        listed = subprocess.run(["readelf", "-rW", TENDER], capture_output=True, text=True, check=True).stdout
        self.assertIn("no relocations", listed)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
