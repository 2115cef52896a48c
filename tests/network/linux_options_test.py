"""TCP with the Linux kernel over a bad wire, whichever options Linux is willing to use: both ways byte-exact."""

import pathlib
import random

import images
import namespace

namespace.enter()

from network import conversation, relay

SYSCTL = pathlib.Path("/proc/sys/net/ipv4")


class LinuxOptions(images.OnEveryTarget):
    image = "services"
    targets = ("sandbox",)

    def exchange(self, **sysctls):
        """Sends and draws over a wire with faults, with Linux set up so; returns the image's counters."""
        for name, value in {"tcp_sack": 1, "tcp_timestamps": 1, "tcp_window_scaling": 1, "tcp_ecn": 2, **sysctls}.items():
            (SYSCTL / name).write_text(str(value))
        wire = self.enterContext(relay.Wire(seed=len(sysctls), loss=0.02, duplicate=0.01, reorder=0.05, delay=0.002))
        self.start_image(options=wire.options).until("^serving")
        address, data = wire.image_address, random.Random(6).randbytes(400_000)
        self.assertTrue(conversation.echoed(address, data, timeout=120) == data)
        self.assertTrue(conversation.sunk(address, data, timeout=120))
        self.assertTrue(conversation.drawn(address, len(data), timeout=120))
        counted = conversation.counters(address)
        self.assertGreater(counted["tcp_retransmissions"], 0)
        self.assertEqual(counted["tcp_no_timestamp"] + counted["tcp_bad_sack"] + counted["tcp_malformed"], 0)
        return counted

    def test_everything(self):
        self.assertGreater(self.exchange()["tcp_fast_retransmits"], 0)

    def test_without_selective_acknowledgement(self):
        self.assertEqual(self.exchange(tcp_sack=0)["tcp_sent_in_vain"], 0)

    def test_without_timestamps(self):
        self.exchange(tcp_timestamps=0)

    def test_without_window_scaling(self):
        self.exchange(tcp_window_scaling=0)

    def test_with_congestion_marks_asked_for(self):
        self.exchange(tcp_ecn=1)

    def test_bare(self):
        self.exchange(tcp_sack=0, tcp_timestamps=0, tcp_window_scaling=0, tcp_ecn=0)


images.main()
