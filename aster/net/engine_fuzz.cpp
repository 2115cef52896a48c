// A whole stack fed by whatever comes: raw frames, packets with correct checksums and nonsense inside, TCP
// segments near what the connection expects, time in leaps, and a program that does anything in any order.
//
// The input is a list of records, one byte of what and then its arguments; missing bytes are zero. Whatever
// it says, the stack must stay within its memory, come to rest, and leave nothing behind.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "aster/net/engine.hpp"
#include "aster/net/wire/checksum.hpp"

namespace aster::net {
namespace {

constexpr ipv4_address ours{10, 0, 0, 2}, peer{10, 0, 0, 1};
constexpr mac_address our_mac{{0x52, 0x54, 0, 0, 0, 2}}, peer_mac{{0x52, 0x54, 0, 0, 0, 1}};

void require(bool condition) {
  if (!condition) std::abort();
}

class input {
 public:
  explicit input(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t b = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return b;
  }
  std::uint16_t word() { return static_cast<std::uint16_t>(byte() << 8 | byte()); }
  std::vector<std::byte> take(std::size_t n) {
    n = std::min(n, bytes_.size());
    std::vector<std::byte> v(n);
    std::ranges::transform(bytes_.first(n), v.begin(),
                           [](std::uint8_t b) { return static_cast<std::byte>(b); });
    bytes_ = bytes_.subspan(n);
    return v;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

// Gives one frame at a time, and looks at what is sent: it must make sense.
class test_device final : public abi::net_device {
 public:
  explicit test_device(std::uint8_t features) {
    info_.mac = our_mac.bytes;
    is_router = (features & 32) != 0;
    info_.checksum_offload = (features & 1) != 0;
    info_.tso4 = (features & 2) != 0;
    info_.receive_offload = (features & 4) != 0;
    if ((features & 8) != 0) info_.mtu = 576;
  }
  const abi::net_info& info() const noexcept override { return info_; }

  std::size_t receive(std::span<abi::received_frame> out) noexcept override {
    if (!waiting) return 0;
    waiting = false;
    ++held;
    out[0] = {header, frame, 7};
    return 1;
  }
  void release(const abi::received_frame& f) noexcept override {
    require(f.buffer == 7 && held == 1);
    held = 0;
  }
  bool transmit(const abi::net_header& h,
                std::span<const std::span<const std::byte>> pieces) noexcept override {
    if (is_full) return false;
    sent_frame.clear();
    for (const auto piece : pieces) sent_frame.insert(sent_frame.end(), piece.begin(), piece.end());
    require(++sent < 100'000);
    check(h);
    return true;
  }
  void flush() noexcept override {}

  bool waiting = false;
  bool is_full = false;
  bool is_router = false;  // what is passed on need not make sense
  std::size_t held = 0, sent = 0;
  abi::net_header header;
  std::vector<std::byte> frame, sent_frame;
  std::uint32_t our_seq = 0;  // of the last segment sent, and where it ends
  std::uint32_t our_ack = 0;
  std::uint16_t our_port = 80;
  std::uint32_t our_clock = 0;

 private:
  void check(const abi::net_header& h) {
    require(sent_frame.size() >= 14 && (h.gso_type != 0 || sent_frame.size() <= std::size_t{14} + info_.mtu));
    const auto e = wire::ethernet::parse(sent_frame);
    require(e->source == our_mac);
    if (e->type != wire::ethernet::type_ipv4 || is_router) return;
    const auto ip = wire::ipv4::parse(wire::bytes{sent_frame}.subspan(14));
    require(ip.has_value());
    if (ip->header.protocol != wire::ipv4::tcp) return;
    const auto t = wire::tcp::parse(ip->payload, ip->header.source, ip->header.destination, h.flags == 0);
    require(t.has_value());
    our_seq =
        t->header.sequence + static_cast<std::uint32_t>(t->payload.size()) + (t->header.flags.syn ? 1 : 0);
    our_ack = t->header.acknowledgement;
    our_port = t->header.source_port;
    if (t->header.options.timestamps) our_clock = t->header.options.timestamps->value;
  }
  abi::net_info info_;
};

constexpr ipv6_address ours6{0x2001, 0xdb8, 0, 0, 0, 0, 0, 2}, peer6{0x2001, 0xdb8, 0, 0, 0, 0, 0, 1},
    router6{0xfe80, 0, 0, 0, 0, 0, 0, 1};

// An IPv6 packet to us with anything behind its header; what looks like ICMPv6 has its checksum.
void put_ipv6(std::vector<std::byte>& frame, input& in) {
  const std::uint8_t how = in.byte();
  constexpr std::array protocols{
      wire::ipv6::icmp, wire::ipv6::icmp,    wire::ipv6::udp,        wire::ipv6::fragment_header,
      wire::ipv6::tcp,  wire::ipv6::routing, wire::ipv6::hop_by_hop, wire::ipv6::destination_options};
  constexpr std::array sources{peer6, router6, ipv6_address{}, router6};
  constexpr std::array destinations{ours6, ipv6_address::all_nodes(), ours6.solicited_node(), ours6};
  wire::ipv6 h{.source = sources[how & 3],
               .destination = destinations[how >> 2 & 3],
               .protocol = protocols[how >> 4 & 7],
               .hop_limit = (how & 128) != 0 ? std::uint8_t{1} : std::uint8_t{255}};
  auto payload = in.take(in.byte());
  if (h.protocol == wire::ipv6::icmp && payload.size() >= wire::icmpv6::size) {
    const wire::bytes all = payload;
    const wire::icmpv6 m{wire::load8(all, 0), wire::load8(all, 1), wire::load32(all, 4),
                         all.subspan(wire::icmpv6::size)};
    m.emit(payload, h.source, h.destination);
  }
  h.payload_size = static_cast<std::uint16_t>(payload.size());
  mac_address to = our_mac;
  if (h.destination.is_multicast())
    to = {{0x33, 0x33, h.destination.bytes[12], h.destination.bytes[13], h.destination.bytes[14],
           h.destination.bytes[15]}};
  frame.assign(54, {});
  wire::ethernet{to, peer_mac, wire::ethernet::type_ipv6}.emit(frame);
  h.emit(std::span{frame}.subspan(14));
  frame.insert(frame.end(), payload.begin(), payload.end());
}

void put_ip(std::vector<std::byte>& frame, std::uint8_t protocol, std::span<const std::byte> payload,
            std::uint8_t traffic_class = 0, std::uint8_t cut = 0) {
  frame.assign(34, {});
  wire::ethernet{our_mac, peer_mac, wire::ethernet::type_ipv4}.emit(frame);
  wire::ipv4{.source = peer,
             .destination = cut % 3 == 2 ? ipv4_address{10, 0, 0, 77} : ours,
             .protocol = protocol,
             .traffic_class = traffic_class,
             .identification = static_cast<std::uint16_t>(cut >> 6),
             .dont_fragment = false,
             .more_fragments = (cut & 1) != 0,
             .fragment_offset = static_cast<std::uint16_t>((cut & 62) * 4),
             .payload_size = static_cast<std::uint16_t>(payload.size())}
      .emit(std::span{frame}.subspan(14));
  frame.insert(frame.end(), payload.begin(), payload.end());
}

std::vector<std::byte> segment(input& in, const test_device& device) {
  const std::uint8_t bits = in.byte();
  wire::tcp t{
      .source_port = static_cast<std::uint16_t>(40000 + in.byte() % 4),
      .destination_port = in.byte() % 4 == 0 ? device.our_port : std::uint16_t{80},
      .sequence = device.our_ack + static_cast<std::uint32_t>(static_cast<std::int16_t>(in.word())),
      .acknowledgement = device.our_seq + static_cast<std::uint32_t>(static_cast<std::int8_t>(in.byte())),
      .flags = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) == 0},
      .window = in.word(),
      .options = {}};
  if ((bits & 32) != 0) t.options.maximum_segment_size = in.word();
  if ((bits & 64) != 0) t.options.window_scale = in.byte() % 16;
  const std::uint8_t more = in.byte();
  t.options.sack_permitted = (more & 1) != 0;
  if ((more & 2) != 0)
    t.options.timestamps = {1000 + in.byte() * 5u, device.our_clock - static_cast<std::uint32_t>(more >> 5)};
  for (; t.options.sack_count < (more >> 2 & 3); ++t.options.sack_count) {
    const std::uint32_t begin = device.our_seq - in.word();
    t.options.sack[t.options.sack_count] = {begin, begin + in.word() % 5000u};
  }
  t.flags.ece = (more & 16) != 0;
  t.flags.cwr = (more & 48) == 48;
  std::vector<std::byte> bytes(t.size() + ((bits & 128) != 0 ? in.word() % 3000 : in.byte() % 8));
  t.emit(bytes);
  wire::checksum sum = wire::pseudo_header(peer, ours, wire::ipv4::tcp, bytes.size());
  sum.add(bytes);
  wire::store16(bytes, wire::tcp::checksum_offset, sum.value());
  return bytes;
}

// A program that holds up to four connections and treats them badly.
struct program {
  engine& stack;
  tcp::acceptor* acceptor;
  std::array<tcp::connection*, 4> held{};
  std::vector<std::byte> lent = std::vector<std::byte>(100'000);
  std::array<std::byte, 5000> reader{};

  void act(input& in, time_point now) {
    const std::uint8_t what = in.byte();
    tcp::connection*& c = held[what >> 6];
    if (c == nullptr) {
      if ((what & 1) != 0) {
        c = stack.tcp().accept(*acceptor);
      } else if (stack.address()) {
        c = stack.tcp()
                .connect(stack.address()->address, {peer, static_cast<std::uint16_t>(40000 + in.byte() % 4)},
                         now)
                .value_or(nullptr);
      }
      return;
    }
    switch (what % 14) {
      case 0: (void)c->write(wire::bytes{lent}.first(in.word())); break;
      case 1: (void)c->lend(wire::bytes{lent}.first(in.word())); break;
      case 2: c->settle(in.byte() % 2 == 0); break;
      case 3: (void)c->read(std::span{reader}.first(in.word() % reader.size())); break;
      case 4: c->set_reader(std::span{reader}.first(in.word() % reader.size())); break;
      case 5: (void)c->take_reader_bytes(); break;
      case 6: c->return_reader_bytes(); break;
      case 7: c->shutdown_write(); break;
      case 8: c->abort(); break;
      case 9: c->set_no_delay(in.byte() % 2 == 0); break;
      case 10: c->set_keep_alive(std::chrono::seconds{in.byte()}, now); break;
      case 11: c->set_cork(in.byte() % 2 == 0); break;
      case 12: c->set_user_timeout(std::chrono::seconds{in.byte()}); break;
      case 13:
        c->settle(false);
        (void)c->take_reader_bytes();
        stack.tcp().release(*std::exchange(c, nullptr), now);
        return;
    }
    stack.tcp().touched(*c);
  }

  void let_go(time_point now) {
    for (auto& c : held) {
      if (c == nullptr) continue;
      c->settle(false);
      (void)c->take_reader_bytes();
      stack.tcp().release(*std::exchange(c, nullptr), now);
    }
    while (tcp::connection* c = stack.tcp().accept(*acceptor)) stack.tcp().release(*c, now);
  }
};

// A program that changes packets that pass through, as far as they can be.
struct rewriting final : packet_hook {
  verdict arriving(transit_packet& p, time_point) override {
    if (p.source().port % 5 == 1) return verdict::reject;
    if (p.is_error()) p.set_quoted_source(p.quoted_destination());
    if (p.destination().port == 7) p.set_destination({p.source().address, 9});
    return verdict::accept;
  }
  verdict leaving(transit_packet& p, time_point) override {
    (void)p.flags();
    p.set_source({ours, 4000});
    return verdict::accept;
  }
};

void run(input in) {
  const std::uint8_t features = in.byte();
  test_device device{features};
  engine_options options{
      .address = {}, .host_name = "fuzz", .connection_limit = 20, .memory_limit = 128 * 1024, .tcp = {}};
  if ((features & 16) == 0) options.address = *configuration::parse("ip=10.0.0.2/24,gateway=10.0.0.254");
  if ((features & 32) == 0) {
    options.address.address6 = ipv6_interface{ours6, 64};
  } else {
    options.address.ipv6 = (features & 64) == 0;
  }
  options.tcp.receive_buffer = 1000 + in.byte() * 256u;
  engine stack{device, options, {1, 2}};
  time_point now{};
  rewriting hook;
  if ((features & 32) != 0) stack.forward({.check_sources = (features & 64) != 0, .hook = &hook});
  stack.start(now);
  program app{stack, stack.tcp().listen(80, 4)};
  udp_port* datagrams = stack.udp().bind(7);
  require(stack.join({224, 0, 0, 251}, now));

  const auto round = [&] {
    for (int i = 0; stack.receive(now); ++i) require(i < 10);
    stack.flush(now);
    require(device.held == 0);
    require(stack.memory().in_use() <= options.memory_limit);
    require(stack.tcp().connections() <= options.connection_limit);
  };
  const auto deliver = [&] {
    device.waiting = true;
    round();
    device.header = {};
  };
  // The peer is there: else nothing would go beyond ARP.
  device.frame.assign(42, {});
  wire::ethernet{our_mac, peer_mac, wire::ethernet::type_arp}.emit(device.frame);
  wire::arp{wire::arp::operation::request, peer_mac, peer, {}, ours}.emit(
      std::span{device.frame}.subspan(14));
  deliver();

  for (int steps = 0; !in.empty() && steps < 2000; ++steps) {
    switch (in.byte() % 12) {
      case 0:
        device.frame = in.take(in.byte());
        device.header.flags = in.byte() % 3;
        deliver();
        break;
      case 1: {  // a correct IPv4 header before anything
        const std::uint8_t protocol = in.byte();
        const std::uint8_t cut = protocol >= 128 ? in.byte() : 0;
        put_ip(device.frame,
               protocol % 4 == 0   ? protocol
               : protocol % 4 == 1 ? 1
               : protocol % 4 == 2 ? 6
                                   : 17,
               in.take(in.byte()), 0, cut);
        device.header.flags = 2;
        deliver();
        break;
      }
      case 2:
      case 3:
      case 4:
      case 5: {
        const auto bytes = segment(in, device);
        put_ip(device.frame, wire::ipv4::tcp, bytes, in.byte() & wire::ipv4::congestion_bits);
      }
        deliver();
        break;
      case 6: {
        const duration step = in.byte() % 2 == 0 ? duration{std::chrono::milliseconds{in.byte()}}
                                                 : duration{std::chrono::seconds{in.byte()}};
        const time_point target = now + step;
        for (int i = 0; stack.deadline() <= target; ++i) {
          require(i < 2000);  // time goes on
          now = std::max(now, stack.deadline());
          round();
        }
        now = target;
        break;
      }
      case 7:
      case 8: app.act(in, now); break;
      case 10:
      case 11:
        put_ipv6(device.frame, in);
        deliver();
        break;
      case 9:
        device.is_full = in.byte() % 4 == 0;
        while (!datagrams->empty()) (void)datagrams->pop();
        break;
    }
    round();
  }
  device.is_full = false;
  app.let_go(now);
  const time_point end = now + std::chrono::hours{2};
  while (now < end) {
    round();
    now = std::min(end, std::max(now + std::chrono::milliseconds{1}, stack.deadline()));
    app.let_go(now);
  }
  require(stack.tcp().connections() == 0);
  require(stack.tcp().resting() == 0);
  require(stack.memory().in_use() == 0);
}

}  // namespace
}  // namespace aster::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aster::net::run(aster::net::input{{data, size}});
  return 0;
}
