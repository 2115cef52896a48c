"""What is no code can not be executed: stack, heap, and data."""

import images


class ExecuteData(images.OnEveryTarget):
    image = "faults"

    def refuses(self, what, function):
        ran = self.run_image(what)
        self.assert_panic(ran, "^execution of data at 0x", "matrix/faults.cpp", what, function)

    def test_stack(self):
        self.refuses("stack-execute", "faults::stack_execute()")

    def test_heap(self):
        self.refuses("heap-execute", "faults::heap_execute()")

    def test_data(self):
        self.refuses("data-execute", "faults::data_execute()")


images.main()
