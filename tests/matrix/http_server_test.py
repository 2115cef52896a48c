"""The server of the workshop greets curl, counts visits, and never tells the same random number twice."""

import re
import subprocess

import images


class HttpServer(images.OnEveryTarget):
    image = "02-server"

    def test_answers_curl(self):
        port = images.free_port()
        running = self.start_image(options=["-p", f"{port}:80"])
        running.until("^serving on ")
        numbers = []
        for visit in range(1, 4):
            told = subprocess.run(["curl", "--silent", "--show-error", "--fail", f"http://127.0.0.1:{port}/"], capture_output=True, text=True, timeout=60)
            self.assertEqual(told.returncode, 0, told)
            number = re.fullmatch(rf"Hello from a unikernel\nA random number: (\d+)\nVisits so far: {visit}\n", told.stdout)
            self.assertIsNotNone(number, told)
            numbers.append(number[1])
        self.assertEqual(len(set(numbers)), 3)
        running.process.terminate()
        ran = running.wait()
        self.assertEqual((ran.code, ran.out.splitlines()[-1]), (0, "3 visits, good-bye"), ran)


images.main()
