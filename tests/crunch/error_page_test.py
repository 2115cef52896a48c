"""The page for an exception: under `aster run --live` it shows where it was thrown, with the source; elsewhere it
says nothing but a number to ask for."""

import http.client

import images

SITE = images.SOURCES / "crunch/site"


def page(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/broken/7", headers={"Accept": "text/html"})
    answer = connection.getresponse()
    assert answer.status == 500
    return answer.read().decode()


port = images.free_port()
with images.Running("error_page", "process", options=["--live", str(SITE), "-p", f"{port}:80"]) as running:
    running.until("^serving on")
    for _ in range(2):
        text = page(port)
        assert "there are &lt;three&gt; and no more" in text, text
        line = images.marked_line("crunch/error_page.cpp", "thrown")
        assert "look_up(int)" in text and f"error_page.cpp:{line}" in text, text
        assert f"<mark>{line}  " in text and "// FAULT thrown</mark>" in text, text
        assert "kernel" not in text and "aster::web" not in text, text
for target in ("sandbox", "qemu-microvm"):
    with images.Running("error_page", target, options=["-p", f"{port}:80"]) as running:
        running.until("^serving on")
        text = page(port)
        assert "three" not in text and "look_up" not in text and "Request " in text, text
