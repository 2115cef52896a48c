// What is known about an image, for a person and for a program.
#pragma once
#include <cstddef>
#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/cli/terminal.hpp"
#include "host/image/image.hpp"
#include "host/image/weight.hpp"

namespace aster::host::cli {

/// `symbols`: how many of the largest to list.
std::string inspection_text(const image& image, const std::expected<weight, std::string>& weight,
                            std::size_t symbols, const terminal& screen);

nlohmann::ordered_json inspection_json(const image& image, const std::expected<weight, std::string>& weight,
                                       std::size_t symbols);

}  // namespace aster::host::cli
