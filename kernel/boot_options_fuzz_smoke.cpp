// The fuzz target on some thousand mutations of known lines, the same each time.
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main() {
  constexpr std::string_view seeds[] = {
      "arg=hello arg=a%20b env=A=b strace control=3",
      "net=service,mac=52:54:00:12:34:56,fd=9,mtu=9000,offload=checksum+tso4,ip=10.0.0.2/24,gateway=10.0.0.1",
      "net=a,mac=02:00:00:00:00:01 net=b,mac=02:00:00:00:00:02,dns=1.1.1.1 virtio_mmio.device=512@0xfeb00e00:12",
  };
  constexpr std::string_view pieces[] = {" ", "=", ",", "%", "%00", "%41", "net=", "arg=", "mac=", "ip=", "+", "mtu=68", ":"};
  std::mt19937 random(1);
  for (int round = 0; round < 50'000; ++round) {
    std::string line{seeds[random() % std::size(seeds)]};
    for (unsigned changes = random() % 8; changes > 0; --changes) {
      const std::size_t at = random() % (line.size() + 1);
      switch (random() % 4) {
        case 0: line.insert(at, pieces[random() % std::size(pieces)]); break;
        case 1: line.erase(at, random() % 8); break;
        case 2: line.insert(at, line.substr(random() % (line.size() + 1), random() % 600)); break;
        default:
          if (at < line.size()) line[at] = static_cast<char>(random());
      }
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(line.data()), line.size());
  }
}
