"""An image answers ping, small, large, and in fragments."""

import re
import subprocess

import images
import namespace

namespace.enter()


class Ping(images.OnEveryTarget):
    image = "services"

    def test_is_answered(self):
        tap = self.enterContext(namespace.Tap())
        running = self.start_image(options=tap.options)
        running.until("^serving")
        for size in (0, 56, 1472, 8000, 65507):
            with self.subTest(size=size):
                words = ["ping", "-n", "-c", "10", "-i", "0.02", "-W", "5", "-s", str(size), tap.image_address]
                told = subprocess.run(words, capture_output=True, text=True, timeout=60)
                self.assertEqual(told.returncode, 0, told)
                self.assertRegex(told.stdout, "10 packets transmitted, 10 received, 0% packet loss")
                # None of them twice.
                self.assertNotIn("DUP", told.stdout)
                self.assertEqual(len(re.findall(f"^{size + 8} bytes from {re.escape(tap.image_address)}", told.stdout, re.M)), 10)


images.main()
