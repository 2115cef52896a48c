// Fuzz target: whatever a frame holds, the switch reads nothing beyond it, and lets nothing pass to who is
// not reached.
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

#include "host/network/frame_switch.hpp"
#include "host/network/name_question.hpp"

using namespace aster::host;
using namespace std::string_view_literals;

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    "RT\0\0\0\x0bRT\0\0\0\x0a\x08\0\x45\0\0\x28\0\0\x40\0\x40\x06\0\0\x0a\0\0\x0a\x0a\0\0\x0b\x0f\xa0\0\x50\0\0\0\0\0\0\0\0\x50\x02\0\0\0\0\0\0"sv,
    "\xff\xff\xff\xff\xff\xffRT\0\0\0\x0a\x08\x06\0\x01\x08\0\x06\x04\0\x01RT\0\0\0\x0a\x0a\0\0\x0a\0\0\0\0\0\0\x0a\0\0\x0b"sv,
    "RT\0\0\0\x02RT\0\0\0\x0a\x08\0\x45\0\0\x2f\0\0\x40\0\x40\x11\0\0\x0a\0\0\x0a\x0a\0\0\x02\x13\x88\0\x35\0"
    "\x1b\0\0\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01"
    "a\0\0\x01\0\x01"sv,
};
const std::initializer_list<std::string_view> fuzz_pieces = {
    "\0"sv, "\xff"sv, "\x0a\0\0\x0c"sv, "\x0a\0\0\x02"sv, "RT\0\0\0\x0c"sv, "\xc0\x0c"sv};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr auto hardware = [](std::uint8_t last) { return hardware_address{'R', 'T', 0, 0, 0, last}; };
  frame_switch net{{hardware(1), 0x0a000001, 0x0a000002}};
  const auto web = net.add({hardware(10), 0x0a00000a, 1, true});
  const auto paste = net.add({hardware(11), 0x0a00000b, 2, false});
  const auto alone = net.add({hardware(12), 0x0a00000c, 3, false});
  net.allow(1, 2);
  const auto copy =
      std::make_unique<std::byte[]>(size);  // exactly this size, so that a read beyond it is seen
  for (std::size_t i = 0; i < size; ++i) copy[i] = std::byte{data[i]};
  const std::span<const std::byte> frame{copy.get(), size};
  for (const auto from : {web, paste, alone}) {
    const auto go = net.decide(from, frame, {});
    using place = frame_switch::decision::place;
    if (go.to == place::port && (go.where == alone || from == alone)) std::abort();
    if (go.to == place::world && from != web) std::abort();
    if (go.to == place::own && frame_view::of(frame)->is_tcp_opening()) std::abort();
    if (go.to == place::back && !frame_view::of(go.answer)) std::abort();
    if (go.to == place::question) {
      const auto q = name_question::of(frame_view::of(frame)->payload);
      const std::uint32_t addresses[] = {1, 2, 3};
      if (q && answer(*q, name_verdict::found, addresses, std::chrono::seconds{1}).size() > 512) std::abort();
    }
  }
  static_cast<void>(net.decide_from_world(frame, {}));
  static_cast<void>(net.decide_from_own(frame));
  return 0;
}
