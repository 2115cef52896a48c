"""Typed HTML against std::format of the same page, and how long a page takes the compiler.

The programs stand beside what they measure: aster/html/render_bench.cpp and aster/html/compile_time_test.py.
"""

import pathlib
import re
import subprocess
import sys

import measure
from figure import at_least, at_most, figure, not_measured

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = "bin/html_render_bench"
LINE = re.compile(r"^(\S.*?\S) +([\d.]+) ns$", re.M)
RATIO = re.compile(r"^std::format_to / typed tree: ([\d.]+) of strings, ([\d.]+) of views$", re.M)
TIMES = {"std::format_to": "std::format_to of a page", "strings": "typed tree of strings, rendered into a string",
         "views": "typed tree of views, rendered into a string", "streamed": "typed tree of strings, streamed in blocks"}
COMPILER = ("clang++-19", "-std=c++23", "-stdlib=libc++", "-O2", "-g", "-fPIE")


def measure_all(house):
    measure.pin(0)
    path = house.build / PROGRAM
    if path.exists():
        told = subprocess.run([str(path)], capture_output=True, text=True, check=True, timeout=120).stdout
        strings, views = map(float, RATIO.search(told).groups())
        times = dict(LINE.findall(told))
        beside = {short: f"{float(times[what]):.0f} ns" for short, what in TIMES.items()}
        yield figure("typed_html", "typed HTML of 61 elements / `std::format_to` of the same bytes: pages per second", strings, "×",
                     at_least(1.0), f"`{path.name}`, texts copied into the tree and escaped", beside)
        yield figure("typed_html", "the same, the tree looks at the texts", views, "×", at_least(1.0), f"`{path.name}`")
    else:
        yield not_measured("typed_html", "typed HTML / `std::format_to`", "×", at_least(1.0), f"{PROGRAM} was not built")
    told = subprocess.run([sys.executable, str(ROOT / "aster/html/compile_time_test.py"), "--figure", str(ROOT), *COMPILER],
                          capture_output=True, text=True, check=True, timeout=300).stdout.split()
    yield figure("typed_html", f"compiling a page of {told[1]} elements", float(told[0]), "s", at_most(2.0),
                 "`clang++-19 -O2 -g`, user time, least of three", {"a file with `<string>` alone": f"{float(told[2]):.2f} s"})
