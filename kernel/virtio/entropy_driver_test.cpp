#include "kernel/virtio/entropy_driver.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "kernel/virtio/fake_network.hpp"

using namespace aster::kernel::virtio;

namespace {

// An entropy device that answers when it is notified.
class fake_entropy : public testing::fake_network {
 public:
  using answerer = std::function<std::uint32_t(const testing::fake_queue::segment&)>;  // bytes that it says it wrote
  explicit fake_entropy(answerer answer) : fake_network(feature::version_1 | feature::event_index), answer_(answer) {}
  void notify(std::uint16_t index) noexcept override {
    fake_network::notify(index);
    while (const auto chain = queues[0].next())
      CHECK_FALSE(queues[0].give_back(chain->head, answer_(chain->segments.at(0))));  // no interrupt wanted
  }

 private:
  answerer answer_;
};

struct machine {
  explicit machine(fake_entropy::answerer answer) : device(answer) { REQUIRE(driver.start()); }
  testing::test_environment env;
  fake_entropy device;
  entropy_driver driver{device, env};
};

}  // namespace

TEST_CASE("a seed is what the device wrote, in as many pieces as it likes to give") {
  for (const std::uint32_t at_once : {1u, 7u, 256u}) {
    CAPTURE(at_once);
    std::uint8_t next = 0;
    machine m([&](const auto& segment) {
      const auto n = std::min(at_once, segment.length);
      for (std::uint32_t i = 0; i < n; ++i) segment.data[i] = static_cast<std::byte>(next++);
      return n;
    });
    std::array<std::byte, 600> seed{};
    CHECK(m.driver.fill(seed));
    for (std::size_t i = 0; i < seed.size(); ++i) REQUIRE(seed[i] == static_cast<std::byte>(i));
    CHECK(m.driver.fill({}));
  }
}

TEST_CASE("a device that gives nothing, or more than was asked for, gives no seed") {
  std::array<std::byte, 32> seed{};
  SUBCASE("nothing") {
    machine m([](const auto&) { return 0u; });
    CHECK_FALSE(m.driver.fill(seed));
  }
  SUBCASE("more than the buffer") {
    machine m([](const auto&) { return 257u; });
    CHECK_FALSE(m.driver.fill(seed));
  }
  SUBCASE("not in time, and then late") {
    testing::test_environment env;
    testing::fake_network mute(feature::version_1);
    entropy_driver driver(mute, env);
    REQUIRE(driver.start());
    CHECK_FALSE(driver.fill(seed, 1000));
    const auto chain = mute.queues[0].next();
    REQUIRE(chain);
    std::memset(chain->segments[0].data, 0x5a, 32);
    mute.queues[0].give_back(chain->head, 32);
    CHECK(driver.fill(seed, 1000));
    CHECK(seed[31] == std::byte{0x5a});
  }
}
