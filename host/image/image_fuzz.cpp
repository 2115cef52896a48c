// libFuzzer target: any bytes at all are either an image or a one-line error.
//
//   clang++-19 -fsanitize=fuzzer,address … ; see the target image_fuzz
#include <cstdlib>

#include "host/image/image.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace aster::host;
  const memory_source bytes{std::as_bytes(std::span{data, size})};
  const auto result = read_image(bytes, "fuzz", seal_state::either);
  if (!result && (result.error().text.empty() || result.error().text.contains('\n'))) std::abort();
  return 0;
}
