"""An image gets its address from a DHCP server that is not ours (dnsmasq), and does what its options say."""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import images
import namespace

DNSMASQ = shutil.which("dnsmasq") or shutil.which("dnsmasq", path="/usr/sbin")
if DNSMASQ is None:
    print("skipped: dnsmasq is not installed")
    sys.exit(namespace.SKIPPED)
namespace.enter()


@contextlib.contextmanager
def serving(device, *options):
    """dnsmasq as a DHCP server alone; yields a function that waits for a line of its log."""
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
            [DNSMASQ, "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--log-dhcp", "--log-facility=-",
             "--user=root", "--group=root", f"--interface={device}", "--bind-interfaces", "--no-ping",
             f"--dhcp-leasefile={folder}/leases", f"--pid-file={folder}/pid", *options],
            stderr=subprocess.PIPE, text=True) as server:
        said = []

        def until(pattern):
            while not re.search(pattern, line := server.stderr.readline()):
                said.append(line)
                assert line, "".join(said)
            said.append(line)
            return line

        try:
            until("IP range")
            yield until
        finally:
            server.kill()


class Dhcp(images.OnEveryTarget):
    image = "services"

    def test_takes_what_it_is_given(self):
        tap = self.enterContext(namespace.Tap())
        far = "198.51.100.1"
        namespace.ip("address", "replace", f"{far}/32", "dev", "lo")
        # No router: that the image answers somebody far away is owed to the route alone.
        until = self.enterContext(serving(
            tap.name, f"--dhcp-range={tap.image_address},{tap.image_address},255.255.255.0,120", "--dhcp-option=3",
            f"--dhcp-option=121,198.51.100.0/24,{tap.host_address}", "--dhcp-option=26,1000"))
        running = self.start_image(options=["--net", f"service=tap:{tap.name}"])
        for word in ("DISCOVER", "OFFER", "REQUEST", "ACK"):
            until(f"DHCP{word}\\({tap.name}\\)")
        running.until("^serving")

        listener = self.enterContext(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)))
        listener.bind((tap.name, 3))
        listener.settimeout(10)
        ping = ["ping", "-n", "-c", "1", "-W", "10", "-I", far, "-s", "2500", tap.image_address]
        told = subprocess.run(ping, capture_output=True, text=True, timeout=60)
        self.assertIn(" 0% packet loss", told.stdout, told)
        # Its answer came in packets no larger than the option says.
        sizes = []
        while sum(sizes) < 2508:
            frame, where = listener.recvfrom(65536)
            if where[2] != socket.PACKET_OUTGOING and frame[12:14] == b"\x08\x00" and frame[23] == 1:
                sizes.append(int.from_bytes(frame[16:18], "big") - 20)
        self.assertEqual(len(sizes), 3, sizes)
        self.assertLessEqual(max(sizes), 980)


class Conflict(images.OnEveryTarget):
    image = "services"
    targets = ("sandbox",)  # that the stack is the same everywhere, the other test shows

    def test_is_noticed_and_declined(self):
        tap = self.enterContext(namespace.Tap())
        taken = tap.host_address.rsplit(".", 1)[0] + ".50"
        # All that the server has to give is another station's already, which says so when it is asked.
        until = self.enterContext(serving(tap.name, f"--dhcp-range={taken},{taken},255.255.255.0,120"))
        station = self.enterContext(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806)))
        station.bind((tap.name, 0x0806))
        station.settimeout(30)
        self.start_image(options=["--net", f"service=tap:{tap.name}"])
        until(rf"DHCPACK\({tap.name}\) {re.escape(taken)} ")
        mac, ip = bytes.fromhex("020000000077"), socket.inet_aton(taken)
        while True:
            asked = station.recv(2000)
            if asked[20:22] == b"\0\1" and asked[28:32] == bytes(4) and asked[38:42] == ip:  # a probe
                break
        station.send(asked[6:12] + mac + asked[12:20] + b"\0\2" + mac + ip + asked[22:32])
        until(rf"DHCPDECLINE\({tap.name}\) {re.escape(taken)} ")
        # It begins anew after a pause, and the server knows better now.
        until(rf"DHCPDISCOVER\({tap.name}\)")


images.main()
