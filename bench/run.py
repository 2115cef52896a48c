#!/usr/bin/env python3
"""Measures what Asterism promises, against its peers and in one run, and says what holds.

    make bench
    bench/run.py --build build [--only size --only start] [--quick] [--json FILE] [--page docs/figures.md]

Everything runs in a user and network namespace that this program makes for itself, so that it needs no root and
leaves nothing behind. Numbers mean something on a quiet machine only; ratios and counts more than times.
"""

import argparse
import datetime
import importlib
import json
import os
import pathlib
import platform
import subprocess
import sys

sys.dont_write_bytecode = True  # leaves nothing in the source tree

import call_counter
import page
from figure import not_measured, table

GROUPS = ("size", "start", "boot", "first_answer", "footprint", "http_rate", "edge", "galaxy_switch", "net", "web_rate", "build_time", "rooms", "typed_html")
INSIDE = "ASTERISM_BENCH_INSIDE"  # set for the run within the namespaces: where the call counter listens


class house:
    """What is measured, and how thoroughly."""

    def __init__(self, build, quick, counter):
        self.build = build
        self.quick = quick
        self.counter = counter
        self.aster = build / "bin/aster"
        self.qemu = next((str(path) for path in map(pathlib.Path, ("/usr/bin/qemu-system-x86_64", "/usr/local/bin/qemu-system-x86_64"))
                          if path.exists()), None)

    def image(self, name):
        folder = "bench" if name.startswith("bench_") else "bin"
        path = self.build / folder / name
        if not path.exists():
            sys.exit(f"{path} is missing: build it with `ninja -C {self.build} bench`, which also runs this")
        return path

    def rounds(self, number):
        return max(3, number // 10) if self.quick else number


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0], epilog="see also docs/figures.md")
    parser.add_argument("--build", type=pathlib.Path, default="build", help="the build folder; default build")
    parser.add_argument("--only", action="append", choices=GROUPS, help="one group of figures; may be repeated")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rounds: to see whether it works")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures there for a program to read")
    parser.add_argument("--page", type=pathlib.Path, help="bring the figures in this page up to date")
    return parser.parse_args()


def machine():
    """What the numbers were measured on."""
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), platform.machine())
    with open("/proc/cpuinfo") as info:
        virtual = ", virtual" if " hypervisor " in info.read() else ""
    return {"date": datetime.date.today().isoformat(), "cpu": f"{os.cpu_count()} × {model}{virtual}",
            "kernel": f"Linux {platform.release().split('-')[0]}"}


def go_inside():
    """Runs this program again in namespaces of its own; what needs the outside (counting system calls) stays here."""
    with call_counter.service() as service:
        words = ["unshare", "-Urn", sys.executable, *sys.argv]
        return subprocess.run(words, env=os.environ | {INSIDE: str(service.descriptor)}, pass_fds=[service.descriptor]).returncode


def main():
    options = arguments()
    if INSIDE not in os.environ:
        return go_inside()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    place = house(options.build.resolve(), options.quick, call_counter.client(int(os.environ[INSIDE])))
    figures = []
    broken = False
    for group in options.only or GROUPS:
        print(f"{group} …", file=sys.stderr, flush=True)
        try:
            for measured in importlib.import_module(group).measure_all(place):
                figures.append(measured)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            # The other groups still tell something; such as where no tap may be opened.
            broken = True
            figures.append(not_measured(group, f"{group}: the rest", "", None, str(error)))
    print(table(figures))
    if options.json:
        told = {"machine": machine(), "figures": [f.as_json() for f in figures]}
        options.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    if options.page:
        page.update(options.page, machine(), figures, GROUPS)
    short = [f.name for f in figures if f.verdict == "short"]
    print(f"\n{sum(f.verdict == 'holds' for f in figures)} hold, {len(short)} short" + "".join(f"\n  short: {name}" for name in short))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
