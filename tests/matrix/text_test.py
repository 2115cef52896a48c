"""Numbers become text, in images with streams and locales and in images without."""

import unittest

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


class Members(unittest.TestCase):
    """What the linker took from libc++: the large members only where they are needed."""

    LARGE = ("locale.cpp.o", "d2fixed.cpp.o")

    def taken(self, image):
        path = images.path_of(image)
        content = path.with_name(path.name + ".map").read_text()
        return [member for member in self.LARGE if f"libc++.a({member})" in content]

    def test_are_left_out_of_an_image_without_streams(self):
        self.assertEqual(self.taken("numbers"), [])

    def test_are_in_an_image_with_streams(self):
        self.assertIn("locale.cpp.o", self.taken("streams"))


images.main()
