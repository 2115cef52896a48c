"""The hardening of each target as a table: every line is a yes that was tried out, or the reason why not.

    table_test.py [STARTS]     over how many starts addresses are compared, at least 20; default 1,000, and 20 on
                               machines, whose start takes a tenth of a second

The lines are what NCC Group (2019) and X41 (2022) looked for in other unikernels.
"""

import os
import pathlib
import sys
import tempfile
import unittest

import images
import places

STARTS = int(sys.argv.pop(1)) if len(sys.argv) > 1 and sys.argv[1].isdigit() else None
if STARTS is not None and STARTS < 20:
    sys.exit(f"table_test.py: {STARTS} starts show too little of an address; at least 20 do")
CONFINED = ("sandbox", "qemu-microvm", "qemu-q35")
MACHINES = ("qemu-microvm", "qemu-q35")

# What does not hold, and why. Anything else has to be a yes.
REASONS = {
    ("memory never becomes executable", "process"): "no: Linux lets a plain process ask for that; the sandbox does not",
    ("null cannot be mapped", "process"): "no: that is vm.mmap_min_addr's, which root may pass by",
    ("refuses to start without entropy", "process"): "Linux's: getrandom waits until it is seeded",
    ("refuses to start without entropy", "sandbox"): "Linux's: getrandom waits until it is seeded",
}


def yes(holds, evidence=""):
    return f"yes{': ' + evidence if evidence else ''}" if holds else f"NO{': ' + evidence if evidence else ''}"


def fault(target, name):
    return images.run("faults", target, name)


def panics(target, name, what):
    """Whether the fault ends in a panic that says `what`."""
    ran = fault(target, name)
    return ran.code == images.PANIC and ran.panic is not None and what in ran.panic.what


def refused(target, attempt):
    """Whether an attempt fails: by an error, or by the end of the program."""
    ran = images.run("attempts", target, attempt)
    return ran.out != "done\n" and (ran.code in (images.PANIC, images.FORBIDDEN) or (ran.code == 0 and ran.out.startswith("E")))


class Starts:
    """Many starts of one image on one target, and where things lay."""

    cache = {}

    def __init__(self, target):
        count = STARTS or (1000 if target not in MACHINES else 20)
        self.all = [places.of(images.run("attempts", target, "places")) for _ in range(count)]

    @classmethod
    def on(cls, target):
        if target not in cls.cache:
            cls.cache[target] = cls(target)
        return cls.cache[target]

    def of(self, name):
        return [start[name] for start in self.all]


def image_randomization(target):
    addresses = Starts.on(target).of("image")
    measured, varying = places.entropy(addresses)
    drawn = places.ARITHMETIC[target]
    good = len(set(addresses)) == len(addresses) and measured > drawn - 0.5 - places.hidden(drawn, len(addresses))
    return yes(good, f"{drawn:.1f} bits by the source; over {len(addresses)} starts {varying} vary and add up to {measured:.1f}")


def randomization(name, least=26):
    """That a place is random by `least` bits; Linux draws fewer for the heap and the stack of a plain process."""

    def check(target):
        addresses = Starts.on(target).of(name)
        bits, _ = places.entropy(addresses)
        wanted = least if target != "process" else {"heap": 17, "stack": 21}.get(name, least)
        # As many repetitions as chance allows: one in 2^bits for each pair.
        repeated, pairs = len(addresses) - len(set(addresses)), len(addresses) ** 2 / 2
        enough = bits > wanted - places.hidden(wanted, len(addresses))
        return yes(enough and repeated < 10 + 10 * pairs / 2**wanted, f"{bits:.1f} bits")

    return check


def apart(target):
    starts = Starts.on(target)
    distances = [heap - stack & (1 << 64) - 1 for heap, stack in zip(starts.of("heap"), starts.of("stack"))]
    bits, _ = places.entropy(distances)
    return yes(bits > 17, f"{bits:.1f} bits between them")


def canary(target):
    values = Starts.on(target).of("canary")
    bits, _ = places.entropy(values)
    random = len(set(values)) == len(values) and all(value & 0xFF == 0 and value != 0 for value in values)
    return yes(random and bits > 40, "56 bits, first byte 0")


def never_executable(target):
    attempts = ["mapping-made-executable", "heap-made-executable", "data-made-executable", "executable-mapping",
                "code-writable-and-executable", "code-rewritten"]
    return yes(all([refused(target, attempt) for attempt in attempts]))


def guard_pages(target):
    main = panics(target, "stack-overflow", "stack overflow")
    fiber = panics(target, "stack-overflow-of-a-fiber", "stack overflow of fiber digger")
    leaps = panics(target, "stack-overflow-in-leaps", "stack overflow")
    # A thread of a plain process has no stack for the report; the guard page ends it all the same.
    thread = fault(target, "stack-overflow-of-a-thread").code == (139 if target == "process" else images.PANIC)
    return yes(main and fiber and thread and leaps, "main, threads, fibers; large frames probe them")


def aborts(name, message):
    def check(target):
        ran = fault(target, name)
        return yes(ran.code == images.PANIC and message in ran.out + ran.err)

    return check


def all_panic(what, *names):
    return lambda target: yes(all([panics(target, name, what) for name in names]))


def two_starts_differ(target):
    starts = [images.run("random", target).out.splitlines()[:5] for _ in range(2)]
    return yes(all(len(start) == 5 for start in starts) and not set(starts[0]) & set(starts[1]))


def refuses_without_entropy(target):
    if target not in MACHINES:
        return "NO"
    # A processor without RDRAND and RDSEED, by a QEMU that says so to itself.
    with tempfile.TemporaryDirectory() as folder:
        shim = pathlib.Path(folder) / "qemu-system-x86_64"
        shim.write_text('#!/bin/bash\nexec /usr/bin/qemu-system-x86_64 "${@/#max/qemu64}"\n')
        shim.chmod(0o755)
        ran = images.run("01-hello", target, env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"})
    return yes(ran.code == images.NO_ENTROPY and "no source of entropy" in ran.out + ran.err, f"exit code {ran.code}")


LINES = [
    ("address randomization of the image", image_randomization),
    ("… of the heap", randomization("heap")),
    ("… of mappings", randomization("mapping")),
    ("… of the main stack", randomization("stack")),
    ("… of threads' stacks", randomization("thread")),
    ("… of fibers' stacks", randomization("fiber")),
    ("heap and stack: one tells not the other", apart),
    ("code cannot be written", all_panic("write to read-only memory", "code-write")),
    ("constants cannot be written", all_panic("write to read-only memory", "constant-write")),
    ("relocations are read-only (full RELRO)", all_panic("write to read-only memory", "relro-write", "got-write")),
    ("stack, heap and data do not execute", all_panic("execution of data", "stack-execute", "heap-execute", "data-execute")),
    ("memory never becomes executable", never_executable),
    ("null page is unmapped", all_panic("null pointer", "null-write", "null-read", "null-call", "null-write-in-the-page")),
    ("null cannot be mapped", lambda target: yes(refused(target, "null-mapped"))),
    ("guard pages under every stack", guard_pages),
    ("stack protector", aborts("stack-smash", "stack smashing detected")),
    ("its value is random", canary),
    ("_FORTIFY_SOURCE", aborts("fortify", "buffer overflow detected")),
    ("libc++ hardening", lambda target: yes(all([fault(target, f).code == images.PANIC for f in ("vector-overrun", "span-overrun", "empty-pop")]))),
    ("heap: double free", aborts("double-free", "double free")),
    ("heap: double free of a small block", aborts("cached-double-free", "double free")),
    ("heap: free of what is no block", aborts("invalid-free", "invalid pointer")),
    ("heap: written past its end", aborts("heap-overrun", "corrupted")),
    ("random numbers differ between starts", two_starts_differ),
    ("refuses to start without entropy", refuses_without_entropy),
]


class Table(unittest.TestCase):
    def test_every_line_is_a_yes_or_the_reason(self):
        for target in images.TARGETS:
            with self.subTest(target=target):
                print(f"\n{target}", flush=True)
                wrong = []
                for line, check in LINES:
                    found = check(target)
                    if not found.startswith("yes") and (line, target) in REASONS:
                        found = REASONS[line, target]
                    elif not found.startswith("yes"):
                        wrong.append(line)
                    print(f"  {line:<40} {found}", flush=True)
                self.assertEqual(wrong, [])


images.main()
