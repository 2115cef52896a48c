"""Code, constants, and tables that were relocated at the start can not be written to."""

import images


class WriteProtected(images.OnEveryTarget):
    image = "faults"

    def refuses(self, what, function):
        ran = self.run_image(what)
        self.assert_panic(ran, r"^write to read-only memory at 0x[0-9a-f]+ \(image\+0x", "matrix/faults.cpp", what, function)

    def test_code(self):
        self.refuses("code-write", "faults::code_write()")

    def test_constants(self):
        self.refuses("constant-write", "faults::constant_write()")

    def test_relocated_constants(self):
        self.refuses("relro-write", "faults::relocated_constant_write()")

    def test_the_global_offset_table(self):
        self.refuses("got-write", "faults::offset_table_write()")


images.main()
