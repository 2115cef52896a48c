"""A tap that cannot be used is named, with the cause and the mend."""

import subprocess

import images
import namespace

namespace.enter()


class Taps(images.OnEveryTarget):
    image = "02-server"

    def refused(self, ran, *parts):
        self.assertEqual((ran.code, ran.out), (images.CANNOT_RUN, ""), ran)
        self.assertRegex(ran.err, r"^aster: [^\n]+\n$")
        for part in parts:
            self.assertIn(part, ran.err)

    def test_in_use_by_another_image(self):
        tap = self.enterContext(namespace.Tap())
        self.start_image(options=tap.options).until("^serving")
        self.refused(self.run_image(options=tap.options), f"tap {tap.name}", "in use")

    def test_that_is_no_tap(self):
        namespace.ip("link", "add", "cable1", "type", "veth", "peer", "name", "cable2")
        try:
            self.refused(self.run_image(options=["--net", "service=tap:cable1"]), "tap cable1", "not a tap")
        finally:
            namespace.ip("link", "delete", "cable1")

    def test_that_belongs_to_somebody_else(self):
        if not namespace.is_real_root():
            self.skipTest("only root can be somebody else")
        nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        if subprocess.run([*nobody, "test", "-x", images.ASTER]).returncode != 0:
            self.skipTest("others cannot reach the command")
        tap = self.enterContext(namespace.Tap())
        words = [*nobody, *images.command(self.image, self.target, options=tap.options)]
        told = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        self.refused(images.Ran(words, told.returncode, told.stdout, told.stderr), "permission denied", "ip tuntap add")


images.main()
