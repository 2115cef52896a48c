"""1,000 fibers sleep at once, wake in order, pass values along, and unwind when they are cancelled."""

import images


class Fibers(images.OnEveryTarget):
    image = "fibers"

    def test_a_thousand(self):
        ran = self.run_image()
        self.assert_succeeds(ran)
        self.assertTrue(ran.out.endswith("all\n"), ran)

    def test_a_thousand_in_sixteen_mebibytes(self):
        # Each has touched a page of its stack and one of tables at most; the rest of the stacks is only addresses.
        ran = self.run_image(options=["-m", "16"])
        self.assert_succeeds(ran)


images.main()
