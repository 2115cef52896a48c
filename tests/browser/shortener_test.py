"""Chromium uses the shortener: creates, collides, follows, edits, deletes; light and dark, wide and narrow, with
the keyboard alone and without JavaScript; axe-core looks at every page. Screenshots lie in the build folder."""

import os
import pathlib
import shutil
import subprocess
import sys

import images

HERE = pathlib.Path(__file__).parent
WORK = pathlib.Path(os.environ["IMAGES"].split(":")[0]).parent / "browser"


def installed():
    """A folder with the packages of package-lock.json and the scripts beside them."""
    WORK.mkdir(exist_ok=True)
    for source in HERE.iterdir():
        if source.suffix in (".mjs", ".json"):
            shutil.copy(source, WORK)
    lock = (WORK / "package-lock.json").read_bytes()
    done = WORK / "installed"
    if not done.exists() or done.read_bytes() != lock:
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=WORK, check=True)
        done.write_bytes(lock)
    return WORK


for tool in ("npm", "node", "chromium"):
    if not shutil.which(tool):
        sys.exit(f"{tool} is not installed: cmake/setup.sh installs it")

folder = installed()
pictures = folder / "pictures"
pictures.mkdir(exist_ok=True)
port = images.free_port()
with images.Running("05-shortener", "sandbox", options=["-m", "16", "-p", f"{port}:80"]) as running:
    running.until("serving on")
    subprocess.run(["node", "shortener.mjs", f"http://127.0.0.1:{port}", str(pictures)], cwd=folder, check=True, timeout=240)
