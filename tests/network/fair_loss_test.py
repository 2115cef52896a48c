"""How fast a stream goes over a wire that loses one frame in a hundred, at a round trip of 20 ms: the image's sender
against Linux's over the same wire, and without the retransmission timer.

    fair_loss_test.py [KILOBYTES]     how much goes each way; default 3000
"""

import pathlib
import random
import sys
import time

import images
import namespace

namespace.enter()

from network import conversation, relay

KILOBYTES = int(sys.argv.pop(1)) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 3000


class FairLoss(images.OnEveryTarget):
    image = "services"
    targets = ("sandbox",)

    def test_one_in_a_hundred_costs_no_more_than_it_costs_linux(self):
        # On a path as short as this CUBIC keeps to the window of RFC 5681 (RFC 9438 §4.3), and that is what a namespace
        # without privileges may choose for Linux: what is compared is how losses are noticed and repaired.
        pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").write_text("reno")
        wire = self.enterContext(relay.Wire(seed=5, loss=0.01, delay=0.01))
        running = self.start_image(options=wire.options)
        running.until("^serving")
        address, size = wire.image_address, KILOBYTES * 1000
        data = random.Random(5).randbytes(size)
        took = {"ours": 0.0, "theirs": 0.0}
        for _ in range(2):  # in turns, so that both meet the same machine
            begin = time.monotonic()
            self.assertTrue(conversation.drawn(address, size, timeout=240))
            took["ours"] += time.monotonic() - begin
            begin = time.monotonic()
            self.assertTrue(conversation.sunk(address, data, timeout=240))
            took["theirs"] += time.monotonic() - begin
        ours, theirs = (2 * size / (1 << 20) / took[side] for side in ("ours", "theirs"))
        counted = conversation.counters(address)
        print(f"ours {ours:.2f} MB/s, Linux's {theirs:.2f} MB/s; {counted['tcp_retransmissions']} retransmissions, "
              f"{counted['tcp_timeouts']} timeouts, {counted['tcp_tail_probes']} tail probes", end=" ", flush=True)
        self.assertGreater(wire.lost, wire.carried * 0.005)
        self.assertGreater(counted["tcp_retransmissions"], 0)
        # A timeout is due only when the last of a flight, its probe and that one's repetition are lost.
        self.assertLessEqual(counted["tcp_timeouts"], 1 + KILOBYTES // 3000)
        # Which frames are lost differs; over so few losses the two rates differ by chance as well.
        self.assertGreater(ours, theirs * 0.6)


images.main()
