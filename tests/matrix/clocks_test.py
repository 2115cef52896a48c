"""The clocks advance, agree with each other and with the host's, and sleeps last as long as they should.

Upper bounds are generous: the machine that runs the tests does other things too.
"""

import time

import images

MILLISECOND = 1_000_000
SECOND = 1000 * MILLISECOND


class Clocks(images.OnEveryTarget):
    image = "clocks"

    def test_tell_the_time(self):
        before, start = time.time_ns(), time.monotonic_ns()
        ran = self.run_image()
        after, took = time.time_ns(), time.monotonic_ns() - start
        self.assert_succeeds(ran)
        said = {key: int(value) for key, value in (line.split() for line in ran.out.splitlines())}

        self.assertGreater(said["wall"], before - 2 * SECOND, ran)
        self.assertLess(said["wall"], after + 2 * SECOND, ran)

        self.assertEqual(said["monotonic"], 1)
        self.assertLess(said["finest"], MILLISECOND, "the steady clock moves in large steps")

        for clock in ("slept_both", "slept_raw", "slept_task"):
            self.assertGreaterEqual(said[clock], 400 * MILLISECOND, clock)
            # The image's time cannot have been longer than the host's, to within a hundredth.
            self.assertLess(said[clock], took * 1.01, clock)
            self.assertLess(said[clock], 3 * SECOND, clock)
        self.assertGreaterEqual(said["slept_thread"], 200 * MILLISECOND)
        self.assertAlmostEqual(said["slept_wall"], said["slept_both"], delta=20 * MILLISECOND)

        self.assertEqual(said["long_enough"], 1, "a sleep ended early")
        self.assertLess(said["fifty_milliseconds"], 2 * SECOND)

        # And not shorter either: what the image slept is most of what its run took.
        slept = said["slept_both"] + said["fifty_milliseconds"] + 50 * MILLISECOND
        self.assertLess(took - slept, 3 * SECOND, f"the run took {took / SECOND} s, the image says {slept / SECOND} s")


images.main()
