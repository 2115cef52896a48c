// Where the bytes of a file come from: a descriptor, or memory in tests and fuzzers.
//
// An image is never read as a whole: its headers and notes are a few kilobytes, and every page touched is
// paid at each start. It is not mapped either, since a file that shrinks under a mapping raises SIGBUS.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <span>

namespace aster::host {

class byte_source {
 public:
  virtual ~byte_source() = default;

  /// Bytes there are. A later `read` may still fail, when the file has shrunk since.
  virtual std::uint64_t size() const = 0;

  /// Fills `out` from `offset` on; false, with `out` unspecified, when not all of it is there.
  virtual bool read(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

/// Bytes in memory that outlive the source.
class memory_source final : public byte_source {
 public:
  explicit memory_source(std::span<const std::byte> bytes) : bytes_{bytes} {}
  std::uint64_t size() const override { return bytes_.size(); }
  bool read(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::span<const std::byte> bytes_;
};

/// A regular file, held open: it stays the same file when another takes its name.
class file_source final : public byte_source {
 public:
  /// Opens `path` for reading; the error is an errno (EISDIR for a directory, EINVAL for a device or pipe).
  static std::expected<file_source, int> open(const std::filesystem::path& path);

  file_source(file_source&& other) noexcept;
  file_source& operator=(file_source&& other) noexcept;
  ~file_source() override;

  std::uint64_t size() const override { return size_; }
  bool read(std::uint64_t offset, std::span<std::byte> out) const override;

  /// The open descriptor (O_CLOEXEC), still owned by the source.
  int descriptor() const { return descriptor_; }

 private:
  file_source(int descriptor, std::uint64_t size) : descriptor_{descriptor}, size_{size} {}
  int descriptor_;
  std::uint64_t size_;
};

}  // namespace aster::host
