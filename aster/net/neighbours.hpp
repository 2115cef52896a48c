// Who has which address on the link: the cache of ARP (RFC 826, RFC 1122 §2.3.2) and of neighbour discovery
// (RFC 4861 §5.1), one for each.
//
// An unknown neighbour is asked for up to three times, a second apart; a few frames to it wait meanwhile. A
// known one is asked again, by unicast, when it is still in use shortly before it would be forgotten, so
// that traffic never stops for it. Only those who speak to us, or whom we asked, get an entry: gossip
// between others does not fill the cache.
//
// Sans-I/O: what to ask is returned, and frames that waited are handed to a function.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "abi/net_device.hpp"
#include "aster/net/address.hpp"
#include "aster/net/counters.hpp"
#include "aster/net/time.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net {

class neighbours {
 public:
  static constexpr std::size_t entry_limit = 256;
  static constexpr std::size_t unknown_limit = entry_limit / 2;  // beyond, they make way for one another
  static constexpr std::size_t waiting_limit = 4;                // frames to one neighbour
  static constexpr std::size_t waiting_total_limit = 64;
  static constexpr duration retry_after = std::chrono::seconds{1};
  static constexpr unsigned tries = 3;
  static constexpr duration lifetime = std::chrono::minutes{5};
  static constexpr duration refresh_before = std::chrono::seconds{30};

  /// How long what was heard is believed, and how long before the end of that it is asked about again.
  struct trust {
    duration lasts = lifetime;
    duration refresh = refresh_before;
  };
  /// RFC 4861 §10: reachable for 30 s, then three questions a second apart.
  static constexpr trust as_ndp{std::chrono::seconds{34}, std::chrono::seconds{4}};
  static constexpr duration delay_first_probe = std::chrono::seconds{5};

  explicit neighbours(counters& counts) : neighbours(counts, trust{lifetime, refresh_before}) {}
  neighbours(counters& counts, const trust& t) : counts_(counts), trust_(t) {}

  /// A frame that waits for its neighbour: complete but for the destination in its Ethernet header.
  struct waiting_frame {
    abi::net_header header;
    std::vector<std::byte> bytes;
  };

  /// A question to be put on the link: to everybody, or to the neighbour that is believed to be there.
  struct question {
    ip_address about;
    mac_address to;
  };

  /// The neighbour's hardware address if it is known. Using it keeps it fresh.
  std::optional<mac_address> find(const ip_address& address, time_point now);

  /// The same, without being a use.
  std::optional<mac_address> look(const ip_address& address) const;

  /// Keeps a copy of a frame until the neighbour answers; the oldest makes way for it. True: nobody has asked
  /// yet, and somebody should ask everybody now. Throws std::bad_alloc, then nothing was kept.
  bool wait(const ip_address& address, const abi::net_header& header,
            std::span<const std::span<const std::byte>> pieces, time_point now);

  /// The neighbour has said where it is. `to_us`: it said so to us, or answered; else only what is known
  /// already is updated. Frames that waited come out. Not `is_certain`: others may have said it in its name,
  /// so it is asked about soon (RFC 4861 §7.3.2: STALE).
  std::vector<waiting_frame> heard(const ip_address& address, mac_address mac, bool to_us, time_point now,
                                   bool is_certain = true);

  /// What is due at `now`: questions to ask, and addresses that nobody answered for.
  struct due {
    std::vector<question> questions;
    std::vector<ip_address> failed;
  };
  due expired(time_point now);
  time_point deadline() const;

  std::size_t size() const { return entries_.size(); }
  /// It was not where it was believed to be, or said so itself.
  void forget(const ip_address& address);
  void clear() { entries_.clear(); }

 private:
  struct entry {
    ip_address address;
    mac_address mac;
    bool known = false;
    bool refreshing = false;
    unsigned asked = 0;
    time_point next{};  // known: when it is forgotten or asked about again; else when to ask again
    time_point used{};
    std::vector<waiting_frame> waiting;
  };
  entry* lookup(const ip_address& address);
  void make_room(entry& e);
  entry* make(const ip_address& address, time_point now);

  counters& counts_;
  trust trust_;
  std::vector<entry> entries_;
  std::size_t last_found_ = 0;  // most packets go to the same neighbour
  std::size_t waiting_total_ = 0;
};

}  // namespace aster::net
