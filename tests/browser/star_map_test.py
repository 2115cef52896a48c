"""Chromium looks at the star map of an invented galaxy: a token lets in, stars are opened by mouse and keyboard, orders
are given, a table says the same; wide and narrow, without motion and without JavaScript; axe-core looks at it too.
Screenshots lie in the build folder."""

import os
import pathlib
import subprocess
import tempfile

import chromium

folder, pictures = chromium.ready()
trial = pathlib.Path(os.environ["IMAGES"].split(":")[0]).parent / "galaxy_page_trial"
with tempfile.TemporaryDirectory() as place:
    with subprocess.Popen([trial, place], stdout=subprocess.PIPE, text=True) as galaxy:
        try:
            address = galaxy.stdout.readline().strip()
            subprocess.run(["node", "star_map.mjs", address, str(pictures)], cwd=folder, check=True, timeout=240)
        finally:
            galaxy.terminate()
