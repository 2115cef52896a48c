"""Images under the sandbox tender, started as `aster run` starts it but without what `aster run` adds."""

import contextlib
import os
import signal

import measure

FIRST_DEVICE = 4  # abi/sandbox.hpp


def words(build, memory="64M", devices=0):
    tender = [str(build / "bin/aster-sandbox"), "-m", memory]
    for number in range(FIRST_DEVICE, FIRST_DEVICE + devices):
        tender += ["--device", str(number)]
    return tender


def start(build, image, cable, memory="64M"):
    """Starts `image` (a path) with its one device on `cable`; returns its process."""
    environment = {"ASTER_BOOT": f"arg={image.name} {cable.boot_token(FIRST_DEVICE)}"}
    return measure.spawn([*words(build, memory, devices=1), str(image)], environment, [(cable.descriptor, FIRST_DEVICE)])


def stop(pid):
    """Asks an image to stop and awaits its end; returns its exit code."""
    os.kill(pid, signal.SIGTERM)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


@contextlib.contextmanager
def running(build, image, cable, memory="64M"):
    pid = start(build, image, cable, memory)
    try:
        yield pid
    finally:
        stop(pid)
