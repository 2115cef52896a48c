"""Where an image lies, measured over many starts: how random that is, in bits.

A thousand draws cannot show 34 bits by themselves: what they show is which bits of an address vary, that each of
these is balanced, and that no two starts gave the same address. The entropy given is the sum of the entropies of
the single bits; it equals the true one if these are independent, which is for the source to tell: `ARITHMETIC`
names the draw that each target makes, in bits.
"""

import math
import pathlib
import re

PAGE_BITS = 12


def linux_bits():
    """How many bits Linux draws for a mapping, such as a position-independent program."""
    return int(pathlib.Path("/proc/sys/vm/mmap_rnd_bits").read_text())


# Where the image lies. Process: a mapping of Linux. Sandbox: a page of a window of 2^46 bytes
# (host/sandbox/place.cpp). Machine: one of 250 top-level slots, and a page of the first 511 GiB of it
# (kernel/qemu/boot.cpp).
ARITHMETIC = {
    "process": linux_bits(),
    "sandbox": 46 - PAGE_BITS,
    "qemu-microvm": math.log2(250) + math.log2(511 << 30) - PAGE_BITS,
}
ARITHMETIC["qemu-q35"] = ARITHMETIC["qemu-microvm"]


def of(ran):
    """The places that a run of `attempts places` printed, by name."""
    return {name: int(address, 16) for name, address in re.findall(r"^(\w+) ([0-9a-f]+)$", ran.out, re.M)}


def entropy(addresses):
    """The sum of the entropies of the bits above the page's, and how many of them vary."""
    bits, varying = 0.0, 0
    for position in range(PAGE_BITS, 64):
        share = sum(address >> position & 1 for address in addresses) / len(addresses)
        if 0 < share < 1:
            varying += 1
            bits -= share * math.log2(share) + (1 - share) * math.log2(1 - share)
    return bits, varying


def hidden(bits, draws):
    """How much less than `bits` of entropy so few draws of as many fair bits may show: a fair bit seems to lack
    chi² / (2 ln 2 · draws), which has the mean 1 and the variance 2 over that; five standard deviations are allowed."""
    return (bits + 5 * math.sqrt(2 * bits)) / (2 * math.log(2) * draws)
