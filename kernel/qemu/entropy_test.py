"""Where random numbers come from on a virtual machine: the processor, else a virtio entropy device, else the image
refuses to start and says what to do.

    entropy_test.py IMAGE

Starts QEMU itself, since `aster run` gives every machine a processor that has RDRAND. (RDSEED alone is not tested:
QEMU has no processor with it and without RDRAND.)
"""

import re
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

NO_ENTROPY = 78
IMAGE = sys.argv.pop(1)
MICROVM, Q35 = "microvm,isa-serial=on,rtc=on", "q35"
MODERN = ("-global", "virtio-mmio.force-legacy=false")
WITHOUT, WITH = "qemu64", "qemu64,+rdrand"  # qemu64 is a processor of 2003


class Ran:
    def __init__(self, machine, cpu, *devices, timeout=120):
        with tempfile.NamedTemporaryFile() as control:
            words = ["qemu-system-x86_64", "-M", machine, "-accel", "tcg", "-cpu", cpu, "-m", "32M", "-kernel", IMAGE,
                     "-append", "control=3", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
                     "-serial", "stdio", "-chardev", f"file,id=control,path={control.name}",
                     "-device", "isa-serial,iobase=0x2f8,irq=3,chardev=control",
                     "-device", "isa-debug-exit,iobase=0xf4,iosize=4", *devices]
            ended = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
            self.text = f"{' '.join(words)}\n{ended.stdout}{ended.stderr}"
            self.out = ended.stdout
            said = re.search(r"^exit (\d+)$", control.read().decode(), re.M)
            self.code = int(said[1]) if said else None

    def numbers(self):
        """All that must differ between two starts."""
        return re.findall(r"^(?:place|key|word) (.*)$", self.out, re.M)


class MuteSource:
    """What a host's entropy daemon would be, that `gives` so many bytes and then nothing more."""

    def __init__(self, gives=0):
        self.gives = gives
        self.folder = tempfile.TemporaryDirectory()
        self.listener = socket.socket(socket.AF_UNIX)
        self.path = f"{self.folder.name}/egd"
        self.listener.bind(self.path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        connection, _ = self.listener.accept()
        with connection:
            if self.gives:
                connection.sendall(bytes(range(1, 1 + self.gives)))
            while connection.recv(1024):
                pass

    def options(self):
        return ("-chardev", f"socket,id=egd,path={self.path}", "-object", "rng-egd,id=source,chardev=egd")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()
        self.folder.cleanup()


class Entropy(unittest.TestCase):
    def assert_random(self, machine, cpu, *devices):
        numbers = []
        for _ in range(2):
            ran = Ran(machine, cpu, *devices)
            self.assertEqual(ran.code, 0, ran.text)
            self.assertEqual(len(ran.numbers()), 3, ran.text)
            numbers += ran.numbers()
        self.assertEqual(len(set(numbers)), 6, numbers)

    def assert_refuses(self, ran, *words):
        self.assertEqual(ran.code, NO_ENTROPY, ran.text)
        line = ran.out.strip()
        self.assertEqual(line.count("\n"), 0, ran.text)
        for word in ("asterism: no source of entropy: ", *words):
            self.assertIn(word, line)

    def test_the_processor_is_asked_first(self):
        self.assert_random(MICROVM, WITH)
        self.assert_random(Q35, WITH)

    def test_a_device_serves_on_microvm(self):
        self.assert_random(MICROVM, WITHOUT, *MODERN, "-device", "virtio-rng-device")

    def test_a_device_is_found_among_others_and_in_eight_slots(self):
        network = ("-device", "virtio-net-device")
        self.assert_random(f"{MICROVM},acpi=off", WITHOUT, *MODERN, *network, "-device", "virtio-rng-device", *network)

    def test_a_device_serves_on_q35(self):
        for device in ("virtio-rng-pci", "virtio-rng-pci,disable-legacy=on", "virtio-rng-pci,page-per-vq=on"):
            with self.subTest(device):
                self.assert_random(Q35, WITHOUT, "-device", device)

    def test_a_device_serves_behind_a_bridge(self):
        self.assert_random(Q35, WITHOUT, "-device", "pcie-root-port,id=below,bus=pcie.0",
                           "-device", "virtio-rng-pci,bus=below")

    def test_a_device_that_gives_little_at_a_time_serves(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(bytes(i % 251 + 1 for i in range(30000)))
            file.flush()
            ran = Ran(MICROVM, WITHOUT, *MODERN, "-object", f"rng-random,id=source,filename={file.name}",
                      "-device", "virtio-rng-device,rng=source,max-bytes=100,period=1")
            # What the device gave is what arrives, and each byte of it once: the place, the canary, the key.
            self.assertRegex(ran.out, r"key( [0-9a-f]{16}){4}\n", ran.text)
            key = bytes.fromhex("".join(w[14:] + w[12:14] + w[10:12] + w[8:10] + w[6:8] + w[4:6] + w[2:4] + w[:2]
                                        for w in re.search(r"key (.*)", ran.out)[1].split()))
            self.assertEqual([b - key[0] for b in key], list(range(32)), ran.text)

    def test_without_any_source_it_refuses_and_names_the_mend(self):
        self.assert_refuses(Ran(MICROVM, WITHOUT, *MODERN), "-device virtio-rng-device")
        self.assert_refuses(Ran(Q35, WITHOUT), "-device virtio-rng-pci", "rdrand")

    def test_a_legacy_device_is_told_so(self):
        self.assert_refuses(Ran(MICROVM, WITHOUT, "-device", "virtio-rng-device"), "virtio-mmio.force-legacy=false")
        self.assert_refuses(Ran(Q35, WITHOUT, "-device", "virtio-rng-pci,disable-modern=on,disable-legacy=off"),
                            "disable-modern=on")

    def test_a_device_that_does_not_answer_ends_the_wait(self):
        for gives in (0, 7):
            with self.subTest(gives=gives), MuteSource(gives) as source:
                ran = Ran(MICROVM, WITHOUT, *MODERN, *source.options(), "-device", "virtio-rng-device,rng=source")
                self.assert_refuses(ran, "does not answer as it should")


unittest.main(verbosity=2)
