"""How large an image is, stripped, and which library brought how much of it."""

import json
import subprocess

from figure import at_most, figure

MEGABYTE = 1_000_000
LARGEST = 4  # libraries told beside a size


def measure_all(house):
    for name, image, bound in (("hello with puts", house.image("bench_puts"), 1.0),
                               ("01-hello, with std::print", house.image("01-hello"), 1.6),
                               ("02-server", house.image("02-server"), 2.0),
                               ("05-shortener", house.image("05-shortener"), 3.5)):
        told = subprocess.run([str(house.aster), "inspect", "--json", str(image)], capture_output=True, text=True, check=True)
        libraries = sorted(json.loads(told.stdout)["libraries"], key=lambda library: -library["in_file"])
        beside = {library["name"]: f"{library['in_file'] / MEGABYTE:.2f}" for library in libraries[:LARGEST]}
        yield figure("size", f"size of {name}", image.stat().st_size / MEGABYTE, "MB", at_most(bound),
                     "the stripped file; beside it the largest libraries in it", beside)
