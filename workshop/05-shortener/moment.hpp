// Times as people and programs read them.
#pragma once
#include <string>

#include "short_link.hpp"

/// "2026-11-24".
std::string date_text(instant at);
/// "2026-11-24T12:20:00Z" (RFC 3339).
std::string instant_text(instant at);
/// "just now", "5 minutes ago", "3 days ago"; a date when it is long ago.
std::string age_text(instant at, instant now);
