"""The kernel of this machine as another machine: in a namespace of its own, at the other end of a wire.

    with linux_peer.Linux("10.9.200.2") as linux:                      # this end is `wire0`, and has no address
    with linux_peer.Linux("fd00:99::2", gateway="fd00:99::1") as linux:    # this end has the gateway's
        stream = linux.inside(lambda: socket.create_connection(…))

It runs what `linux_services.py` serves.
"""

import ctypes
import os
import pathlib
import subprocess
import sys
import threading

import images
import namespace

LIBC = ctypes.CDLL(None, use_errno=True)  # os.setns is newer than the Python that this must run on
CLONE_NEWNET = 0x40000000


class Linux:
    def __init__(self, address, gateway=None):
        self.address, self.gateway = address, gateway

    def __enter__(self):
        namespace.ip("link", "add", "wire0", "type", "veth", "peer", "name", "wire1")
        services = pathlib.Path(__file__).with_name("linux_services.py")
        words = [self.address, *([self.gateway] if self.gateway else [])]
        self.process = subprocess.Popen(["unshare", "-n", sys.executable, services, *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, preexec_fn=images.end_with_the_test)
        # The namespace is there once the process has another than ours.
        ours = os.readlink("/proc/self/ns/net")
        images.wait_until(lambda: os.readlink(f"/proc/{self.process.pid}/ns/net") != ours)
        namespace.ip("link", "set", "wire1", "netns", self.process.pid)
        if ":" not in self.address or self.gateway is None:
            pathlib.Path("/proc/sys/net/ipv6/conf/wire0/disable_ipv6").write_text("1")
        namespace.ip("link", "set", "wire0", "up")
        if self.gateway:
            namespace.ip("address", "add", f"{self.gateway}/{64 if ':' in self.gateway else 24}", "dev", "wire0",
                         *(["nodad"] if ":" in self.gateway else []))
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "serving\n"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        namespace.ip("link", "delete", "wire0")

    def inside(self, function):
        """What `function()` returns there: sockets that it makes are the other machine's."""
        returned = []

        def there():
            with open(f"/proc/{self.process.pid}/ns/net") as network:
                if LIBC.setns(network.fileno(), CLONE_NEWNET) != 0:  # of this thread alone
                    raise OSError(ctypes.get_errno(), "setns")
            returned.append(function())

        thread = threading.Thread(target=there)
        thread.start()
        thread.join()
        return returned[0]
