"""Memory is what -m gave. Past it std::bad_alloc is thrown; the program may go on, and if nobody catches it, that
is told with a code of its own."""

import resource
import re

import images

MEBIBYTE = 1 << 20


class OutOfMemory(images.OnEveryTarget):
    image = "memory"

    def limited(self, *arguments):
        """Runs the image with 32 MiB; a plain process has what Linux lets it have, so there Linux is told."""
        if self.target != "process":
            return self.run_image(*arguments, options=["-m", "32"])
        limit = 512 * MEBIBYTE
        return self.run_image(*arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))

    def test_bad_alloc_is_caught_and_the_program_goes_on(self):
        ran = self.limited("caught")
        self.assert_succeeds(ran)
        self.assertNotIn("FAILED", ran.out)
        self.assertTrue(ran.out.endswith("small ones too\ngoes on with 1000\n"), ran)
        first, second = map(int, re.findall(r"after (\d+) MiB", ran.out))
        if self.target != "process":
            # Image, stack and page tables take the rest.
            self.assertGreaterEqual(first, 26, ran)
            self.assertLessEqual(first, 32, ran)
        self.assertGreaterEqual(second, first - 1, "memory that was freed did not come back")

    def test_malloc_returns_null(self):
        ran = self.limited("malloc")
        self.assert_succeeds(ran)
        self.assertRegex(ran.out, r"^malloc gave 0 after \d+ MiB\n$")

    def test_an_absurd_amount_is_refused_at_once(self):
        ran = self.limited("at-once")
        self.assert_succeeds(ran, "32 TiB at once: bad_alloc\nnothrow: null\n")

    def test_uncaught_it_ends_the_image_with_137(self):
        ran = self.limited("nobody")
        self.assert_panic(ran, "out of memory", "matrix/memory.cpp", "out-of-memory", "nobody_catches", images.OUT_OF_MEMORY)


images.main()
