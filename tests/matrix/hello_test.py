"""The smallest program greets, and nothing else is said."""

import images


class Hello(images.OnEveryTarget):
    image = "01-hello"

    def test_greets(self):
        ran = self.run_image()
        self.assertEqual((ran.out, ran.err, ran.code), ("Hello, world\n", "", 0), ran)


images.main()
