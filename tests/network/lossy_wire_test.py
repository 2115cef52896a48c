"""TCP with the Linux kernel over a wire that loses 5 % of the frames, doubles 1 %, and reorders 5 %.

    lossy_wire_test.py [KILOBYTES]     how much goes each way; default 500
"""

import random
import sys
import time

import images
import namespace

namespace.enter()

from network import conversation, relay

KILOBYTES = int(sys.argv.pop(1)) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 500


class LossyWire(images.OnEveryTarget):
    image = "services"

    def start_on(self, **rules):
        self.wire = self.enterContext(relay.Wire(**rules))
        running = self.start_image(options=self.wire.options)
        running.until("^serving")
        return self.wire.image_address

    def tell(self, begin, size):
        wire, took = self.wire, time.monotonic() - begin
        print(f"{size / (1 << 20) / took:.1f} MB/s, of {wire.carried} frames {wire.lost} lost, {wire.doubled} doubled, "
              f"{wire.reordered} late", end=" ", flush=True)

    def test_a_good_wire_is_no_trouble(self):
        address = self.start_on(seed=1)
        data = random.Random(1).randbytes(KILOBYTES * 1000)
        self.assertTrue(conversation.echoed(address, data) == data)
        counted = conversation.counters(address)
        self.assertEqual(counted["tcp_checksum"] + counted["tcp_timeouts"], 0)

    def test_bulk_echo_is_byte_exact(self):
        address = self.start_on(seed=2, loss=0.05, duplicate=0.01, reorder=0.05)
        data = random.Random(2).randbytes(KILOBYTES * 1000)
        begin = time.monotonic()
        self.assertTrue(conversation.echoed(address, data, timeout=240) == data)
        self.tell(begin, 2 * len(data))
        # It was a bad wire indeed, and both stacks saw that.
        self.assertGreater(self.wire.lost, self.wire.carried * 0.03)
        counted = conversation.counters(address)
        self.assertGreater(counted["tcp_retransmissions"], 0)
        self.assertGreater(counted["tcp_out_of_order"], 0)
        self.assertEqual(counted["tcp_checksum"] + counted["tcp_malformed"], 0)

    def test_bulk_each_way_is_byte_exact(self):
        address = self.start_on(seed=3, loss=0.05, duplicate=0.01, reorder=0.05)
        data = random.Random(3).randbytes(KILOBYTES * 1000)
        begin = time.monotonic()
        self.assertTrue(conversation.sunk(address, data, timeout=240))
        self.assertTrue(conversation.drawn(address, len(data), timeout=240))
        self.tell(begin, 2 * len(data))

    def test_connections_begin_and_end_in_spite_of_losses(self):
        address = self.start_on(seed=4, loss=0.1, reorder=0.1)
        for number in range(20):
            self.assertEqual(conversation.echoed(address, b"%d" % number, timeout=60), b"%d" % number)


images.main()
