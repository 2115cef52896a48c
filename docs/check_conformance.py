#!/usr/bin/env python3
"""Checks that what the tables of a conformance page name is there.

    check_conformance.py ROOT [PAGE...]

A table of such a page has the columns "clause", "where" and "test". In "where" stand files in backticks, from
aster/net/ on or from the root, and names with "()" behind them, which must occur in one of the row's files. In
"test" stand a test file in backticks (`tcp/loss` is aster/net/tcp/loss_test.cpp, `network/ping` is
tests/network/ping_test.py) and, in quotes, beginnings or other parts of the names of test cases in it. A row whose
"where" is "not done" gives the reason instead. Without pages: docs/net.md.
"""
import functools
import pathlib
import re
import sys

CASE = re.compile(r'(?:TEST_CASE|SCENARIO)\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"')
TOKEN = re.compile(r'`([^`]+)`|"([^"]+)"')


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)

    def file(self, name):
        """The file that a table calls so, or None."""
        for base in ("aster/net", ""):
            path = self.root / base / name
            if path.is_file():
                return path
        return None

    @functools.cache
    def test(self, name):
        """The names of the test cases of a test file, or None when there is no such file."""
        for path in (f"aster/net/{name}_test.cpp", f"{name}_test.cpp", f"tests/{name}_test.cpp"):
            if (self.root / path).is_file():
                text = (self.root / path).read_text(encoding="utf-8")
                return ["".join(PIECE.findall(names)) for names in CASE.findall(text)]
        path = self.root / f"tests/{name}_test.py"
        if path.is_file():
            names = re.findall(r"^ *def test_(\w+)", path.read_text(encoding="utf-8"), re.M)
            return [one.replace("_", " ") for one in names]
        if (self.root / f"aster/net/{name}_fuzz.cpp").is_file():
            return []
        return None


def rows(text):
    """Yields (line number, cells) of every row of a table that has the columns of this page."""
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells == ["clause", "where", "test"]:
            inside = True
        elif inside and set("".join(cells)) - set("-: "):
            yield number, cells


def faults(tree, cells):
    if len(cells) != 3:
        yield "a row has three cells: clause, where, test"
        return
    _, where, test = cells
    if where == "not done":
        if len(test) < 20:
            yield "what is not done has its reason"
        return
    files = []
    for name, _ in TOKEN.findall(where):
        if not name:
            continue
        if name.endswith("()"):
            word = name[:-2].split("::")[-1]
            if not any(re.search(rf"\b{re.escape(word)}\b", f.read_text(encoding="utf-8")) for f in files):
                yield f"`{name}` is in none of the row's files"
            continue
        path = tree.file(name)
        if path is None:
            yield f"there is no file `{name}`"
        else:
            files.append(path)
    if not files:
        yield "no file says where"
    cases, named = None, None
    for name, title in TOKEN.findall(test):
        if name:
            named, cases = name, tree.test(name)
            if cases is None:
                yield f"there is no test file `{name}`"
        elif named is None:
            yield f'"{title}" stands in no file'
        elif cases is not None and not any(title in case for case in cases):
            yield f'`{named}` has no test "{title}"'
    if named is None:
        yield "no test"


def main():
    tree = Tree(sys.argv[1])
    pages = [pathlib.Path(page) for page in sys.argv[2:]] or [tree.root / "docs/net.md"]
    wrong = count = 0
    for page in pages:
        for number, cells in rows(page.read_text(encoding="utf-8")):
            count += 1
            for fault in faults(tree, cells):
                wrong += 1
                print(f"{page}:{number}: {fault}")
    print(f"{count} rows, {wrong} faults")
    return 1 if wrong or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
