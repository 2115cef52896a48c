"""Files that were crunched into an image are there byte for byte, on every target, and nothing of them is a file."""

import ctypes
import ctypes.util
import gzip
import hashlib
import pathlib

import images

SITE = pathlib.Path(__file__).parent / "site"
FILES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*") if path.is_file())
TYPES = {".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".png": "image/png"}


def unbrotli(coded, size):
    decoder = ctypes.CDLL("libbrotlidec.so.1")
    room = ctypes.create_string_buffer(size)
    length = ctypes.c_size_t(size)
    assert decoder.BrotliDecoderDecompress(ctypes.c_size_t(len(coded)), coded, ctypes.byref(length), room) == 1
    return room.raw[: length.value]


class Crunched(images.OnEveryTarget):
    image = "crunched"

    def test_files_are_there_byte_for_byte(self):
        ran = self.run_image()
        self.assert_succeeds(ran)
        lines = ran.out.splitlines()
        self.assertEqual(lines[::9], ["/" + name for name in FILES])
        for at, name in zip(range(0, len(lines), 9), FILES):
            path, media, url, etag, gzip_etag, brotli_etag, *bytes_ = lines[at : at + 9]
            content, gzipped, brotlied = (b"" if text == "-" else bytes.fromhex(text) for text in bytes_)
            expected = (SITE / name).read_bytes()
            digest = hashlib.sha256(expected).hexdigest()
            stem, ending = name.rsplit(".", 1)
            self.assertEqual(hashlib.sha256(content).hexdigest(), digest)
            self.assertEqual(media, TYPES["." + ending])
            self.assertEqual(url, f"/{stem}.{digest[:8]}.{ending}")
            self.assertEqual(etag, f'"{digest[:32]}"')
            if gzipped:
                self.assertEqual(gzip.decompress(gzipped), expected)
                self.assertEqual(gzip_etag, f'"{digest[:32]}-gzip"')
                self.assertLess(len(gzipped), 0.95 * len(expected))
            if brotlied:
                self.assertEqual(unbrotli(brotlied, len(expected)), expected)
                self.assertEqual(brotli_etag, f'"{digest[:32]}-br"')
                self.assertLess(len(brotlied), len(gzipped) or len(expected))
            self.assertEqual((bool(gzipped), bool(brotlied)), (name in ("css/style.css", "index.html"),) * 2, name)

    def test_paths_are_found(self):
        fingerprint = hashlib.sha256((SITE / "css/style.css").read_bytes()).hexdigest()[:8]
        expected = {
            "/": "/index.html",
            "/guide/": "/guide/index.html",
            "/guide": "nothing",
            "/css/": "nothing",
            "/css/style.css": "/css/style.css",
            f"/css/style.{fingerprint}.css": "/css/style.css for ever",
            "/css/style.00000000.css": "nothing",
            "/../crunched.cpp": "nothing",
            "/etc/passwd": "nothing",
        }
        ran = self.run_image(*expected)
        self.assert_succeeds(ran, "".join(line + "\n" for line in expected.values()))

    def test_nothing_is_live_without_files(self):
        if self.target == "process":
            return
        ran = self.run_image("/", "/crunched.cpp", options=["-e", f"ASTER_LIVE={SITE.parent}"])
        self.assert_succeeds(ran, "/index.html\nnothing\n")


images.main()
