// What a question to the domain name system came to, and how an answer is read.
//
// An answer is not believed because it says so. Of its records those count that belong to the question: the
// ones of the name that was asked for, or of the name that it is an alias of, and so on along the chain.
// Whatever else a server adds could be about anybody (RFC 5452 §6).
#pragma once
#include <optional>
#include <vector>

#include "aster/net/time.hpp"
#include "aster/net/wire/dns.hpp"

namespace aster::net::names {

struct finding {
  enum class kind {
    found,
    no_data,       // the name exists, without records of this type
    no_such_name,  // nor do names below it
    failed,        // no server answered, or none would
  };
  static constexpr std::size_t record_limit = 32;  // more of one name and type are not kept

  kind is = kind::failed;
  std::vector<wire::dns_record> records;  // of the type asked for
  duration lifetime{};                    // how long it may be kept; zero: not at all

  /// What kind of failure `failed` is: nobody answered at all.
  bool silence = false;
};

/// What an answer says about a question.
struct reading {
  enum class kind {
    conclusive,  // `about` is the answer
    continued,   // the name is an alias of `next`, and the answer says nothing about that
    unusable,    // the server cannot or will not answer
  };
  kind is = kind::unusable;
  finding about;
  wire::dns_name next;
  duration lifetime{};  // of the chain up to `next`
};

/// Aliases that are followed from one question on, whatever number of answers they come in.
inline constexpr std::size_t alias_limit = 16;

reading read_answer(const wire::dns& answer, const wire::dns_name& name, wire::dns_type type);

}  // namespace aster::net::names
