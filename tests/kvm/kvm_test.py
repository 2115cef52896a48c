#!/usr/bin/env python3
"""Images boot under real KVM, on machines that have none.

QEMU's emulation offers AMD's virtualization extensions to its guest. So a Debian kernel with a busybox, QEMU and
the images in its initial file system is booted under emulation, and inside it the images run under its KVM.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import images

RUNS = [  # machine, image, arguments, what has to be printed, exit status of QEMU (2 * code + 1)
    ("microvm,isa-serial=on,rtc=on", "01-hello", [], "Hello, world", 1),
    ("microvm,isa-serial=on,rtc=on", "threads", [], "", 1),
    ("microvm,isa-serial=on,rtc=on", "clocks", [], "", 1),
    ("microvm,isa-serial=on,rtc=on", "exceptions", [], "", 1),
    ("microvm,isa-serial=on,rtc=on", "fibers", [], "", 1),
    ("microvm,isa-serial=on,rtc=on", "faults", ["null-write"], "panic: null pointer: write to 0x0", 13),
    ("q35", "01-hello", [], "Hello, world", 1),
    ("q35", "threads", [], "", 1),
]


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def fetch_packages(into):
    """The kernel is downloaded and unpacked, not installed: a kernel in /boot is nobody's wish here."""
    depends = run("apt-cache", "depends", "linux-image-cloud-amd64")
    kernel = re.search(r"Depends: (linux-image-\S+)", depends).group(1)
    run("apt-get", "download", "-q", kernel, "busybox-static", cwd=into, stderr=subprocess.DEVNULL)
    for package in into.glob("*.deb"):
        run("dpkg-deb", "-x", package, into / "unpacked")
    return into / "unpacked"


def make_init():
    lines = ["#!/bin/busybox sh", "/bin/busybox mount -t proc proc /proc", "/bin/busybox mount -t devtmpfs dev /dev"]
    lines += [f"/bin/busybox insmod /lib/{module}.ko" for module in ("irqbypass", "kvm", "kvm-amd")]
    for number, (machine, image, arguments, _, _) in enumerate(RUNS):
        line = " ".join(f"arg={word}" for word in [image, *arguments])
        lines.append(f"echo 'begin {number}'")
        lines.append(
            f"/bin/busybox timeout 60 /bin/qemu-system-x86_64 -L /usr/share/qemu -M {machine} -accel kvm -cpu max"
            f" -m 64M -kernel /{image} -append '{line}' -nodefaults -no-user-config -no-reboot -display none"
            " -vga none -serial stdio -device isa-debug-exit,iobase=0xf4,iosize=4 < /dev/null 2>&1")
        lines.append(f'echo "end {number} $?"')
    return "\n".join(lines + ["/bin/busybox poweroff -f", ""])


def make_file_system(root, unpacked):
    for folder in ("bin", "lib", "dev", "proc", "tmp", "usr/share/qemu"):
        (root / folder).mkdir(parents=True)
    shutil.copy(unpacked / "bin/busybox", root / "bin")
    for module in ("irqbypass", "kvm", "kvm-amd"):
        shutil.copy(next(unpacked.rglob(f"{module}.ko")), root / "lib")
    qemu = shutil.which("qemu-system-x86_64")
    shutil.copy(qemu, root / "bin")
    for library in re.findall(r"(/\S+\.so\S*)", run("ldd", qemu)):
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    for name in ("qboot.rom", "pvh.bin", "linuxboot_dma.bin", "kvmvapic.bin"):
        shutil.copy(f"/usr/share/qemu/{name}", root / "usr/share/qemu")
    shutil.copy("/usr/share/qemu/qboot.rom", root / "usr/share/qemu/bios-microvm.bin")
    shutil.copy("/usr/share/seabios/bios-256k.bin", root / "usr/share/qemu")
    for image in {image for _, image, _, _, _ in RUNS}:
        shutil.copy(images.path_of(image), root)
    init = root / "init"
    init.write_text(make_init())
    init.chmod(0o755)


def main():
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        unpacked = fetch_packages(place)
        root = place / "root"
        make_file_system(root, unpacked)
        archive = place / "initrd"
        with archive.open("wb") as out:
            files = subprocess.run(["find", ".", "-print"], cwd=root, check=True, capture_output=True).stdout
            subprocess.run([root / "bin/busybox", "cpio", "-o", "-H", "newc"], cwd=root, input=files, stdout=out,
                           stderr=subprocess.DEVNULL, check=True)
        kernel = next((unpacked / "boot").glob("vmlinuz-*"))
        # q35: on a microvm Linux may hang while it calibrates the clock.
        output = subprocess.run(
            ["qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-smp", "1", "-cpu", "max", "-m", "1500",
             "-kernel", kernel, "-initrd", archive, "-append", "console=ttyS0 quiet panic=-1", "-nodefaults",
             "-vga", "none", "-display", "none", "-serial", "stdio", "-no-reboot"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=500).stdout
    failures = 0
    for number, (machine, image, arguments, expected, status) in enumerate(RUNS):
        found = re.search(rf"begin {number}\r?\n(.*?)end {number} (\d+)", output, re.S)
        good = found and expected in found.group(1) and int(found.group(2)) == status
        print(f"{'ok  ' if good else 'FAIL'} {machine.split(',')[0]} {image} {' '.join(arguments)}")
        if not good:
            failures += 1
            print(found.group(0) if found else output[-3000:])
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
