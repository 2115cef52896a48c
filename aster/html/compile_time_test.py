#!/usr/bin/env python3
"""A page of 200 elements compiles fast: in user time, as a multiple of what a file takes that includes <string> alone.

    compile_time_test.py ROOT COMPILER FLAGS...

Prints the seconds as well; with --figure only "SECONDS ELEMENTS OTHER_SECONDS", for bench/html.py. A time by itself
says little about a machine that others use too, a multiple of the same compiler's time for another file does.
"""
import pathlib
import resource
import subprocess
import sys
import tempfile

ALLOWED = 10  # measured: 3 to 4


def page(elements):
    """A program with a page of so many elements: sections that differ in their texts, attributes and order."""
    head = ('#include "aster/html.hpp"\n'
            "using namespace aster::html;\n"
            "struct user { std::string name, mail; int visits; };\n"
            "std::string page(const user& u) {\n"
            '  return to_string(html5(_lang = "en", head(title("Page of ", u.name), meta(_charset = "utf-8"),'
            ' link(_rel = "stylesheet", _href = "/s.css")), body(\n')
    sections, count, number = [], 6, 0
    while count < elements:
        number += 1
        paragraph = f'p("Text of ", em(u.name), " and ", a(_href = u.mail, _class = "m{number}", "mail"), ".")'
        items = ", ".join([f'li(strong("Visits: "), u.visits)', f'li(a(_href = "/p{number}", "More"))', 'li("x")'])
        rows = 'table(tr(th(_scope = "row", "a"), td(u.visits)), tr(th("b"), td(_class = "c", u.name)))'
        parts = [f'h2("Section {number}")', paragraph, f"ul({items})", rows]
        turn = number % len(parts)
        kind = ("section", "article", "div", "aside")[number % 3]
        extra = f', _title = u.name' if number % 2 else ""
        sections.append(f'{kind}(_id = "s{number}"{extra}, {", ".join(parts[turn:] + parts[:turn])})')
        count += 18
    return head + ",\n".join(sections) + ")));\n}\n", count


def user_seconds(words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(words, check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main():
    words = [word for word in sys.argv[1:] if word != "--figure"]
    root, *compiler = words
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        text, count = page(200)
        (place / "page.cpp").write_text(text)
        (place / "other.cpp").write_text("#include <string>\nstd::string page() { return {}; }\n")

        def compile_file(name):
            return min(user_seconds([*compiler, f"-I{root}", "-c", str(place / name), "-o", str(place / "out.o")])
                       for _ in range(3))

        other, seconds = compile_file("other.cpp"), compile_file("page.cpp")
    if "--figure" in sys.argv:
        print(seconds, count, other)
        return 0
    print(f"{count} elements: {seconds:.2f} s, {seconds / other:.1f} times a file with <string> alone ({other:.2f} s)")
    return 0 if seconds <= ALLOWED * other else 1


if __name__ == "__main__":
    sys.exit(main())
