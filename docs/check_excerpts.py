#!/usr/bin/env python3
"""Checks that the code shown in the documentation is the code.

    check_excerpts.py ROOT [PAGE...]

A fenced block whose first line names a file (```cpp kernel/start.cpp) must occur in that file as it stands,
indentation included. A line that is only "…" leaves something out: what is above and below it must then occur
in that order. Blocks without a file name (sessions at a terminal, sketches) are not looked at. Without pages,
all of docs/ and the README are checked.
"""
import pathlib
import re
import sys

FENCE = re.compile(r"^```(\w+)[ \t]+(\S+)[ \t]*$")


def excerpts(page):
    """Yields (line number, file name, text) of every block that names a file."""
    lines = page.read_text(encoding="utf-8").split("\n")
    number = 0
    while number < len(lines):
        opening = FENCE.match(lines[number])
        number += 1
        if not opening:
            continue
        begin = number
        while number < len(lines) and lines[number] != "```":
            number += 1
        yield begin, opening.group(2), lines[begin:number]
        number += 1


def parts(block):
    """The runs of lines between lines that are only an ellipsis."""
    part = []
    for line in block:
        if line.strip() in ("…", "// …", "# …"):
            if part:
                yield part
            part = []
        else:
            part.append(line)
    if part:
        yield part


def find(part, lines, start):
    """Index behind `part` in `lines`, whole lines, at or after `start`; or None."""
    for at in range(start, len(lines) - len(part) + 1):
        if lines[at:at + len(part)] == part:
            return at + len(part)
    return None


def check(root, page):
    problems, checked = [], 0
    for number, name, block in excerpts(page):
        where = f"{page.relative_to(root)}:{number}"
        source = root / name
        if not source.is_file():
            problems.append(f"{where}: {name} does not exist")
            continue
        checked += 1
        lines, position = source.read_text(encoding="utf-8").split("\n"), 0
        for part in parts(block):
            after = find(part, lines, position)
            if after is None:
                problems.append(f"{where}: not (any more) in {name}: {part[0].strip() or part[-1].strip()}")
                break
            position = after
    return problems, checked


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    pages = [pathlib.Path(p).resolve() for p in sys.argv[2:]]
    if not pages:
        pages = sorted((root / "docs").rglob("*.md")) + [p for p in [root / "README.md"] if p.exists()]
    total, failed = 0, False
    for page in pages:
        problems, checked = check(root, page)
        total += checked
        for problem in problems:
            failed = True
            print(problem)
    print(f"{total} excerpts in {len(pages)} pages")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
