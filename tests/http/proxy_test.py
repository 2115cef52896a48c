"""nginx in front of an image: answers reach the one who asked, upstream connections are kept, and nothing is smuggled."""

import http.client
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import images
from network import conversation

NGINX = shutil.which("nginx") or next((path for path in ("/usr/sbin/nginx",) if os.access(path, os.X_OK)), None)

CONFIGURATION = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/errors warn;
events {{ worker_connections 256; }}
http {{
  access_log {folder}/access;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream image {{ server 127.0.0.1:{image}; keepalive 8; }}
  map $http_upgrade $wanted {{ default upgrade; "" ""; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://image;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $wanted;
    }}
  }}
}}
"""


@unittest.skipUnless(NGINX, "nginx is not installed: cmake/setup.sh does that")
class Proxy(images.OnEveryTarget):
    image = "conformance"
    targets = ("sandbox", "qemu-microvm")

    def setUp(self):
        image, self.port = images.free_port(), images.free_port()
        self.start_image(options=["-p", f"{image}:80"]).until("^serving")
        folder = self.enterContext(tempfile.TemporaryDirectory())
        path = pathlib.Path(folder) / "nginx.conf"
        path.write_text(CONFIGURATION.format(folder=folder, image=image, port=self.port))
        nginx = subprocess.Popen([NGINX, "-p", folder, "-c", str(path)], stderr=subprocess.DEVNULL, preexec_fn=images.end_with_the_test)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if nginx.poll() is not None or time.monotonic() > deadline:
                    self.fail((pathlib.Path(folder) / "errors").read_text())
                time.sleep(0.01)

    def test_each_gets_the_answer_to_its_own_request(self):
        wrong = []

        def ask(who):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            for i in range(50):
                body = f"{who}/{i}/" + "x" * (i * 100) if i % 2 else None
                connection.request("POST" if body else "GET", f"/echo?{who}-{i}", body)
                told = connection.getresponse().read().decode()
                if told != f"{'POST' if body else 'GET'} /echo?{who}-{i} [{body or ''}]":
                    wrong.append((who, i, told[:100]))
            connection.close()

        askers = [threading.Thread(target=ask, args=(who,)) for who in range(8)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        self.assertEqual(wrong, [])

    def test_streams_ranges_conditions_and_codings_pass(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for path, headers, status, body in (
            ("/stream", {}, 200, b"abcdef"),
            ("/web/page", {"Range": "bytes=2-4"}, 206, b"234"),
            ("/web/page", {"If-None-Match": '"v2"'}, 304, b""),
            ("/web/style.css", {"Accept-Encoding": "br"}, 200, b"BR"),
            ("/204", {}, 204, b""),
        ):
            with self.subTest(path=path):
                connection.request("GET", path, headers=headers)
                told = connection.getresponse()
                self.assertEqual((told.status, told.read()), (status, body))
        connection.close()

    def test_an_upgrade_passes(self):
        with conversation.connect("127.0.0.1", self.port) as stream:
            stream.sendall(b"GET /upgrade HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
            told = b""
            while b"\r\n\r\n" not in told:
                told += stream.recv(4096)
            self.assertTrue(told.startswith(b"HTTP/1.1 101 "), told)
            stream.sendall(b"over there")
            self.assertEqual(stream.recv(4096), b"over there")

    def test_nothing_is_smuggled_past_it(self):
        """Whoever refuses it, a second request that hides in the first is never answered."""
        hidden = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
        for framing in (
            f"Content-Length: {5 + len(hidden)}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
            f"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{len(hidden):x}\r\n{hidden}\r\n0\r\n\r\n",
            f"Content-Length: {5 + len(hidden)}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{hidden}",
            f"Content-Length: {5 + len(hidden)}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n{hidden}",
            f"Content-Length: {5 + len(hidden)}\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n{hidden}",
            f"Content-Length: {5 + len(hidden)}\r\nX: 1\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
            f"Content-Length: 0\r\nContent-Length: {len(hidden)}\r\n\r\n{hidden}",
            f"Content-Length: +{len(hidden)}\r\n\r\n{hidden}",
            f"Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n4c\r\n0\r\n\r\n{hidden}",
        ):
            with self.subTest(framing=framing[:70]), conversation.connect("127.0.0.1", self.port) as stream:
                stream.sendall(f"POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{framing}".encode("latin-1"))
                stream.shutdown(socket.SHUT_WR)
                told = conversation.receive_all(stream)
                self.assertLessEqual(len(re.findall(rb"^HTTP/1\.1 \d", told, re.M)), 1, told)
                self.assertNotIn(b"GET /smuggled []", told)


images.main()
