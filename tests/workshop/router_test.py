"""The router of the workshop between two networks, each a namespace of its own: what is inside reaches the outside
under the router's address, what is forbidden does not, and nobody outside reaches the inside."""

import contextlib
import re
import subprocess
import sys

import images
import namespace

namespace.enter()

INSIDE, OUTSIDE = "10.9.1.10", "192.0.2.10"
LAN, WAN = "10.9.1.1", "192.0.2.1"

# Answers each connection with the address that it comes from, says so of the port that it is given.
SERVER = """
import socket, sys
s = socket.create_server(("0.0.0.0", int(sys.argv[1])), backlog=20)
print("listening", flush=True)
while True:
    c, who = s.accept()
    c.settimeout(10)
    try:
        c.recv(1000)
        c.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n" + who[0].encode() + b"\\n" + b"x" * 200000)
        c.shutdown(socket.SHUT_WR)
        while c.recv(1000): pass
    except OSError:
        pass
    c.close()
"""


class Side:
    """A host in a namespace of its own, on the same link as a tap."""

    def __init__(self, name, address, gateway=None):
        self.tap, self.link, self.inner = f"{name}tap", f"{name}br", f"{name}0"
        self.address, self.gateway = address, gateway

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            holder = stack.enter_context(subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep 600"], stdout=subprocess.PIPE))
            stack.callback(holder.kill)
            holder.stdout.readline()
            self.enter = ["nsenter", "-t", str(holder.pid), "-n"]
            namespace.ip("link", "add", self.link, "type", "bridge")
            stack.callback(namespace.ip, "link", "delete", self.link)
            namespace.ip("tuntap", "add", self.tap, "mode", "tap")
            stack.callback(namespace.ip, "link", "delete", self.tap)
            namespace.ip("link", "add", f"{self.link}v", "type", "veth", "peer", "name", self.inner, "netns", holder.pid)
            stack.callback(namespace.ip, "link", "delete", f"{self.link}v")
            for device in (self.tap, f"{self.link}v"):
                namespace.ip("link", "set", device, "master", self.link)
            for device in (self.tap, self.link, f"{self.link}v"):
                with open(f"/proc/sys/net/ipv6/conf/{device}/disable_ipv6", "w") as switch:
                    switch.write("1")
                namespace.ip("link", "set", device, "up")
            for words in (["link", "set", "lo", "up"], ["link", "set", self.inner, "up"],
                          ["address", "add", f"{self.address}/24", "dev", self.inner]):
                self.run("ip", *words, check=True)
            if self.gateway:
                self.run("ip", "route", "add", "default", "via", self.gateway, check=True)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def run(self, *words, check=False):
        return subprocess.run([*self.enter, *words], capture_output=True, text=True, timeout=60, check=check)

    @contextlib.contextmanager
    def serving(self, port):
        with subprocess.Popen([*self.enter, sys.executable, "-c", SERVER, str(port)], stdout=subprocess.PIPE, text=True) as server:
            try:
                assert "listening" in server.stdout.readline()
                yield
            finally:
                server.kill()

    def get(self, address, port):
        return self.run("curl", "-s", "-S", "--connect-timeout", "3", "-m", "20", f"http://{address}:{port}/")


class Router(images.OnEveryTarget):
    image = "extra-router"

    def test_leads_out_and_nobody_in(self):
        inside = self.enterContext(Side("in", INSIDE, gateway=LAN))
        # Outside knows no way to the addresses inside.
        outside = self.enterContext(Side("out", OUTSIDE))
        running = self.start_image("reject tcp port 8025", "drop tcp port 8026",
                                   options=["--net", f"lan=tap:{inside.tap},ip={LAN}/24",
                                            "--net", f"wan=tap:{outside.tap},ip={WAN}/24,gateway={OUTSIDE}"])
        running.until("10.9.1.1/24 is 192.0.2.1 outside")

        for size in (56, 4000):
            ping = inside.run("ping", "-n", "-c", "3", "-i", "0.05", "-W", "5", "-s", str(size), OUTSIDE)
            self.assertIn(" 0% packet loss", ping.stdout, ping)
            self.assertIn("ttl=63", ping.stdout)

        self.enterContext(outside.serving(8080))
        self.enterContext(outside.serving(8025))
        for _ in range(3):
            got = inside.get(OUTSIDE, 8080)
            self.assertEqual(got.returncode, 0, got)
            self.assertEqual(got.stdout.split("\n")[0], WAN)
            self.assertEqual(len(got.stdout.split("\n")[1]), 200000)

        refused = inside.get(OUTSIDE, 8025)
        self.assertEqual(refused.returncode, 7, refused)  # at once: the router has said so
        silent = inside.get(OUTSIDE, 8026)
        self.assertEqual(silent.returncode, 28, silent)  # dropped: nobody says anything

        # Not in from outside, neither by the address inside nor by a port of the router's.
        self.enterContext(inside.serving(8080))
        outside.run("ip", "route", "add", "10.9.1.0/24", "via", WAN, check=True)
        self.assertNotEqual(outside.get(INSIDE, 8080).returncode, 0)
        self.assertNotEqual(outside.get(WAN, 8080).returncode, 0)
        # And no hairpin: who is inside does not come back in by the address outside.
        self.assertNotEqual(inside.get(WAN, 8080).returncode, 0)

        # The router itself answers, on both sides.
        for side, address in ((inside, LAN), (inside, WAN), (outside, WAN)):
            self.assertEqual(side.run("ping", "-n", "-c", "1", "-W", "5", address).returncode, 0, address)
        # Where a path ends is heard of inside: errors are led there too.
        self.assertIn(OUTSIDE, inside.run("ping", "-n", "-c", "1", "-W", "5", OUTSIDE).stdout)
        aged = inside.run("ping", "-n", "-c", "1", "-W", "5", "-t", "1", OUTSIDE)
        self.assertRegex(aged.stdout, f"From {re.escape(LAN)}.*[Tt]ime to live exceeded")


images.main()
