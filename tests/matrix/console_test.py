"""Standard input reaches the program as it comes, and its end too; output and errors keep apart where they can."""

import hashlib

import images


class Console(images.OnEveryTarget):
    image = "arguments"

    def test_no_input_is_an_end(self):
        ran = self.run_image("lines")
        self.assert_succeeds(ran, "ready\nend\nglobal destroyed\n")

    def test_piped_text_arrives_whole(self):
        ran = self.run_image("lines", input="first\nsecond ü\nlast without end")
        self.assert_succeeds(ran, "ready\ngot [first]\ngot [second ü]\ngot [last without end]\nend\nglobal destroyed\n")

    def test_lines_are_answered_as_they_come(self):
        running = self.start_image("lines", takes_input=True)
        running.until("^ready$")
        for line in ("one", "two", "three"):
            running.send(f"{line}\n")
            running.until(rf"^got \[{line}\]$")
        running.end_input()
        running.until("^end$")
        self.assertEqual(running.wait().code, 0)

    def test_thirty_kilobytes_pass_through(self):
        text = "".join(hashlib.sha256(str(i).encode()).hexdigest() + "\n" for i in range(500))
        ran = self.run_image("copy", input=text)
        self.assertEqual(ran.code, 0, ran.err)
        # A machine has one console: there the errors lie in the output.
        copied = ran.out.replace("global destroyed\n", "").replace(f"{len(text)} bytes\n", "")
        self.assertTrue(copied == text, f"{len(copied)} of {len(text)} bytes came back, or other ones")
        self.assertIn(f"{len(text)} bytes\n", ran.out + ran.err)


images.main()
