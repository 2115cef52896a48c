"""From inside of an image, nothing outside can be seen, reached or changed: a table of what was tried.

Each attempt is made through libc and by the bare instruction. What libc may ask and the image serves by itself
gets an answer as on a machine without files, network or other processes; what no honest program asks ends it.
"""

import os
import pathlib
import re

import images

# Killed by the sandbox; on a machine of its own there is nothing that these could reach, so they fail.
DEADLY = """open by handle|change the root|mount|trace|attach to process 1|read another process|write another process|
compare processes|take a descriptor of another process|unshare namespaces|enter a namespace|map executable memory|
make memory executable|set up an io_uring|load a BPF program|count events|handle page faults|use a key ring|
change segments|use ports|load a module|restart the machine|set the clock""".replace("\n", "").split("|")

# Answered as on a machine that has this process alone.
HARMLESS = {"signal process 1": "got 0", "signal everybody": "–|got 0"}


class Escapes(images.OnEveryTarget):
    image = "escapes"
    targets = ("sandbox", "qemu-microvm", "qemu-q35")

    def outcome(self, *words):
        ran = self.run_image(*words)
        if ran.code == images.FORBIDDEN:
            return "killed"
        self.assertEqual(ran.code, 0, ran)
        return ran.out.strip()

    def test_no_way_leads_out(self):
        new = pathlib.Path("/tmp/asterism-was-here")
        listed = re.findall(r"^(.*):( libc)?$", self.run_image("list").out, re.M)
        self.assertGreater(len(listed), 60)
        print(f"\n{self.target:<38} by libc      by the instruction")
        wrong = []
        for name, has_libc in listed:
            by_libc = self.outcome(name, "libc") if has_libc else "–"
            bare = self.outcome(name, "instruction")
            print(f"  {name:<36} {by_libc:<12} {bare}")
            for got in (by_libc, bare):
                expected = "–|killed" if name in DEADLY and self.target == "sandbox" else HARMLESS.get(name, r"–|E[A-Z0-9]+")
                if not re.fullmatch(expected, got):
                    wrong.append((name, got))
        self.assertEqual(wrong, [])
        self.assertFalse(new.exists())

    def test_gates_of_other_architectures_are_shut(self):
        if self.target == "sandbox":
            self.assertEqual([self.outcome("int 0x80"), self.outcome("x32")], ["killed", "killed"])
        else:
            self.assert_panic(self.run_image("int 0x80"), "general protection fault")
            self.assertEqual(self.outcome("x32"), "ENOSYS")

    def test_what_is_seen_is_a_machine_of_its_own(self):
        running = self.start_image("look around", takes_input=True, options=["-m", "32"], env=os.environ | {"SECRET": "hunter2"})
        seen = running.until(r"memory (\d+) MiB\n")
        self.assertIn("process 1 of 0, user 1000\nfolder /\nhost asterism\nprocessors 1\n", running.out)
        self.assertLessEqual(int(seen[1]), 32)
        running.end_input()
        self.assertEqual(running.wait().code, 0)


class Secrets(images.OnEveryTarget):
    image = "escapes"
    targets = ("process", "sandbox")

    def test_nothing_of_the_callers_environment_lies_in_its_memory(self):
        secret = b"correct-horse-battery-staple"
        running = self.start_image("look around", takes_input=True, env=os.environ | {"SECRET": secret.decode()})
        running.until("^memory")
        image = child_of(running.process.pid)
        found = 0
        searched = 0
        if not os.access(f"/proc/{image}/mem", os.R_OK):
            self.skipTest("the sandbox lets nobody but root look into it")
        with open(f"/proc/{image}/mem", "rb", buffering=0) as memory:
            for line in pathlib.Path(f"/proc/{image}/maps").read_text().splitlines():
                if not re.match(r"\S+ r", line) or "[v" in line:
                    continue
                begin, end = (int(part, 16) for part in line.split()[0].split("-"))
                if end - begin > 1 << 28:
                    continue  # reserved address space, mostly empty
                memory.seek(begin)
                content = memory.read(end - begin)
                searched += len(content)
                found += content.count(secret)
        running.end_input()
        running.wait()
        self.assertGreater(searched, 500_000)
        self.assertEqual(found, 0)


def child_of(parent):
    """The only child of a process."""
    children = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    assert len(children) == 1, children
    return int(children[0])


images.main()
