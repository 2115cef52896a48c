"""C libraries of the distribution work unmodified: SQLite and zlib, from the archives that Debian ships."""

import hashlib
import os
import pathlib
import re
import unittest

import images


class Libraries(images.OnEveryTarget):
    image = "libraries"

    def test_work(self):
        ran = self.run_image()
        self.assert_succeeds(ran)
        self.assertTrue(ran.out.endswith("all\n"), ran)
        # Nothing that they asked for was missing.
        self.assertEqual(ran.err, "")


class Archives(unittest.TestCase):
    def test_are_those_that_debian_packed(self):
        for archive in os.environ["ARCHIVES"].split(":"):
            content = pathlib.Path(archive).read_bytes()
            sums = "".join(file.read_text() for file in pathlib.Path("/var/lib/dpkg/info").glob("*-dev*.md5sums"))
            packed = re.search(rf"^(\w{{32}})  {archive[1:]}$", sums, re.M)
            self.assertIsNotNone(packed, f"{archive} belongs to no package")
            self.assertEqual(hashlib.md5(content).hexdigest(), packed[1])
            print(f"{archive}: md5 {packed[1]} as packed")


images.main()
