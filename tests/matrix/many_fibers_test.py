"""100,000 fibers sleep at once and wake in order, in the memory that their stacks need."""

import images


class ManyFibers(images.OnEveryTarget):
    image = "fibers"

    def test_a_hundred_thousand(self):
        # One page of stack each is 400 MB; the chain of channels between them takes some more.
        ran = self.run_image("100000", options=["-m", "1G"], timeout=280)
        self.assert_succeeds(ran)
        self.assertTrue(ran.out.endswith("all\n"), ran)


images.main()
