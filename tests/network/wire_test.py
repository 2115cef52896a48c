"""Frames that no decent peer sends, from outside: an image and the Linux kernel get the same, and what comes of it stands
in wire_table.md, and wire6_table.md for IPv6. Where the two differ the table says why.

    wire_test.py [WORDS...]      only cases whose name has these words
    wire_test.py --write         writes the tables anew, with the reasons they have
"""

import os
import pathlib
import sys

try:
    import scapy
except ImportError:  # Debian's package is seen by Debian's interpreter alone
    if os.path.samefile(sys.executable, "/usr/bin/python3"):
        sys.exit(77)
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

import images
import namespace

namespace.enter()

from network import outsider, outsider6, wire6_cases, wire_cases
from network.linux_peer import Linux

HEAD = """# What comes of {}

Each line is a case of `{}`, played by `wire_test.py` against an image and against the Linux kernel: what either
answers, in the words of the case. Numbers are relative: 1 is the first byte of a connection's either side. "Lives" means
that the connection takes the next byte as if nothing had been. Where the two differ the last column says why.

| case | an image | Linux, if otherwise | why |
|---|---|---|---|
"""
WRITES = "--write" in sys.argv
WORDS = [word for word in sys.argv[1:] if not word.startswith("-")]
del sys.argv[1:]


class Family:
    def __init__(self, what, cases, peer, table, linux):
        self.what, self.cases, self.peer, self.linux = what, cases, peer, linux
        self.path = pathlib.Path(__file__).with_name(table)

    def outcomes(self, interface, address):
        found = {}
        with self.peer.Outsider(interface, address) as peer:
            for name, case in self.cases.CASES.items():
                if any(word not in name for word in WORDS):
                    continue
                try:
                    found[name] = case(peer)
                except TimeoutError as error:
                    found[name] = f"({error})"
        return found

    def table(self):
        """{case: (image, Linux, why)}"""
        if not self.path.exists():
            return {}
        rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in self.path.read_text().splitlines() if line.startswith("|")]
        return {name: (ours, theirs or ours, why) for name, ours, theirs, why in rows[2:]}

    def write(self, ours, theirs, known):
        rows = [f"| {name} | {ours[name]} | {theirs[name] if theirs[name] != ours[name] else ''} | {known.get(name, ('', '', ''))[2] if theirs[name] != ours[name] else ''} |"
                for name in ours]
        self.path.write_text(HEAD.format(self.what, pathlib.Path(self.cases.__file__).name) + "\n".join(rows) + "\n")


IPV4 = Family("frames that no decent peer sends", wire_cases, outsider, "wire_table.md", "10.9.200.2")
IPV6 = Family("packets of IPv6 that no decent peer sends", wire6_cases, outsider6, "wire6_table.md", "2001:db8:9:200::2")


class Wire(images.OnEveryTarget):
    image = "services"
    targets = ("sandbox",)

    def test_what_comes_of_them_is_what_the_table_says(self):
        tap = self.enterContext(namespace.Tap(address=False))
        self.start_image(options=tap.options).until("^serving")
        self.compare(IPV4, IPV4.outcomes(tap.name, tap.image_address))

    def test_what_comes_of_those_of_ipv6_is_what_the_table_says(self):
        tap = self.enterContext(namespace.Tap(address=False))
        address = "2001:db8:9:1::2"
        self.start_image(options=tap.options[:-1] + [f"{tap.options[-1]},ip6={address}/64"]).until("^serving")
        self.compare(IPV6, IPV6.outcomes(tap.name, address))

    def compare(self, family, ours):
        with Linux(family.linux) as linux:
            theirs = family.outcomes("wire0", linux.address)
        known = family.table()
        if WRITES:
            family.write(ours, theirs, known)
        wrong = []
        for name in ours:
            told = (ours[name], theirs[name])
            if name not in known:
                wrong.append(f"{name}: {told}, not in the table")
            elif told != known[name][:2]:
                wrong.append(f"{name}: {told}, and the table says {known[name][:2]}")
            elif told[0] != told[1] and not known[name][2]:
                wrong.append(f"{name}: {told}, unexplained")
        differ = sum(ours[name] != theirs[name] for name in ours)
        print(f"{len(ours)} cases, {len(ours) - differ} the same, {differ} explained", end=" ", flush=True)
        self.assertEqual("\n".join(wrong), "")
        if not WORDS:
            self.assertEqual(sorted(known), sorted(ours))


images.main()
