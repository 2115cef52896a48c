"""TCP with the Linux kernel on the other side: bulk both ways, half-closed, slow, reset, many at once."""

import concurrent.futures
import random
import socket
import struct
import time

import images
import namespace
from network import conversation

namespace.enter()

MEGABYTE = 1 << 20


class LinuxTcp(images.OnEveryTarget):
    image = "services"

    def setUp(self):
        self.tap = self.enterContext(namespace.Tap())
        self.running = self.start_image(options=self.tap.options)
        self.running.until("^serving")
        self.address = self.tap.image_address

    def test_bulk_echo_is_byte_exact(self):
        size = 20 * MEGABYTE if self.target in ("process", "sandbox") else 10 * MEGABYTE
        data = random.Random(1).randbytes(size)
        begin = time.monotonic()
        self.assertTrue(conversation.echoed(self.address, data) == data)
        print(f"{2 * size / MEGABYTE / (time.monotonic() - begin):.0f} MB/s", end=" ", flush=True)

    def test_bulk_one_way_is_byte_exact(self):
        size = 20 * MEGABYTE if self.target in ("process", "sandbox") else 10 * MEGABYTE
        self.assertTrue(conversation.sunk(self.address, random.Random(2).randbytes(size)))
        self.assertTrue(conversation.drawn(self.address, size))
        counted = conversation.counters(self.address)
        self.assertEqual(counted["tcp_retransmissions"], 0)
        self.assertEqual(counted["tcp_malformed"] + counted["tcp_checksum"] + counted["ipv4_malformed"] + counted["ipv4_checksum"], 0)

    def test_every_small_size(self):
        data = random.Random(3).randbytes(3000)
        with conversation.connect(self.address, 7) as stream:
            for size in [*range(1, 64), 535, 536, 537, 1447, 1448, 1449, 1459, 1460, 1461, 2896, 3000]:
                stream.sendall(data[:size])
                received = b""
                while len(received) < size:
                    piece = stream.recv(size - len(received))
                    self.assertTrue(piece)
                    received += piece
                self.assertEqual(received, data[:size])

    def test_one_direction_closed_leaves_the_other(self):
        with conversation.connect(self.address, 9) as stream:
            stream.sendall(b"123456789")
            stream.shutdown(socket.SHUT_WR)
            self.assertEqual(conversation.receive_all(stream), b"9 bytes, CRC cbf43926\n")

    def test_a_slow_reader_is_waited_for_on_both_sides(self):
        # The image reads slowly: Linux meets a window of zero, and probes it.
        self.assertTrue(conversation.sunk(self.address, random.Random(4).randbytes(2 * MEGABYTE), port=24))
        # Linux reads slowly: its small buffer fills, and the image has to wait.
        with socket.socket() as stream:
            stream.settimeout(30)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stream.connect((self.address, 19))
            stream.sendall(b"300000\n")
            received = b""
            # Not read at all until the image's side has come to rest.
            images.wait_until(lambda: conversation.counters(self.address)["tcp_window_probes"] > 0)
            while piece := stream.recv(1000):
                received += piece
            self.assertTrue(received == conversation.pattern(300_000))

    def test_a_reset_of_ours_ends_their_side(self):
        before = conversation.counters(self.address)
        for _ in range(20):
            stream = conversation.connect(self.address, 7)
            stream.sendall(b"x")
            self.assertEqual(stream.recv(1), b"x")
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            stream.close()
        images.wait_until(lambda: conversation.counters(self.address)["fibers"] <= before["fibers"])
        self.assertGreaterEqual(conversation.counters(self.address)["tcp_connections_reset"], before["tcp_connections_reset"] + 20)

    def test_a_reset_of_theirs_is_seen_here(self):
        with conversation.connect(self.address, 26) as stream:
            stream.sendall(b"x")
            with self.assertRaises(ConnectionResetError):
                conversation.receive_all(stream)

    def test_nobody_listening_is_a_refusal(self):
        with self.assertRaises(ConnectionRefusedError):
            conversation.connect(self.address, 81)

    def test_fifty_at_once(self):
        def one(seed):
            data = random.Random(seed).randbytes(100_000)
            return conversation.echoed(self.address, data) == data

        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            self.assertTrue(all(pool.map(one, range(50))))

    def test_datagrams_are_echoed(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.settimeout(10)
            datagrams.connect((self.address, 7))
            for size in (0, 1, 17, 1472):
                data = random.Random(size).randbytes(size)
                datagrams.send(data)
                self.assertEqual(datagrams.recv(2000), data)


images.main()
