"""What a process has started, as Linux knows it."""

import pathlib


def children(pid):
    try:
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descendants(pid):
    """Every process below `pid`, with its name."""
    found = {}
    for child in children(pid):
        name = name_of(child)
        if name:
            found[child] = name
            found |= descendants(child)
    return found


def name_of(pid):
    """The name of a process, or None when it has ended; one that only waits to be collected has."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    name, rest = text.split("(", 1)[1].rsplit(")", 1)
    return None if rest.split()[0] in "ZX" else name


def alive(pid, name):
    return name_of(pid) == name
