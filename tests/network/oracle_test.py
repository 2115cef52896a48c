"""The scripts of our TCP against Linux's: what is said of ours must hold of the kernel's too, or the difference is
explained in linux_differences.md.

    oracle_test.py [SECONDS]     scripts that take longer are left out; default 3
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import unittest

import namespace

namespace.enter()

PROGRAM = os.environ["SCRIPTS_ON_LINUX"]
SECONDS = float(sys.argv.pop(1)) if len(sys.argv) > 1 and sys.argv[1].replace(".", "").isdigit() else 3.0
EXPLAINED = pathlib.Path(__file__).with_name("linux_differences.md")


def run(*words):
    environment = {**os.environ, "ASTERISM_SCRIPT_SECONDS": str(SECONDS)}
    return subprocess.run([PROGRAM, *words], env=environment, capture_output=True, text=True, timeout=SECONDS * 30 + 60).stdout


def names():
    """The test cases, in the program's order."""
    return run("--list-test-cases").split("=\n", 1)[1].split("\n===")[0].split("\n")


def verdicts(number):
    """What the scripts of one test case came to."""
    words = run(f"--first={number}", f"--last={number}")
    return [line for line in words.split("\n") if re.match(r"same:|differs:|too long:|not for Linux:", line)]


def differences(found):
    return [line for line in found if line.startswith("differs:")]


class Oracle(unittest.TestCase):
    maxDiff = None

    def test_what_is_said_of_our_tcp_holds_of_linux(self):
        tests = names()
        explained = set(re.findall(r"^- \[(?:letter|stricter|choice|departs)\] (.+)$", EXPLAINED.read_text(), re.M))
        self.assertEqual(explained - set(tests), set(), "explained, but there is no such test")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            found = list(pool.map(verdicts, range(1, len(tests) + 1)))
        for attempt in range(3):  # time is real, and the machine has other work
            doubtful = [at for at, name in enumerate(tests) if differences(found[at]) and name not in explained]
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                again = list(pool.map(lambda at: verdicts(at + 1), doubtful))
            for at, lines in zip(doubtful, again):
                found[at] = lines
        same = differs = left_out = 0
        unexplained = []
        for name, lines in zip(tests, found):
            if differences(lines):
                differs += 1
                if name not in explained:
                    unexplained.append(f"{name}\n    " + "\n    ".join(differences(lines)))
            elif any(line.startswith("same:") for line in lines):
                same += 1
                if name in explained:
                    print(f"the same this time: {name}")
            else:
                left_out += 1
        print(f"{same} tests hold of Linux, {differs} do not and say why, {left_out} are not for it", end=" ", flush=True)
        self.assertEqual("\n".join(unexplained), "")
        self.assertGreater(same, 100)


if __name__ == "__main__":
    unittest.main()
