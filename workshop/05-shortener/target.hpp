// Where a link may lead: to a page on the web, and not back here.
#pragma once
#include <expected>
#include <string>
#include <string_view>

inline constexpr std::size_t longest_target = 2000;

/// Checks what somebody has typed and makes an absolute URL of it: "example.org" becomes
/// "https://example.org/", a name in other letters than a to z its ASCII form (RFC 5890), so that what is
/// shown cannot pass for another name. `own_host`: this site's, which a link must not lead to. The error is a
/// sentence.
std::expected<std::string, std::string> read_target(std::string_view typed, std::string_view own_host);

/// A target as pages show it: without "https://" and a lone '/' at its end.
std::string_view shown_target(std::string_view target);
