// Any bytes as a boot line: whatever is taken from them is whole and lies inside the options themselves.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "kernel/boot_options.hpp"

namespace {

using aster::kernel::boot_options;

void require(bool good) {
  if (!good) std::abort();
}

/// A string of the options: inside them, and ended inside them.
void require_owned(const boot_options& all, const char* text) {
  const auto* const begin = reinterpret_cast<const char*>(&all);
  require(text >= begin && text < begin + sizeof all);
  require(std::memchr(text, 0, static_cast<std::size_t>(begin + sizeof all - text)) != nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto all = std::make_unique<boot_options>();
  // A copy of its own, so that a read past its end is seen.
  std::unique_ptr<char[]> line(new char[size]);
  if (size > 0) std::memcpy(line.get(), data, size);
  const bool good = all->parse({line.get(), size});
  require(good == (all->error == nullptr));
  if (!good) {
    require(std::string(all->error_token).size() == all->error_token.size());  // can be read
  } else {
    line.reset();  // nothing refers to it any more
  }
  require(all->argument_count <= boot_options::argument_limit);
  require(all->environment_count <= boot_options::environment_limit);
  require(all->network_count <= all->networks.size());
  for (std::size_t i = 0; i < all->argument_count; ++i) require_owned(*all, all->arguments[i]);
  for (std::size_t i = 0; i < all->environment_count; ++i) require_owned(*all, all->environment[i]);
  require(good ? all->arguments[all->argument_count] == nullptr : true);
  for (std::size_t i = 0; i < all->network_count; ++i) {
    const auto& network = all->networks[i];
    require_owned(*all, network.name);
    require(network.name[0] != 0);
    require(std::strlen(network.name) < aster::abi::device_name_capacity);
    if (network.configuration) require_owned(*all, network.configuration);
    require(network.mtu >= 68 && (network.mac[0] & 1) == 0 && network.descriptor >= 0);
  }
  return 0;
}
