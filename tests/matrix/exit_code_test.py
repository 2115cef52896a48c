"""What main returns, or exit is called with, is what the shell gets, after the destructors that are due."""

import images


class ExitCode(images.OnEveryTarget):
    image = "arguments"

    def test_of_main_and_exit(self):
        for way, code, destroyed in [
            ("return", 0, "local destroyed\nglobal destroyed\n"),
            ("return", 1, "local destroyed\nglobal destroyed\n"),
            ("return", 200, "local destroyed\nglobal destroyed\n"),
            ("return", 255, "local destroyed\nglobal destroyed\n"),
            ("return", 256, "local destroyed\nglobal destroyed\n"),
            ("exit", 1, "global destroyed\n"),
            ("exit", 200, "global destroyed\n"),
            ("_exit", 3, ""),
            ("quick_exit", 7, ""),
        ]:
            with self.subTest(way=way, code=code):
                ran = self.run_image(way, str(code))
                self.assertEqual((ran.code, ran.out, ran.err), (code % 256, destroyed, ""), ran)


images.main()
