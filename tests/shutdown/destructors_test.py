"""An image that is asked to stop runs its destructors, on machines too, where the power button asks."""

import signal

import images


class Destructors(images.OnEveryTarget):
    image = "stops"

    def stopped_by(self, number, *arguments):
        running = self.start_image(*arguments)
        running.until("^ready$")
        running.signal(number)
        return running.wait()

    def test_of_main_and_fibers_run_on_sigterm(self):
        ran = self.stopped_by(signal.SIGTERM, "fibers")
        self.assertEqual(ran.code, 0, ran)
        ended = ran.out.splitlines()[1:]
        self.assertEqual(sorted(ended[:2]), ["first ended", "second ended"], ran)
        self.assertEqual(ended[2:], ["main ended", "global ended"], ran)

    def test_run_on_sigint_and_sighup(self):
        for number in (signal.SIGINT, signal.SIGHUP):
            with self.subTest(signal=number):
                ran = self.stopped_by(number, "fibers")
                self.assertEqual((ran.code, ran.out.endswith("main ended\nglobal ended\n")), (0, True), ran)

    def test_may_take_their_time(self):
        ran = self.stopped_by(signal.SIGTERM, "slowly")
        self.assertEqual((ran.code, ran.out), (0, "ready\nfarewell\nglobal ended\n"), ran)

    def test_of_globals_run_where_nobody_waits_in_a_fiber(self):
        ran = self.stopped_by(signal.SIGTERM, "threads")
        self.assertEqual(ran.code, images.SHUTDOWN, ran)
        # A plain process without fibers is ended by Linux, as any program.
        self.assertEqual(ran.out, "ready\n" if self.target == "process" else "ready\nglobal ended\n", ran)


images.main()
