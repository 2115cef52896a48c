"""What a program does to end itself, or fails to catch, is a panic with the backtrace of where it happened."""

import images


class Uncaught(images.OnEveryTarget):
    image = "faults"

    def test_abort(self):
        ran = self.run_image("abort")
        self.assert_panic(ran, "^aborted$", "matrix/faults.cpp", "abort", "faults::aborts()")

    def test_assertion(self):
        ran = self.run_image("assertion")
        self.assert_panic(ran, r"^assertion failed: opaque\(2\) \+ opaque\(2\) == 5, at .*/matrix/faults\.cpp:\d+ in void faults::asserts\(\)$",
                          "matrix/faults.cpp", "assertion", "faults::asserts()")

    def test_exception(self):
        ran = self.run_image("uncaught-exception")
        # A control character in it cannot forge a line of the report.
        self.assert_panic(ran, r"^uncaught exception std::runtime_error: nobody\?wants this$", "matrix/faults.cpp", "uncaught-exception", "faults::throws()")

    def test_exception_that_is_no_object(self):
        ran = self.run_image("uncaught-int")
        self.assert_panic(ran, "^uncaught exception int$", "matrix/faults.cpp", "uncaught-int", "faults::throws_an_int()")

    def test_exception_of_a_thread(self):
        ran = self.run_image("uncaught-exception-of-a-thread")
        self.assert_panic(ran, "^uncaught exception std::runtime_error", "matrix/faults.cpp", "uncaught-exception", "faults::throws()")

    def test_exception_that_leaves_a_noexcept_function(self):
        ran = self.run_image("uncaught-exception-through-noexcept")
        self.assert_panic(ran, "^uncaught exception std::runtime_error", function="faults::throws_through_noexcept()")

    def test_pure_virtual_call(self):
        ran = self.run_image("pure-virtual")
        self.assert_panic(ran, "aborted|pure virtual", "matrix/faults.cpp", "pure-virtual", "faults::call_act(faults::base&)")


images.main()
