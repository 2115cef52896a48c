"""An image opens connections of its own: over a tap, and through the user-mode network."""

import socket
import threading

import images
import namespace
from network import conversation

namespace.enter()


class Echo:
    """An echo on this machine, served by Linux."""

    def __init__(self, address):
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                while piece := client.recv(1 << 16):
                    client.sendall(piece)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Connect(images.OnEveryTarget):
    image = "services"

    def test_over_a_tap(self):
        tap = self.enterContext(namespace.Tap())
        echo = self.enterContext(Echo(tap.host_address))
        ran = self.run_image("connect", tap.host_address, str(echo.port), options=tap.options)
        self.assert_succeeds(ran, "1000000 bytes came back, CRC right\n")

    def test_through_the_user_mode_network(self):
        echo = self.enterContext(Echo("127.0.0.1"))
        ran = self.run_image("connect", "10.0.2.2", str(echo.port), options=["--net", "service=user"])
        self.assert_succeeds(ran, "1000000 bytes came back, CRC right\n")

    def test_to_a_closed_port_it_is_refused(self):
        tap = self.enterContext(namespace.Tap())
        ran = self.run_image("connect", tap.host_address, "9", options=tap.options)
        self.assertEqual((ran.code, ran.out), (3, "not connected: connection refused\n"), ran)

    def test_to_nobody_it_is_unreachable(self):
        tap = self.enterContext(namespace.Tap())
        nobody = tap.host_address.rsplit(".", 1)[0] + ".77"
        ran = self.run_image("connect", nobody, "9", options=tap.options)
        self.assertEqual((ran.code, ran.out), (3, "not connected: host unreachable\n"), ran)

    def test_with_an_address_by_dhcp(self):
        running = self.start_image(options=["--net", "service=user,dhcp"])
        running.until(r"^serving on 10\.0\.2\.\d+$")


images.main()
