"""Numbers become text, in images with streams and locales and in images without."""

import images


class Numbers(images.OnEveryTarget):
    image = "numbers"

    def test_are_written_as_in_the_c_locale(self):
        ran = self.run_image()
        self.assert_succeeds(
            ran, "1234567 true false 1234.50\n0.667 6.667e-01 0.667 10000000000000000000000 0.1\n      -0.2|1p+0\nbad_cast\n"
        )


class Streams(images.OnEveryTarget):
    image = "streams"

    def test_have_locales_of_their_own(self):
        ran = self.run_image()
        self.assert_succeeds(ran, "1234567 true 2.2\nC false 1234567\n1'234'567 true\n7 0.5 x\n")


images.main()
