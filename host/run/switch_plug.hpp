// Plugging an image into a galaxy's switch (host/switch): a sequenced-packet socket on which each message is
// one frame, once the switch has said yes.
//
//   auto plugged = plug_into_switch("/run/user/1000/asterism-galaxies/demo/frames", token,
//   frame_form::offloaded); if (!plugged) say(plugged.error());     "switch …/frames: that place is taken"
//
// Whoever plugs in says its token and the form in which it takes frames, in one message: "TOKEN FORM". The
// switch answers 'r', with the addresses of the place behind it: "r mac=02:41:53:4d:00:07,ip=10.77.0.7/16,…".
// ("r" alone: it says none.) Any other message is its reason not to, after which it closes.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "host/run/descriptor.hpp"

namespace aster::host {

enum class frame_form : std::uint8_t {
  offloaded,  // a net_header in front; up to 64 KiB, and checksums may be missing
  plain,      // a net_header in front, and the frame as on a wire
  bare,       // the frame as on a wire
};
std::string_view to_string(frame_form form);

struct switch_plug {
  descriptor frames;  // non-blocking
  std::optional<std::array<std::uint8_t, 6>> mac;
  std::string configuration;  // "ip=…,gateway=…,dns=…"; empty: it says none
};

/// Blocks until the switch has answered, ten seconds at most. An error is a sentence with the mend.
std::expected<switch_plug, std::string> plug_into_switch(const std::filesystem::path& socket,
                                                         std::string_view token, frame_form form);

}  // namespace aster::host
