"""wrk sees no error from anything that the server can do: small answers, coded ones, streams, ranges, refusals."""

import re
import subprocess

import images


class Wrk(images.OnEveryTarget):
    image = "conformance"

    def test_all_is_answered(self):
        port = images.free_port()
        self.start_image(options=["-p", f"{port}:80"]).until("^serving")
        for path, header, only_2xx in (("/", "X: 1", True), ("/web/list", "Accept-Encoding: gzip", True), ("/web/style.css", "Accept-Encoding: br", True), ("/stream", "X: 1", True), ("/web/page", "Range: bytes=0-1,8-9", True), ("/web/none", "X: 1", False)):
            with self.subTest(path=path):
                told = subprocess.run(["wrk", "--threads", "1", "--connections", "16", "--duration", "1s", "--timeout", "10s", "--header", header, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, timeout=60)
                self.assertEqual(told.returncode, 0, told)
                self.assertNotIn("Socket errors", told.stdout)
                self.assertEqual("Non-2xx" in told.stdout, not only_2xx, told.stdout)
                self.assertGreater(int(re.search(r"(\d+) requests in", told.stdout)[1]), 10, told.stdout)


images.main()
