"""What `aster run` cannot do it refuses before anything starts, in one line that names the thing, the cause and the
mend; wrong words on the command line end with 2, everything else with 125."""

import os
import pathlib
import re
import socket
import tempfile

import images


class Refusals(images.OnEveryTarget):
    def refused(self, image, *parts, options=(), arguments=(), code=images.CANNOT_RUN, **settings):
        self.image = image
        ran = self.run_image(*arguments, options=options, **settings)
        self.assertEqual((ran.code, ran.out), (code, ""), ran)
        self.assertRegex(ran.err, r"^aster: [^\n]+\n$")
        for part in parts:
            self.assertIn(part, ran.err)

    def test_a_device_that_is_not_attached(self):
        self.refused("02-server", "service", "-p 8080:80", "--net service=")

    def test_a_device_that_the_image_does_not_have(self):
        self.refused("02-server", "--net servcie", "no network device of that name", "service", options=["--net", "servcie=user"])
        self.refused("01-hello", "-p: the image", "no network", options=["-p", "8080:80"])

    def test_a_device_attached_twice(self):
        self.refused("02-server", "service", "twice", options=["--net", "service=user", "--net", "service=user"])

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.refused("02-server", f"{port}", "in use", options=["-p", f"{port}:80"])

    def test_a_port_that_needs_root(self):
        if os.geteuid() == 0:
            self.skipTest("root may take any port")
        self.refused("02-server", "port 80", "privileges", "-p 8080:80", options=["-p", "80:80"])

    def test_an_address_that_is_not_here(self):
        self.refused("02-server", "192.0.2.7:8080", options=["-p", "192.0.2.7:8080:80"])

    def test_a_tap_that_does_not_exist(self):
        self.refused("02-server", "tap tapnowhere", "no such device", "ip tuntap add", options=["--net", "service=tap:tapnowhere"])

    def test_a_megabyte_of_memory(self):
        if self.target == "process":
            self.skipTest("a plain process has what Linux gives it")
        self.refused("01-hello", "-m 1: too little", "01-hello", "just to start; write -m ", options=["-m", "1"])

    def test_memory_that_is_just_enough_to_start(self):
        if self.target == "process":
            self.skipTest("a plain process has what Linux gives it")
        self.image = "01-hello"
        least = re.search("write -m ([0-9]+), or more", self.run_image(options=["-m", "1"]).err)[1]
        ran = self.run_image(options=["-m", least])
        self.assertEqual((ran.code, ran.out), (0, "Hello, world\n"), ran)

    def test_more_arguments_than_fit(self):
        if self.target == "process":
            self.skipTest("a plain process takes what Linux takes")
        self.refused("arguments", "2048", "standard input", arguments=["show", "x" * 3000])

    def test_words_that_make_no_sense(self):
        for options, hint in {
            ("--memroy", "8"): "did you mean '--memory'?",
            ("-m", "many"): "not an amount of memory",
            ("-p", "http"): "-p http",
            ("-e", "NOVALUE"): "NAME=VALUE",
            ("--net", "service=tap"): "--net service=tap",
        }.items():
            with self.subTest(options=options):
                self.refused("01-hello", hint, options=options, code=2)


class Files(images.OnEveryTarget):
    """Files that are no images, or damaged ones."""

    def refused(self, content, *parts):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "broken"
            file.write_bytes(content)
            file.chmod(0o755)
            self.image = file
            ran = images.run(file, self.target)
        self.assertEqual((ran.code, ran.out), (images.CANNOT_RUN, ""), ran)
        self.assertRegex(ran.err, r"^aster: [^\n]+\n$")
        for part in (str(file), *parts):
            self.assertIn(part, ran.err)

    def test_that_are_no_elf(self):
        self.refused(b"hello\n", "not an ELF file")
        self.refused(b"", "empty file")

    def test_of_linux(self):
        self.refused(pathlib.Path("/bin/true").read_bytes(), "built for Linux")

    def test_cut_short(self):
        whole = images.path_of("01-hello").read_bytes()
        for length in (1, 100, 4096, len(whole) // 3, len(whole) // 2, len(whole) - 1):
            self.refused(whole[:length], "cut short")

    def test_whose_note_is_corrupt(self):
        whole = images.path_of("01-hello").read_bytes()
        # The image's own note (type 1): its version, then the entries.
        at = whole.index(b"\x01\0\0\0Asterism\0") + 16
        self.refused(whole[:at] + b"\xff" * 4 + whole[at + 4 :], "version")
        self.refused(whole[:at] + whole[at : at + 4] + b"\x7f" * 16 + whole[at + 20 :], "corrupt manifest")


images.main()
