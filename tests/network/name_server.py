"""A name server with faults, and what a test needs to read and write DNS messages. Written for these tests alone.

    with NameServer("10.9.1.1", {"www.test": {A: ["192.0.2.1"]}}) as server:
        server.faults["slow.test"] = lambda server, query: time.sleep(2)
"""

import contextlib
import socket
import struct
import threading

A, CNAME, SOA, PTR, TXT, AAAA, SRV, NSEC, ANY = 1, 5, 6, 12, 16, 28, 33, 47, 255
TRUNCATED, NO_SUCH_NAME, SERVER_FAILURE = 0x0200, 3, 2


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".") if label) + b"\0"


def take_name(message, at):
    """The name at `at` in lower case, and what follows it."""
    labels, behind = [], None
    while length := message[at]:
        if length >= 0xC0:
            behind = behind or at + 2
            at = struct.unpack_from("!H", message, at)[0] & 0x3FFF
        else:
            labels.append(message[at + 1 : at + 1 + length].decode().lower())
            at += 1 + length
    return ".".join(labels), behind or at + 1


def record(name, kind, data, ttl=300, flush=False):
    if kind == A:
        data = socket.inet_aton(data)
    elif kind == AAAA:
        data = socket.inet_pton(socket.AF_INET6, data)
    elif kind in (CNAME, PTR):
        data = encoded(data)
    elif kind == SOA:
        data = encoded("") * 2 + struct.pack("!5I", 1, 2, 3, 4, data)
    return encoded(name) + struct.pack("!HHIH", kind, 0x8001 if flush else 1, ttl, len(data)) + data


class Query:
    def __init__(self, message, by_tcp=False):
        self.message, self.by_tcp = message, by_tcp
        self.id, self.flags, self.questions = struct.unpack_from("!HHH", message)
        self.name, at = take_name(message, 12)
        self.kind = struct.unpack_from("!H", message, at)[0]
        self.question = message[12 : at + 4]

    def answer(self, records=(), flags=0, authorities=(), identity=None, question=None):
        head = struct.pack("!6H", self.id if identity is None else identity, 0x8180 | flags, 1, len(records), len(authorities), 0)
        return head + (question or self.question) + b"".join(records) + b"".join(authorities)


class Message:
    """Any message, taken apart: `answers` are (name, kind, ttl, data) of all sections."""

    def __init__(self, message):
        self.id, self.flags, questions, *counts = struct.unpack_from("!6H", message)
        at, self.questions, self.answers = 12, [], []
        for _ in range(questions):
            name, at = take_name(message, at)
            self.questions.append((name, struct.unpack_from("!H", message, at)[0]))
            at += 4
        for _ in range(sum(counts)):
            name, at = take_name(message, at)
            kind, _, ttl, size = struct.unpack_from("!HHIH", message, at)
            at += 10
            data = message[at : at + size]
            if kind == A:
                data = socket.inet_ntoa(data)
            elif kind == PTR:
                data = take_name(message, at)[0]
            elif kind == SRV:
                data = (struct.unpack_from("!H", data, 4)[0], take_name(message, at + 6)[0])
            self.answers.append((name, kind, ttl, data))
            at += size

    def find(self, name, kind):
        return [(ttl, data) for n, k, ttl, data in self.answers if (n, k) == (name, kind)]


class NameServer:
    """Answers from `zone`, {name: {kind: [data]}}, on UDP and TCP port 53 of `address`. A name's fault is called with
    the server and the query instead; it returns the message to be sent, None for silence, or NameServer.truth."""

    truth = object()

    def __init__(self, address, zone):
        self.address, self.zone, self.faults = address, zone, {}
        self.asked = []  # (name, kind, whether by TCP)
        self.ports = []  # where the questions came from
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        where = socket.getaddrinfo(address, 53, family, socket.SOCK_DGRAM)[0][4]  # with its zone
        self.datagrams = socket.socket(family, socket.SOCK_DGRAM)
        self.datagrams.bind(where)
        self.streams = socket.create_server(where, family=family)

    def __enter__(self):
        for serve in (self.serve_datagrams, self.serve_streams):
            threading.Thread(target=serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.streams.shutdown(socket.SHUT_RDWR)
        self.streams.close()
        self.datagrams.close()

    def answer(self, query):
        self.asked.append((query.name, query.kind, query.by_tcp))
        if query.name in self.faults:
            told = self.faults[query.name](self, query)
            if told is not self.truth:
                return told
        records, name = [], query.name
        while CNAME in self.zone.get(name, {}):
            target = self.zone[name][CNAME][0]
            records.append(record(name, CNAME, target))
            name = target
        if name not in self.zone:
            return query.answer(records, NO_SUCH_NAME, [record("test", SOA, 60)])
        found = [record(name, query.kind, data) for data in self.zone[name].get(query.kind, [])]
        return query.answer(records + found, 0, [] if found else [record("test", SOA, 60)])

    def serve_datagrams(self):
        def one(message, source):
            if (told := self.answer(Query(message))) is not None:
                with contextlib.suppress(OSError):  # the test is over
                    self.datagrams.sendto(told, source)

        while True:
            try:
                message, source = self.datagrams.recvfrom(4096)
            except OSError:
                return
            self.ports.append(source[1])
            self.source = source
            threading.Thread(target=one, args=(message, source), daemon=True).start()

    def serve_streams(self):
        while True:
            try:
                client, _ = self.streams.accept()
            except OSError:
                return
            with client, client.makefile("rb") as reader:
                size = struct.unpack("!H", reader.read(2))[0]
                if (told := self.answer(Query(reader.read(size), by_tcp=True))) is not None:
                    client.sendall(struct.pack("!H", len(told)) + told)
