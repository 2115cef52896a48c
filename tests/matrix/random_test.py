"""Random numbers are random by every door, and never the same on two starts."""

import re

import images


class Random(images.OnEveryTarget):
    image = "random"

    def test_every_door_of_two_starts_gives_another_number(self):
        keys = []
        for _ in range(2):
            ran = self.run_image()
            self.assert_succeeds(ran)
            keys += re.findall(r"^(?:random_device|getrandom|getentropy|/dev/urandom|platform) ([0-9a-f]{64})$", ran.out, re.M)
        self.assertEqual(len(keys), 10)
        self.assertEqual(len(set(keys)), 10, keys)
        # No byte of a key stands still, none is zero throughout.
        for position in range(0, 64, 2):
            self.assertGreater(len({key[position : position + 2] for key in keys}), 4, keys)

    def test_the_device_of_the_standard_library_repeats_none(self):
        self.assert_succeeds(self.run_image())

    def test_ones_and_zeros_are_in_balance(self):
        ran = self.run_image()
        ones, bits = map(int, re.search(r"^ones (\d+) of (\d+)$", ran.out, re.M).groups())
        # Six standard deviations of a fair coin, sqrt(bits) / 2: one run in 500 million fails by chance.
        self.assertLess(abs(ones - bits / 2), 6 * bits**0.5 / 2, ran)


images.main()
