"""A server answers at once on every layout of QEMU's machines: wherever the network device's interrupt comes in, and
whatever registers the power button has.

    machines_test.py SERVER SWEEPER

Lost interrupts would show: each answer would then wait for the next timer.
"""

import http.client
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SERVER, SWEEPER = sys.argv.pop(1), sys.argv.pop(1)
MMIO = ("-global", "virtio-mmio.force-legacy=false")
MAC = "52:54:00:12:34:56"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Machine:
    """A machine that serves; `with` ends it."""

    def __init__(self, image, machine, *more):
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory()
        self.monitor_path = f"{self.folder.name}/monitor"
        self.control_path = f"{self.folder.name}/control"
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-M", machine, "-accel", "tcg", "-cpu", "max", "-m", "64M", "-kernel", image,
             "-append", f"control=3 net=service,mac={MAC}", "-nodefaults", "-no-user-config", "-no-reboot",
             "-display", "none", "-serial", "stdio",
             "-chardev", f"file,id=control,path={self.control_path}",
             "-device", "isa-serial,iobase=0x2f8,irq=3,chardev=control",
             "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
             "-qmp", f"unix:{self.monitor_path},server=on,wait=off",
             "-netdev", f"user,id=n0,hostfwd=tcp:127.0.0.1:{self.port}-:80", *more],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.folder.cleanup()

    def said(self):
        return self.process.stdout.readline().strip()

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def press_power_button(self):
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(self.monitor_path)
            with monitor.makefile("rw") as lines:
                lines.readline()
                for command in ("qmp_capabilities", "system_powerdown"):
                    lines.write(json.dumps({"execute": command}) + "\n")
                    lines.flush()
                    lines.readline()

    def exit_code(self):
        self.process.wait(30)
        with open(self.control_path) as control:
            return int(re.search(r"^exit (\d+)$", control.read(), re.M)[1])


class Machines(unittest.TestCase):
    def assert_serves(self, machine, device, *more, has_button=True):
        with Machine(SERVER, machine, *more, "-device", f"{device},netdev=n0,mac={MAC}") as running:
            self.assertRegex(running.process.stdout.readline(), "serving on")
            connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
            begin = time.monotonic()
            for _ in range(50):
                connection.request("GET", "/")
                answer = connection.getresponse()
                self.assertEqual((answer.status, answer.read()[:5]), (200, b"Hello"))
            # A retransmission waits for 200 ms at least, and the stack's own timers are as slow.
            self.assertLess(time.monotonic() - begin, 5)
            connection.close()
            if has_button:
                running.press_power_button()
                self.assertEqual(running.exit_code(), 0)

    def test_microvm_with_24_slots(self):
        self.assert_serves("microvm,isa-serial=on", "virtio-net-device", *MMIO)

    def test_microvm_with_one_interrupt_controller(self):
        self.assert_serves("microvm,isa-serial=on,ioapic2=off", "virtio-net-device", *MMIO)

    def test_microvm_without_acpi(self):
        self.assert_serves("microvm,isa-serial=on,acpi=off", "virtio-net-device", *MMIO, has_button=False)

    def test_q35(self):
        self.assert_serves("q35", "virtio-net-pci,disable-legacy=on,romfile=")

    def test_q35_with_a_transitional_device(self):
        self.assert_serves("q35", "virtio-net-pci,romfile=")

    def test_q35_behind_a_bridge(self):
        self.assert_serves("q35", "virtio-net-pci,romfile=,bus=below", "-device", "pcie-root-port,id=below,bus=pcie.0")

    def test_i440fx(self):
        self.assert_serves("pc", "virtio-net-pci,disable-legacy=on,romfile=", has_button=False)

    def test_a_program_that_never_sleeps_hears_of_the_power_button(self):
        for machine in ("microvm,isa-serial=on", "q35"):
            with self.subTest(machine), Machine(SWEEPER, machine) as running:
                self.assertEqual(running.said(), "busy")
                running.say("go on")
                self.assertEqual(running.said(), "sweeping")
                running.press_power_button()
                self.assertEqual(running.exit_code(), 0)

    def test_a_press_before_the_first_wait_is_kept(self):
        for machine in ("microvm,isa-serial=on", "q35"):
            with self.subTest(machine), Machine(SWEEPER, machine) as running:
                self.assertEqual(running.said(), "busy")
                running.press_power_button()
                running.say("go on")
                self.assertEqual(running.exit_code(), 0)


unittest.main(verbosity=2)
