"""Images, run on every target through `aster run`, and what is seen of them.

    class Exceptions(images.OnEveryTarget):
        image = "exceptions"

        def test_all_arrive(self):
            ran = self.run_image("nested")
            self.assertEqual((ran.out, ran.code), ("caught\n", 0))

    images.main()

Each test is run once per target, on the same file: that its bytes are the same each time is checked, and the
checksum printed. The environment says what is tested: ASTER is the command, IMAGES the folders of the images.
"""

import ctypes
import hashlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ASTER = os.environ["ASTER"]
FOLDERS = [pathlib.Path(folder) for folder in os.environ["IMAGES"].split(":")]
SOURCES = pathlib.Path(__file__).parent
TARGETS = ("process", "sandbox", "qemu-microvm", "qemu-q35")

# The exit codes of abi/platform.hpp and host/run/run.hpp.
BAD_BOOT, NO_ENTROPY, CANNOT_RUN, PANIC, OUT_OF_MEMORY, SHUTDOWN, FORBIDDEN = 77, 78, 125, 134, 137, 143, 159


def path_of(image):
    """The file of an image that this build made; a path stays what it is."""
    if pathlib.Path(image).is_absolute():
        return pathlib.Path(image)
    return next(folder / image for folder in FOLDERS if (folder / image).exists())


def command(image, target, *arguments, options=()):
    behind = ["--", *arguments] if arguments else []
    return [ASTER, "run", "--quiet", "--on", target, *options, str(path_of(image)), *behind]


def end_with_the_test():
    """In a child, before it runs its program: whatever ends the test, be it SIGKILL, ends it too."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Frame:
    """One line of a backtrace: `function at file:line:column`, or whatever else stands there."""

    def __init__(self, text):
        self.text = text
        found = re.fullmatch(r"(.*) at (\S+?)(?::(\d+))?(?::\d+)?(?:, inlined in)?", text)
        self.function = found[1] if found else text
        self.file = pathlib.Path(found[2]).name if found else None
        self.line = int(found[3]) if found and found[3] else None


class Panic:
    """The report of a panic as `aster run` prints it."""

    def __init__(self, report):
        self.text = report
        self.what = re.search(r"^panic: (.*)$", report, re.M)[1]
        fiber = re.search(r"^  in fiber (.*)$", report, re.M)
        self.fiber = fiber[1] if fiber else None
        self.frames = [Frame(numbered or inlined) for numbered, inlined in re.findall(r"^ +(?:#\d+ (\S.*)|(\S.* at /.*))$", report, re.M)]
        self.registers = dict(re.findall(r"\b(r\w+)=([0-9a-f]{16})", report))


class Ran:
    """How a run ended: `code`, what it wrote to `out` and `err`, and the `panic` if there was one."""

    def __init__(self, words, code, out, err):
        self.words, self.code, self.out, self.err = words, code, out, err
        reports = re.findall(r"^panic: .*\n(?:  .*\n)*", err, re.M)
        self.panic = Panic(reports[0]) if reports else None

    def __str__(self):
        return f"{' '.join(self.words)}\nexit code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


def run(image, target, *arguments, options=(), timeout=90, **settings):
    """Runs an image to its end. `options` are those of `aster run`, `arguments` the program's own."""
    words = command(image, target, *arguments, options=options)
    settings = {"input": "", "capture_output": True, "text": True, "errors": "replace", "preexec_fn": end_with_the_test} | settings
    ended = subprocess.run(words, timeout=timeout, **settings)
    return Ran(words, ended.returncode, ended.stdout, ended.stderr)


class Running:
    """An image that runs beside the test: what it prints can be awaited, and it can be asked to stop.

    `with` ends it, however the test goes."""

    def __init__(self, image, target, *arguments, options=(), takes_input=False, **settings):
        self.words = command(image, target, *arguments, options=options)
        self.err_file = tempfile.TemporaryFile("w+")
        source = subprocess.PIPE if takes_input else subprocess.DEVNULL
        settings = {"stdin": source, "stderr": self.err_file, "start_new_session": True,
                    "preexec_fn": end_with_the_test} | settings
        self.process = subprocess.Popen(self.words, stdout=subprocess.PIPE, **settings)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.out = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.end_input()
        self.process.stdout.close()
        self.err_file.close()

    def send(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def end_input(self):
        if self.process.stdin:
            self.process.stdin.close()

    @property
    def err(self):
        self.err_file.seek(0)
        return self.err_file.read()

    def look(self):
        """Takes what the image has printed since; false at the end of its output."""
        piece = self.process.stdout.read()
        if piece:
            self.out += piece.decode(errors="replace")
        return piece != b""

    def until(self, pattern, seconds=60):
        """Waits until the output matches `pattern` and returns the match."""
        found = None

        def seen():
            nonlocal found
            goes_on = self.look()
            found = re.search(pattern, self.out, re.M)
            if not found and not goes_on:
                raise AssertionError(f"the image ended without printing {pattern!r}\n{self}")
            return found

        wait_until(seen, seconds, lambda: f"{pattern!r} was not printed\n{self}")
        return found

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=30):
        """Awaits the end and returns how it went."""
        code = self.process.wait(seconds)
        while self.look() and self.process.stdout.read() is not None:
            pass
        return Ran(self.words, code, self.out, self.err)

    def __str__(self):
        return f"{' '.join(self.words)}\n--- out\n{self.out}\n--- err\n{self.err}"


def wait_until(condition, seconds=30, complaint=lambda: "it did not happen"):
    """Waits until `condition()` holds; fails when it does not by then."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s: {complaint()}")
        time.sleep(0.005)


def free_port():
    """A port of this machine's loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def marked_line(source, mark):
    """The number of the line in `source` that ends with the comment `// FAULT mark`."""
    for number, line in enumerate((SOURCES / source).read_text().splitlines(), 1):
        if line.endswith(f"// FAULT {mark}"):
            return number
    raise LookupError(f"{source} has no line marked {mark}")


class OnEveryTarget(unittest.TestCase):
    """A test class of which each test runs once per target, named after it; `self.target` says which."""

    image = None  # name of the image that `run_image` runs
    targets = TARGETS
    maxDiff = None
    checksums = None

    def __init_subclass__(cls):
        cls.checksums = {}
        for name, test in [item for item in vars(cls).items() if item[0].startswith("test_")]:
            delattr(cls, name)
            for target in cls.targets:
                setattr(cls, f"{name}_on_{target.replace('-', '_')}", cls._on(test, target))

    @staticmethod
    def _on(test, target):
        def on_target(self):
            test(self)

        on_target.target = target
        return on_target

    def run(self, result=None):
        self.target = getattr(self, self._testMethodName).target
        return super().run(result)

    def _checksum(self):
        seen = self.checksums.setdefault(self.image, {}).setdefault(self.target, set())
        seen.add(hashlib.sha256(path_of(self.image).read_bytes()).hexdigest())

    def run_image(self, *arguments, **settings):
        self._checksum()
        ran = run(self.image, self.target, *arguments, **settings)
        self._checksum()
        return ran

    def start_image(self, *arguments, **settings):
        self._checksum()
        running = Running(self.image, self.target, *arguments, **settings)
        self.enterContext(running)
        return running

    def assert_succeeds(self, ran, out=None):
        self.assertEqual(ran.code, 0, ran)
        if out is not None:
            self.assertEqual(ran.out, out, ran)

    def assert_panic(self, ran, what, source=None, mark=None, function=None, code=PANIC):
        """The run ended in a panic that says `what` (a pattern) and whose backtrace names `function`, and the line of
        `source` that is marked with `mark`."""
        self.assertEqual(ran.code, code, ran)
        self.assertIsNotNone(ran.panic, ran)
        self.assertRegex(ran.panic.what, what, ran)
        if mark is not None:
            place = (pathlib.Path(source).name, marked_line(source, mark))
            self.assertIn(place, [(frame.file, frame.line) for frame in ran.panic.frames], ran)
        if function is not None:
            named = [frame for frame in ran.panic.frames if function in (frame.function or "")]
            self.assertTrue(named, f"{function} is not in the backtrace\n{ran}")

    @classmethod
    def tearDownClass(cls):
        for image, by_target in cls.checksums.items():
            seen = set().union(*by_target.values())
            targets = ", ".join(target for target in cls.targets if target in by_target)
            print(f"{image}: sha256 {min(seen)[:16]}… on {targets}", file=sys.stderr)
            assert len(seen) == 1, f"{image} was not the same file on each target: {by_target}"


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    unittest.main(verbosity=2)
