"""Which function of an image executed how many instructions, from QEMU's log of each.

    qemu-system-x86_64 … -icount shift=0,sleep=off -singlestep -d exec,nochain -D executed.log
    bench/boot_profile.py executed.log build/bin/02-server [FUNCTION]

Counts until the first instruction of FUNCTION, or all there is. NAME.debug beside the image has the symbols; the
random address at which the image runs is found from the jump that goes there.
"""

import bisect
import collections
import re
import subprocess
import sys

LOAD_ADDRESS = 0x200000  # where aster-seal makes QEMU put the image
JUMP_SIZE = 2  # of the jump from physical to random addresses; the code behind it is what runs next
FOUR_GIGABYTES = 1 << 32
EXECUTED = re.compile(r"\[[0-9a-f]+/([0-9a-f]+)/")


class symbols:
    def __init__(self, debug_file):
        listed = subprocess.run(["nm", "-C", "--defined-only", "-n", debug_file], capture_output=True, text=True, check=True)
        split = (line.split(" ", 2) for line in listed.stdout.splitlines())
        code = [(int(address, 16), name) for address, kind, name in split if kind in "tTwWi"]
        self.addresses = [address for address, _ in code]
        self.names = [name for _, name in code]

    def at(self, offset):
        found = bisect.bisect_right(self.addresses, offset) - 1
        return shorten(self.names[found]) if found >= 0 else "?"


def shorten(name):
    """Without parameters, template arguments and the outer namespaces: `net_driver::give_queues`."""
    name = name.replace("(anonymous namespace)::", "")
    while (plain := re.sub(r"<[^<>]*>", "", name)) != name:
        name = plain
    name = name.split("(")[0].split(" ")[-1]
    return re.sub(r"^(aster::kernel::|aster::|std::__1::)", "", name)


def profile(log, image, until=None):
    """Instructions by function; the firmware is one of them."""
    names = symbols(f"{image}.debug")
    counted = collections.Counter()
    base = None
    last = 0
    with open(log) as lines:
        for line in lines:
            found = EXECUTED.search(line)
            if not found:
                continue
            address = int(found[1], 16)
            if address >= FOUR_GIGABYTES:
                if base is None:
                    base = address - (last + JUMP_SIZE - LOAD_ADDRESS)
                name = names.at(address - base)
            elif LOAD_ADDRESS <= address < LOAD_ADDRESS + (names.addresses[-1] | 0xFFF):
                name = names.at(address - LOAD_ADDRESS)
            else:
                name = "firmware"
            if name == until:
                break
            counted[name] += 1
            last = address
    return counted


if __name__ == "__main__":
    for function, instructions in profile(*sys.argv[1:]).most_common(40):
        print(f"{instructions:>9,}  {function}")
