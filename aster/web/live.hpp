// Development: under `aster run --live DIR`, pages load themselves again when a file below DIR changes.
// Nothing of it is in a response otherwise.
#pragma once
#include <string>
#include <string_view>

#include "aster/web/response.hpp"

namespace aster::web {

/// Where the pages of a live application hear of changes, by server-sent events.
inline constexpr std::string_view live_path = "/.aster/live";

/// Whether crunched files come from disk (aster/crunch/live.hpp).
bool is_live();

/// What the browser listens to: an event for each change. Ends with the client.
response live_changes();

/// The script that does so, to be put behind a page.
std::string live_script(std::string_view nonce);

}  // namespace aster::web
