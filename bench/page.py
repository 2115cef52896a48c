"""Brings the measured part of docs/figures.md up to date, between two marks; the rest of the page is written by hand."""

import re

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def rows(figures):
    yield "| promise | goal | measured | | beside it | held by |"
    yield "|---|---|---|---|---|---|"
    for f in figures:
        how = f"`bench/{f.group}.py`" + (f": {f.how}" if f.how else "")
        yield f"| {f.name} | {f.promised} | {f.measured} | {f.verdict} | {f.remarks} | {how} |"


def measured_part(machine, figures):
    heading = f"Measured {machine['date']} on {machine['cpu']}, {machine['kernel']}."
    return "\n".join([BEGIN, heading, "", *rows(figures), END])


def update(path, machine, figures):
    """Replaces what stands between the marks. Figures that were not measured this time lose their rows, so give it a whole run."""
    text = path.read_text()
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.S)
    if not pattern.search(text):
        raise ValueError(f"{path} has no line {BEGIN}")
    path.write_text(pattern.sub(lambda _: measured_part(machine, figures), text))
