"""Exceptions arrive wherever they are thrown: deep down, in destructors and constructors, across fibers."""

import images


class Exceptions(images.OnEveryTarget):
    image = "exceptions"

    def test_all_arrive(self):
        ran = self.run_image()
        self.assert_succeeds(ran)
        self.assertTrue(ran.out.endswith("all\n"), ran)


images.main()
