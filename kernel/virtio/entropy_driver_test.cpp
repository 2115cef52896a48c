#include "kernel/virtio/entropy_driver.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "kernel/virtio/fake_network.hpp"

using namespace aster::kernel::virtio;

namespace {

using segment = testing::fake_queue::segment;

// An entropy device that answers when it is notified.
class fake_entropy : public testing::fake_network {
 public:
  using answerer = std::function<std::uint32_t(const segment&)>;  // bytes that it says it wrote
  explicit fake_entropy(answerer answer) : fake_network(feature::version_1 | feature::event_index), answer_(answer) {}
  void notify(std::uint16_t index) noexcept override {
    fake_network::notify(index);
    while (const auto chain = queues[0].next())
      CHECK_FALSE(queues[0].give_back(chain->head, answer_(chain->segments.at(0))));  // no interrupt wanted
  }

 private:
  answerer answer_;
};

bool never() { return false; }

struct machine {
  explicit machine(fake_entropy::answerer answer) : device(answer) {
    std::memset(memory.get(), 0xa5, sizeof *memory);
    REQUIRE(driver.start(device, *memory, testing::to_bus(memory.get())));
  }
  std::unique_ptr<entropy_memory> memory = std::make_unique<entropy_memory>();
  fake_entropy device;
  entropy_driver<fake_entropy> driver;
};

}  // namespace

TEST_CASE("a seed is what the device wrote, in as many pieces as it likes to give") {
  for (const std::uint32_t at_once : {1u, 7u, 256u}) {
    CAPTURE(at_once);
    std::uint8_t next = 0;
    machine m([&](const auto& asked) {
      const auto n = std::min(at_once, asked.length);
      for (std::uint32_t i = 0; i < n; ++i) asked.data[i] = static_cast<std::byte>(next++);
      return n;
    });
    std::array<std::byte, 600> seed{};
    CHECK(m.driver.fill(seed, never));
    for (std::size_t i = 0; i < seed.size(); ++i) REQUIRE(seed[i] == static_cast<std::byte>(i));
    CHECK(m.driver.fill({}, never));
    for (const std::byte left : m.memory->buffer) REQUIRE(left == std::byte{0});
  }
}

TEST_CASE("no more is asked for than is wanted") {
  std::vector<std::uint32_t> asked;
  machine m([&](const auto& s) { return asked.push_back(s.length), s.length; });
  std::array<std::byte, 300> seed{};
  CHECK(m.driver.fill(std::span(seed).first(8), never));
  CHECK(m.driver.fill(seed, never));
  CHECK(asked == std::vector<std::uint32_t>{8, 256, 44});
}

TEST_CASE("a device that gives nothing, or more than was asked for, gives no seed") {
  std::array<std::byte, 32> seed{};
  SUBCASE("nothing") {
    machine m([](const auto&) { return 0u; });
    CHECK_FALSE(m.driver.fill(seed, never));
  }
  SUBCASE("more than was asked for") {
    machine m([](const auto&) { return 33u; });
    CHECK_FALSE(m.driver.fill(seed, never));
  }
  SUBCASE("an index that cannot be") {
    machine m([](const auto&) { return 32u; });
    m.device.queues[0].claim(7);
    CHECK_FALSE(m.driver.fill(seed, [] { return true; }));
  }
}

TEST_CASE("a device that answers too late is waited for by the next call") {
  auto memory = std::make_unique<entropy_memory>();
  testing::fake_network mute(feature::version_1);
  entropy_driver<testing::fake_network> driver;
  REQUIRE(driver.start(mute, *memory, testing::to_bus(memory.get())));
  std::array<std::byte, 32> seed{};
  int looks = 0;
  CHECK_FALSE(driver.fill(std::span(seed).first(16), [&] { return ++looks < 1000; }));
  CHECK(looks == 1000);
  CHECK_FALSE(driver.fill(seed, never));
  CHECK(mute.notified[0] == 1);
  const auto chain = mute.queues[0].next();
  REQUIRE(chain);
  CHECK(chain->segments[0].length == 16);
  std::memset(chain->segments[0].data, 0x5a, 16);
  mute.queues[0].give_back(chain->head, 16);
  const auto answer = [&] {
    const auto next = mute.queues[0].next();
    if (!next) return false;
    std::memset(next->segments[0].data, 0x77, 16);
    mute.queues[0].give_back(next->head, 16);
    return true;
  };
  CHECK(driver.fill(seed, answer));
  CHECK(seed[0] == std::byte{0x5a});
  CHECK(seed[31] == std::byte{0x77});
}

TEST_CASE("a device that cannot be started says why") {
  auto memory = std::make_unique<entropy_memory>();
  const auto start = [&](testing::fake_network& device) {
    entropy_driver<testing::fake_network> driver;
    const auto started = driver.start(device, *memory, testing::to_bus(memory.get()));
    CHECK(device.statuses.back() == device_status::failed);
    return started ? std::string("started") : std::string(to_string(started.error()));
  };
  testing::fake_network legacy(0), stuck(feature::version_1), picky(feature::version_1), small(feature::version_1);
  stuck.never_resets = true;
  picky.refuses_features = true;
  small.largest = 1;
  CHECK(start(legacy) == to_string(start_error::not_modern));
  CHECK(start(stuck) == to_string(start_error::no_reset));
  CHECK(start(picky) == to_string(start_error::features_refused));
  CHECK(start(small) == to_string(start_error::no_queue));
}
