"""What a program costs from its start to its end: time, CPU time, page faults, system calls.

Times are compared only within one run, in rotation (A B C A B C …), so that whatever else the machine does
meets all of them alike; a ratio is the median of the rounds' own ratios. Everything is pinned to one CPU.
"""

import dataclasses
import os
import statistics
import subprocess
import tempfile
import time

NULL = os.open(os.devnull, os.O_RDWR)
median = statistics.median


@dataclasses.dataclass
class cost:
    wall: float  # seconds, from spawn to the parent's knowing of the end
    cpu: float  # seconds, user and system, of the program and what it waited for
    faults: int  # page faults


def pin(cpu):
    """Puts this process, and what it starts from now on, on one CPU; on the last one there is if that is missing."""
    os.sched_setaffinity(0, {min(cpu, os.cpu_count() - 1)})


def spawn(words, environment=None, descriptors=()):
    """Starts a program with its output thrown away. `descriptors` are pairs (ours, the number it gets)."""
    actions = [(os.POSIX_SPAWN_DUP2, NULL, number) for number in (0, 1, 2)]
    actions += [(os.POSIX_SPAWN_DUP2, ours, number) for ours, number in descriptors]
    return os.posix_spawn(words[0], words, os.environ if environment is None else environment, file_actions=actions)


def run(words, environment=None):
    """Runs a program to its end, which has to be a success."""
    begin = time.perf_counter()
    pid = spawn(words, environment)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - begin
    if status != 0:
        raise RuntimeError(f"{' '.join(words)} ended with status {os.waitstatus_to_exitcode(status)}")
    return cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_minflt + usage.ru_majflt)


def rotate(programs, rounds, measure=run):
    """Measures each of `programs` (name → words) once a round; gives name → costs, one for each round."""
    seen = {name: [] for name in programs}
    for words in programs.values():
        measure(words)  # files into the page cache
    for _ in range(rounds):
        for name, words in programs.items():
            seen[name].append(measure(words))
    return seen


def ratio(ones, others):
    """The median of one over the other, pair by pair."""
    return median(one / other for one, other in zip(ones, others, strict=True))


def system_calls(words, environment=None):
    """How many system calls a program and its children make, its `exec` included; None without strace."""
    with tempfile.NamedTemporaryFile("r") as log:
        traced = ["strace", "-f", "-qq", "-e", "signal=none", "-o", log.name, *words]
        try:
            subprocess.run(traced, stdin=NULL, stdout=NULL, stderr=NULL, env=environment, check=True, timeout=60)
        except (OSError, subprocess.SubprocessError):
            return None
        # A call interrupted by another process is told in two lines; the second one does not count.
        return sum("resumed>" not in line and "+++" not in line for line in log)


class usage:
    """What a running process has used so far, as Linux counts it."""

    def __init__(self, pid):
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        self.faults = int(fields[7]) + int(fields[9])
        with open(f"/proc/{pid}/schedstat") as schedule:
            self.cpu = int(schedule.read().split()[0]) / 1e9  # seconds


def busy_time(cpu):
    """Seconds that a CPU has been busy since the machine's start, interrupts included."""
    with open("/proc/stat") as stat:
        fields = next(line for line in stat if line.startswith(f"cpu{cpu} ")).split()[1:]
    user, nice, system, _idle, _wait, hard, soft, *_ = map(int, fields)
    return (user + nice + system + hard + soft) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """Resident and proportional memory of a process in bytes: "Rss", "Pss"."""
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        lines = [line.split() for line in rollup]
    return {line[0].rstrip(":"): int(line[1]) * 1024 for line in lines if line[0] in ("Rss:", "Pss:")}
