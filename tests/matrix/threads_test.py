"""Threads, and everything by which the standard library lets them wait for each other."""

import images


class Threads(images.OnEveryTarget):
    image = "threads"

    def test_all_hold(self):
        ran = self.run_image()
        self.assert_succeeds(ran)
        self.assertTrue(ran.out.endswith("all\n"), ran)


images.main()
