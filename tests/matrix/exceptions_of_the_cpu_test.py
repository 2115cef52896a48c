"""Every exception of the CPU ends in a panic that says which, and where."""

import images


class ExceptionsOfTheCpu(images.OnEveryTarget):
    image = "faults"

    def panics(self, fault, what, function):
        ran = self.run_image(fault)
        self.assert_panic(ran, what, "matrix/faults.cpp", fault, function)

    def test_division_by_zero(self):
        self.panics("division-by-zero", "^division by zero$", "faults::divide()")

    def test_invalid_instruction(self):
        self.panics("invalid-instruction", "^invalid instruction$", "faults::undefined()")

    def test_wild_read(self):
        self.panics("wild-read", "^read from unmapped memory at 0x123456789000$", "faults::wild_read()")

    def test_noncanonical_address(self):
        self.panics("noncanonical-read", "^general protection fault", "faults::noncanonical_read()")

    def test_misaligned_vector(self):
        self.panics("misaligned-vector", "^general protection fault", "faults::misaligned()")

    def test_breakpoint(self):
        self.panics("breakpoint", "^breakpoint$", "faults::breakpoint()")


images.main()
