"""Chromium uses the shortener: creates, collides, follows, edits, deletes; light and dark, wide and narrow, with
the keyboard alone and without JavaScript; axe-core looks at every page. Screenshots lie in the build folder."""

import subprocess

import chromium
import images

folder, pictures = chromium.ready()
port = images.free_port()
with images.Running("05-shortener", "sandbox", options=["-m", "16", "-p", f"{port}:80"]) as running:
    running.until("serving on")
    subprocess.run(["node", "shortener.mjs", f"http://127.0.0.1:{port}", str(pictures)], cwd=folder, check=True, timeout=240)
