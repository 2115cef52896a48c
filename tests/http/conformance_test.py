"""The cases of cases.txt, asked of an image over one published port."""

import re
import socket

import images
from network import conversation

PROBE = b"GET /probe HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


def unescaped(text):
    text = re.sub(r"\{([^{}]*)\*(\d+)\}", lambda found: found[1] * int(found[2]), text)
    named = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
    return re.sub(rb"\\(x(..)|.)", lambda found: bytes.fromhex(found[2].decode()) if found[2] else named[found[1].decode()], text.replace("⏎", "\r\n").encode())


class Case:
    def __init__(self, number, line):
        statuses, self.connection, sent, checks, self.why = (column.removeprefix(" ") if i else column for i, column in enumerate(re.split(r" \|(?= |$)", line)))
        self.number = number
        self.statuses = [] if statuses == "wait" else statuses.split()
        self.pieces = [unescaped(piece) for piece in sent.split("<pause>")]
        self.checks = [check for check in checks.split(" ; ") if check]


def cases():
    lines = (images.SOURCES / "http/cases.txt").read_text(encoding="utf-8").splitlines()
    return [Case(number, line) for number, line in enumerate(lines, 1) if line and not line.startswith("#")]


class Answer:
    """One response off the front of `text`; `behind` is what follows it."""

    def __init__(self, text, expected):
        head, found, behind = text.partition(b"\r\n\r\n")
        assert found and head.startswith(b"HTTP/1.1 "), f"no response: {text!r}"
        self.head = head.decode("latin-1").split("\r\n")
        self.status = self.head[0][9:12]
        self.body = self.rest = b""
        if self.status == "101":
            self.rest, behind = behind, b""
        elif expected.endswith("c"):
            self.body, behind = behind, b""
        elif self.status[0] != "1" and self.status not in ("204", "304") and not expected.endswith("h"):
            if self.has("Transfer-Encoding: chunked"):
                while size := int(behind.split(b"\r\n")[0], 16):
                    chunk = behind.partition(b"\r\n")[2]
                    self.body += chunk[:size]
                    behind = chunk[size + 2:]
                behind = behind[3:]
                while not behind.startswith(b"\r\n"):
                    behind = behind.partition(b"\r\n")[2]
                behind = behind[2:]
            else:
                size = int(next(line for line in self.head if line.startswith("Content-Length: "))[16:])
                assert len(behind) >= size, "a body is cut off"
                self.body, behind = behind[:size], behind[size:]
        self.behind = behind

    def has(self, field):
        return any(line.lower() == field.lower() if ": " in field else line.lower().startswith(field.lower() + ":") for line in self.head)


def ask(port, case):
    """All that the server says until it closes."""
    with conversation.connect("127.0.0.1", port) as stream:
        received = b""
        try:
            if len(case.pieces) == 2:
                stream.sendall(case.pieces[0])
                received = stream.recv(1 << 16)
            stream.sendall(case.pieces[-1])
            if case.connection in ("open", "close"):
                stream.sendall(PROBE)
            else:
                stream.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has closed already: what it said is there to be read
        return received + conversation.receive_all(stream)


class Conformance(images.OnEveryTarget):
    image = "conformance"

    def test_cases(self):
        port = images.free_port()
        running = self.start_image(options=["-p", f"{port}:80"])
        running.until("^serving")
        self.assertGreaterEqual(len(cases()), 300)
        for case in cases():
            with self.subTest(line=case.number, why=case.why):
                text = ask(port, case)
                last = None
                for expected in case.statuses:
                    last = Answer(text, expected)
                    self.assertEqual(last.status, expected[:3], text)
                    text = last.behind
                if case.connection == "open":
                    probe = Answer(text, "200")
                    self.assertEqual(probe.body, b"GET /probe []")
                    text = probe.behind
                self.assertEqual(text, b"", "an answer too many")
                for check in case.checks:
                    if check.startswith("body="):
                        self.assertEqual(last.body, unescaped(check[5:]))
                    elif check.startswith("rest="):
                        self.assertEqual(last.rest, unescaped(check[5:]))
                    elif check.startswith("!"):
                        self.assertFalse(last.has(check[1:]), last.head)
                    else:
                        self.assertTrue(last.has(check), last.head)


images.main()
