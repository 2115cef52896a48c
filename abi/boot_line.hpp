// The boot line: how the program that runs an image passes arguments, environment and devices to it.
//
// One line of text, the same on every target (qemu: the kernel command line; sandbox: sandbox_boot; process:
// the environment variable ASTER_BOOT). Tokens `key=value` or `key`, separated by single spaces; in values
// every byte that is not printable ASCII, and space, '%' and ',' where they are meant literally, is
// percent-encoded (RFC 3986 §2.1).
//
//   arg=VALUE        one per argument, argv[0] first (process: absent, Linux passes them)
//   env=NAME=VALUE   one per variable (process: absent)
//   net=NAME,KEY=VALUE,…   an attached network device:
//        mac=52:54:00:12:34:56     required; on qemu it says which virtio device is meant
//        fd=N                      sandbox and process: the descriptor that carries frames, one per read or
//                                  write, each with a net_header in front (a tap with IFF_VNET_HDR and
//                                  header size 12, or a datagram or seqpacket socket)
//        mtu=N                     default 1500
//        offload=checksum+tso4+tso6+receive     what the descriptor's other side can do; default none
//        ip=A.B.C.D/LEN, gateway=A.B.C.D, dns=A.B.C.D    static configuration; default DHCP
//        ip6=X::Y/LEN, gateway6=X::Y, dns6=X::Y          the same of IPv6; ip6=auto, the default: as routers
//                                                        announce; ip6=off: none
//   strace           report system calls on the control channel
//   control=N        process: descriptor of the control channel; sandbox and qemu: N is ignored, the token
//                    says that somebody listens
//
// Unknown keys are an error: the image refuses to start (exit_bad_boot) and names the token.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace aster::abi {

inline constexpr std::size_t boot_line_limit = 2048;  // QEMU and PVH pass this much safely
inline constexpr const char* boot_variable = "ASTER_BOOT";

struct boot_token {
  std::string_view key;
  std::string_view value;  // still encoded
};

/// Takes the first token off `line`; nothing at the end. Repeated spaces are skipped.
constexpr std::optional<boot_token> next_boot_token(std::string_view& line) {
  std::size_t begin = 0;
  while (begin < line.size() && line[begin] == ' ') ++begin;
  std::size_t end = begin;
  while (end < line.size() && line[end] != ' ') ++end;
  const std::string_view token{line.data() + begin, end - begin};
  line.remove_prefix(end);
  if (token.empty()) return std::nullopt;
  std::size_t equals = 0;
  while (equals < token.size() && token[equals] != '=') ++equals;
  boot_token taken{{token.data(), equals}, {}};
  if (equals < token.size()) taken.value = {token.data() + equals + 1, token.size() - equals - 1};
  return taken;
}

constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Decodes `value` into [out, out+capacity) without a NUL; nothing when it is malformed, holds a NUL or
/// does not fit. Returns the length.
constexpr std::optional<std::size_t> percent_decode(std::string_view value, char* out, std::size_t capacity) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    char c = value[i];
    if (c == '%') {
      if (i + 2 >= value.size()) return std::nullopt;
      const int high = hex_digit(value[i + 1]), low = hex_digit(value[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == 0 || n == capacity) return std::nullopt;
    out[n++] = c;
  }
  return n;
}

/// Whether `c` stands for itself in a value.
constexpr bool is_boot_literal(char c) { return c > ' ' && c < 0x7f && c != '%' && c != ','; }

}  // namespace aster::abi
