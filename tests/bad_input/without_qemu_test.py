"""Where QEMU is not installed, that is said, with the package that has it; the other targets do not need it."""

import os
import pathlib
import tempfile

import images


class WithoutQemu(images.OnEveryTarget):
    image = "01-hello"

    def test_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            # All programs but one.
            for place in ("/usr/bin", "/bin"):
                for program in pathlib.Path(place).iterdir():
                    link = pathlib.Path(folder) / program.name
                    if not program.name.startswith("qemu-") and not link.exists():
                        link.symlink_to(program)
            ran = self.run_image(env=os.environ | {"PATH": folder})
        if self.target in ("process", "sandbox"):
            self.assert_succeeds(ran, "Hello, world\n")
        else:
            self.assertEqual((ran.code, ran.out), (images.CANNOT_RUN, ""), ran)
            self.assertRegex(ran.err, rf"^aster: --on {self.target}: qemu-system-x86_64 is not installed; .*qemu-system-x86, .*--on sandbox\n$")


images.main()
