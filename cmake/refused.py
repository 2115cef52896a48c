#!/usr/bin/env python3
"""Checks that programs which must not compile do not, and that the compiler says why.

    refused.py SOURCE COMPILER FLAGS...

SOURCE begins with what all cases share: its includes come first and are compiled once. Then each case stands
between `#ifdef NAME` and `#endif`, with the message to be seen behind the name:

    #ifdef conflicting_routes  // says: these two routes match the same paths

Without any case it must compile. A case may have `#else` with the corrected program.
"""
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

source, compiler, *flags = sys.argv[1:]
text = open(source).read()
cases = re.findall(r"^#ifdef (\w+)\s*// says: (.+)$", text, re.M)
includes = "".join(line + "\n" for line in text.splitlines() if line.startswith("#include"))
if not cases:
    sys.exit(f"{source}: has no case")

with tempfile.TemporaryDirectory() as folder:
    header = os.path.join(folder, "shared.hpp")
    with open(header, "w") as file:
        file.write(includes)
    compiled = header + ".pch"
    subprocess.run([compiler, *flags, "-x", "c++-header", header, "-o", compiled], check=True)

    def compile_with(name):
        defined = [f"-D{name}"] if name else []
        return subprocess.run([compiler, *flags, *defined, "-include-pch", compiled, "-fsyntax-only", "-x", "c++", source],
                              capture_output=True, text=True)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda name: compile_with(name), [None] + [name for name, _ in cases]))

failures = 0
if results[0].returncode != 0:
    print(f"FAILED the program without any case does not compile:\n{results[0].stderr}")
    failures += 1
for (name, message), result in zip(cases, results[1:]):
    first = next((line for line in result.stderr.splitlines() if "error:" in line), "")
    if result.returncode == 0:
        print(f"FAILED {name}: it compiles")
    elif message not in result.stderr:
        print(f"FAILED {name}: the compiler does not say '{message}':\n{result.stderr}")
    else:
        print(f"ok     {name}: {first.split('error: ')[-1][:160]}")
        continue
    failures += 1
sys.exit(1 if failures else 0)
