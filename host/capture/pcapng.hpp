// Blocks of a pcapng file (draft-ietf-opsawg-pcapng), which Wireshark, tcpdump and most others read.
//
//   std::string file;
//   pcapng::put_section(file);
//   pcapng::put_interface(file, {.name = "service", .mac = mac, .snap = 0});
//   pcapng::put_frame(file, {.interface = 0, .way = pcapng::direction::inbound, .time = now, .bytes = frame,
//                            .size = frame.size()});
//
// Each function appends one whole block, in the byte order of this machine, which the section's head tells. A
// file that ends behind any of them is a good one.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace aster::host::pcapng {

/// Seen from the image: `inbound` is what it receives. The values are those of epb_flags (§4.3.1).
enum class direction : std::uint8_t { inbound = 1, outbound = 2 };

struct interface {
  std::string name;         // as the image's manifest has it
  std::string description;  // what it is plugged into
  std::array<std::uint8_t, 6> mac{};
  std::uint32_t snap = 0;  // most bytes kept of a frame; 0: all
};

struct frame {
  unsigned interface = 0;  // the how manieth put_interface of the section
  direction way = direction::inbound;
  std::int64_t time = 0;             // nanoseconds since 1970-01-01 UTC
  std::span<const std::byte> bytes;  // from the Ethernet header on; what is kept of it
  std::size_t size = 0;              // bytes that it had
  std::uint16_t segment_size = 0;    // offloaded: payload bytes of each segment it stands for; else 0
};

struct statistics {
  unsigned interface = 0;
  std::int64_t start = 0, end = 0;  // nanoseconds since 1970-01-01 UTC
  std::uint64_t seen = 0;           // frames that passed
  std::uint64_t missed = 0;         // … and are not in the file
};

/// Begins a section; all the others belong to the one before them (§4.1).
void put_section(std::string& out);
/// An Ethernet interface whose times are nanoseconds (§4.2).
void put_interface(std::string& out, const interface& i);
/// An Enhanced Packet Block (§4.3).
void put_frame(std::string& out, const frame& f);
/// An Interface Statistics Block (§4.6).
void put_statistics(std::string& out, const statistics& s);

}  // namespace aster::host::pcapng
