// Making and changing links: what the pages and the API have in common.
#pragma once
#include <expected>
#include <random>
#include <string>
#include <string_view>

#include "link_store.hpp"
#include "origin.hpp"

instant now();

/// Why a link was not made or changed.
struct problem {
  enum class kind : std::uint8_t { target, name, taken, full };
  kind what;
  std::string text;          // a sentence
  std::string suggestion{};  // a free name, when the wanted one is taken
};

/// Makes a link to what somebody has typed, under a name of theirs or, when that is empty, one made by
/// chance.
std::expected<const short_link*, problem> make_link(link_store& links, const origin& here,
                                                    std::random_device& random, std::string_view target,
                                                    std::string_view name);

std::expected<const short_link*, problem> retarget_link(link_store& links, const origin& here,
                                                        const short_link& which, std::string_view target);

/// The link, when there is one of this id and the secret is its own.
const short_link* find_owned(const link_store& links, std::string_view id, std::string_view secret);
