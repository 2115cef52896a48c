#include "kernel/memory/address_space.hpp"

#include <doctest/doctest.h>
#include <errno.h>

#include <memory>
#include <random>
#include <vector>

#include "kernel/memory/fake_memory.hpp"

using namespace aster::kernel;

namespace {

constexpr int read_write = PROT_READ | PROT_WRITE;
constexpr int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr std::uint64_t page = page_size;

/// An address space with a heap of 16 pages at its beginning.
struct world {
  explicit world(std::uint64_t budget, std::uint64_t pages = 4096) : place(pages) {
    fake::install();
    space->start(place.begin(), place.end(), budget, place.begin(), 16 * page);
  }
  address_space* operator->() { return space.get(); }

  fake::window place;
  std::unique_ptr<address_space> space = std::make_unique<address_space>();
};

/// What must hold after every call.
void check(const address_space& space) {
  std::uint64_t committed = 0;
  const auto ranges = space.ranges();
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    REQUIRE(ranges[i].begin < ranges[i].end);
    REQUIRE(ranges[i].begin % page == 0);
    REQUIRE(ranges[i].end % page == 0);
    if (i > 0) REQUIRE(ranges[i - 1].end <= ranges[i].begin);
    if (ranges[i].counts) committed += (ranges[i].end - ranges[i].begin) / page;
  }
  REQUIRE(space.committed_pages() == committed);
  REQUIRE(committed <= space.budget_pages());
}

}  // namespace

TEST_CASE("mappings that touch and agree are one range; a hole in the middle makes it two") {
  world w(100);
  const auto empty = w->ranges().size();
  const long a = w->map(0, 4 * page, read_write, anonymous);
  const long b = w->map(0, 4 * page, read_write, anonymous);
  REQUIRE(a > 0);
  REQUIRE(b == a + static_cast<long>(4 * page));
  CHECK(w->ranges().size() == empty + 1);
  CHECK(w->committed_pages() == 8);
  CHECK(w->unmap(static_cast<std::uint64_t>(a) + 2 * page, page) == 0);
  CHECK(w->ranges().size() == empty + 2);
  CHECK(w->committed_pages() == 7);
  CHECK(w->find(static_cast<std::uint64_t>(a) + 2 * page) == nullptr);
  CHECK(w->find(static_cast<std::uint64_t>(a) + 3 * page) != nullptr);
  check(*w.space);
}

TEST_CASE("the budget is never exceeded, and what is given back can be had again") {
  world w(10);
  const long a = w->map(0, 10 * page, read_write, anonymous);
  REQUIRE(a > 0);
  CHECK(w->map(0, page, read_write, anonymous) == -ENOMEM);
  CHECK(w->map(0, 1000 * page, read_write, anonymous | MAP_NORESERVE) > 0);
  CHECK(w->map(0, 1000 * page, PROT_NONE, anonymous) > 0);
  CHECK(w->unmap(static_cast<std::uint64_t>(a), 5 * page) == 0);
  CHECK(w->map(0, 6 * page, read_write, anonymous) == -ENOMEM);
  CHECK(w->map(0, 5 * page, read_write, anonymous) > 0);
  const auto b = static_cast<std::uint64_t>(w->map(0, page, PROT_READ, anonymous));
  CHECK(w->protect(b, page, read_write) == -ENOMEM);
  check(*w.space);
}

TEST_CASE("pages that can no longer be written still count: what is in them is kept") {
  for (const int protection : {PROT_NONE, PROT_READ}) {
    world w(10);
    const auto a = static_cast<std::uint64_t>(w->map(0, 10 * page, read_write, anonymous));
    CHECK(w->protect(a + 2 * page, 5 * page, protection) == 0);
    CHECK(w->committed_pages() == 10);
    CHECK(w->map(0, page, read_write, anonymous) == -ENOMEM);
    CHECK(w->protect(a, 10 * page, read_write) == 0);  // they are paid for
    CHECK(w->committed_pages() == 10);
    CHECK(w->protect(a, 5 * page, protection) == 0);
    CHECK(w->map(a, 5 * page, PROT_NONE, anonymous | MAP_FIXED) > 0);
    CHECK(w->committed_pages() == 5);
    check(*w.space);
    CHECK(w->protect(a + 5 * page, 5 * page, protection) == 0);
    CHECK(w->unmap(a, 10 * page) == 0);
    CHECK(w->committed_pages() == 0);
    check(*w.space);
  }
}

TEST_CASE("the first page of a budget that is full can be protected, and made writable again") {
  world w(10);
  const auto a = static_cast<std::uint64_t>(w->map(0, 10 * page, read_write, anonymous));
  REQUIRE(w->set_break(w.place.begin() + page) == w.place.begin());
  CHECK(w->protect(a, page, PROT_NONE) == 0);
  CHECK(w->set_break(w.place.begin() + page) == w.place.begin());
  CHECK(w->protect(a, page, read_write) == 0);
  check(*w.space);
}

TEST_CASE("where no range more can be remembered, ranges can still be unmapped, cut short and protected") {
  constexpr std::uint64_t many = 400;
  world w(1, 8192);
  REQUIRE(w->map(0, page, read_write, anonymous) > 0);  // no page is left to grow the list
  const auto a = static_cast<std::uint64_t>(w->map(0, 4 * many * page, PROT_READ, anonymous));
  std::uint64_t holes = 0;  // one after every third page
  while (holes < many && w->unmap(a + (4 * holes + 3) * page, page) == 0) ++holes;
  REQUIRE(holes > 200);
  REQUIRE(holes < many);
  check(*w.space);
  const auto count = w->ranges().size();
  CHECK(w->unmap(a + page, page) == -ENOMEM);
  CHECK(w->protect(a + page, page, PROT_NONE) == -ENOMEM);
  CHECK(w->map(0, page, PROT_NONE, anonymous) == -ENOMEM);
  CHECK(w->ranges().size() == count);
  CHECK(w->protect(a, 3 * page, PROT_NONE) == 0);
  CHECK(w->unmap(a, page) == 0);
  CHECK(w->unmap(a + 2 * page, page) == 0);
  CHECK(w->find(a + page) != nullptr);
  CHECK(w->ranges().size() == count);
  CHECK(w->unmap(a + 5 * page, 4 * page) == 0);  // the end of one, the beginning of the next
  CHECK(w->find(a + 4 * page) != nullptr);
  CHECK(w->find(a + 8 * page) == nullptr);
  CHECK(w->find(a + 9 * page) != nullptr);
  CHECK(w->unmap(a + page, page) == 0);
  CHECK(w->ranges().size() == count - 1);
  CHECK(w->unmap(a + 13 * page, page) == 0);  // there is a place again
  check(*w.space);
}

TEST_CASE("a mapping at a fixed place needs no more than the difference") {
  world w(10);
  const auto a = static_cast<std::uint64_t>(w->map(0, 10 * page, read_write, anonymous));
  *reinterpret_cast<char*>(a) = 1;
  CHECK(w->map(a, 10 * page, read_write, anonymous | MAP_FIXED) == static_cast<long>(a));
  CHECK(*reinterpret_cast<char*>(a) == 0);
  CHECK(w->committed_pages() == 10);
  CHECK(w->map(a, 11 * page, read_write, anonymous | MAP_FIXED) == -ENOMEM);
  CHECK(w->find(a) != nullptr);  // what was there still is
  CHECK(w->map(a + page, page, read_write, anonymous | MAP_FIXED_NOREPLACE) == -EEXIST);
  CHECK(w->map(a + 1, page, read_write, anonymous | MAP_FIXED) == -EINVAL);
  check(*w.space);
}

TEST_CASE("the image can be protected, but neither unmapped nor replaced") {
  world w(10);
  const std::uint64_t code = w.place.at(100);
  w->add_image(code, code + 4 * page, read_write);
  check(*w.space);
  CHECK(w->unmap(code, page) == -EINVAL);
  CHECK(w->map(code + page, page, read_write, anonymous | MAP_FIXED) == -EINVAL);
  CHECK(w->map(code - page, 2 * page, read_write, anonymous | MAP_FIXED) == -EINVAL);
  CHECK(w->protect(code, page, PROT_READ) == 0);
  CHECK(w->committed_pages() == 0);
  check(*w.space);
}

TEST_CASE("the list of ranges outgrows its first place, also where that takes the last of the budget") {
  for (const std::uint64_t spare : {0, 1, 2, 3, 4, 100}) {
    constexpr std::uint64_t many = 300;
    world w(many + spare, 8192);
    const auto a = static_cast<std::uint64_t>(w->map(0, 2 * many * page, PROT_NONE, anonymous));
    std::uint64_t made = 0;
    for (std::uint64_t i = 0; i < many; ++i) {
      if (w->map(a + 2 * i * page, page, read_write, anonymous | MAP_FIXED) > 0) ++made;
      check(*w.space);
    }
    CAPTURE(spare);
    if (spare == 100) CHECK(made == many);
    CHECK(made > 100);
    for (std::uint64_t i = 0; i < made; ++i) CHECK(w->find(a + 2 * i * page)->protection == read_write);
  }
}

TEST_CASE("hostile arguments get Linux's answers") {
  world w(100);
  const auto a = static_cast<std::uint64_t>(w->map(0, 4 * page, read_write, anonymous));
  CHECK(w->map(0, 0, read_write, anonymous) == -EINVAL);
  CHECK(w->map(0, ~0ull, read_write, anonymous) == -ENOMEM);
  CHECK(w->map(0, page, read_write, MAP_PRIVATE) == -ENODEV);
  CHECK(w->map(0, page, read_write | PROT_EXEC, anonymous) == -EPERM);
  CHECK(w->map(~0ull & ~(page - 1), page, read_write, anonymous | MAP_FIXED) == -EINVAL);
  CHECK(w->map(0, page, read_write, anonymous | MAP_FIXED) == -EINVAL);
  CHECK(w->unmap(a, 0) == -EINVAL);
  CHECK(w->unmap(a + 1, page) == -EINVAL);
  CHECK(w->unmap(a, ~0ull) == -EINVAL);
  CHECK(w->unmap(a, ~0ull - 2 * page) == -EINVAL);
  CHECK(w->protect(a, 0, PROT_READ) == 0);
  CHECK(w->protect(a, ~0ull, PROT_READ) == -ENOMEM);
  CHECK(w->protect(a, 0ull - a, PROT_READ) == -ENOMEM);
  CHECK(w->protect(a, 5 * page, PROT_READ) == -ENOMEM);
  CHECK(w->protect(a, page, PROT_READ | PROT_EXEC) == -EACCES);
  CHECK(w->advise(a, ~0ull, MADV_DONTNEED) == -EINVAL);
  CHECK(w->advise(a, page, 12345) == -EINVAL);
  CHECK(w->advise(a, 5 * page, MADV_DONTNEED) == -ENOMEM);
  CHECK(w->advise(a, 0, MADV_DONTNEED) == 0);
  CHECK(w->remap(a, ~0ull, page, 0) == -EINVAL);
  CHECK(w->remap(a, page, 0, 0) == -EINVAL);
  CHECK(w->remap(a, page, ~0ull - page, MREMAP_MAYMOVE) == -ENOMEM);
  CHECK(w->remap(a, page, page, MREMAP_MAYMOVE | MREMAP_FIXED) == -EINVAL);
  CHECK(w->remap(a, 5 * page, 6 * page, MREMAP_MAYMOVE) == -EFAULT);
  CHECK(w->set_break(0) == w.place.begin());
  CHECK(w->set_break(~0ull) == w.place.begin());
  CHECK(w->committed_pages() == 4);
  check(*w.space);
}

TEST_CASE("a mapping grows in place where there is room, and moves with its contents and protection where not") {
  world w(100);
  const auto a = static_cast<std::uint64_t>(w->map(0, page, read_write, anonymous));
  CHECK(w->remap(a, page, 3 * page, 0) == static_cast<long>(a));
  const auto wall = static_cast<std::uint64_t>(w->map(a + 3 * page, page, PROT_NONE, anonymous | MAP_FIXED));
  REQUIRE(wall == a + 3 * page);
  CHECK(w->remap(a, 3 * page, 4 * page, 0) == -ENOMEM);
  for (const int protection : {read_write, PROT_READ, PROT_NONE}) {
    const auto from = static_cast<std::uint64_t>(w->map(0, 2 * page, read_write, anonymous));
    REQUIRE(w->map(from + 2 * page, page, PROT_READ, anonymous | MAP_FIXED | MAP_NORESERVE) > 0);
    std::memcpy(reinterpret_cast<void*>(from + page), "kept", 5);
    REQUIRE(w->protect(from, 2 * page, protection) == 0);
    const auto to = static_cast<std::uint64_t>(w->remap(from, 2 * page, 5 * page, MREMAP_MAYMOVE));
    REQUIRE(static_cast<long>(to) > 0);
    CHECK(to != from);
    CHECK(w->find(from) == nullptr);
    REQUIRE(w->find(to) != nullptr);
    CHECK(w->find(to)->protection == protection);
    REQUIRE(w->protect(to, 5 * page, PROT_READ) == 0);
    CHECK(std::strcmp(reinterpret_cast<char*>(to + page), "kept") == 0);
    check(*w.space);
  }
}

TEST_CASE("the break moves within its limit, and gives its pages back") {
  world w(10);
  const std::uint64_t heap = w.place.begin();
  CHECK(w->set_break(heap + 5 * page + 1) == heap + 5 * page + 1);
  CHECK(w->committed_pages() == 6);
  *reinterpret_cast<char*>(heap + 4 * page) = 7;
  CHECK(w->set_break(heap + 11 * page) == heap + 5 * page + 1);  // more than the budget
  CHECK(w->set_break(heap + page) == heap + page);
  CHECK(w->committed_pages() == 1);
  CHECK(w->set_break(heap + 5 * page) == heap + 5 * page);
  CHECK(*reinterpret_cast<char*>(heap + 4 * page) == 0);
  CHECK(w->set_break(heap + 17 * page) == heap + 5 * page);
  // A part that the program has hidden itself keeps its pages.
  CHECK(w->protect(heap + 2 * page, page, PROT_NONE) == 0);
  CHECK(w->set_break(heap + 3 * page) == heap + 3 * page);
  CHECK(w->committed_pages() == 3);
  check(*w.space);
}

TEST_CASE("random calls agree with a model that keeps every page on its own") {
  struct cell {
    bool mapped = false, unreserved = false;
    int protection = 0;
    bool counts = false;
  };
  for (const unsigned seed : {1u, 2u, 3u, 4u}) {
    constexpr std::uint64_t size = 1024, budget = 300, first = 16;
    world w(budget, size);
    std::vector<cell> model(size);
    for (std::uint64_t i = 0; i < first; ++i) model[i].mapped = true;
    std::mt19937 random(seed);
    const auto counts = [&] {
      std::uint64_t n = 0;
      for (const cell& c : model) n += c.counts;
      return n;
    };
    for (int step = 0; step < 3000; ++step) {
      const std::uint64_t at = first + random() % (size - first), n = 1 + random() % std::min<std::uint64_t>(24, size - at);
      const std::uint64_t length = std::min(n, size - at);
      const int protection = std::array{PROT_NONE, PROT_READ, read_write}[random() % 3];
      std::vector<cell> after = model;
      long expected = 0, result = 0;
      bool all = true;
      for (std::uint64_t i = at; i < at + length; ++i) all &= model[i].mapped;
      switch (random() % 3) {
        case 0: {
          const bool unreserved = random() % 4 == 0;
          for (std::uint64_t i = at; i < at + length; ++i) after[i] = {true, unreserved, protection, protection == read_write && !unreserved};
          expected = static_cast<long>(w.place.at(at));
          result = w->map(w.place.at(at), length * page, protection,
                          anonymous | MAP_FIXED | (unreserved ? MAP_NORESERVE : 0));
          break;
        }
        case 1:
          for (std::uint64_t i = at; i < at + length; ++i) after[i] = {};
          result = w->unmap(w.place.at(at), length * page);
          break;
        default:
          for (std::uint64_t i = at; i < at + length; ++i) {
            after[i].protection = protection;
            after[i].counts |= protection == read_write && !after[i].unreserved;
          }
          if (!all) expected = -ENOMEM;
          result = w->protect(w.place.at(at), length * page, protection);
      }
      const std::uint64_t before = counts();
      std::swap(model, after);
      if (expected >= 0 && counts() > budget && counts() > before) expected = -ENOMEM;
      if (expected < 0) std::swap(model, after);
      REQUIRE(result == expected);
      check(*w.space);
      REQUIRE(w->committed_pages() == counts());
      for (std::uint64_t i = 0; i < size; ++i) {
        const range* const r = w->find(w.place.at(i));
        REQUIRE((r != nullptr) == model[i].mapped);
        if (!r) continue;
        REQUIRE(r->protection == model[i].protection);
        REQUIRE(r->unreserved == model[i].unreserved);
      }
    }
  }
}
