#include "host/capture/wire.hpp"

#include <errno.h>
#include <unistd.h>

#include <cstring>
#include <tuple>

#include "host/network/frame_checksum.hpp"

namespace aster::host {

wire::wire(end image, end network, look look)
    : image_(image),
      network_(network),
      look_(std::move(look)),
      in_(std::make_unique<lane>()),
      out_(std::make_unique<lane>()) {
  in_->way = pcapng::direction::inbound;
  out_->way = pcapng::direction::outbound;
}

wire::~wire() { close_both(); }

void wire::close_both() {
  if (over_) return;
  over_ = true;
  close(image_.descriptor);
  close(network_.descriptor);
}

void wire::watch(std::vector<pollfd>& watched) const {
  const auto events = [](const lane& reads, const lane& writes) {
    return static_cast<short>((reads.held == 0 ? POLLIN : 0) | (writes.held != 0 ? POLLOUT : 0));
  };
  watched.push_back({.fd = over_ ? -1 : image_.descriptor, .events = events(*out_, *in_), .revents = 0});
  watched.push_back({.fd = over_ ? -1 : network_.descriptor, .events = events(*in_, *out_), .revents = 0});
}

void wire::carry(std::span<const pollfd> polled) {
  const short image = polled[0].revents, network = polled[1].revents;
  for (int i = 0; image != 0 && i < turn && pass(*out_, image_, network_); ++i) {
  }
  for (int i = 0; network != 0 && i < turn && pass(*in_, network_, image_); ++i) {
  }
  // Room for what was held.
  if (out_->held != 0 && network != 0) std::ignore = put(*out_, network_);
  if (in_->held != 0 && image != 0) std::ignore = put(*in_, image_);
}

bool wire::pass(lane& l, const end& from, const end& to) {
  if (over_ || l.held != 0) return false;
  constexpr std::size_t head = sizeof(abi::net_header);
  const std::size_t skipped = from.bare ? head : 0;
  const ssize_t got = read(from.descriptor, l.bytes.data() + skipped, l.bytes.size() - skipped);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    close_both();
    return false;
  }
  if (skipped != 0) std::memset(l.bytes.data(), 0, head);
  const std::size_t size = skipped + static_cast<std::size_t>(got);
  if (size <= head) return true;  // no frame
  abi::net_header header;
  std::memcpy(&header, l.bytes.data(), head);
  const auto frame = std::span(l.bytes).subspan(head, size - head);
  look_(l.way, header, frame);
  if (to.bare) {
    // Whoever takes bare frames can complete nothing.
    if (header.gso_type != abi::net_header::gso_none || !complete_checksum(header, frame)) return true;
  }
  l.held = size;
  return put(l, to);
}

bool wire::put(lane& l, const end& to) {
  if (over_) return false;
  const std::size_t skipped = to.bare ? sizeof(abi::net_header) : 0;
  const ssize_t put = write(to.descriptor, l.bytes.data() + skipped, l.held - skipped);
  if (put < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)) return false;
  // Any other failure (a tap that is down, a frame it does not like) loses the frame, as a wire would; that
  // an end is closed is learned where it is read, behind the last frames that it has sent.
  l.held = 0;
  return true;
}

}  // namespace aster::host
