// Who the client is, when a proxy in front makes the connection.
//
//   const web::proxies trusted{{10, 0, 0, 1}};   // or networks: web::proxies::of("10.0.0.0/8,
//   2001:db8::/48") trusted.client(req);     // of a request from 10.0.0.1: whom its X-Forwarded-For says
//   that it is for trusted.is_secure(req);  // and whether that client speaks TLS to it, by its
//   X-Forwarded-Proto
//
// A proxy adds these fields, and so can anybody: they are believed when the connection comes from an address
// in the list, and are nothing otherwise. By default the list is empty.
//
// Behind `aster run -p` all connections come from one address, 10.0.2.2, whoever has made them: that is the
// address of a proxy that the port is left to (`-p 127.0.0.1:8080:80`). When the port is open to others, do
// not trust it: they would be believed as well.
#pragma once
#include <initializer_list>
#include <string_view>
#include <vector>

#include "aster/net/address.hpp"
#include "aster/web/request.hpp"

namespace aster::web {

class proxies {
 public:
  proxies() = default;
  proxies(std::initializer_list<net::ip_prefix> trusted) : trusted_(trusted) {}
  /// Of addresses and networks with commas or blanks between them, as an environment variable has them;
  /// empty: nobody. Throws std::invalid_argument for what is neither.
  static proxies of(std::string_view addresses);

  bool trust(const net::ip_address& address) const;

  /// The peer of the connection; when that is trusted, the last entry of X-Forwarded-For that is not trusted
  /// itself. What stands in front of that was written by the client. A last entry that is no address counts
  /// as the proxy in whose name it came.
  net::ip_address client(const request& req) const;

  /// Whether the last entry of X-Forwarded-Proto is "https", from a trusted peer. This server speaks no TLS
  /// itself.
  bool is_secure(const request& req) const;

 private:
  std::vector<net::ip_prefix> trusted_;
};

}  // namespace aster::web
