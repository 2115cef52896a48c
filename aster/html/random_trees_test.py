#!/usr/bin/env python3
"""Random trees, rendered, and read again by a parser of HTML: the same elements, attributes and texts come out.

    random_trees_test.py PROGRAM

PROGRAM is random_trees.cpp; the number of a failing line is the seed of its tree.
"""
import html.parser
import subprocess
import sys


class reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines, self.text, self.open = [], "", []

    def end_text(self):
        if self.text:
            kind = "json" if self.open and self.open[-1] == "script" else "text"
            self.lines.append(f"{kind} " + self.text.replace("\n", "\\n"))
        self.text = ""

    def handle_data(self, data):
        self.text += data

    def handle_starttag(self, name, attributes):
        self.end_text()
        self.lines.append(f"<{name}")
        for attribute, value in attributes:
            self.lines.append(f"@{attribute} " + value.replace("\n", "\\n"))
        if name == "br":
            self.lines.append(">br")
        else:
            self.open.append(name)

    def handle_endtag(self, name):
        self.end_text()
        assert self.open.pop() == name, f"</{name}> ends something else"
        self.lines.append(f">{name}")

    def handle_comment(self, text):
        raise AssertionError(f"a comment: {text}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def joined(lines):
    """Texts beside each other are one text for a parser."""
    made = []
    for line in lines:
        if line.startswith("text ") and made and made[-1].startswith("text "):
            made[-1] += line[5:]
        else:
            made.append(line)
    return made


ran = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True)
elements = 0
for seed, line in enumerate(ran.stdout.splitlines(), 1):
    page, contents = (bytes.fromhex(part).decode() for part in line.split(" "))
    parser = reader()
    parser.feed(page)
    parser.close()
    parser.end_text()
    expected = joined(contents.split("\n")[:-1])
    elements += sum(told.startswith("<") for told in expected)
    if parser.lines != expected:
        at = next((n for n, (a, b) in enumerate(zip(parser.lines, expected)) if a != b), min(len(parser.lines), len(expected)))
        sys.exit(f"seed {seed}: read {parser.lines[at:at + 1]}, expected {expected[at:at + 1]}, in\n{page}")
print(f"{seed} trees with {elements} elements")
assert seed == 200 and elements > 2000
