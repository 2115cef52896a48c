// The peer of segment_cost.cpp: the same segments to lwIP as Debian builds it. As there, the program has the
// bytes in a buffer of its own in the end, and the frame lies where a driver has put it: lwIP is given it by
// reference.
//
//   bench_lwip_segment_cost SEGMENTS BATCH
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "bench/programs/segment_source.hpp"

namespace {

constexpr std::array<std::uint8_t, 6> our_mac{0x52, 0x54, 0, 0, 0, 2};
std::array<std::uint8_t, 64 * 1024> buffer;
std::size_t frames_sent = 0, bytes_read = 0;
std::vector<std::uint8_t> last;

err_t send_frame(netif*, pbuf* p) {
  ++frames_sent;
  last.resize(p->tot_len);
  pbuf_copy_partial(p, last.data(), p->tot_len, 0);
  return ERR_OK;
}

err_t prepare(netif* n) {
  n->name[0] = 't', n->name[1] = 'p';
  n->output = etharp_output;
  n->linkoutput = send_frame;
  n->mtu = 1500;
  n->hwaddr_len = our_mac.size();
  std::memcpy(n->hwaddr, our_mac.data(), our_mac.size());
  n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
  return ERR_OK;
}

err_t discard(void*, tcp_pcb* pcb, pbuf* p, err_t) {
  if (p == nullptr) return tcp_close(pcb);
  bytes_read += pbuf_copy_partial(p, buffer.data(), p->tot_len, 0);
  tcp_recved(pcb, p->tot_len);
  pbuf_free(p);
  return ERR_OK;
}

err_t accepted(void*, tcp_pcb* pcb, err_t) {
  tcp_recv(pcb, discard);
  return ERR_OK;
}

}  // namespace

extern "C" [[gnu::noinline]] void deliver(netif& n, std::span<const std::vector<std::uint8_t>> frames) {
  for (const auto& frame : frames) {
    pbuf* p = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(frame.size()), PBUF_REF);
    p->payload = const_cast<std::uint8_t*>(frame.data());
    if (n.input(p, &n) != ERR_OK) pbuf_free(p);
  }
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const int segments = std::atoi(arguments[1]), batch = std::atoi(arguments[2]);
  lwip_init();
  netif n{};
  ip4_addr_t address, mask, gateway{};
  IP4_ADDR(&address, 10, 0, 0, 2);
  IP4_ADDR(&mask, 255, 255, 255, 0);
  netif_add(&n, &address, &mask, &gateway, nullptr, prepare, netif_input);
  netif_set_default(&n);
  netif_set_up(&n);
  tcp_pcb* pcb = tcp_new();
  tcp_bind(pcb, IP4_ADDR_ANY, 9);
  pcb = tcp_listen(pcb);
  tcp_accept(pcb, accepted);
  bench::segment_source source{our_mac};
  std::vector<std::vector<std::uint8_t>> frames;
  const auto step = [&](std::span<const std::uint8_t> frame) {
    frames.assign(1, {frame.begin(), frame.end()});
    deliver(n, frames);
  };
  step(source.bare(bench::segment_source::syn));
  step(source.arp_answer(our_mac));
  if (!source.heard(last)) return 1;
  step(source.bare(bench::segment_source::ack));
  const std::size_t before = frames_sent;
  for (int i = 0; i < segments; i += batch) {
    frames.clear();
    for (int k = 0; k < batch; ++k) {
      const auto frame = source.data();
      frames.emplace_back(frame.begin(), frame.end());
    }
    deliver(n, frames);
  }
  std::printf("read %zu, %zu segments sent\n", bytes_read, frames_sent - before);
  return bytes_read == static_cast<std::size_t>(segments) * bench::segment_source::payload_size ? 0 : 1;
}
