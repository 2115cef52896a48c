// Every parser of wire/ fed by whatever comes. What was parsed lies inside what was given, and what can be
// emitted again is parsed as the same.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "aster/net/wire/arp.hpp"
#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/dhcp.hpp"
#include "aster/net/wire/ethernet.hpp"
#include "aster/net/wire/icmp.hpp"
#include "aster/net/wire/igmp.hpp"
#include "aster/net/wire/ipv4.hpp"
#include "aster/net/wire/ipv6.hpp"
#include "aster/net/wire/ndp.hpp"
#include "aster/net/wire/tcp.hpp"
#include "aster/net/wire/udp.hpp"

using namespace aster::net;
using namespace aster::net::wire;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_inside(bytes part, bytes whole) {
  require(part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> copy(size);
  for (std::size_t i = 0; i < size; ++i) copy[i] = static_cast<std::byte>(data[i]);
  const bytes all = copy;
  constexpr ipv4_address a{10, 0, 0, 1}, b{10, 0, 0, 2};

  if (const auto e = ethernet::parse(all)) {
    std::vector<std::byte> out(ethernet::size);
    e->emit(out);
    require(ethernet::parse(out) == *e);
  }
  if (const auto p = arp::parse(all)) {
    std::vector<std::byte> out(arp::size);
    p->emit(out);
    require(arp::parse(out) == *p);
  }
  // With the checksum mended, so that the fuzzer gets past it.
  if (size >= 20) {
    std::vector<std::byte> mended = copy;
    const std::size_t header = (static_cast<std::size_t>(mended[0]) & 15) * 4;
    if (header >= 20 && header <= size) {
      store16(mended, 10, 0);
      checksum sum;
      sum.add(bytes{mended}.first(header));
      store16(mended, 10, sum.value());
      if (const auto p = ipv4::parse(mended)) require_inside(p->payload, mended);
    }
  }
  if (const auto m = icmp::parse(all)) require_inside(m->payload, all);
  if (size >= 8) {
    std::vector<std::byte> mended = copy;
    store16(mended, 2, 0);
    checksum sum;
    sum.add(mended);
    store16(mended, 2, sum.value());
    if (const auto m = igmp::parse(mended))
      require(m->patience >= aster::net::duration::zero() && m->patience <= std::chrono::seconds{3175});
  }
  if (const auto p = ipv6::parse(all)) {
    require_inside(p->payload, all);
    require(p->header_size >= ipv6::size && p->next_field < p->header_size);
    require(!p->cut || p->cut->head_size + 8 == p->header_size);
  } else {
    require(p.error().pointer < size + 1);
  }
  if (size >= icmpv6::size) {
    const icmpv6 m{load8(all, 0), load8(all, 1), load32(all, 4), all.subspan(icmpv6::size)};
    std::vector<std::byte> out(64);
    if (const auto s = neighbour_solicitation::parse(m))
      require(neighbour_solicitation::parse({m.type, 0, 0, bytes{out}.first(s->emit(out))}) == *s);
    if (const auto n = neighbour_advertisement::parse(m))
      require(neighbour_advertisement::parse({m.type, 0, n->flags(), bytes{out}.first(n->emit(out))}) == *n);
    if (const auto r = router_advertisement::parse(m))
      require(r->prefix_count <= r->prefixes.size() && r->server_count <= r->servers.size());
    static_cast<void>(source_mac_of(m.payload));
  }
  if (const auto u = udp::parse(all, a, b, false)) require_inside(u->payload, all);
  if (const auto t = tcp::parse(all, a, b, false)) {
    require_inside(t->payload, all);
    if (t->header.options.size() <= tcp_options::limit) {
      std::vector<std::byte> out(t->header.size());
      t->header.emit(out);
      require(tcp::parse(out, a, b, false)->header == t->header);
    }
  }
  if (const auto m = dhcp::parse(all)) {
    std::vector<std::byte> out(dhcp::largest_size);
    require(dhcp::parse(bytes{out}.first(m->emit(out))).has_value());
  }
  return 0;
}
