"""How long one waits for the shortener: built from nothing by `aster build`, and again after an edit of its pages."""

import pathlib
import shutil
import subprocess
import tempfile
import time

import measure
from figure import at_most, figure

SOURCE = pathlib.Path(__file__).parent.parent / "workshop/05-shortener"


def measure_all(house):
    rounds = 1 if house.quick else 3
    fresh, again = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            project = pathlib.Path(folder) / "shortener"
            shutil.copytree(SOURCE, project)
            fresh.append(seconds_of_build(house, project))
            pages = project / "pages.cpp"
            pages.write_text(pages.read_text().replace("Long addresses, made short.", "Made short."))
            again.append(seconds_of_build(house, project))
    yield figure("build_time", "05-shortener, built from nothing", measure.median(fresh), "s", at_most(30), "aster build, all of it")
    yield figure("build_time", "05-shortener, after an edit of its pages", measure.median(again), "s", at_most(6), "aster build")


def seconds_of_build(house, project):
    began = time.monotonic()
    subprocess.run([house.aster.resolve(), "build"], cwd=project, check=True, capture_output=True)
    return time.monotonic() - began
