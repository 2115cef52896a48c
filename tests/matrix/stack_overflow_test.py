"""A stack that overflows hits its guard page, and the panic says whose it was."""

import signal

import images


class StackOverflow(images.OnEveryTarget):
    image = "faults"

    def test_of_main(self):
        ran = self.run_image("stack-overflow")
        self.assert_panic(ran, "^stack overflow", "matrix/faults.cpp", "stack-overflow", "faults::dig(int)")

    def test_by_frames_larger_than_the_guard(self):
        ran = self.run_image("stack-overflow-in-leaps")
        self.assert_panic(ran, "^stack overflow", function="faults::leap()")

    def test_of_a_thread(self):
        ran = self.run_image("stack-overflow-of-a-thread")
        if self.target == "process":
            # Linux gives a thread no stack for its signal handlers, so the guard page ends it without a report.
            self.assertEqual(ran.code, 128 + signal.SIGSEGV, ran)
            return
        self.assert_panic(ran, "^stack overflow", "matrix/faults.cpp", "stack-overflow", "faults::dig(int)")

    def test_of_a_fiber(self):
        ran = self.run_image("stack-overflow-of-a-fiber")
        self.assert_panic(ran, "^stack overflow of fiber digger", "matrix/faults.cpp", "stack-overflow", "faults::dig(int)")
        self.assertEqual(ran.panic.fiber, "digger", ran)


images.main()
