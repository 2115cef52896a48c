// What is drawn of a link, as SVG.
#pragma once
#include <string>
#include <string_view>

#include "aster/html.hpp"
#include "short_link.hpp"

using drawing = aster::html::any<aster::html::tag_set{aster::html::tag::svg}>;

/// The visits of the last 30 days as a small chart. It says what the number beside it says, so screen readers
/// pass over it.
drawing sparkline(const short_link& l, instant now);

/// A QR code of `text` (ISO/IEC 18004) with its quiet zone, dark on light in any colour scheme, so that
/// cameras read it. Screen readers say `label`.
drawing qr_code(std::string_view text, std::string label);

/// The same as a file of its own; empty when the text is too long for a code, which takes some 2,900 bytes.
std::string qr_file(std::string_view text);
