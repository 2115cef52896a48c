"""An image has zlib and brotli in it when it codes responses while it runs, and not otherwise."""

import unittest

import images


def archives(image):
    """The archives that something of lies in the image, by its map."""
    text = images.path_of(f"{image}.map").read_text()
    return {name for name in ("libz.a", "libbrotlienc.a", "libbrotlicommon.a") if f"{name}(" in text}


class Coders(unittest.TestCase):
    def test_lie_where_they_are_used(self):
        self.assertEqual(archives("conformance"), {"libz.a", "libbrotlienc.a", "libbrotlicommon.a"})

    def test_lie_nowhere_else(self):
        self.assertEqual(archives("02-server"), set())


unittest.main()
