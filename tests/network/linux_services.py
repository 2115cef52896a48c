"""The services of `services.cpp` as far as wire_test.py needs them, by Linux: echo on 7, sink on 9, datagrams on 7.

    unshare -n python3 linux_services.py ADDRESS [GATEWAY]      a line on the input says that the interface `wire1` is there
"""

import pathlib
import selectors
import socket
import subprocess
import sys


def configure(address, gateway=None):
    six = ":" in address
    ipv6 = pathlib.Path("/proc/sys/net/ipv6/conf/wire1")
    (ipv6 / "accept_ra").write_text("0")
    if not six:
        (ipv6 / "disable_ipv6").write_text("1")
    given = [f"{address}/64", "nodad"] if six else [f"{address}/24"]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "address", "add", given[0], "dev", "wire1", *given[1:]], check=True)
    subprocess.run(["ip", "link", "set", "wire1", "up"], check=True)
    if gateway:
        subprocess.run(["ip", "-6" if six else "-4", "route", "add", "default", "via", gateway], check=True)
    # An answer to each wrong segment, and not one in half a second.
    pathlib.Path("/proc/sys/net/ipv4/tcp_invalid_ratelimit").write_text("0")
    pathlib.Path("/proc/sys/net/ipv6/icmp/ratelimit").write_text("0")


def serve(family):
    loop = selectors.DefaultSelector()
    for port in (7, 9):
        loop.register(socket.create_server(("", port), family=family, backlog=1000), selectors.EVENT_READ, ("listener", port))
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    datagrams.bind(("", 7))
    loop.register(datagrams, selectors.EVENT_READ, ("datagrams", 7))
    print("serving", flush=True)
    while True:
        for key, _ in loop.select():
            kind, port = key.data
            if kind == "listener":
                client, _ = key.fileobj.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                loop.register(client, selectors.EVENT_READ, ("client", port))
            elif kind == "datagrams":
                payload, sender = datagrams.recvfrom(1 << 16)
                try:
                    datagrams.sendto(payload, sender)
                except OSError:
                    pass  # nobody can be at port 0
            else:
                try:
                    piece = key.fileobj.recv(1 << 16)
                    if piece and port == 7:
                        key.fileobj.sendall(piece)
                except OSError:
                    piece = b""
                if not piece:
                    loop.unregister(key.fileobj)
                    key.fileobj.close()


if __name__ == "__main__":
    sys.stdin.readline()
    configure(*sys.argv[1:])
    serve(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
