#!/usr/bin/python3
"""Random documents, rendered, and read again by the standard's own algorithm (html5lib, 13.2): without a single parse
error, and with the same elements, attributes and texts in the same places. An element where it may not stand would be
moved elsewhere, or end another.

    random_trees_test.py PROGRAM

PROGRAM is random_trees.cpp; the number of a failing line is the seed of its tree.
"""
import subprocess
import sys

import html5lib

ATTRIBUTES = ("id", "title", "data-x")


def quoted(text):
    return text.replace("\n", "\\n")


def told(element, lines):
    """The lines that random_trees.cpp tells, of what the parser found."""
    lines.append(f"<{element.tag}")
    lines.extend(f"@{name} {quoted(element.attrib[name])}" for name in ATTRIBUTES if name in element.attrib)
    if element.text:
        lines.append(f"= {quoted(element.text)}")
    for child in element:
        told(child, lines)
        if child.tail:
            lines.append(f"= {quoted(child.tail)}")
    lines.append(f">{element.tag}")
    return lines


def expected(contents):
    """Texts beside each other are one text for a parser, and \\r\\n and \\r the end of a line (13.2.3.5)."""
    made = []
    for line in contents.split("\n")[:-1]:
        if line.startswith("= ") and made and made[-1].startswith("= "):
            made[-1] += line[2:]
        else:
            made.append(line)
    return [line.replace("\\r\\n", "\\n").replace("\\r", "\\n") for line in made]


ran = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True)
elements = seed = 0
for seed, line in enumerate(ran.stdout.splitlines(), 1):
    page, contents = (bytes.fromhex(part).decode() for part in line.split(" "))
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    # In a cell, blanks go by the rules for the body like all else (13.2.6.4.15); html5lib 1.1 forgets them.
    type(parser.phases["inCell"]).processSpaceCharacters = (
        lambda self, token: self.parser.phases["inBody"].processSpaceCharacters(token))
    body = parser.parse(page).find("body")
    found, wanted = told(body, [])[1:-1], expected(contents)
    elements += sum(told_line.startswith("<") for told_line in wanted)
    if found != wanted:
        at = next((n for n, (a, b) in enumerate(zip(found, wanted)) if a != b), min(len(found), len(wanted)))
        sys.exit(f"seed {seed}: read {found[at:at + 1]}, expected {wanted[at:at + 1]}, in\n{page}")
print(f"{seed} documents with {elements} elements")
assert seed == 200 and elements > 2000
