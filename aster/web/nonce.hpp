// The nonce of a page's scripts and styles (Content Security Policy 3, §2.3.1). A page is often rendered
// where the request is not at hand, so it is rendered with a placeholder that nobody outside knows, and the
// placeholder is replaced when the response is sent.
#pragma once
#include <string>
#include <string_view>

namespace aster::web {

/// Stands for the nonce while a page is made: 24 characters, other ones each time the program is started. It
/// never leaves the program, so that no injected text can have it.
std::string_view nonce_placeholder();

/// Puts `nonce`, of 24 characters, where the placeholder is.
void fill_nonces(std::string& page, std::string_view nonce);

}  // namespace aster::web
