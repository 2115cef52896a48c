// What the stack alone pays for segments that arrive in order: `deliver` takes frames, has the program read
// and sends what is to be acknowledged. Counted by valgrind, which is told to look at `deliver` only.
//
//   bench_segment_cost SEGMENTS BATCH
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "aster/net/engine.hpp"
#include "bench/programs/segment_source.hpp"
using namespace aster;

namespace {

constexpr std::array<std::uint8_t, 6> our_mac{0x52, 0x54, 0, 0, 0, 2};

// A device whose frames lie in memory and whose checksums nobody has looked at.
class memory_device final : public abi::net_device {
 public:
  memory_device() { info_.mac = our_mac; }
  const abi::net_info& info() const noexcept override { return info_; }
  std::size_t receive(std::span<abi::received_frame> out) noexcept override {
    std::size_t count = 0;
    for (; count < out.size() && next_ < arrived.size(); ++count)
      out[count] = {{}, std::as_writable_bytes(std::span{arrived[next_++]}), 0};
    return count;
  }
  void release(const abi::received_frame&) noexcept override {}
  bool transmit(const abi::net_header&,
                std::span<const std::span<const std::byte>> pieces) noexcept override {
    ++frames_sent;
    last.clear();
    for (const auto piece : pieces) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(piece.data());
      last.insert(last.end(), bytes, bytes + piece.size());
    }
    return true;
  }
  void flush() noexcept override {}

  void put(std::span<const std::uint8_t> frame) { arrived.emplace_back(frame.begin(), frame.end()); }
  void clear() {
    arrived.clear();
    next_ = 0;
  }

  std::vector<std::vector<std::uint8_t>> arrived;
  std::vector<std::uint8_t> last;
  std::size_t frames_sent = 0;

 private:
  std::size_t next_ = 0;
  abi::net_info info_;
};

std::array<std::byte, 64 * 1024> buffer;

}  // namespace

extern "C" [[gnu::noinline]] std::size_t deliver(net::engine& stack, net::tcp::connection& reading,
                                                 net::time_point now) {
  reading.set_reader(buffer);
  stack.receive(now);
  const std::size_t n = reading.take_reader_bytes();
  if (reading.has_window_news()) stack.tcp().touched(reading);
  stack.flush(now);
  return n;
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const int segments = std::atoi(arguments[1]), batch = std::atoi(arguments[2]);
  memory_device device;
  net::engine stack{
      device, {.address = *net::configuration::parse("ip=10.0.0.2/24"), .host_name = "", .tcp = {}}, {1, 2}};
  net::time_point now{};
  stack.start(now);
  net::tcp::acceptor* listening = stack.tcp().listen(9, 16);
  bench::segment_source source{our_mac};
  const auto step = [&](std::span<const std::uint8_t> frame) {
    device.clear();
    device.put(frame);
    stack.receive(now);
    stack.flush(now);
  };
  step(source.bare(bench::segment_source::syn));
  step(source.arp_answer(our_mac));
  if (!source.heard(device.last)) return 1;
  step(source.bare(bench::segment_source::ack));
  net::tcp::connection* reading = stack.tcp().accept(*listening);
  if (reading == nullptr) return 1;
  std::size_t read = 0;
  const std::size_t before = device.frames_sent;
  for (int i = 0; i < segments; i += batch) {
    device.clear();
    for (int k = 0; k < batch; ++k) device.put(source.data());
    now += std::chrono::microseconds{20};
    read += deliver(stack, *reading, now);
  }
  std::printf("read %zu, %zu segments sent\n", read, device.frames_sent - before);
  return read == static_cast<std::size_t>(segments) * bench::segment_source::payload_size ? 0 : 1;
}
