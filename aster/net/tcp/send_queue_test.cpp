// What is written and not yet acknowledged.
#include "aster/net/tcp/send_queue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "aster/net/siphash.hpp"

using namespace aster::net;
using namespace aster::net::tcp;

namespace {

wire::bytes as_bytes(std::string_view text) { return std::as_bytes(std::span{text}); }

std::string gathered(send_queue& q, std::size_t offset, std::size_t length) {
  std::string text;
  while (length > 0) {
    wire::bytes pieces[3];
    std::size_t described = 0;
    const std::size_t n = q.gather(offset, length, pieces, described);
    REQUIRE(n > 0);
    for (std::size_t i = 0; i < n; ++i)
      text.append(reinterpret_cast<const char*>(pieces[i].data()), pieces[i].size());
    offset += described;
    length -= described;
  }
  return text;
}

}  // namespace

TEST_CASE("a send queue describes any part of what it holds") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    random_source random{{seed, 8}};
    chunk_pool pool{1 << 22};
    send_queue q{pool};
    std::string held;
    std::vector<std::unique_ptr<std::string>> lent;
    for (int step = 0; step < 300; ++step) {
      std::string fresh(random.below(6000), '\0');
      for (auto& c : fresh) c = static_cast<char>(random.next32());
      switch (random.below(5)) {
        case 0:
        case 1:
          REQUIRE(q.append(as_bytes(fresh)) == fresh.size());
          held += fresh;
          break;
        case 2:
          lent.push_back(std::make_unique<std::string>(fresh));
          REQUIRE(q.lend(as_bytes(*lent.back())));
          held += fresh;
          break;
        case 3: {
          const std::size_t n = random.below(static_cast<std::uint32_t>(held.size() + 1));
          q.drop(n);
          held.erase(0, n);
          break;
        }
        case 4:
          REQUIRE(q.settle());
          CHECK(q.lent() == 0);
          for (auto& s : lent) std::ranges::fill(*s, 'x');
          lent.clear();
          if (random.below(3) == 0) {
            const std::size_t n = random.below(static_cast<std::uint32_t>(held.size() + 1));
            q.truncate(n);
            held.resize(n);
          }
          break;
      }
      REQUIRE(q.size() == held.size());
      if (held.empty()) continue;
      const std::size_t at = random.below(static_cast<std::uint32_t>(held.size()));
      const std::size_t n = random.below(static_cast<std::uint32_t>(held.size() - at + 1));
      CHECK(gathered(q, at, n) == held.substr(at, n));
    }
    q.clear();
    CHECK(pool.in_use() == 0);
  }
}

TEST_CASE("a send queue takes what memory there is") {
  chunk_pool pool{64 * 1024};
  send_queue q{pool};
  const std::string much(100'000, 'm');
  CHECK(q.append(as_bytes(much)) == 8 * chunk::capacity);  // half of the budget
  CHECK(q.append(as_bytes(much)) == 0);
  send_queue other{pool};
  CHECK(other.append(as_bytes(much)) == chunk::capacity);  // its first
  q.drop(chunk::capacity);
  CHECK(q.append(as_bytes(much)) == 0);  // what came back is the half that all may have
}
