"""Names are resolved by a name server on the network: one with every fault that a test can think of, and dnsmasq."""

import re
import socket
import subprocess
import tempfile
import threading

import images
import namespace
from network import link6
from network.name_server import A, AAAA, CNAME, SERVER_FAILURE, TRUNCATED, NameServer, record

namespace.enter()

ZONE = {
    "www.test": {A: ["192.0.2.1", "192.0.2.2"]},
    "alias.test": {CNAME: ["deeper.test"]},
    "deeper.test": {CNAME: ["www.test"]},
    "empty.test": {},
    "long.test": {A: [f"192.0.2.{i}" for i in range(1, 31)]},
}


class WithServer:
    def setUp(self):
        self.tap = self.enterContext(namespace.Tap())
        self.server = self.enterContext(NameServer(self.tap.host_address, ZONE))
        self.options = self.tap.options[:-1] + [self.tap.options[-1] + f",dns={self.tap.host_address}"]

    def resolve(self, *names):
        """What the image prints about each name, and how many milliseconds each took."""
        ran = self.run_image("resolve", *names, options=self.options)
        self.assert_succeeds(ran)
        self.took = [int(ms) for ms in re.findall(r"^\((\d+) ms\)$", ran.out, re.M)]
        return [line for line in ran.out.splitlines() if not line.startswith("(")]


class Names(WithServer, images.OnEveryTarget):
    image = "names"

    def test_names_are_found_and_remembered(self):
        told = self.resolve("www.test", "alias.test", "WWW.Test.", "nobody.test", "empty.test", "192.0.2.9", "nobody.test")
        self.assertEqual(told, [
            "www.test is 192.0.2.1 192.0.2.2",
            "alias.test is 192.0.2.1 192.0.2.2",
            "WWW.Test. is 192.0.2.1 192.0.2.2",
            "nobody.test is: no such host",
            "empty.test is: no such host",
            "192.0.2.9 is 192.0.2.9",
            "nobody.test is: no such host",
        ])
        # Both families of four names, once each, from ports that nobody can guess. Two of eight may be the same by chance,
        # once in 600 runs; more than two never.
        names = ("www.test", "alias.test", "nobody.test", "empty.test")
        self.assertEqual(sorted(self.server.asked), sorted((name, kind, False) for name in names for kind in (A, AAAA)))
        self.assertGreaterEqual(len(set(self.server.ports)), len(self.server.ports) - 1)

    def test_what_is_too_long_for_a_datagram_comes_by_tcp(self):
        self.server.faults["long.test"] = lambda server, query: server.truth if query.by_tcp else query.answer(flags=TRUNCATED)
        self.assertEqual(self.resolve("long.test"), ["long.test is " + " ".join(ZONE["long.test"][A])])

    def test_a_connection_by_name_passes_over_addresses_that_do_not_answer(self):
        listener = self.enterContext(socket.create_server((self.tap.host_address, 0)))
        port = listener.getsockname()[1]
        silent = self.tap.host_address.rsplit(".", 1)[0] + ".77"
        ZONE["shop.test"] = {A: [silent, self.tap.host_address]}

        def greet():
            with listener.accept()[0] as client:
                client.sendall(b"hello")

        threading.Thread(target=greet, daemon=True).start()
        ran = self.run_image("connect", "shop.test", str(port), options=self.options)
        self.assert_succeeds(ran, f"{self.tap.host_address}:{port} says hello\n")


class Faults(WithServer, images.OnEveryTarget):
    """Waiting is the same everywhere, so it is done once."""

    image = "names"
    targets = ("sandbox",)

    def test_spoofed_answers_are_not_believed(self):
        def spoof(server, query):
            # From the server's own port to the right one: only the number, or the case of the letters, is wrong.
            lie = [record("www.test", A, "6.6.6.6")]
            for wrong in range(1, 4):
                server.datagrams.sendto(query.answer(lie, identity=query.id ^ wrong), server.source)
            other = bytes(b ^ 0x20 if chr(b).isalpha() else b for b in query.question[:-4]) + query.question[-4:]
            if query.by_tcp:
                return server.truth
            server.datagrams.sendto(query.answer(lie, question=other), server.source)
            return server.truth

        # From elsewhere, too.
        def elsewhere():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as liar:
                liar.sendto(b"\0" * 12, (self.tap.image_address, self.server.ports[-1]))

        self.server.faults["www.test"] = lambda server, query: (elsewhere(), spoof(server, query))[1]
        self.assertEqual(self.resolve("www.test"), ["www.test is 192.0.2.1 192.0.2.2"])

    def test_a_lost_answer_is_asked_for_again(self):
        seen = []
        self.server.faults["www.test"] = lambda server, query: None if seen.append(query.kind) or seen.count(query.kind) < 2 else server.truth
        self.assertEqual(self.resolve("www.test"), ["www.test is 192.0.2.1 192.0.2.2"])
        self.assertGreaterEqual(self.took[0], 1000)
        self.assertLess(self.took[0], 2900)

    def test_a_server_that_fails_or_is_silent(self):
        self.server.faults["fails.test"] = lambda server, query: query.answer(flags=SERVER_FAILURE)
        self.server.faults["silent.test"] = lambda server, query: None
        self.server.faults["nonsense.test"] = lambda server, query: b"nonsense"
        self.assertEqual(self.resolve("fails.test", "silent.test", "nonsense.test", "www.test"), [
            "fails.test is: host unreachable",
            "silent.test is: timed out",
            "nonsense.test is: timed out",
            "www.test is 192.0.2.1 192.0.2.2",
        ])


class BothFamilies(images.OnEveryTarget):
    """Happy Eyeballs (RFC 8305) against live peers: IPv6 first, and IPv4 when that comes to nothing."""

    image = "names"

    def setUp(self):
        self.link = self.enterContext(link6.Link())
        self.router = self.enterContext(link6.Router(self.link, prefixes=[self.link.prefix]))
        self.options = self.link.options[:-1] + [self.link.options[-1] + f",dns={self.link.host_address}"]
        self.zone = {}
        self.enterContext(NameServer(self.link.host_address, self.zone))
        self.six = self.greeter(self.link.host6, 0)
        self.port = self.six.getsockname()[1]

    def greeter(self, address, port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, port), family=family)

        def greet():
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    client.sendall(b"hello")

        thread = threading.Thread(target=greet)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.end, listener)
        return listener

    def end(self, listener):
        """Nobody listens there from now on."""
        if listener.fileno() >= 0:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def connected_to(self, zone):
        """What says hello at a name with these addresses."""
        self.zone["shop.test"] = zone
        ran = self.run_image("connect6", "shop.test", str(self.port), options=self.options)
        self.assertEqual(ran.code, 0, ran)
        return ran.out.removesuffix(" says hello\n")

    def test_ipv6_is_tried_first(self):
        self.greeter(self.link.host_address, self.port)
        self.assertEqual(self.connected_to({A: [self.link.host_address], AAAA: [self.link.host6]}), f"[{self.link.host6}]:{self.port}")

    def announced(self, server):
        """Asks a name server that is known by a router's word alone, for a name in the domain that he says."""
        self.zone["shop.galaxy.test"] = {A: ["192.0.2.1"], AAAA: ["2001:db8::7"]}
        names = self.enterContext(NameServer(server, self.zone))
        self.router.servers, self.router.domains = [server.split("%")[0]], ["galaxy.test"]
        ran = self.run_image("resolve6", "shop", "shop.galaxy.test", options=self.link.options)
        self.assertEqual([line for line in ran.out.splitlines() if not line.startswith("(")],
                         ["shop is 2001:db8::7 192.0.2.1", "shop.galaxy.test is 2001:db8::7 192.0.2.1"], ran)
        self.assertEqual(len(names.asked), 2)

    def test_a_name_server_and_a_domain_that_a_router_announces(self):
        self.announced(self.link.host6)

    def test_a_name_server_of_this_link_alone(self):
        self.announced(f"{link6.LINK_LOCAL}%{self.link.name}")

    def test_where_nobody_of_this_link_answers_ipv4_is_used(self):
        self.greeter(self.link.host_address, self.port)
        told = self.connected_to({A: [self.link.host_address], AAAA: [self.link.prefix + "dead"]})
        self.assertEqual(told, f"{self.link.host_address}:{self.port}")

    def test_where_nobody_behind_the_router_answers_ipv4_is_used(self):
        self.greeter(self.link.host_address, self.port)
        told = self.connected_to({A: [self.link.host_address], AAAA: ["2001:db8:dead::1"]})
        self.assertEqual(told, f"{self.link.host_address}:{self.port}")

    def test_where_ipv6_refuses_ipv4_is_used_at_once(self):
        self.greeter(self.link.host_address, self.port)
        self.end(self.six)
        self.assertEqual(self.connected_to({A: [self.link.host_address], AAAA: [self.link.host6]}), f"{self.link.host_address}:{self.port}")


class RealServer(images.OnEveryTarget):
    """dnsmasq, which gives out the address and says by DHCP that it is the name server."""

    image = "names"

    def test_dnsmasq(self):
        tap = self.enterContext(namespace.Tap())
        folder = self.enterContext(tempfile.TemporaryDirectory())
        network = tap.host_address.rsplit(".", 1)[0]
        many = [f"--host-record=many.galaxy.test,192.0.2.{i}" for i in range(1, 120)]
        server = subprocess.Popen(
            ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--user=root",
             f"--pid-file={folder}/pid", f"--dhcp-leasefile={folder}/leases", f"--interface={tap.name}", "--bind-interfaces",
             f"--dhcp-range={network}.20,{network}.90,1h", "--domain=galaxy.test", "--local=/galaxy.test/",
             f"--host-record=shop.galaxy.test,{tap.host_address}", "--cname=alias.galaxy.test,shop.galaxy.test", *many],
            stderr=subprocess.PIPE)
        self.addCleanup(server.stderr.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        options = ["--net", f"service=tap:{tap.name},dhcp"]
        ran = self.run_image("resolve", "shop.galaxy.test", "alias.galaxy.test", "shop", "none.galaxy.test", "many.galaxy.test", options=options)
        self.assert_succeeds(ran)
        lines = [line for line in ran.out.splitlines() if not line.startswith("(")]
        self.assertEqual(lines[:4], [
            f"shop.galaxy.test is {tap.host_address}",
            f"alias.galaxy.test is {tap.host_address}",
            f"shop is {tap.host_address}",  # in the domain that DHCP named
            "none.galaxy.test is: no such host",
        ])
        self.assertEqual(len(re.findall(r"192\.0\.2\.", lines[4])), 32, lines[4])


images.main()
