"""`aster run --live` serves a crunched folder from disk: edits are seen, new files found, and nothing beside it."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import images

SITE = pathlib.Path(__file__).parent / "site"


class Live(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        shutil.copytree(SITE, self.folder / "site")
        (self.folder / "secret").write_text("secret")
        (self.folder / "site/link").symlink_to("../secret")
        (self.folder / "site/new.txt").write_text("new")
        (self.folder / "site/logo.png").unlink()

    def aster(self, *words):
        return subprocess.run([images.ASTER, "run", *words], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    def test_disk_is_the_truth(self):
        image = str(images.path_of("crunched"))
        paths = {
            "/": "/index.html",
            "/new.txt": "/new.txt",
            "/logo.png": "nothing",
            "/link": "nothing",
            "/../secret": "nothing",
            "/css/../../secret": "nothing",
        }
        for option in (f"{self.folder}/site", f"site={self.folder}/site"):
            ran = self.aster("--live", option, image, "--", *paths)
            self.assertEqual(ran.stdout.splitlines(), list(paths.values()), ran.stderr)
            self.assertIn("as a plain process", ran.stderr)

    def test_another_folder_stays_as_it_was(self):
        ran = self.aster("--live", f"other={self.folder}/site", str(images.path_of("crunched")), "--", "/new.txt", "/logo.png")
        self.assertEqual(ran.stdout, "nothing\n/logo.png\n")

    def refused(self, code, text, *words):
        ran = self.aster(*words)
        self.assertEqual((ran.returncode, ran.stdout), (code, ""))
        self.assertIn(text, ran.stderr)
        self.assertEqual(ran.stderr.count("\n"), 1)

    def test_what_cannot_be_live_is_refused(self):
        image = str(images.path_of("crunched"))
        self.refused(2, "--live: on sandbox there are no files", "--on", "sandbox", "--live", str(SITE), image)
        self.refused(2, "nowhere is not a directory", "--live", str(SITE / "nowhere"), image)
        self.refused(images.CANNOT_RUN, "has nothing to serve from disk", "--live", str(SITE), str(images.path_of("01-hello")))


images.main()
