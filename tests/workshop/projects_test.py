"""The projects of the workshop, as their chapters say: each is copied to a place of its own, built there by
`aster build`, run in the sandbox and in QEMU, and asked what its chapter asks it."""

import base64
import http.client
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.parse

import images

WORKSHOP = images.SOURCES.parent / "workshop"


class Site:
    """A server that runs, and what it answers."""

    def __init__(self, port):
        self.port = port

    def ask(self, path, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        answer.text = answer.read().decode(errors="replace")
        return answer

    def page(self, path, status=200):
        answer = self.ask(path)
        assert answer.status == status, f"{path}: {answer.status}\n{answer.text}"
        return answer.text

    def send_form(self, path, **fields):
        return self.ask(path, "POST", urllib.parse.urlencode(fields), Content_Type="application/x-www-form-urlencoded")


def web(site):
    assert '"name":"Saturn"' in site.page("/planets/Saturn")
    assert site.page("/planets?min_moons=100").count('"name"') == 1
    assert site.ask("/planets?min_moons=many").status == 400
    assert site.ask("/planets/Pluto").status == 404
    assert '<a href="/planets/Earth">Earth</a>' in site.page("/")
    assert site.ask("/", "DELETE").getheader("Allow") == "GET, HEAD, OPTIONS"


def html(site):
    page = site.page("/")
    assert "The seven stars of the Big Dipper" in page
    for address in re.findall(r'(?:href|src)="([^"]+)"', page):
        assert site.page(address), address
    style = re.search(r'href="(/style\.[0-9a-f]+\.css)"', page)[1]
    answer = site.ask(style, Accept_Encoding="gzip")
    assert "immutable" in answer.getheader("Cache-Control")
    again = site.ask(style, If_None_Match=answer.getheader("ETag"), Accept_Encoding="gzip")
    assert again.status == 304, again.status


def shortener(site):
    answer = site.send_form("/", target="example.org/page", name="xvw")
    assert answer.status == 303 and answer.getheader("Location").startswith("/links/xvw/")
    assert site.ask("/xvw").getheader("Location") == "https://example.org/page"
    assert "xvw-1" in site.send_form("/", target="example.org", name="xvw").text
    assert '"visits":1' in site.page("/api/links/xvw")


def chat(site):
    assert "chat." in site.page("/")
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as wire:
        key = base64.b64encode(b"0123456789abcdef").decode()
        wire.sendall(f"GET /room?name=ada HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        seen = b""
        while b"ada is here" not in seen:
            piece = wire.recv(4096)
            assert piece, seen
            seen += piece
        assert seen.startswith(b"HTTP/1.1 101 ")


def directory(site):
    assert "RFC 9293" in site.page("/topics/networks")
    assert site.ask("/topics/cooking").status == 404
    wrong = site.send_form("/suggest", title="Asterism", address="gopher://x", where="systems")
    assert wrong.status == 422 and "does not begin with https" in wrong.text
    assert site.send_form("/suggest", title="Asterism", address="https://x.example", where="systems").status == 200
    assert site.ask("/suggestions").status == 401
    editor = "Basic " + base64.b64encode(b"vega:orion").decode()
    assert "Asterism" in site.ask("/suggestions", Authorization=editor).text
    assert "Asterism" not in site.page("/")
    assert site.ask("/suggestions/2/publish", "POST", "", Authorization=editor).status == 303
    assert "Asterism" in site.page("/")


def paste(site):
    made = site.ask("/", "POST", "one\n<two>\n", Content_Type="text/plain")
    assert made.status == 201
    raw = made.getheader("Location")
    assert site.page(raw) == "one\n<two>\n"
    assert "<code>&lt;two&gt;</code>" in site.page(raw.removesuffix("/raw"))
    by_form = site.send_form("/new", text="three")
    assert "three" in site.page(by_form.getheader("Location"))


PROJECTS = {
    "01-hello": None,
    "02-server": lambda site: site.page("/").index("Hello from a unikernel"),
    "03-web": web,
    "04-html": html,
    "05-shortener": shortener,
    "06-chat": chat,
    "06-directory": directory,
    "06-paste": paste,
}


def build(name, folder):
    """Builds a copy of the project with nothing of the tree about it but the `aster` command."""
    copy = folder / name
    shutil.copytree(WORKSHOP / name, copy)
    built = subprocess.run([images.ASTER, "build"], cwd=copy, capture_output=True, text=True)
    assert built.returncode == 0, f"aster build in {name}\n{built.stdout}{built.stderr}"
    return copy / "build" / name


def run(name, image, target):
    check = PROJECTS[name]
    if check is None:
        ran = images.run(image, target)
        assert (ran.out, ran.code) == ("Hello, world\n", 0), ran
        return
    port = images.free_port()
    with images.Running(image, target, options=["-m", "32", "-p", f"{port}:80", "-e", "EDITOR_PASSWORD=orion"]) as running:
        running.until("^serving on")
        check(Site(port))


with tempfile.TemporaryDirectory() as folder:
    for name in sys.argv[1:] or PROJECTS:
        image = build(name, pathlib.Path(folder))
        for target in ("sandbox", "qemu-microvm"):
            run(name, image, target)
            print(f"{name} on {target}: {os.path.getsize(image):,} bytes, as its chapter says", flush=True)
