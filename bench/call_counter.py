"""Counts the system calls of a running process without slowing it down, where `perf` may do so.

    with house.counter.counting(pid) as calls:
        …
    print(calls.number, calls.by)

The bench runs in a user namespace, in which nobody may look into the kernel. So the counting is done by a thread of
the process outside, which is asked over a socket: a PID starts `perf`, "stop" ends it and gives the number. Where this
machine does not allow that, `strace` counts, which slows the process down and makes it batch more; `by` says
which it was.
"""

import contextlib
import re
import signal
import socket
import subprocess
import threading

ATTACH = 0.3  # seconds that a tracer gets to attach
NEVER = b"-"


def _perf(pid):
    """A running `perf` that counts, or None when it may not or is not there."""
    words = ["perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-p", str(pid)]
    try:
        counter = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    except OSError:
        return None
    return counter if _still_there(counter) else None


def _still_there(process):
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(ATTACH)
    return process.poll() is None


def _counted(counter, pattern):
    counter.send_signal(signal.SIGINT)
    found = re.search(pattern, counter.communicate(timeout=10)[1], re.M)
    return int(found[1]) if found else None


class service:
    """Answers as long as the `with` lasts."""

    def __enter__(self):
        self.socket, self.inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.descriptor = self.inside.fileno()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def _serve(self):
        counter = None
        with contextlib.suppress(OSError):
            while request := self.socket.recv(100):
                if request != b"stop":
                    counter = _perf(int(request))
                    self.socket.send(b"started" if counter else NEVER)
                else:
                    number = _counted(counter, r"^(\d+),,raw_syscalls:sys_enter,")
                    self.socket.send(str(number).encode() if number else NEVER)

    def __exit__(self, *_):
        self.inside.close()
        self.thread.join(5)
        self.socket.close()


class calls:
    """What was counted: `number` is None when nothing could."""

    number = None
    by = "nothing"


class client:
    def __init__(self, descriptor):
        self.socket = socket.socket(fileno=descriptor)

    def _ask(self, request):
        self.socket.send(request)
        return self.socket.recv(100)

    @contextlib.contextmanager
    def counting(self, pid):
        """System calls of a process while the `with` lasts, and a moment around it."""
        result = calls()
        if self._ask(str(pid).encode()) != NEVER:
            yield result
            if (number := self._ask(b"stop")) != NEVER:
                result.number, result.by = int(number), "perf"
            return
        words = ["strace", "-f", "-c", "-q", "-p", str(pid)]
        tracer = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        attached = _still_there(tracer)
        yield result
        if attached:
            result.number, result.by = _counted(tracer, r"^100\.00 +\S+ +\S+ +(\d+)"), "strace"
