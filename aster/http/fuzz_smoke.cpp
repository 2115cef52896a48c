// Runs a fuzz target on some thousand mutations of known requests, the same each time: what `make test` does
// where a fuzzer would take hours. On failure it says which round it was.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

const std::string_view seeds[] = {
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /a?b HTTP/1.0\r\nConnection: keep-alive\r\n\r\nHEAD / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: "
    "h\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: v\r\n\r\nGET "
    "/x HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST /ab HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 70\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: h\r\nAccept: */*\r\nUser-Agent: curl/8\r\nX:\t \r\n\r\n",
    "GET http://a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
};
const std::string_view pieces[] = {"\r\n",
                                   "\r",
                                   "\n",
                                   " ",
                                   "\t",
                                   ":",
                                   ",",
                                   ";",
                                   std::string_view{"\0", 1},
                                   "\x7f",
                                   "\xff",
                                   "0",
                                   "5",
                                   "ffffffffffffffff",
                                   "Content-Length: 5\r\n",
                                   "Transfer-Encoding: chunked\r\n",
                                   "Host: x\r\n",
                                   "\r\n\r\n",
                                   "HTTP/1.1",
                                   "GET / "};

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 20'000;
  std::uint64_t state = 1;
  auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((state >> 33) % below);
  };
  static int round = 0;  // static, for the handler
  std::signal(SIGABRT, [](int) {
    std::fprintf(stderr, "in round %d\n", round);
    std::_Exit(1);
  });
  for (; round < rounds; ++round) {
    std::string input;
    input += static_cast<char>(random(256));
    input += static_cast<char>(random(256));
    input += seeds[random(std::size(seeds))];
    if (random(3) == 0) input += seeds[random(std::size(seeds))];
    for (std::size_t edits = random(4); edits > 0; --edits) {
      const std::size_t at = random(input.size() + 1);
      switch (random(4)) {
        case 0: input.insert(at, pieces[random(std::size(pieces))]); break;
        case 1: input.erase(at, 1 + random(4)); break;
        case 2:
          if (at < input.size()) input[at] = static_cast<char>(random(256));
          break;
        case 3: input.insert(at, input.substr(random(input.size()), random(20))); break;
      }
    }
    if (input.empty()) continue;
    if (LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()) != 0) {
      std::printf("round %d failed\n", round);
      return 1;
    }
  }
  std::printf("%d mutated inputs\n", rounds);
}
