"""However a run ends, nothing of it stays: no process, no port, no file."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile

import images
import processes


def is_taken(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


class Leftovers(images.OnEveryTarget):
    image = "02-server"

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.folder = pathlib.Path(folder)
        self.settings = {"env": os.environ | {"TMPDIR": folder, "HOME": folder, "XDG_RUNTIME_DIR": folder}}

    def start_server(self):
        """The server, running, with the port that leads to it and all processes that this took."""
        self.port = images.free_port()
        running = self.start_image(options=["-p", f"{self.port}:80"], **self.settings)
        running.until("^serving on")
        started = processes.descendants(running.process.pid)
        self.assertTrue(started)
        self.assertTrue(is_taken(self.port))
        return running, started

    def assert_nothing_is_left(self, started):
        images.wait_until(lambda: not any(processes.alive(*one) for one in started.items()), 10, lambda: f"of {started} some still run")
        images.wait_until(lambda: not is_taken(self.port), 10, lambda: f"port {self.port} is still taken")
        self.assertEqual(list(self.folder.rglob("*")), [])

    def test_after_ctrl_c(self):
        running, started = self.start_server()
        # As a terminal does it: the whole foreground group gets the signal.
        os.killpg(running.process.pid, signal.SIGINT)
        self.assertEqual(running.wait().code, 0)
        self.assert_nothing_is_left(started)

    def test_after_sigterm(self):
        running, started = self.start_server()
        running.signal(signal.SIGTERM)
        self.assertEqual(running.wait().code, 0)
        self.assert_nothing_is_left(started)

    def test_after_sigkill(self):
        running, started = self.start_server()
        running.signal(signal.SIGKILL)
        self.assertEqual(running.wait().code, -signal.SIGKILL)
        # Of a socket its name is left, until somebody looks who runs.
        subprocess.run([images.ASTER, "stats"], capture_output=True, check=False, **self.settings)
        self.assert_nothing_is_left(started)

    def test_after_its_helpers_died(self):
        running, started = self.start_server()
        for pid in started:
            os.kill(pid, signal.SIGKILL)
        running.wait()
        self.assert_nothing_is_left(started)

    def test_after_a_panic(self):
        self.image = "faults"
        ran = self.run_image("null-write", **self.settings)
        self.assertEqual(ran.code, images.PANIC)
        self.assertEqual(list(self.folder.rglob("*")), [])


images.main()
