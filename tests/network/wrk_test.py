"""wrk, with as many connections as each way of reaching an image is meant for, sees no error."""

import re
import subprocess

import images
import namespace

namespace.enter()


def wrk(url, connections, seconds):
    """Requests answered by then, after checking that nothing else happened."""
    words = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout", "10s", url]
    told = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 60)
    assert told.returncode == 0, told
    assert "Socket errors" not in told.stdout and "Non-2xx" not in told.stdout, told.stdout
    return int(re.search(r"(\d+) requests in", told.stdout)[1])


class Wrk(images.OnEveryTarget):
    image = "02-server"

    def test_256_connections_over_a_tap(self):
        tap = self.enterContext(namespace.Tap())
        running = self.start_image(options=tap.options)
        running.until("^serving")
        requests = wrk(f"http://{tap.image_address}/", 256, 5)
        print(f"{requests / 5:.0f} requests a second", end=" ", flush=True)
        self.assertGreater(requests, 1000)

    def test_64_connections_through_a_published_port(self):
        port = images.free_port()
        running = self.start_image(options=["-p", f"{port}:80"])
        running.until("^serving")
        requests = wrk(f"http://127.0.0.1:{port}/", 64, 3)
        print(f"{requests / 3:.0f} requests a second", end=" ", flush=True)
        self.assertGreater(requests, 100)


images.main()
