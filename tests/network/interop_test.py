"""TCP with the Linux kernel over every kind of bad wire, and with every option that Linux may have or not: to the image,
from it and both at once, byte for byte.

    interop_test.py             one of each kind
    interop_test.py --all       the whole matrix, in both families
"""

import pathlib
import random
import sys

import images
import namespace

ALL = "--all" in sys.argv
namespace.enter()
sys.argv = [word for word in sys.argv if word != "--all"]

from network import conversation, relay

SYSCTL = pathlib.Path("/proc/sys/net/ipv4")
USUAL = {"tcp_sack": 1, "tcp_timestamps": 1, "tcp_window_scaling": 1, "tcp_ecn": 2}
PATIENCE = 240


class Exchange(images.OnEveryTarget):
    image = "services"
    targets = ("sandbox",)

    def exchange(self, size=150_000, sysctls={}, **rules):
        """Sends `size` bytes each way over a wire with these rules, and looks at what the image has counted."""
        for name, value in {**USUAL, **sysctls}.items():
            (SYSCTL / name).write_text(str(value))
        seed = self._testMethodName
        self.wire = self.enterContext(relay.Wire(seed=seed, **rules))
        self.start_image(options=self.wire.options).until("^serving")
        address, data = self.wire.address, random.Random(seed).randbytes(size)
        self.assertTrue(conversation.echoed(address, data, PATIENCE) == data)
        self.assertTrue(conversation.sunk(address, data, timeout=PATIENCE))
        self.assertTrue(conversation.drawn(address, size, PATIENCE))
        self.wire.window = None
        self.counted = conversation.counters(address)
        print(f"{self.wire.carried} frames, {self.wire.lost} lost, {self.wire.doubled} doubled, {self.wire.reordered} late, "
              f"{self.wire.corrupted} corrupted", end=" ", flush=True)
        self.assertLessEqual(self.wire.largest, self.wire.mtu)
        for fault in ("tcp_no_timestamp", "tcp_bad_sack", "memory_exhausted"):
            self.assertEqual(self.counted[fault], 0, fault)
        noticed = sum(self.counted[name] for name in ("tcp_checksum", "tcp_malformed", "ipv4_checksum", "ipv4_malformed", "ipv6_malformed"))
        if self.wire.corrupted == 0:
            self.assertEqual(noticed, 0)


class OnEveryTarget(Exchange):
    targets = images.TARGETS

    def test_a_good_wire_is_no_trouble(self):
        self.exchange()
        self.assertEqual(self.counted["tcp_timeouts"], 0)

    def test_a_bad_wire_is_overcome(self):
        self.exchange(size=300_000, loss=0.05, duplicate=0.01, reorder=0.05)
        # It was a bad wire indeed, and the image saw that.
        self.assertGreater(self.wire.lost, self.wire.carried * 0.03)
        self.assertGreater(self.counted["tcp_retransmissions"], 0)
        self.assertGreater(self.counted["tcp_out_of_order"], 0)

    def test_a_bad_wire_is_overcome_by_ipv6(self):
        self.exchange(size=300_000, loss=0.05, duplicate=0.01, reorder=0.05, ipv6=True)
        self.assertGreater(self.counted["tcp_retransmissions"], 0)
        self.assertGreater(self.counted["tcp_out_of_order"], 0)

    def test_large_packets_are_used(self):
        self.exchange(size=1_000_000, mtu=9000, loss=0.01)
        self.assertEqual(self.wire.largest, 9000)


class Kinds(Exchange):
    def test_loss_of_one_in_five(self):
        self.exchange(size=30_000, loss=0.2)

    def test_reordering(self):
        self.exchange(reorder=0.3, delay=0.002)
        self.assertGreater(self.counted["tcp_out_of_order"], 0)

    def test_corruption(self):
        self.exchange(corrupt=0.03)
        self.assertGreater(self.wire.corrupted, 0)

    def test_corruption_of_ipv6(self):
        self.exchange(corrupt=0.03, ipv6=True)
        self.assertGreater(self.wire.corrupted, 0)

    def test_the_smallest_packets_of_ipv6(self):
        self.exchange(mtu=1280, loss=0.01, ipv6=True)

    def test_a_round_trip_of_600_ms(self):
        self.exchange(size=50_000, delay=0.3)

    def test_packets_of_576_bytes(self):
        self.exchange(mtu=576, loss=0.01)

    def test_a_window_of_one_byte(self):
        self.exchange(size=15, window=1, sysctls={"tcp_window_scaling": 0})

    def test_without_selective_acknowledgement(self):
        self.exchange(loss=0.02, duplicate=0.01, reorder=0.05, sysctls={"tcp_sack": 0})
        self.assertEqual(self.counted["tcp_sent_in_vain"], 0)

    def test_without_timestamps(self):
        self.exchange(loss=0.02, duplicate=0.01, reorder=0.05, sysctls={"tcp_timestamps": 0})

    def test_without_window_scaling(self):
        self.exchange(loss=0.02, duplicate=0.01, reorder=0.05, sysctls={"tcp_window_scaling": 0})

    def test_with_congestion_marks_asked_for(self):
        self.exchange(loss=0.02, duplicate=0.01, reorder=0.05, sysctls={"tcp_ecn": 1})

    def test_with_no_option_at_all(self):
        self.exchange(loss=0.02, duplicate=0.01, reorder=0.05, sysctls=dict.fromkeys(USUAL, 0))

    def test_connections_begin_and_end_in_spite_of_losses(self):
        wire = self.enterContext(relay.Wire(seed=4, loss=0.1, reorder=0.1))
        self.start_image(options=wire.options).until("^serving")
        for number in range(20):
            self.assertEqual(conversation.echoed(wire.image_address, b"%d" % number, PATIENCE), b"%d" % number)


def whole_matrix():
    """Each fault by itself in every strength, with every set of options, in small packets and large."""
    tests = {}

    def add(name, **rules):
        tests["test_" + name.replace(".", "_")] = lambda self: self.exchange(**rules)
        if rules.get("mtu", 1500) >= 1280:
            tests["test_ipv6_" + name.replace(".", "_")] = lambda self: self.exchange(ipv6=True, **rules)

    options = {"everything": {}, "no_sack": {"tcp_sack": 0}, "no_timestamps": {"tcp_timestamps": 0}, "no_scaling": {"tcp_window_scaling": 0},
               "marks": {"tcp_ecn": 1}, "nothing": dict.fromkeys(USUAL, 0)}
    faults = {"loss_0.1_percent": {"loss": 0.001}, "loss_1_percent": {"loss": 0.01}, "loss_5_percent": {"loss": 0.05}, "loss_10_percent": {"loss": 0.1, "size": 80_000},
              "loss_20_percent": {"loss": 0.2, "size": 30_000}, "reordering_5_percent": {"reorder": 0.05, "delay": 0.002}, "reordering_half": {"reorder": 0.5, "delay": 0.002},
              "duplication_1_percent": {"duplicate": 0.01}, "duplication_half": {"duplicate": 0.5}, "corruption_0.1_percent": {"corrupt": 0.001},
              "corruption_5_percent": {"corrupt": 0.05}, "delay_10_ms": {"delay": 0.01, "loss": 0.01}, "delay_100_ms": {"delay": 0.1, "loss": 0.01, "size": 80_000},
              "delay_300_ms": {"delay": 0.3, "loss": 0.01, "size": 50_000}}
    for fault, rules in faults.items():
        for option, sysctls in options.items():
            add(f"{fault}_{option}", sysctls=sysctls, **rules)
    for mtu in (576, 1006, 1280, 1492, 1500, 4352, 9000):
        for fault in ("loss_0.1_percent", "loss_5_percent", "reordering_half", "corruption_5_percent", "delay_100_ms"):
            add(f"mtu_{mtu}_{fault}", mtu=mtu, **faults[fault])
    for window in (1, 2, 7, 535, 1461, 5000):
        for option in ("no_scaling", "nothing"):
            add(f"window_{window}_{option}", window=window, size=30 * min(window, 1000), sysctls={**options[option], "tcp_window_scaling": 0})
    add("everything_at_once", loss=0.03, duplicate=0.03, reorder=0.1, corrupt=0.01, delay=0.005)
    add("ten_megabytes", loss=0.05, duplicate=0.01, reorder=0.05, size=10_000_000)
    return tests


if ALL:
    Matrix = type("Matrix", (Exchange,), whole_matrix())

images.main()
