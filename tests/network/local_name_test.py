"""A name below .local: claimed, answered for, defended and given up, as seen by others on the network."""

import signal
import socket
import struct
import threading
import time

import images
import namespace
from network.name_server import A, ANY, PTR, SRV, Message, Query, encoded, record

namespace.enter()

GROUP = ("224.0.0.251", 5353)


class Neighbour:
    """A host on the tap that takes part in multicast DNS: hears everything, and says what it is told to."""

    def __init__(self, tap):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("", 5353))
        ours = socket.inet_aton(tap.host_address)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP[0]) + ours)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, ours)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        self.heard = []
        self.has = None  # a name that it has, and says so when somebody asks for it
        threading.Thread(target=self.hear, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def hear(self):
        while True:
            try:
                told, source = self.socket.recvfrom(9000)
            except OSError:
                return
            message = Message(told)
            self.heard.append(message)
            if message.flags & 0x8000 or all(name != self.has for name, _ in message.questions):
                continue
            if source[1] == 5353:
                self.say(0x8400, answers=[record(self.has, A, "10.9.0.77", 120, flush=True)])
            else:  # one who is not of this kind is answered as by a name server (RFC 6762 §6.7)
                query = Query(told)
                self.socket.sendto(query.answer([record(self.has, A, "10.9.0.77", 10)] if query.kind == A else []), source)

    def say(self, flags=0, questions=(), answers=()):
        asked = b"".join(encoded(name) + struct.pack("!HH", kind, 1) for name, kind in questions)
        self.socket.sendto(struct.pack("!6H", 0, flags, len(questions), len(answers), 0, 0) + asked + b"".join(answers), GROUP)

    def until(self, condition):
        """The first message heard from now on, or before, that meets `condition`."""
        found = []

        def seen():
            found[:] = [message for message in self.heard if condition(message)]
            return found

        images.wait_until(seen, 20, lambda: f"heard were {[vars(message) for message in self.heard]}")
        return found[0]


class LocalName(images.OnEveryTarget):
    image = "names"

    def setUp(self):
        self.tap = self.enterContext(namespace.Tap())
        namespace.ip("route", "add", "224.0.0.0/4", "dev", self.tap.name)
        self.neighbour = self.enterContext(Neighbour(self.tap))

    def claim(self, expected):
        running = self.start_image("claim", "shop", options=self.tap.options)
        running.until(f"^I am {expected}$")
        return running

    def test_is_claimed_announced_answered_and_given_up(self):
        running = self.claim("shop.local")
        self.neighbour.until(lambda m: not m.flags & 0x8000 and ("shop.local", ANY) in m.questions)
        self.neighbour.until(lambda m: m.flags == 0x8400 and m.find("shop.local", A) == [(120, self.tap.image_address)])
        with socket.create_connection((self.tap.image_address, 80), 10) as client:
            self.assertEqual(client.recv(100)[:12], b"HTTP/1.0 200")

        time.sleep(1.5)  # what everybody has just heard is not repeated sooner
        self.neighbour.heard.clear()
        self.neighbour.say(questions=[("_http._tcp.local", PTR)])
        answer = self.neighbour.until(lambda m: m.find("_http._tcp.local", PTR))
        self.assertEqual(answer.find("_http._tcp.local", PTR), [(4500, "shop._http._tcp.local")])
        self.assertEqual(answer.find("shop._http._tcp.local", SRV), [(120, (80, "shop.local"))])
        self.assertEqual(answer.find("shop.local", A), [(120, self.tap.image_address)])

        # A program that knows nothing of multicast DNS asks from a port of its own and is answered there.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
            plain.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(self.tap.host_address))
            plain.settimeout(10)
            plain.sendto(struct.pack("!6H", 77, 0, 1, 0, 0, 0) + encoded("SHOP.local") + struct.pack("!HH", A, 1), GROUP)
            told = Message(plain.recv(9000))
        self.assertEqual((told.id, told.find("shop.local", A)), (77, [(10, self.tap.image_address)]))

        running.signal(signal.SIGTERM)
        running.wait()
        self.neighbour.until(lambda m: m.find("shop.local", A) == [(0, self.tap.image_address)])

    def test_a_name_that_somebody_has_is_left_to_him(self):
        self.neighbour.has = "shop.local"
        self.claim("shop-2.local")

    def test_other_names_are_resolved_without_a_server(self):
        self.neighbour.has = "desk.local"
        ran = self.run_image("resolve", "desk.local", "nobody.local", options=self.tap.options)
        self.assert_succeeds(ran)
        self.assertIn("desk.local is 10.9.0.77\n", ran.out)
        self.assertIn("nobody.local is: no such host\n", ran.out)


images.main()
