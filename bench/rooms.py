"""What single rooms cost by themselves: fibers, and HTTP over a stream that is only memory.

The programs stand beside what they measure (aster/task/switch_bench.cpp, aster/http/connection_bench.cpp) and run as
plain processes.
"""

import re
import subprocess

import measure
from figure import figure, not_measured

PROGRAMS = {"fibers": ("bin/task_bench", []), "HTTP alone": ("bin/http_connection_bench", ["0.3"])}
LINE = re.compile(r"^(\S.*?\S) +([\d.]+) ns\b(.*)$", re.M)


def measure_all(house):
    measure.pin(0)
    for room, (program, words) in PROGRAMS.items():
        path = house.build / program
        if not path.exists():
            yield not_measured("rooms", room, "ns", None, f"{program} was not built")
            continue
        ran = subprocess.run([str(path), *words], capture_output=True, text=True, check=True, timeout=120)
        for what, nanoseconds, _ in LINE.findall(ran.stdout):
            yield figure("rooms", f"{room}: {what}", float(nanoseconds), "ns", None, f"`{path.name}`")
