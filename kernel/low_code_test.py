#!/usr/bin/env python3
"""Low-level kernel code runs before libc has relocated the image, and inside system calls.

So its objects may hold no data that needs a relocation to an absolute address, may not touch vector registers,
and may not call libc's memory functions (which are chosen through a table that is empty before relocation). Nor may
they hold inline functions out of line: the linker keeps one copy, which may be that of ordinary code.

And they lie in every image: an object that is all zero but for a word would take its whole size in each file.
"""
import re
import subprocess
import sys

ALLOWED_LIBC = {"exit"}  # the end of a program that was asked to stop, long after start-up
LARGE_DATA = 512
MEMORY_FUNCTIONS = {"memcpy", "memset", "memmove", "memcmp", "bcmp", "strlen"}


def tool(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    failures = []
    for path in sys.argv[1:]:
        section = ""
        for line in tool("readelf", "-rW", path).splitlines():
            if found := re.match(r"Relocation section '\.rela(\S*)'", line):
                section = found.group(1)
            elif "R_X86_64_64" in line and not re.match(r"\.(debug|eh_frame|note\.Xen|llvm)", section):
                failures.append(f"{path}: {section} holds an absolute address: {line.split()[4]}")
            elif "GOTPCREL" in line:
                failures.append(f"{path}: {section} asks the global offset table for {line.split()[4]}")
        if path.endswith(".cpp.o") and not path.endswith("vectors.cpp.o"):
            for line in tool("objdump", "-d", "--no-show-raw-insn", path).splitlines():
                if re.search(r"%[xyz]mm|%st", line):
                    failures.append(f"{path}: uses a vector register: {line.strip()}")
        for line in tool("nm", "-C", "--defined-only", path).splitlines():
            if re.search(r"^\w+ [WV] ", line):
                failures.append(f"{path}: an inline function that the linker may merge: {line.split(maxsplit=2)[2]}")
        for line in tool("nm", "-u", path).splitlines():
            if line.split()[-1] in MEMORY_FUNCTIONS:
                failures.append(f"{path}: calls libc's {line.split()[-1]}")
        for line in tool("size", "-A", path).splitlines():
            if (found := re.match(r"(\.data\S*)\s+(\d+)", line)) and int(found.group(2)) > LARGE_DATA:
                failures.append(f"{path}: {found.group(1)} takes {found.group(2)} bytes of every image's file")
    print("\n".join(failures) or f"{len(sys.argv) - 1} objects are fit to run before libc")
    return 1 if failures or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
