#include "kernel/boot_options.hpp"

namespace aster::kernel {
namespace {

bool parse_number(std::string_view text, unsigned limit, unsigned& out) noexcept {
  if (text.empty() || text.size() > 9) return false;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  out = value;
  return value <= limit;
}

bool parse_mac(std::string_view text, std::array<std::uint8_t, 6>& mac) noexcept {
  if (text.size() != 17) return false;
  for (std::size_t i = 0; i < 6; ++i) {
    const int high = abi::hex_digit(text[i * 3]), low = abi::hex_digit(text[i * 3 + 1]);
    if (high < 0 || low < 0 || (i < 5 && text[i * 3 + 2] != ':')) return false;
    mac[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return (mac[0] & 1) == 0;  // a device's own address is never a group address
}

/// Takes the part of `text` up to `separator` off it.
std::string_view take(std::string_view& text, char separator) noexcept {
  std::size_t n = 0;
  while (n < text.size() && text[n] != separator) ++n;
  const std::string_view part{text.data(), n};
  text.remove_prefix(n < text.size() ? n + 1 : n);
  return part;
}

}  // namespace

bool boot_options::fail(std::string_view token, const char* why) noexcept {
  error_token = token;
  error = why;
  return false;
}

char* boot_options::store(std::string_view encoded) noexcept {
  char* const begin = text_.data() + used_;
  if (used_ + 1 > text_.size()) return nullptr;
  const auto length = abi::percent_decode(encoded, begin, text_.size() - used_ - 1);
  if (!length) return nullptr;
  begin[*length] = 0;
  used_ += *length + 1;
  return begin;
}

bool boot_options::parse_network(std::string_view value) noexcept {
  if (network_count == networks.size()) return fail(value, "too many network devices");
  network_option& network = networks[network_count];
  network.mtu = 1500;
  const std::string_view name = take(value, ',');
  if (name.empty() || name.size() >= abi::device_name_capacity || !(network.name = store(name)))
    return fail(name, "bad device name");
  char* configuration = nullptr;
  bool has_mac = false;
  while (!value.empty()) {
    const std::string_view pair = take(value, ',');
    std::string_view rest = pair;
    const std::string_view key = take(rest, '=');
    unsigned number = 0;
    if (key == "mac") {
      if (!parse_mac(rest, network.mac)) return fail(pair, "bad MAC address");
      has_mac = true;
    } else if (key == "fd") {
      if (!parse_number(rest, 1 << 20, number)) return fail(pair, "bad descriptor");
      network.descriptor = static_cast<int>(number);
    } else if (key == "mtu") {
      if (!parse_number(rest, 65535, number) || number < 68) return fail(pair, "bad MTU (68 to 65535)");
      network.mtu = static_cast<std::uint16_t>(number);
    } else if (key == "offload") {
      while (!rest.empty()) {
        const std::string_view what = take(rest, '+');
        if (what == "checksum")
          network.checksum = true;
        else if (what == "tso4")
          network.tso4 = true;
        else if (what == "tso6")
          network.tso6 = true;
        else if (what == "receive")
          network.receive = true;
        else
          return fail(pair, "unknown offload");
      }
    } else if (key == "ip" || key == "gateway" || key == "dns" || key == "ip6" || key == "gateway6" ||
               key == "dns6") {
      // Kept as text, joined by commas: the network stack reads addresses, the kernel does not.
      char* const stored = store(pair);
      if (!stored) return fail(pair, "bad value");
      if (configuration)
        stored[-1] = ',';
      else
        configuration = stored;
    } else {
      return fail(pair, "unknown key of a network device");
    }
  }
  if (!has_mac) return fail(network.name, "network device without mac=");
  if (configuration) network.configuration = configuration;
  ++network_count;
  return true;
}

bool boot_options::parse(std::string_view line) noexcept {
  if (line.size() > abi::boot_line_limit) return fail({line.data(), 32}, "boot line too long");
  while (const auto token = abi::next_boot_token(line)) {
    if (token->key == "arg") {
      if (argument_count == argument_limit) return fail(token->value, "too many arguments");
      if (!(arguments[argument_count] = store(token->value))) return fail(token->value, "bad encoding");
      ++argument_count;
    } else if (token->key == "env") {
      if (environment_count == environment_limit) return fail(token->value, "too many variables");
      if (!(environment[environment_count] = store(token->value))) return fail(token->value, "bad encoding");
      ++environment_count;
    } else if (token->key == "net") {
      if (!parse_network(token->value)) return false;
    } else if (token->key == "strace") {
      strace = true;
    } else if (token->key == "control") {
      unsigned number = 0;
      if (!parse_number(token->value, 1 << 20, number)) return fail(token->value, "bad descriptor");
      control = static_cast<int>(number);
      has_control = true;
    } else if (token->key == "virtio_mmio.device") {
      // QEMU's microvm adds these for Linux; we look at the slots ourselves.
    } else {
      return fail(token->key, "unknown key");
    }
  }
  return true;
}

boot_options& options() noexcept {
  static constinit boot_options all;
  return all;
}

}  // namespace aster::kernel
