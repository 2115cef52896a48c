"""`--strace` prints each system call with arguments, result, fiber and time, and marks those that are not served."""

import re

import images


class Strace(images.OnEveryTarget):
    targets = ("sandbox", "qemu-microvm", "qemu-q35")

    def trace(self, image, *words):
        self.image = image
        ran = self.run_image(*words, options=["--strace"])
        self.assertEqual(ran.code, 0, ran)
        # Seconds.microseconds, fiber, name(arguments) = result  duration
        form = r"^ *(\d+\.\d{6}) (\S+) +(\w+)\((.*)\) = (.*?)  (\d+(?:\.\d)? (?:µs|ms))$"
        return ran, [dict(zip(("time", "fiber", "name", "arguments", "result", "duration"), call)) for call in re.findall(form, ran.err, re.M)]

    def test_calls_have_names_arguments_and_results(self):
        ran, calls = self.trace("random")
        opened = [call for call in calls if call["name"] == "openat" and '"/dev/urandom", O_RDONLY' in call["arguments"]]
        self.assertTrue(opened, ran)
        descriptor = opened[-1]["result"]
        self.assertTrue([c for c in calls if c["name"] == "read" and c["arguments"].startswith(f"{descriptor}, 0x") and c["arguments"].endswith(", 32") and c["result"] == "32"], ran)
        self.assertTrue([c for c in calls if c["name"] == "close" and c["arguments"] == descriptor and c["result"] == "0"], ran)
        self.assertTrue([c for c in calls if c["name"] == "write" and c["arguments"].startswith('1, "random_device ')], ran)
        times = [float(call["time"]) for call in calls]
        self.assertEqual(times, sorted(times))
        self.assertIn("exit_group(0) = ?", ran.err)

    def test_the_fiber_is_named(self):
        _, calls = self.trace("escapes", "write in a fiber")
        written = [c for c in calls if c["name"] == "write" and "from a fiber" in c["arguments"]]
        self.assertEqual([(c["fiber"], c["result"]) for c in written], [("scribe", "13")])

    def test_errors_have_their_names(self):
        _, calls = self.trace("escapes", "open a file", "libc")
        self.assertEqual([c["result"] for c in calls if '"/etc/passwd"' in c["arguments"]], ["-ENOENT"])

    def test_what_is_not_served_is_marked_and_reported_once(self):
        ran, calls = self.trace("escapes", "make a memory file", "libc")
        self.assertEqual([c["result"] for c in calls if c["name"] == "memfd_create"], ["-ENOSYS (not served)"])
        self.assertEqual(ran.err.count("the system call memfd_create (319), which is not served (ENOSYS)"), 1, ran)


class StraceOfAProcess(images.OnEveryTarget):
    image = "01-hello"
    targets = ("process",)

    def test_is_referred_to_strace(self):
        ran = self.run_image(options=["--strace"])
        self.assertEqual(ran.code, images.CANNOT_RUN)
        self.assertRegex(ran.err, r"^aster: --strace: .*strace\(1\).*--on sandbox\n$")


images.main()
