"""A client that vanishes in the middle of a request, without a word, costs the server nothing for long.

To vanish is to lose one's address: from then on nothing is answered, not even with a reset.
"""

import os
import signal
import socket
import subprocess
import sys

import images
import namespace

namespace.enter()

from network import conversation


class VanishingClient(images.OnEveryTarget):
    image = "services"

    def setUp(self):
        self.tap = self.enterContext(namespace.Tap())
        self.start_image(options=self.tap.options).until("^serving")
        self.address = self.tap.image_address
        self.before = conversation.counters(self.address)

    def connect_from_elsewhere(self):
        self.elsewhere = self.tap.host_address.rsplit(".", 1)[0] + ".50"
        namespace.ip("address", "add", f"{self.elsewhere}/24", "dev", self.tap.name)
        return socket.create_connection((self.address, 80), 10, (self.elsewhere, 0))

    def vanish(self):
        namespace.ip("address", "delete", f"{self.elsewhere}/24", "dev", self.tap.name)

    def counted(self, name):
        # Others are served meanwhile.
        return conversation.counters(self.address)[name]

    def assert_forgotten(self):
        images.wait_until(lambda: self.counted("fibers") <= self.before["fibers"], 30, lambda: "its fiber is still there")

    def test_before_the_request_is_whole(self):
        client = self.connect_from_elsewhere()
        client.sendall(b"GET / HTTP/1.1\r\nHo")
        images.wait_until(lambda: self.counted("fibers") > self.before["fibers"])
        self.vanish()
        self.assert_forgotten()
        client.close()

    def test_inside_of_an_upload(self):
        client = self.connect_from_elsewhere()
        client.sendall(b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + bytes(50_000))
        images.wait_until(lambda: self.counted("fibers") > self.before["fibers"])
        self.vanish()
        self.assert_forgotten()
        client.close()

    def test_inside_of_a_download(self):
        client = self.connect_from_elsewhere()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        client.sendall(b"GET /body?50000000 HTTP/1.1\r\nHost: x\r\n\r\n")
        client.recv(1000)
        self.vanish()
        self.assert_forgotten()
        # It was cut off, so that nothing is kept for it any more.
        images.wait_until(lambda: self.counted("connections") <= self.before["connections"], 30)
        client.close()

    def test_when_its_program_is_killed(self):
        script = f"import socket; s = socket.create_connection(('{self.address}', 80)); s.sendall(b'GET / HT'); print('sent', flush=True); s.recv(1)"
        client = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        client.stdout.readline()
        images.wait_until(lambda: self.counted("fibers") > self.before["fibers"])
        os.kill(client.pid, signal.SIGKILL)
        client.wait()
        client.stdout.close()
        self.assert_forgotten()

    def test_when_the_link_goes_down_and_comes_back(self):
        with conversation.connect(self.address, 7) as stream:
            stream.sendall(b"before")
            self.assertEqual(stream.recv(100), b"before")
            self.tap.down()
            stream.sendall(b"during")
            self.tap.up()
            received = b""
            while len(received) < 6:
                received += stream.recv(100)
            self.assertEqual(received, b"during")
        self.assert_forgotten()


images.main()
