"""A network of the test's own: the test runs in a network namespace, with taps that lead to images.

    namespace.enter()          # first thing: starts the test again, inside of a namespace
    with namespace.Tap() as tap:
        images.Running("services", "sandbox", options=tap.options)
        # the image is at tap.image_address, this side at tap.host_address

Nothing outside is touched, no rights are needed beyond those that Linux gives to everybody, and whatever is left
ends with the test.
"""

import os
import subprocess
import sys

SKIPPED = 77  # what ctest takes for "skipped"
INSIDE = "ASTERISM_TEST_NAMESPACE"


def enter():
    """Goes on in a namespace with its own loopback; where Linux does not allow that, the test is skipped."""
    if INSIDE not in os.environ:
        for flags in ("-n",) if os.geteuid() == 0 else ("-Urn",):
            if subprocess.run(["unshare", flags, "true"], stderr=subprocess.DEVNULL).returncode == 0:
                os.environ[INSIDE] = "1"
                os.execvp("unshare", ["unshare", flags, sys.executable, *sys.argv])
        print("skipped: this machine allows no network namespaces")
        sys.exit(SKIPPED)
    ip("link", "set", "lo", "up")
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        print("skipped: /dev/net/tun cannot be opened")
        sys.exit(SKIPPED)


def is_real_root():
    """Whether this process is root outside of the namespace as well."""
    with open("/proc/self/uid_map") as users:
        return os.geteuid() == 0 and users.read().split() == ["0", "0", "4294967295"]


def ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True)


class Tap:
    """A tap device with this side's address on it; removed at the end."""

    count = 0

    def __init__(self, address=True):
        Tap.count += 1
        self.name = f"tap{Tap.count}"
        network = f"10.{9 + Tap.count // 256}.{Tap.count % 256}"
        self.host_address, self.image_address = f"{network}.1", f"{network}.2"
        # What `aster run` needs to attach the device "service" to it.
        self.options = ["--net", f"service=tap:{self.name}", "--ip", f"{self.image_address}/24,gateway={self.host_address}"]
        self.address = address

    def __enter__(self):
        ip("tuntap", "add", self.name, "mode", "tap")
        # No chatter of Linux's own on it.
        with open(f"/proc/sys/net/ipv6/conf/{self.name}/disable_ipv6", "w") as switch:
            switch.write("1")
        if self.address:
            ip("address", "add", f"{self.host_address}/24", "dev", self.name)
        self.up()
        return self

    def __exit__(self, *_):
        ip("link", "delete", self.name)

    def up(self):
        ip("link", "set", self.name, "up")

    def down(self):
        ip("link", "set", self.name, "down")
