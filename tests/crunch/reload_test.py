"""Under `aster run --live`, a page is told when a file changes: what its script listens to sends an event."""

import http.client
import pathlib
import re
import shutil
import tempfile

import images

SITE = images.SOURCES.parent / "workshop/04-html/site"


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    return connection.getresponse()


with tempfile.TemporaryDirectory() as folder:
    site = pathlib.Path(folder) / "site"
    shutil.copytree(SITE, site)
    port = images.free_port()
    with images.Running("04-html", "process", options=["--live", str(site), "-p", f"{port}:80"]) as running:
        running.until("^serving on")
        page = get(port, "/")
        text = page.read().decode()
        nonce = re.search(r"'nonce-([^']+)'", page.getheader("Content-Security-Policy"))[1]
        assert f'<script nonce="{nonce}">' in text and "/.aster/live" in text, text
        changes = get(port, "/.aster/live")
        assert changes.getheader("Content-Type") == "text/event-stream"
        (site / "style.css").write_text("body { color: red }")
        seen = b""
        while b"event: changed" not in seen:
            piece = changes.read1(4096)
            assert piece, seen
            seen += piece
        assert get(port, "/style.css").read() == b"body { color: red }"
    with images.Running("04-html", "sandbox", options=["-p", f"{port}:80"]) as running:
        running.until("^serving on")
        assert b"/.aster/live" not in get(port, "/").read()
        assert get(port, "/.aster/live").status == 404
