"""A null pointer that is followed is a panic that says so and names function, file and line."""

import images


class NullPointer(images.OnEveryTarget):
    image = "faults"

    def test_write(self):
        ran = self.run_image("null-write")
        self.assert_panic(ran, "null pointer: write to 0x0$", "matrix/faults.cpp", "null-write", "faults::null_write()")

    def test_write_anywhere_in_the_page(self):
        ran = self.run_image("null-write-in-the-page")
        self.assert_panic(ran, "null pointer: write to 0xfff$", "matrix/faults.cpp", "null-write-in-the-page")

    def test_read(self):
        ran = self.run_image("null-read")
        self.assert_panic(ran, "null pointer: read from 0x0$", "matrix/faults.cpp", "null-read", "faults::null_read()")

    def test_call(self):
        ran = self.run_image("null-call")
        self.assert_panic(ran, "null pointer: execution of 0x0$", "matrix/faults.cpp", "null-call", "faults::null_call()")

    def test_registers_are_told(self):
        ran = self.run_image("null-write")
        self.assertLessEqual({"rip", "rsp", "rax", "rdi", "r8", "r15"}, set(ran.panic.registers), ran)


images.main()
