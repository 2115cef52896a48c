"""Who we are measured against. None of them is part of this house: Debian brings nginx and wrk, and whoever
wants Solo5 in the table builds it and says where it is:

    SOLO5_SPT=…/tenders/spt/solo5-spt SOLO5_HELLO=…/tests/test_hello/test_hello.spt make bench
"""

import os
import shutil


def find(program):
    """The path of a program that Debian installs, or None."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def solo5_hello():
    """The words that run Solo5's hello in its sandbox, or why they cannot be had."""
    wanted = {name: os.environ.get(name) for name in ("SOLO5_SPT", "SOLO5_HELLO")}
    for name, path in wanted.items():
        if not path:
            return None, f"{name} is not set"
        if not os.path.exists(path):
            return None, f"{name}: there is no {path}"
    return [os.path.abspath(wanted["SOLO5_SPT"]), os.path.abspath(wanted["SOLO5_HELLO"])], ""
