"""Writing past the end of things is noticed: by the stack protector, by _FORTIFY_SOURCE, by libc++'s checks."""

import images


class Overruns(images.OnEveryTarget):
    image = "faults"

    def test_stack_protector(self):
        ran = self.run_image("stack-smash")
        self.assertIn("*** stack smashing detected ***", ran.out + ran.err)
        self.assert_panic(ran, "^aborted$", function="faults::smash()")

    def test_fortify(self):
        ran = self.run_image("fortify")
        self.assertIn("*** buffer overflow detected ***", ran.out + ran.err)
        self.assert_panic(ran, "^aborted$", "matrix/faults.cpp", "fortify", "faults::fortified()")

    def test_vector(self):
        ran = self.run_image("vector-overrun")
        self.assert_panic(ran, r"vector\[\] index out of bounds$", "matrix/faults.cpp", "vector-overrun", "faults::vector_overrun()")

    def test_span(self):
        ran = self.run_image("span-overrun")
        self.assert_panic(ran, r"span<T>::operator\[\]\(index\): index out of range$", "matrix/faults.cpp", "span-overrun", "faults::span_overrun()")

    def test_empty_container(self):
        ran = self.run_image("empty-pop")
        self.assert_panic(ran, "vector::pop_back called on an empty vector$", "matrix/faults.cpp", "empty-pop", "faults::empty_pop()")


images.main()
