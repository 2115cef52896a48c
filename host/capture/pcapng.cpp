#include "host/capture/pcapng.hpp"

#include <cstring>
#include <format>

namespace aster::host::pcapng {
namespace {

enum class block : std::uint32_t {
  interface = 1,
  interface_statistics = 5,
  enhanced_packet = 6,
  section = 0x0a0d0d0a,
};

enum class option : std::uint16_t {
  end = 0,
  comment = 1,
  // Of a section.
  user_application = 4,
  // Of an interface.
  name = 2,
  description = 3,
  mac_address = 6,
  time_resolution = 9,
  // Of a packet.
  flags = 2,
  // Of statistics.
  start_time = 2,
  end_time = 3,
  received = 4,
  dropped = 5,
};

constexpr std::uint16_t link_ethernet = 1;

template <class Number>
void put(std::string& out, Number value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_padding(std::string& out, std::size_t size) { out.append((4 - size % 4) % 4, '\0'); }

void put_bytes(std::string& out, std::span<const std::byte> bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  put_padding(out, bytes.size());
}

void put_option(std::string& out, option code, std::span<const std::byte> value) {
  put(out, static_cast<std::uint16_t>(code));
  put(out, static_cast<std::uint16_t>(value.size()));
  put_bytes(out, value);
}

void put_option(std::string& out, option code, std::string_view text) {
  put_option(out, code, std::as_bytes(std::span(text)));
}

template <class Number>
void put_number(std::string& out, option code, Number value) {
  put_option(out, code, std::as_bytes(std::span(&value, 1)));
}

/// Times of statistics are two halves, the higher first (§4.6), whatever the byte order.
void put_time(std::string& out, option code, std::int64_t time) {
  const auto t = static_cast<std::uint64_t>(time);
  put_number(out, code, std::array{static_cast<std::uint32_t>(t >> 32), static_cast<std::uint32_t>(t)});
}

/// One block: its head, what `body` puts, and its length again behind it.
template <class Body>
void put_block(std::string& out, block type, Body body) {
  const std::size_t begin = out.size();
  put(out, static_cast<std::uint32_t>(type));
  put(out, std::uint32_t{0});
  body();
  const auto length = static_cast<std::uint32_t>(out.size() - begin + sizeof(std::uint32_t));
  put(out, length);
  std::memcpy(out.data() + begin + sizeof(std::uint32_t), &length, sizeof length);
}

}  // namespace

void put_section(std::string& out) {
  put_block(out, block::section, [&] {
    put(out, std::uint32_t{0x1a2b3c4d});  // tells the byte order
    put(out, std::uint16_t{1});           // version 1.0
    put(out, std::uint16_t{0});
    put(out, ~std::uint64_t{0});  // the section's length is not told
    put_option(out, option::user_application, "aster run");
    put_option(out, option::end, std::string_view{});
  });
}

void put_interface(std::string& out, const interface& i) {
  put_block(out, block::interface, [&] {
    put(out, link_ethernet);
    put(out, std::uint16_t{0});
    put(out, i.snap);
    put_option(out, option::name, i.name);
    put_option(out, option::description, i.description);
    put_option(out, option::mac_address, std::as_bytes(std::span(i.mac)));
    put_number(out, option::time_resolution, std::uint8_t{9});
    put_option(out, option::end, std::string_view{});
  });
}

void put_frame(std::string& out, const frame& f) {
  put_block(out, block::enhanced_packet, [&] {
    const auto time = static_cast<std::uint64_t>(f.time);
    put(out, static_cast<std::uint32_t>(f.interface));
    put(out, static_cast<std::uint32_t>(time >> 32));
    put(out, static_cast<std::uint32_t>(time));
    put(out, static_cast<std::uint32_t>(f.bytes.size()));
    put(out, static_cast<std::uint32_t>(f.size));
    put_bytes(out, f.bytes);
    put_number(out, option::flags, std::uint32_t{static_cast<std::uint8_t>(f.way)});
    if (f.segment_size != 0) {
      put_option(out, option::comment,
                 std::format("offloaded: sent as segments of {} bytes", f.segment_size));
    }
    put_option(out, option::end, std::string_view{});
  });
}

void put_statistics(std::string& out, const statistics& s) {
  put_block(out, block::interface_statistics, [&] {
    const auto end = static_cast<std::uint64_t>(s.end);
    put(out, static_cast<std::uint32_t>(s.interface));
    put(out, static_cast<std::uint32_t>(end >> 32));
    put(out, static_cast<std::uint32_t>(end));
    put_time(out, option::start_time, s.start);
    put_time(out, option::end_time, s.end);
    put_number(out, option::received, s.seen);
    put_number(out, option::dropped, s.missed);
    put_option(out, option::end, std::string_view{});
  });
}

}  // namespace aster::host::pcapng
