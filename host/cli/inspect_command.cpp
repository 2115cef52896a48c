// aster inspect
#include <format>
#include <nlohmann/json.hpp>
#include <print>

#include "host/cli/inspection.hpp"
#include "host/cli/perform.hpp"
#include "host/cli/terminal.hpp"

namespace aster::host::cli {

int perform(const inspect_command& c) {
  const auto path = image_of(c.image);
  if (!path) return complain(std::format("inspect: {}", path.error()));
  const auto image = read_image(*path, seal_state::either);
  if (!image) return complain(image.error().text);
  const auto weight = weigh(*image);
  if (c.json) {
    std::println("{}", inspection_json(*image, weight, c.symbols).dump(2));
  } else {
    std::print("{}", inspection_text(*image, weight, c.symbols, terminal{1}));
  }
  return 0;
}

}  // namespace aster::host::cli
