// Messages of the domain name system (RFC 1035 §4, EDNS of RFC 6891), and of multicast DNS, which uses the
// same ones with two bits of its own (RFC 6762 §18).
//
//   wire::dns question;
//   question.questions.push_back({name, wire::dns_type::a});
//   const auto size = question.emit(out);                        // nothing: does not fit
//   const auto answer = wire::dns::parse(bytes);                 // nothing: malformed
//
// Read are the kinds of record that somebody here uses; others are skipped. Names in records are what lies in
// the message: nothing is believed of them yet.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "aster/net/address.hpp"
#include "aster/net/wire/dns_name.hpp"

namespace aster::net::wire {

/// An open set; those that have a name here are read and written.
enum class dns_type : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  txt = 16,
  aaaa = 28,
  srv = 33,
  opt = 41,   // EDNS: never a record here
  nsec = 47,  // in mDNS: which records a name has, and that it has no others (RFC 6762 §6.1)
  any = 255,  // in questions
};

/// How the server fared. An open set.
enum class dns_code : std::uint16_t {
  no_error = 0,
  format_error = 1,
  server_failure = 2,
  no_such_name = 3,  // NXDOMAIN
  not_implemented = 4,
  refused = 5,
  bad_version = 16,  // of EDNS
};

struct dns_question {
  dns_name name;
  dns_type type = dns_type::a;
  bool unicast_wanted = false;  // mDNS: the answer may go to the asker alone (RFC 6762 §5.4)
  friend bool operator==(const dns_question&, const dns_question&) = default;
};

/// SRV (RFC 2782): where a service is.
struct dns_service {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  dns_name target;
  friend bool operator==(const dns_service&, const dns_service&) = default;
};

/// TXT: strings of at most 255 bytes each; at least one on the wire.
struct dns_texts {
  std::vector<std::string> strings;
  friend bool operator==(const dns_texts&, const dns_texts&) = default;
};

/// SOA, as far as a negative answer needs it: for how many seconds something is not there (RFC 2308 §4).
struct dns_authority {
  std::uint32_t minimum = 0;
  friend bool operator==(const dns_authority&, const dns_authority&) = default;
};

/// NSEC: the kinds of record that its name has, of those below 256.
struct dns_kinds {
  std::vector<dns_type> present;  // ascending
  friend bool operator==(const dns_kinds&, const dns_kinds&) = default;
};

struct dns_record {
  dns_name name;
  dns_type type = dns_type::a;
  std::uint32_t ttl = 0;  // seconds
  bool flush = false;     // mDNS: others of this name and type are no more (RFC 6762 §10.2)
  /// By the type: A and AAAA an address of their family; NS, CNAME and PTR a name; and so on.
  std::variant<ip_address, dns_name, dns_service, dns_texts, dns_authority, dns_kinds> data;
  friend bool operator==(const dns_record&, const dns_record&) = default;
};

struct dns {
  static constexpr std::uint16_t port = 53, multicast_port = 5353;
  static constexpr std::size_t header_size = 12;
  static constexpr std::size_t question_limit = 32;
  static constexpr std::size_t record_limit = 512;  // of all sections; a message with more is malformed

  std::uint16_t id = 0;
  bool is_response = false;
  std::uint8_t opcode = 0;  // 0: a query
  bool is_authoritative = false;
  bool is_truncated = false;
  bool recursion_desired = false;
  bool recursion_available = false;
  dns_code code = dns_code::no_error;
  std::vector<dns_question> questions;
  std::vector<dns_record> answers;
  std::vector<dns_record> authorities;
  std::vector<dns_record> additionals;
  /// EDNS: how large a message over UDP the sender takes. Nothing: it does not speak EDNS.
  std::optional<std::uint16_t> payload_limit;

  /// Questions and records of other classes than the Internet's, and of kinds not known here, are left out.
  /// What follows the last record is ignored.
  static std::optional<dns> parse(bytes message);

  /// Writes the message, with names that occurred before written as pointers to them; returns its size.
  /// Nothing: it does not fit into `out`.
  std::optional<std::size_t> emit(mutable_bytes out) const;

  friend bool operator==(const dns&, const dns&) = default;
};

}  // namespace aster::net::wire
