"""`aster run` with real images: what comes back to the shell, and what is left behind (nothing).

    run_test.py ASTER TRIAL SERVER
"""

import contextlib
import http.client
import os
import pathlib
import pty
import re
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

ASTER, TRIAL, SERVER = sys.argv[1:4]
QEMU = ["qemu", "qemu-q35"]
CONFINED = ["sandbox", *QEMU]
ALL = ["sandbox", "process", *QEMU]


def command(target, *words, options=(), image=TRIAL):
    return [ASTER, "run", "-q", "--on", target, *map(str, options), image, "--", *map(str, words)]


def run(target, *words, options=(), image=TRIAL, **settings):
    settings = {"capture_output": True, "text": True, "timeout": 60, "stdin": subprocess.DEVNULL} | settings
    return subprocess.run(command(target, *words, options=options, image=image), **settings)


def descendants(pid):
    """Process numbers of all that `pid` has started."""
    found = []
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *descendants(int(child))]
    return found


def is_alive(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def eventually(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """`aster run` that goes on; ended with the test, if not before."""

    def __init__(self, test, target, *words, options=(), image=TRIAL, **settings):
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL} | settings
        # In a session of its own, as a terminal would have it: signals to the group are meant.
        self.process = subprocess.Popen(
            command(target, *words, options=options, image=image), start_new_session=True, **settings
        )
        test.addCleanup(self.end)

    def end(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr, self.process.stdin):
            if stream:
                stream.close()

    def line(self):
        return self.process.stdout.readline().decode().strip()

    def started(self):
        return descendants(self.process.pid)


class Codes(unittest.TestCase):
    def test_the_exit_code_is_the_programs_own(self):
        for target in ALL:
            for code in (0, 1, 77, 125, 255):
                self.assertEqual(run(target, "exit", code).returncode, code, target)

    def test_a_panic_is_134_with_names_and_lines(self):
        for target in CONFINED:
            ran = run(target, "crash")
            self.assertEqual(ran.returncode, 134, (target, ran))
            self.assertTrue(ran.stderr.startswith("panic: null pointer: write to 0x0\n"), ran.stderr)
            self.assertRegex(ran.stderr, r"#0 .*write_null\(.*\) at .*trial\.cpp:\d+")
            self.assertRegex(ran.stderr, r"main at .*trial\.cpp:\d+")

    def test_an_overrun_that_libcxx_stops_is_the_headline(self):
        for target in CONFINED:
            ran = run(target, "overrun")
            self.assertEqual(ran.returncode, 134, (target, ran))
            self.assertTrue(ran.stderr.startswith("panic: libc++: vector[] index out of bounds\n"), ran.stderr)
            self.assertNotIn("__clang_trap_msg", ran.stderr)
            self.assertRegex(ran.stderr, r"#0 std::vector<.*operator\[\].*inlined in\n .*beyond_the_end.*trial\.cpp:\d+")

    def test_an_uncaught_exception_has_its_types_name(self):
        for target in CONFINED:
            ran = run(target, "throw")
            self.assertEqual(ran.returncode, 134, (target, ran))
            self.assertTrue(ran.stderr.startswith("panic: uncaught exception std::runtime_error: oops\n"), ran.stderr)

    def test_memory_used_up_is_137(self):
        for target in CONFINED:
            ran = run(target, "fill", options=["-m", 24])
            self.assertEqual((ran.returncode, ran.stdout), (137, "bad_alloc\n"), (target, ran))

    def test_calls_that_are_not_served_are_named_once(self):
        for target in CONFINED:
            ran = run(target, "socket")
            self.assertEqual(ran.returncode, 3, (target, ran))
            self.assertEqual(ran.stderr.count("socket (41), which is not served"), 1, ran.stderr)


class Console(unittest.TestCase):
    def test_arguments_and_variables_arrive_with_every_byte(self):
        odd = "a b%,\"'\t\nü=\\"
        for target in ALL:
            ran = run(target, "show", odd, options=["-e", f"NAME={odd}"])
            self.assertEqual(ran.returncode, 0, (target, ran))
            self.assertIn(f"argument {odd}\n", ran.stdout.replace("\r\n", "\n"), target)
            self.assertIn(f"variable NAME={odd}\n", ran.stdout.replace("\r\n", "\n"), target)

    def test_nothing_of_our_environment_reaches_the_image(self):
        for target in ALL:
            ran = run(target, "show", env=os.environ | {"SECRET": "secret"})
            self.assertNotIn("SECRET", ran.stdout, target)

    def test_standard_input_arrives_to_its_end(self):
        text = "".join(f"line {i}\n" for i in range(300))
        for target in ALL:
            ran = run(target, "copy", stdin=None, input=text)
            self.assertEqual(ran.returncode, 0, (target, ran))
            self.assertEqual(ran.stdout.replace("\r\n", "\n"), text, target)

    def test_strace_shows_calls_with_names(self):
        for target in CONFINED:
            ran = run(target, "socket", options=["--strace"])
            self.assertRegex(ran.stderr, r"socket\(2, 1, 0\) = -ENOSYS \(not served\)", target)
            self.assertRegex(ran.stderr, r"brk\(0", target)

    def test_strace_of_a_process_is_linuxs_business(self):
        ran = run("process", "show", options=["--strace"])
        self.assertEqual(ran.returncode, 125)
        self.assertIn("use strace(1)", ran.stderr)

    def test_the_terminal_is_as_before(self):
        for target in ALL:
            controller, terminal = pty.openpty()
            try:
                mode = termios.tcgetattr(terminal)
                process = subprocess.Popen(
                    command(target, "exit", 3), stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
                )
                self.assertEqual(process.wait(60), 3, target)
                self.assertEqual(termios.tcgetattr(terminal), mode, target)
                self.assertTrue(os.get_blocking(terminal), target)
            finally:
                os.close(controller)
                os.close(terminal)


class Stopping(unittest.TestCase):
    def test_a_request_to_stop_reaches_the_image(self):
        for target in ALL:
            for request in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                image = Running(self, target, "sleep")
                self.assertEqual(image.line(), "sleeping", target)
                image.process.send_signal(request)
                self.assertEqual(image.process.wait(20), 143, (target, request))

    def test_ctrl_c_for_the_whole_group_ends_it_once(self):
        for target in ALL:
            image = Running(self, target, "sleep")
            self.assertEqual(image.line(), "sleeping", target)
            os.killpg(image.process.pid, signal.SIGINT)
            self.assertEqual(image.process.wait(20), 143, target)

    def test_a_second_ctrl_c_ends_an_image_that_does_not_listen(self):
        for target in CONFINED:
            image = Running(self, target, "spin")
            self.assertEqual(image.line(), "spinning", target)
            image.process.send_signal(signal.SIGINT)
            time.sleep(0.2)
            self.assertIsNone(image.process.poll(), target)
            image.process.send_signal(signal.SIGINT)
            self.assertEqual(image.process.wait(5), 130, target)

    def test_nothing_is_left_behind_however_it_ends(self):
        for target in ALL:
            for ending in ("image killed", "aster killed", "stopped"):
                image = Running(self, target, "sleep")
                self.assertEqual(image.line(), "sleeping", (target, ending))
                started = image.started()
                self.assertGreaterEqual(len(started), 1)
                if ending == "image killed":
                    os.kill(started[0], signal.SIGKILL)
                elif ending == "aster killed":
                    image.process.kill()
                else:
                    image.process.terminate()
                image.process.wait(20)
                self.assertTrue(eventually(lambda: not any(map(is_alive, started))), (target, ending))


class Network(unittest.TestCase):
    def get(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            return connection.getresponse().read().decode()

    def serving(self, target, port):
        server = Running(self, target, image=SERVER, options=["-p", f"{port}:80"])

        def answers():
            with contextlib.suppress(OSError, http.client.HTTPException):
                return "Hello" in self.get(port)

        self.assertTrue(eventually(answers, 30), target)
        return server

    def test_a_published_port_leads_to_the_image(self):
        for target in ALL:
            port = free_port()
            server = self.serving(target, port)
            self.assertIn("Hello from a unikernel", self.get(port))
            started = server.started()
            server.process.terminate()
            self.assertEqual(server.process.wait(20), 0, target)
            self.assertFalse(any(map(is_alive, started)), target)
            with socket.socket() as probe:  # the port is free again
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))

    def test_an_idle_server_burns_nothing(self):
        server = self.serving("sandbox", free_port())

        def used():
            ticks = 0
            for pid in [server.process.pid, *server.started()]:
                ticks += sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
            return ticks

        time.sleep(0.5)  # connections of before have been forgotten
        before = used()
        time.sleep(2)
        self.assertLessEqual(used() - before, 1)

    def test_a_taken_port_is_named_before_anything_starts(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            for target in ALL:
                ran = run(target, image=SERVER, options=["-p", f"{port}:80"])
                self.assertEqual((ran.returncode, ran.stdout), (125, ""), target)
                self.assertRegex(ran.stderr, rf"^aster: port {port} is already in use; .*\n$")

    def test_devices_that_are_missing_or_unknown_are_named(self):
        for words, expected in (
            ([], "device service: the image needs it"),
            (["--net", "other=user"], "--net other: the image has no network device of that name"),
            (["--net", "service=tap:aster-no-tap"], "tap aster-no-tap: there is no such device"),
        ):
            ran = run("sandbox", image=SERVER, options=words)
            self.assertEqual(ran.returncode, 125)
            self.assertEqual(ran.stderr.count("\n"), 1, ran.stderr)
            self.assertIn(expected, ran.stderr)

    @contextlib.contextmanager
    def switch(self, answer):
        """A socket that answers whoever plugs in; yields its path, and what it heard once the block is over."""
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            path, heard = f"{folder}/frames", []
            listening.bind(path)
            listening.listen()
            listening.settimeout(30)

            def serve():
                with contextlib.suppress(OSError):
                    plug, _ = listening.accept()
                    with contextlib.closing(plug):
                        plug.settimeout(30)
                        heard.append(plug.recv(256))
                        plug.send(answer)
                        heard.append(plug.recv(2000))

            thread = threading.Thread(target=serve)
            thread.start()
            try:
                yield path, thread, heard
            finally:
                listening.shutdown(socket.SHUT_RDWR)
                thread.join()

    def test_an_image_is_plugged_into_a_switch_that_says_its_place(self):
        place = b"r mac=02:41:53:4d:00:07,ip=10.77.0.7/16,gateway=10.77.0.1,dns=10.77.0.1"
        for target in ALL:
            with self.switch(place) as (path, thread, heard):
                server = Running(self, target, image=SERVER, options=["--net", f"service=switch:{path},5eed"])
                thread.join(30)
                form, header = ("bare", 0) if target.startswith("qemu") else ("offloaded", 12)
                self.assertEqual(heard[0], f"5eed {form}\n".encode(), target)
                self.assertEqual(heard[1][header + 6 : header + 12].hex(":"), "02:41:53:4d:00:07", (target, heard))
                server.process.terminate()
                self.assertIn(server.process.wait(20), (0, 143), target)  # it may not have come to serving yet

    def test_whoever_waits_hears_that_a_server_is_ready(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {"XDG_RUNTIME_DIR": folder}
            for target in ALL:
                server = Running(self, target, image=SERVER, options=["--net", "service=user"], env=environment)
                path = f"{folder}/asterism/02-server.{server.process.pid}"
                self.assertTrue(eventually(lambda: os.path.exists(path)), target)
                with socket.socket(socket.AF_UNIX) as asking:
                    asking.settimeout(30)
                    asking.connect(path)
                    asking.sendall(b"await ready\n")
                    self.assertEqual(asking.recv(100), b"end\n", target)
                server.process.terminate()
                self.assertEqual(server.process.wait(20), 0, target)

    def test_an_instance_has_the_name_that_it_was_given(self):
        server = Running(self, "sandbox", image=SERVER, options=["--net", "service=user", "--name", "demo.shop-1"])

        def told():
            return subprocess.run([ASTER, "stats", "demo.shop-1"], capture_output=True, text=True, timeout=20)

        self.assertTrue(eventually(lambda: told().returncode == 0), told())
        server.process.terminate()
        self.assertEqual(server.process.wait(20), 0)
        refused = run("sandbox", image=SERVER, options=["--name", "a shop"])
        self.assertEqual(refused.returncode, 2)
        self.assertIn("--name a shop: not a name", refused.stderr)

    def test_what_a_switch_has_against_it_is_said(self):
        with self.switch(b"that place is taken") as (path, _, _):
            ran = run("sandbox", image=SERVER, options=["--net", f"service=switch:{path},5eed"])
            self.assertEqual((ran.returncode, ran.stderr), (125, f"aster: switch {path}: that place is taken\n"))
        ran = run("sandbox", image=SERVER, options=["--net", "service=switch:/nowhere/frames,5eed"])
        self.assertIn("no switch listens there; start the galaxy with aster up", ran.stderr)

    def test_a_tap_in_a_namespace_of_our_own_carries_http(self):
        script = f"""
            ip tuntap add tap0 mode tap && ip addr add 10.9.0.1/24 dev tap0 && ip link set tap0 up || exit 77
            {ASTER} run -q --on $1 --net service=tap:tap0,ip=10.9.0.2/24 {SERVER} & pid=$!
            for i in $(seq 100); do
              curl -s -m 2 http://10.9.0.2/ && break
              kill -0 $pid || break
              sleep 0.05
            done
            kill $pid; wait $pid
        """
        for target in ALL:
            ran = subprocess.run(
                ["unshare", "-Urn", "bash", "-c", script, "bash", target], capture_output=True, text=True, timeout=60
            )
            if ran.returncode == 77:
                self.skipTest("no tap can be made here: " + ran.stderr)
            self.assertIn("Hello from a unikernel", ran.stdout, (target, ran))
            self.assertEqual(ran.returncode, 0, (target, ran))

    def test_a_tap_in_use_or_not_ours_is_named(self):
        script = f"""
            ip tuntap add tap0 mode tap || exit 77
            {ASTER} run -q --on sandbox --net service=tap:tap0,ip=10.9.0.2/24 {SERVER} >/dev/null & first=$!
            until ip link show tap0 | grep -q LOWER_UP || ! kill -0 $first; do ip link set tap0 up; sleep 0.02; done
            $1 {ASTER} run -q --on sandbox --net service=tap:tap0 {SERVER}; code=$?
            kill $first; wait $first; exit $code
        """
        for prefix, unshare, expected in (
            ("", ["unshare", "-Urn"], "tap tap0: it is in use by another program"),
            ("setpriv --reuid 65534 --clear-groups", ["unshare", "-n"], "tap tap0: permission denied"),
        ):
            ran = subprocess.run(
                [*unshare, "bash", "-c", script, "bash", prefix], capture_output=True, text=True, timeout=60
            )
            if ran.returncode in (1, 77):
                self.skipTest("no tap can be made here: " + ran.stderr)
            self.assertEqual(ran.returncode, 125, ran)
            self.assertIn(expected, ran.stderr)


class Requests(unittest.TestCase):
    def refused(self, target, *options, image=TRIAL, **settings):
        ran = run(target, options=options, image=image, **settings)
        self.assertEqual((ran.returncode, ran.stdout), (125, ""), ran)
        self.assertEqual(ran.stderr.count("\n"), 1, ran.stderr)
        return ran.stderr

    def test_too_little_memory_says_how_much_is_needed(self):
        for target in CONFINED:
            self.assertRegex(self.refused(target, "-m", "512K"), r"-m 512K: too little .* needs \d+ MiB")

    def test_the_memory_that_is_said_to_do_does(self):
        for target in CONFINED:
            least = re.search(r"write -m (\d+), or more", self.refused(target, "-m", "1")).group(1)
            self.assertEqual(run(target, "exit", 7, options=["-m", least]).returncode, 7, (target, least))

    def test_emulation_is_qemus(self):
        ran = subprocess.run(
            [ASTER, "run", "--on", "qemu", "--emulate", TRIAL, "--", "exit", "7"], capture_output=True, text=True, timeout=60
        )
        self.assertEqual(ran.returncode, 7, ran)
        self.assertIn("(emulated)", ran.stderr)
        for target in ("sandbox", "process"):
            self.assertIn("--emulate: only QEMU", self.refused(target, "--emulate"))

    def test_qemu_that_is_not_installed_says_which_package(self):
        message = self.refused("qemu", env={"PATH": "/nowhere"})
        self.assertIn("install the Debian package qemu-system-x86", message)

    def test_too_many_arguments_say_so(self):
        ran = run("sandbox", "x" * 4000)
        self.assertEqual(ran.returncode, 125)
        self.assertIn("an image takes 2048", ran.stderr)

    def test_a_published_port_is_said_as_a_link(self):
        port = free_port()
        words = [ASTER, "run", "--on", "sandbox", "-p", f"{port}:80", SERVER]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as talking:
            said = talking.stderr.readline()
            talking.terminate()
        self.assertEqual(said, f"aster: 02-server in the sandbox, 64 MiB, http://127.0.0.1:{port}/ → 80\n")

    def test_the_target_chosen_is_said_in_one_line(self):
        ran = subprocess.run([ASTER, "run", TRIAL, "--", "exit", "0"], capture_output=True, text=True, timeout=60)
        self.assertRegex(ran.stderr, r"^aster: aster_run_trial in the sandbox, 64 MiB\n$")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
