"""An image that does not stop when it is asked to is ended: at once by a second Ctrl-C, or after ten seconds."""

import signal
import time

import images


class Insistence(images.OnEveryTarget):
    image = "stops"

    def test_a_second_sigint_ends_it_at_once(self):
        running = self.start_image("never")
        running.until("^ready$")
        running.signal(signal.SIGINT)
        # The first has to have been taken: signals of one kind do not queue.
        images.wait_until(lambda: not pending(running.process.pid, signal.SIGINT))
        begin = time.monotonic()
        running.signal(signal.SIGINT)
        ran = running.wait()
        self.assertEqual(ran.code, 128 + signal.SIGINT, ran)
        self.assertLess(time.monotonic() - begin, 5)

    def test_ten_seconds_end_what_goes_on(self):
        both = {how: self.start_image(how) for how in ("never", "busily")}
        for running in both.values():
            running.until("^ready$")
        begin = time.monotonic()
        for running in both.values():
            running.signal(signal.SIGTERM)
        for how, running in both.items():
            ran = running.wait()
            if (self.target, how) == ("process", "busily"):
                # It has never touched a fiber: SIGTERM is Linux's to handle.
                self.assertEqual(ran.code, images.SHUTDOWN, ran)
                continue
            self.assertEqual(ran.code, 128 + signal.SIGTERM, ran)
            self.assertIn("did not stop within 10 seconds and was ended", ran.err)
            self.assertGreater(time.monotonic() - begin, 9)
            self.assertLess(time.monotonic() - begin, 20)


def pending(pid, number):
    with open(f"/proc/{pid}/status") as status:
        sets = [int(line.split()[1], 16) for line in status if line.startswith(("SigPnd", "ShdPnd"))]
    return any(one >> (number - 1) & 1 for one in sets)


images.main()
