"""What a figure says of itself, and how it gets into the page."""

import pathlib
import tempfile
import unittest

import boot_profile
import frames
import page
from figure import at_least, at_most, figure, not_measured, table


class Figures(unittest.TestCase):
    def test_a_goal_is_met_at_its_bound(self):
        self.assertEqual(figure("g", "n", 1.5, "×", at_most(1.5)).verdict, "holds")
        self.assertEqual(figure("g", "n", 1.51, "×", at_most(1.5)).verdict, "short")
        self.assertEqual(figure("g", "n", 0.5, "×", at_least(0.5)).verdict, "holds")
        self.assertEqual(figure("g", "n", 0.49, "×", at_least(0.5)).verdict, "short")

    def test_a_peer_that_is_missing_is_a_line_of_the_table(self):
        text = table([not_measured("g", "beside wrk", "×", at_least(0.5), "wrk is not installed")])
        self.assertRegex(text, r"beside wrk +≥ 0\.5 × +– +not measured +wrk is not installed")

    def test_counts_are_told_in_full_and_measures_with_three_digits(self):
        self.assertEqual(figure("g", "n", 63_991).measured, "63,991")
        self.assertEqual(figure("g", "n", 1.2345, "ms").measured, "1.23 ms")
        self.assertEqual(figure("g", "n", 1, "", None, beside={"faults": 1234, "ms": 0.5}).remarks, "faults 1,234, ms 0.5")


class Page(unittest.TestCase):
    MACHINE = {"date": "2020-02-02", "cpu": "2 × CPU", "kernel": "Linux 6"}

    def test_only_what_stands_between_the_marks_changes(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "figures.md"
            path.write_text(f"before\n{page.BEGIN}\nstale\n{page.END}\nafter\n")
            page.update(path, self.MACHINE, [figure("size", "n", 1.0, "MB", at_most(2), "the file")], ["size"])
            text = path.read_text()
        self.assertRegex(text, r"(?s)^before\n.*\| n \| ≤ 2 MB \| 1 MB \| holds \|  \| `bench/size.py`: the file \|.*\nafter\n$")
        self.assertNotIn("stale", text)

    def test_groups_that_were_not_measured_keep_their_rows_and_places(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "figures.md"
            path.write_text(f"{page.BEGIN}\n{page.END}\n")
            order = ["size", "net", "start"]
            page.update(path, self.MACHINE, [figure(group, f"old {group}", 1.0) for group in order], order)
            page.update(path, self.MACHINE, [figure("net", "new net", 2.0)], order)
            told = [line.split(" | ")[0] for line in path.read_text().splitlines() if "bench/" in line]
        self.assertEqual(told, ["| old size", "| new net", "| old start"])

    def test_a_page_without_marks_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "figures.md"
            path.write_text("no marks")
            self.assertRaises(ValueError, page.update, path, self.MACHINE, [], [])


class Frames(unittest.TestCase):
    def test_a_syn_has_the_checksums_that_make_sums_vanish(self):
        syn = frames.syn("02:00:00:00:00:01", "10.9.0.1", 40000, "52:54:00:00:00:01", "10.9.0.2", 80)
        ip, tcp = syn[14:34], syn[34:58]
        self.assertEqual(frames.checksum(ip), 0)
        self.assertEqual(frames.checksum(ip[12:20] + bytes([0, 6]) + len(tcp).to_bytes(2) + tcp), 0)
        self.assertFalse(frames.is_syn_ack(syn))
        self.assertTrue(frames.is_syn_ack(syn[:47] + bytes([frames.SYN | frames.ACK]) + syn[48:]))


class Names(unittest.TestCase):
    def test_of_functions_are_cut_to_what_one_reads(self):
        for long, short in (("aster::kernel::physical_memory::allocate()", "physical_memory::allocate"),
                            ("aster::net::wire::tcp::parse(std::__1::span<std::byte const, 20ul>)", "net::wire::tcp::parse"),
                            ("unsigned long aster::net::siphash<1ul>(std::__1::array<unsigned long, 2ul> const&)", "net::siphash"),
                            ("aster::kernel::(anonymous namespace)::look()", "look"), ("main", "main")):
            self.assertEqual(boot_profile.shorten(long), short)


unittest.main()
