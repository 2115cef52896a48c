// Names to addresses, for fibers: what is known already at once, the rest by asking.
//
//   names::resolver& r = names::resolver::of(core);
//   const auto addresses = r.addresses(core, "example.com");     // parks while servers are asked
//
// Fibers that ask for the same thing at the same time share one question. It is put by the first of them;
// when that one is cancelled, the next goes on. Internal to this room: a program says `stack.resolve`.
#pragma once
#include <memory>

#include "aster/net/core.hpp"
#include "aster/net/names/cache.hpp"
#include "aster/net/names/destinations.hpp"
#include "aster/net/names/host.hpp"
#include "aster/net/names/query.hpp"

namespace aster::net::names {

class resolver final : public stack_core::part {
 public:
  explicit resolver(stack_core& core);

  /// The resolver of a stack, made when it is first asked for.
  static resolver& of(stack_core& core);

  /// What is known without asking.
  const names::settings& settings(const stack_core& core);

  /// Every address of a host, likeliest to work first. Parks. error::unknown_name: there is none;
  /// error::timed_out: no server has answered; error::unreachable: none would, or none is known.
  std::expected<std::vector<ip_address>, error> addresses(const std::shared_ptr<stack_core>& core,
                                                          std::string_view text);

  /// One question: from the cache, or by asking. Parks.
  finding look_up(const std::shared_ptr<stack_core>& core, const wire::dns_name& name, wire::dns_type type);

 private:
  struct flight {
    flight(wire::dns_name n, wire::dns_type t) : name(std::move(n)), type(t) {}
    wire::dns_name name;
    wire::dns_type type;
    std::optional<finding> result;
    task::wait_queue landed{"an answer about a name"};
  };
  finding ask(const std::shared_ptr<stack_core>& core, const wire::dns_name& name, wire::dns_type type);
  finding ask_neighbours(const std::shared_ptr<stack_core>& core, const wire::dns_name& name,
                         wire::dns_type type);
  std::vector<ip_address> servers(const stack_core& core) const;

  random_source random_;
  names::cache cache_;
  names::settings settings_;
  std::vector<std::shared_ptr<flight>> flights_;
  std::optional<ip_address> preferred_;  // the server that answered last
};

/// The addresses in `found`, whatever else there is.
void add_addresses(const finding& found, std::vector<ip_address>& to);

/// By destinations.hpp, with the addresses that the stack would speak from.
std::vector<ip_address> in_order(const stack_core& core, const std::vector<ip_address>& addresses);

/// What a caller learns of a search without an address.
error error_of(const finding& f);

}  // namespace aster::net::names
