// The peer: the services of streams.cpp by lwIP as Debian builds it, on a tap. Its raw interface in one
// thread without an operating system between, which its documentation calls the fastest; a frame is read
// straight into a buffer of lwIP's, and all that have arrived are taken before it sleeps.
//
//   bench_lwip_streams DESCRIPTOR ADDRESS          of a tap without virtio's header, /24
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr std::size_t largest_frame = 1514;
int descriptor = -1;
const std::vector<char> characters(1 << 16, 'a');

err_t send_frame(netif*, pbuf* p) {
  std::array<std::byte, largest_frame> whole;
  const void* frame = p->payload;
  if (p->next != nullptr) {
    pbuf_copy_partial(p, whole.data(), p->tot_len, 0);
    frame = whole.data();
  }
  return write(descriptor, frame, p->tot_len) == p->tot_len ? ERR_OK : ERR_IF;
}

err_t prepare(netif* n) {
  constexpr std::array<u8_t, 6> mac{0x52, 0x54, 0, 0, 0x6c, 1};
  n->name[0] = 't', n->name[1] = 'p';
  n->output = etharp_output;
  n->linkoutput = send_frame;
  n->mtu = 1500;
  n->hwaddr_len = mac.size();
  std::memcpy(n->hwaddr, mac.data(), mac.size());
  n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
  return ERR_OK;
}

err_t echo(void*, tcp_pcb* pcb, pbuf* p, err_t) {
  if (p == nullptr) return tcp_close(pcb);
  for (const pbuf* part = p; part != nullptr; part = part->next)
    tcp_write(pcb, part->payload, part->len, TCP_WRITE_FLAG_COPY);
  tcp_recved(pcb, p->tot_len);
  pbuf_free(p);
  return tcp_output(pcb);
}

err_t discard(void*, tcp_pcb* pcb, pbuf* p, err_t) {
  if (p == nullptr) return tcp_close(pcb);
  tcp_recved(pcb, p->tot_len);
  pbuf_free(p);
  return ERR_OK;
}

// Sent by reference, from where they lie.
err_t generate(void*, tcp_pcb* pcb, u16_t) {
  while (tcp_sndbuf(pcb) >= TCP_MSS) {
    const auto size =
        static_cast<u16_t>(std::min<std::size_t>(tcp_sndbuf(pcb), characters.size()) / TCP_MSS * TCP_MSS);
    if (tcp_write(pcb, characters.data(), size, 0) != ERR_OK) break;
  }
  return tcp_output(pcb);
}

err_t accepted(void* service, tcp_pcb* pcb, err_t) {
  tcp_nagle_disable(pcb);
  if (*static_cast<const u16_t*>(service) == 19) {
    tcp_recv(pcb, discard);
    tcp_sent(pcb, generate);
    return generate(nullptr, pcb, 0);
  }
  tcp_recv(pcb, *static_cast<const u16_t*>(service) == 7 ? echo : discard);
  return ERR_OK;
}

void take_frames(netif& n) {
  for (;;) {
    pbuf* p = pbuf_alloc(PBUF_RAW, largest_frame, PBUF_RAM);
    if (p == nullptr) return;
    const ssize_t got = read(descriptor, p->payload, largest_frame);
    if (got <= 0) {
      pbuf_free(p);
      return;
    }
    pbuf_realloc(p, static_cast<u16_t>(got));
    if (n.input(p, &n) != ERR_OK) pbuf_free(p);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  descriptor = std::atoi(arguments[1]);
  lwip_init();
  netif n{};
  ip4_addr_t address, mask, gateway{};
  if (ip4addr_aton(arguments[2], &address) == 0) return 2;
  IP4_ADDR(&mask, 255, 255, 255, 0);
  netif_add(&n, &address, &mask, &gateway, nullptr, prepare, netif_input);
  netif_set_default(&n);
  netif_set_up(&n);
  static constexpr std::array<u16_t, 3> ports{7, 9, 19};
  for (const u16_t& port : ports) {
    tcp_pcb* pcb = tcp_new();
    tcp_bind(pcb, IP4_ADDR_ANY, port);
    pcb = tcp_listen_with_backlog(pcb, 255);
    tcp_arg(pcb, const_cast<u16_t*>(&port));
    tcp_accept(pcb, accepted);
  }
  for (;;) {
    take_frames(n);
    sys_check_timeouts();
    pollfd watched{descriptor, POLLIN, 0};
    const u32_t sleep = sys_timeouts_sleeptime();
    poll(&watched, 1, sleep == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? -1 : static_cast<int>(sleep));
  }
}
