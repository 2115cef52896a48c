"""curl and Python's http.client get from an image what HTTP promises them: codings, ranges, conditions, uploads."""

import http.client
import pathlib
import subprocess
import tempfile

import images


def curl(*words, data=None):
    told = subprocess.run(["curl", "--silent", "--show-error", "--max-time", "60", *words], input=data, capture_output=True, timeout=90)
    assert told.returncode == 0, told
    return told.stdout


LIST = "".join(f"item {i * 7919 % 10007}\n" for i in range(5000)).encode()


class Clients(images.OnEveryTarget):
    image = "conformance"

    def setUp(self):
        self.port = images.free_port()
        self.start_image(options=["-p", f"{self.port}:80"]).until("^serving")
        self.url = f"http://127.0.0.1:{self.port}"

    def test_curl_reads_every_coding(self):
        for path in ("/web/list", "/web/streamed-list"):
            self.assertEqual(curl(self.url + path), LIST)
            for coding in ("gzip", "br", "gzip, br", "br;q=0.1, gzip", "*"):
                with self.subTest(path=path, coding=coding):
                    words = ["--compressed", "--header", f"Accept-Encoding: {coding}", self.url + path]
                    self.assertEqual(curl(*words), LIST)
                    size = int(curl(*words, "--output", "/dev/null", "--write-out", "%{size_download}"))
                    self.assertLess(size, len(LIST) / 2)

    def test_curl_resumes(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "page"
            file.write_bytes(b"0123")
            self.assertEqual(curl("--continue-at", "-", "--output", str(file), "--write-out", "%{http_code}", f"{self.url}/web/page"), b"206")
            self.assertEqual(file.read_bytes(), b"0123456789")
        self.assertEqual(curl("--range", "-3", f"{self.url}/web/page"), b"789")
        parts = curl("--range", "0-1,8-9", f"{self.url}/web/page")
        self.assertEqual((parts.count(b"Content-Range: bytes "), b"\r\n\r\n01\r\n--" in parts, b"\r\n\r\n89\r\n--" in parts), (2, True, True), parts)

    def test_curl_asks_whether_it_has_changed(self):
        with tempfile.TemporaryDirectory() as folder:
            tag = f"{folder}/tag"
            self.assertEqual(curl("--etag-save", tag, f"{self.url}/web/page"), b"0123456789")
            self.assertEqual(curl("--etag-compare", tag, "--write-out", "%{http_code}", f"{self.url}/web/page"), b"304")
        self.assertEqual(curl("--time-cond", "Sun, 06 Nov 1994 08:49:37 GMT", "--write-out", "%{http_code}", f"{self.url}/web/dated"), b"304")

    def test_curl_sends_in_every_way(self):
        for words in (["--http1.0"], ["--http1.1"], ["--header", "Transfer-Encoding: chunked"], ["--header", "Expect: 100-continue"], ["--header", "Connection: close"]):
            with self.subTest(words=words):
                self.assertEqual(curl(*words, "--data-binary", "@-", f"{self.url}/echo", data=b"abc" * 1000), b"POST /echo [" + b"abc" * 1000 + b"]")
        self.assertEqual(curl("--upload-file", "-", f"{self.url}/echo", data=b"abc"), b"PUT /echo [abc]")
        self.assertEqual(curl("--request", "DELETE", f"{self.url}/echo"), b"DELETE /echo []")
        self.assertEqual(curl("--request-target", "*", "--request", "OPTIONS", self.url), b"OPTIONS * []")
        self.assertEqual(curl("--proxy", self.url, "http://other.example/host"), b"other.example")  # the absolute form

    def test_python_keeps_its_connection(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.connect()
        first = connection.sock
        for method, path, body, expected in (
            ("GET", "/", None, b"hello\n"),
            ("HEAD", "/", None, b""),
            ("GET", "/stream", None, b"abcdef"),
            ("HEAD", "/stream", None, b""),
            ("POST", "/echo", b"abc", b"POST /echo [abc]"),
            ("POST", "/echo", iter([b"ab", b"c", b"d" * 9000]), b"POST /echo [abc" + b"d" * 9000 + b"]"),
            ("POST", "/ignore", b"abc" * 10000, b"ignored"),
            ("GET", "/204", None, b""),
            ("GET", "/304", None, b""),
            ("GET", "/205", None, b""),
            ("GET", "/web/none", None, b"404 Not Found\n"),
            ("GET", "/fail", None, b"500 Internal Server Error\n"),
            ("GET", "/web/list", None, LIST),
        ):
            with self.subTest(method=method, path=path):
                connection.request(method, path, body, encode_chunked=body is not None and not isinstance(body, bytes), headers={"Transfer-Encoding": "chunked"} if body is not None and not isinstance(body, bytes) else {})
                self.assertEqual(connection.getresponse().read(), expected)
        self.assertIs(connection.sock, first)
        connection.close()


images.main()
