"""What the linker took from libc and libc++: the code of large members only where a program needs them."""

import unittest

import images

LARGE = ("libc++.a(locale.cpp.o)", "libc++.a(d2fixed.cpp.o)", "libc++.a(random.cpp.o)", "libc.a(dl-open.o)", "libc.a(dl-deps.o)", "libc.a(dl-load.o)",
         "libc.a(assert.o)", "libc.a(dcigettext.o)")


def taken(image):
    path = images.path_of(image)
    content = path.with_name(path.name + ".map").read_text()
    return [member for member in LARGE if f"{member}:(.text" in content]


class Members(unittest.TestCase):
    def test_are_left_out_of_images_that_do_not_need_them(self):
        for image in ("01-hello", "02-server", "numbers", "exceptions"):
            with self.subTest(image):
                self.assertEqual(taken(image), [])

    def test_are_in_an_image_with_streams(self):
        self.assertIn("libc++.a(locale.cpp.o)", taken("streams"))


images.main()
