"""A report and an exit code arrive whole, however late `aster run` comes to read them."""

import pathlib
import signal

import images
import processes


class SlowListener(images.OnEveryTarget):
    image = "faults"
    targets = ("qemu-microvm", "qemu-q35")  # elsewhere a pipe holds all of a report

    def test_loses_nothing(self):
        running = self.start_image("null-write")
        # It stops listening before the image has said anything.
        images.wait_until(lambda: "qemu-system-x86" in processes.descendants(running.process.pid).values())
        running.signal(signal.SIGSTOP)
        ((image, name),) = processes.descendants(running.process.pid).items()
        images.wait_until(lambda: not processes.alive(image, name) or seconds_used(image) > 0.5)
        running.signal(signal.SIGCONT)
        ran = running.wait()
        self.assert_panic(ran, "null pointer: write to 0x0$", "matrix/faults.cpp", "null-write", "faults::null_write()")
        self.assertIn("r15", ran.panic.registers)


def seconds_used(pid):
    """Processor time of a process so far."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / 100


images.main()
