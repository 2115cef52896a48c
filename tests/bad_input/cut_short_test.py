"""`aster inspect` recognises an image that was cut short at any place: every 512th byte is tried."""

import concurrent.futures
import pathlib
import subprocess
import tempfile
import unittest

import images


class CutShort(unittest.TestCase):
    def test_at_every_512th_byte(self):
        whole = images.path_of("01-hello").read_bytes()
        with tempfile.TemporaryDirectory() as folder:

            def inspect(length):
                file = pathlib.Path(folder) / f"cut-{length}"
                file.write_bytes(whole[:length])
                told = subprocess.run([images.ASTER, "inspect", file], capture_output=True, text=True, timeout=60)
                file.unlink()
                return length, told

            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                lengths = range(0, len(whole), 512)
                for length, told in pool.map(inspect, lengths):
                    with self.subTest(length=length):
                        self.assertEqual((told.returncode, told.stdout), (1, ""), told)
                        self.assertRegex(told.stderr, r"^aster: \S+/cut-\d+: (cut short|empty file)[^\n]*\n$")
            print(f"{len(lengths)} lengths", end=" ", flush=True)


images.main()
