"""The heap notices when it is misused: memory freed twice, freed that never was allocated, written past its end."""

import images


class HeapIntegrity(images.OnEveryTarget):
    image = "faults"

    def notices(self, fault, message, function):
        ran = self.run_image(fault)
        self.assertIn(message, ran.out + ran.err, ran)
        self.assert_panic(ran, "^aborted$", "matrix/faults.cpp", fault, function)

    def test_double_free(self):
        self.notices("double-free", "double free", "faults::double_free()")

    def test_double_free_of_a_small_block(self):
        self.notices("cached-double-free", "double free detected", "faults::cached_double_free()")

    def test_double_delete(self):
        self.notices("double-delete", "double free detected", "faults::double_delete()")

    def test_invalid_free(self):
        self.notices("invalid-free", "free(): invalid pointer", "faults::invalid_free()")

    def test_overrun(self):
        self.notices("heap-overrun", "malloc(): corrupted top size", "faults::heap_overrun()")


images.main()
