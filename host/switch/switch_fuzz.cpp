// Fuzz target: what the switch reads from outside. Lines of a daemon, datagrams that ask for an address, and
// messages of images that become what a wire carries.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "host/network/frame_view.hpp"
#include "host/switch/control_message.hpp"
#include "host/switch/host_resolver.hpp"
#include "host/switch/lease.hpp"
#include "host/switch/wire_frame.hpp"

using namespace aster;
using namespace aster::host;
using namespace std::string_view_literals;

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    R"({"do":"station","station":7,"service":"shop","address":"10.77.0.7","world":false,"token":"5eed"})"sv,
    R"({"do":"rules","allowed":[["a","b"],["b","c"]]})"sv,
    R"({"do":"probe","id":5,"station":7,"port":80,"path":"/health","timeout_ms":1000,"until_well":true})"sv,
    R"({"event":"state","stations":[{"station":7,"service":"shop","attached":true}],"published":[]})"sv,
    "nameserver 192.0.2.1\n# nothing\nnameserver x\n"sv,
    // A large segment: needs_checksum, gso_tcpv4, 54 bytes of headers, 64 bytes for each segment.
    "\x01\x01\x36\0\x40\0\x22\0\x10\0\0\0"
    "\x02\x41\x53\0\0\x07\x02\x41\x53\0\0\x08\x08\0\x45\0\0\xbe\0\0\x40\0\x40\x06\0\0\x0a\x4d\0\x08\x0a\x4d\0"
    "\x07"
    "\x0f\xa0\0\x50\0\0\0\x01\0\0\0\x01\x50\x18\0\0\0\0\0\0"
    "01234567890123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789"sv,
    "\x01\x01\x06\0\0\0\0\x4d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\x41\x53\x4d\0\x07"sv,
};
const std::initializer_list<std::string_view> fuzz_pieces = {
    "\0"sv,           "\xff"sv,    "{\"do\":"sv, "\"station\""sv, "[[]]"sv, "\x63\x82\x53\x63"sv,
    "\x35\x01\x01"sv, "\x01\x01"sv};

namespace {

void try_wire(std::span<const std::byte> bytes) {
  constexpr std::size_t header_size = sizeof(abi::net_header);
  if (bytes.size() <= header_size) return;
  std::vector<std::byte> message(bytes.begin(), bytes.end());
  abi::net_header header;
  std::memcpy(&header, message.data(), header_size);
  if (!makes_sense(header, message.size() - header_size)) return;
  const auto pieces = as_on_a_wire(message);
  if (!pieces) return;
  for (const auto& one : *pieces) {
    if (one.size() <= header_size || one.size() > message.size()) std::abort();
    const auto seen = frame_view::of(std::span(one).subspan(header_size));
    if (!seen || seen->what != frame_view::kind::tcp) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto order = switch_control::read_order(text)) {
    std::string line = switch_control::write(*order);
    if (line.pop_back(), !switch_control::read_order(line)) std::abort();
  }
  static_cast<void>(switch_control::read_event(text));
  static_cast<void>(name_server_in(text));
  const auto bytes = std::as_bytes(std::span{data, size});
  const lease_terms terms{{2, 0x41, 0x53, 0x4d, 0, 7}, 0x0a4d0007, 0xffff0000, 0x0a4d0001};
  if (const auto answer = lease_answer(bytes, terms); answer && answer->size() > 548) std::abort();
  try_wire(bytes);
  return 0;
}
