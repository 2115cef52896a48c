#include "aster/http/compress.hpp"

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <new>
#include <stdexcept>

namespace aster::http {

class compressor::coder {
 public:
  enum class operation : std::uint8_t { process, flush, finish };
  virtual ~coder() = default;
  virtual void run(std::string_view content, operation what, std::string& out) = 0;
};

namespace {

constexpr std::size_t piece = 4096;  // appended at a time

/// The exponent of the smallest power of two that holds `size`, within what the coder can do.
int window_bits(std::size_t size, int least, int most) {
  return size == 0 ? most : std::clamp(static_cast<int>(std::bit_width(size - 1)), least, most);
}

}  // namespace

class compressor::gzip_coder final : public compressor::coder {
 public:
  explicit gzip_coder(std::size_t size) {
    constexpr int level = 5, with_gzip_header = 16;
    const int bits = window_bits(size, 9, 15);
    const int memory = std::clamp(bits - 7, 1, 7);  // a state of at most 128 KiB and a little
    if (deflateInit2(&stream_, level, Z_DEFLATED, with_gzip_header + bits, memory, Z_DEFAULT_STRATEGY) !=
        Z_OK)
      throw std::bad_alloc{};
  }
  ~gzip_coder() override { deflateEnd(&stream_); }

  void run(std::string_view content, operation what, std::string& out) override {
    do {
      // zlib counts in 32 bits.
      const std::size_t size = std::min<std::size_t>(content.size(), std::numeric_limits<uInt>::max());
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
      stream_.avail_in = static_cast<uInt>(size);
      content.remove_prefix(size);
      const bool is_last = content.empty();
      run_piece(!is_last                     ? Z_NO_FLUSH
                : what == operation::process ? Z_NO_FLUSH
                : what == operation::flush   ? Z_SYNC_FLUSH
                                             : Z_FINISH,
                out);
    } while (!content.empty());
  }

 private:
  void run_piece(int flush, std::string& out) {
    std::array<Bytef, piece> buffer;
    do {
      stream_.next_out = buffer.data();
      stream_.avail_out = piece;
      if (deflate(&stream_, flush) == Z_STREAM_ERROR)
        throw std::logic_error("http: something was written behind the end of a coded body");
      out.append(reinterpret_cast<const char*>(buffer.data()), piece - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
};

class compressor::brotli_coder final : public compressor::coder {
 public:
  explicit brotli_coder(std::size_t size) : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (!state_) throw std::bad_alloc{};
    constexpr std::uint32_t quality = 4;
    BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_QUALITY, quality);
    BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_LGWIN,
                              static_cast<std::uint32_t>(window_bits(size, BROTLI_MIN_WINDOW_BITS, 16)));
    if (size > 0 && size <= std::numeric_limits<std::uint32_t>::max())
      BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_SIZE_HINT, static_cast<std::uint32_t>(size));
  }

  void run(std::string_view content, operation what, std::string& out) override {
    if (BrotliEncoderIsFinished(state_.get()) != BROTLI_FALSE)
      throw std::logic_error("http: something was written behind the end of a coded body");
    const BrotliEncoderOperation operation = what == operation::process ? BROTLI_OPERATION_PROCESS
                                             : what == operation::flush ? BROTLI_OPERATION_FLUSH
                                                                        : BROTLI_OPERATION_FINISH;
    std::size_t left = content.size();
    auto* next = reinterpret_cast<const std::uint8_t*>(content.data());
    do {
      std::size_t room = 0;
      std::uint8_t* nowhere = nullptr;
      if (BrotliEncoderCompressStream(state_.get(), operation, &left, &next, &room, &nowhere, nullptr) ==
          BROTLI_FALSE)
        throw std::bad_alloc{};  // it fails for nothing else
      std::size_t size = 0;
      const std::uint8_t* const ready = BrotliEncoderTakeOutput(state_.get(), &size);
      out.append(reinterpret_cast<const char*>(ready), size);
    } while (left > 0 || BrotliEncoderHasMoreOutput(state_.get()) != BROTLI_FALSE);
  }

 private:
  struct destroy {
    void operator()(BrotliEncoderState* s) const { BrotliEncoderDestroyInstance(s); }
  };
  std::unique_ptr<BrotliEncoderState, destroy> state_;
};

compressor::compressor(content_coding coding, std::size_t size) {
  switch (coding) {
    case content_coding::gzip: coder_ = std::make_unique<gzip_coder>(size); return;
    case content_coding::brotli: coder_ = std::make_unique<brotli_coder>(size); return;
    case content_coding::identity: break;
  }
  throw std::invalid_argument("http: identity needs no compressor");
}

compressor::~compressor() = default;
compressor::compressor(compressor&&) noexcept = default;
compressor& compressor::operator=(compressor&&) noexcept = default;

void compressor::write(std::string_view content, std::string& out) {
  if (!content.empty()) coder_->run(content, coder::operation::process, out);
}
void compressor::flush(std::string& out) { coder_->run({}, coder::operation::flush, out); }
void compressor::finish(std::string& out) { coder_->run({}, coder::operation::finish, out); }

std::string compress(content_coding coding, std::string_view content) {
  compressor c{coding, std::max<std::size_t>(content.size(), 1)};
  std::string out;
  out.reserve(content.size() / 3 + 64);
  c.write(content, out);
  c.finish(out);
  return out;
}

}  // namespace aster::http
