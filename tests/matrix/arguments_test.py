"""Arguments and environment reach the program byte for byte, and only what was given does."""

import re

import images

ODD = ["a b", "", "it's \"quoted\"", "100% %41 %", "a,b=c", "grüße ☃", "tab\there", "back\\slash", "--on", "--", "-m"]


class Arguments(images.OnEveryTarget):
    image = "arguments"

    def test_odd_arguments_arrive_as_they_are(self):
        ran = self.run_image("show", *ODD)
        self.assert_succeeds(ran)
        shown = re.findall(r"^argument \[(.*)\]$", ran.out, re.M)
        self.assertEqual(shown, ["arguments", "show", *ODD], ran)

    def test_the_environment_is_what_was_given(self):
        odd = ["PLAIN=1", "SPACED=a b  c", "PERCENT=%20%", "COMMA=a,b", "EQUALS=a=b=c", "UTF8=ü☃", "EMPTY="]
        ran = self.run_image("show", options=[word for variable in odd for word in ("-e", variable)])
        self.assert_succeeds(ran)
        shown = re.findall(r"^variable \[(.*)\]$", ran.out, re.M)
        # As a plain process, the boot line is in the environment.
        self.assertEqual([v for v in shown if not v.startswith("ASTER_BOOT=")], odd, ran)


images.main()
