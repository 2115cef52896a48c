"""On a terminal: Ctrl-C stops the image, Ctrl-D ends its input, and the terminal is left as it was."""

import fcntl
import os
import pty
import re
import select
import signal
import termios
import time

import images
import processes


class Terminal:
    """A program that runs on a pseudo terminal of its own."""

    def __init__(self, words):
        self.pid, self.side = pty.fork()
        if self.pid == 0:
            os.execv(words[0], words)
        self.out = ""
        self.mode = self.settings()

    def settings(self):
        """What programs change of a terminal, and forget to put back."""
        return termios.tcgetattr(self.side), fcntl.fcntl(self.side, fcntl.F_GETFL)

    def type(self, text):
        os.write(self.side, text.encode())

    def until(self, pattern, seconds=30):
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.out, re.M):
            if not select.select([self.side], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"{pattern!r} was not printed: {self.out}")
            try:
                self.out += os.read(self.side, 4096).decode(errors="replace").replace("\r\n", "\n")
            except OSError:  # the other side is closed
                raise AssertionError(f"ended without {pattern!r}: {self.out}") from None

    def wait(self):
        """Awaits the end; the exit code."""
        while True:
            try:
                piece = os.read(self.side, 4096)
            except OSError:
                break
            if not piece:
                break
            self.out += piece.decode(errors="replace").replace("\r\n", "\n")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self):
        os.close(self.side)


class OnATerminal(images.OnEveryTarget):
    def start_on_terminal(self, image, *arguments):
        terminal = Terminal(images.command(image, self.target, *arguments))
        self.addCleanup(terminal.close)
        return terminal

    def test_ctrl_c_stops_the_image(self):
        terminal = self.start_on_terminal("stops", "fibers")
        terminal.until("^ready$")
        terminal.type("\x03")
        self.assertEqual(terminal.wait(), 0)
        self.assertIn("main ended\nglobal ended\n", terminal.out)

    def test_lines_are_typed_and_ctrl_d_ends_them(self):
        terminal = self.start_on_terminal("arguments", "lines")
        terminal.until("^ready$")
        terminal.type("hello\n")
        terminal.until(r"^got \[hello\]$")
        terminal.type("\x04")
        terminal.until("^end$")
        self.assertEqual(terminal.wait(), 0)

    def test_the_terminal_is_left_as_it_was(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with self.subTest(signal=number):
                # A shell holds the terminal open, so that it can be looked at afterwards.
                script = 'echo shell; "$@"; echo over; read wait'
                terminal = Terminal(["/bin/sh", "-c", script, "sh", *images.command("stops", self.target, "fibers")])
                self.addCleanup(terminal.close)
                terminal.until("^ready$")
                (aster,) = processes.children(terminal.pid)
                os.kill(aster, number)
                terminal.until("^over$")
                self.assertEqual(terminal.settings(), terminal.mode)
                terminal.type("\n")
                terminal.wait()


images.main()
