// What is drawn of a link, as SVG.
#pragma once
#include <string>
#include <string_view>

#include "aster/html.hpp"
#include "short_link.hpp"

using inline_drawing = aster::html::any<aster::html::content::phrasing>;

/// The visits of the last 30 days as a small chart. It says what the number beside it says, so screen readers
/// pass over it.
inline_drawing sparkline(const short_link& l, instant now);

/// A QR code of `text` (ISO/IEC 18004) with its quiet zone, dark on light in any colour scheme, so that
/// cameras read it. Screen readers say `label`.
inline_drawing qr_code(std::string_view text, std::string label);

/// The same as a file of its own; empty when the text is too long for a code, which takes some 2,900 bytes.
std::string qr_file(std::string_view text);
