"""Brings the measured part of docs/figures.md up to date, between two marks; the rest of the page is written by hand."""

import re

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


HEADS = ("| promise | goal | measured | | beside it | held by |", "|---|---|---|---|---|---|")


def row(f):
    how = f"`bench/{f.group}.py`" + (f": {f.how}" if f.how else "")
    return f"| {f.name} | {f.promised} | {f.measured} | {f.verdict} | {f.remarks} | {how} |"


def group_of(line):
    found = re.search(r"\| `bench/(\w+)\.py`[^|]*\|$", line)
    return found and found[1]


def update(path, machine, figures, order):
    """Replaces what stands between the marks; groups that were not measured this time keep their rows. `order` is that of the
    groups."""
    text = path.read_text()
    measured = re.search(re.escape(BEGIN) + "(.*?)" + re.escape(END), text, re.S)
    if not measured:
        raise ValueError(f"{path} has no line {BEGIN}")
    fresh = {f.group for f in figures}
    old = measured[1].splitlines()
    lines = {group: [line for line in old if group not in fresh and group_of(line) == group] for group in order}
    for f in figures:
        lines[f.group].append(row(f))
    heading = f"Measured {machine['date']} on {machine['cpu']}, {machine['kernel']}."
    part = "\n".join([BEGIN, heading, "", *HEADS, *(line for group in order for line in lines[group]), END])
    path.write_text(text[: measured.start()] + part + text[measured.end() :])
