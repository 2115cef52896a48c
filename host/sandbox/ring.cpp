#include "host/sandbox/ring.hpp"

#include <linux/io_uring.h>
#include <linux/mman.h>

#include <array>
#include <cstdint>

#include "host/sandbox/linux_call.hpp"

namespace aster::host::sandbox {
namespace {

constexpr unsigned entries = 64;  // frames in one call

bool failed(long result) { return result < 0; }

/// Nothing can be submitted before the last step: there is no moment without restrictions.
bool restrict_and_enable(std::size_t devices, long ring) {
  std::array<std::int32_t, abi::device_limit> files{};
  for (std::size_t i = 0; i < devices; ++i) files[i] = abi::first_device_descriptor + static_cast<int>(i);
  if (failed(linux_call(__NR_io_uring_register, ring, int{IORING_REGISTER_FILES}, files.data(), devices)))
    return false;

  std::array<io_uring_restriction, 4> allowed{};
  allowed[0].opcode = allowed[1].opcode = IORING_RESTRICTION_SQE_OP;
  allowed[0].sqe_op = IORING_OP_READ;
  allowed[1].sqe_op = IORING_OP_WRITE;
  allowed[2].opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED;
  allowed[3].opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
  allowed[2].sqe_flags = allowed[3].sqe_flags = IOSQE_FIXED_FILE;
  return !failed(linux_call(__NR_io_uring_register, ring, int{IORING_REGISTER_RESTRICTIONS}, allowed.data(),
                            allowed.size())) &&
         !failed(linux_call(__NR_io_uring_register, ring, int{IORING_REGISTER_ENABLE_RINGS}, nullptr, 0));
}

long map(long ring, std::uint64_t size, std::uint64_t what) {
  return linux_call(__NR_mmap, nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);
}

}  // namespace

void make_ring(std::size_t devices, abi::sandbox_ring& out) {
  if (devices == 0) return;
  io_uring_params made{};
  made.flags = IORING_SETUP_R_DISABLED;
  const long first = linux_call(__NR_io_uring_setup, entries, &made);
  if (failed(first)) return;
  if (first != abi::ring_descriptor) {
    linux_call(__NR_dup2, first, abi::ring_descriptor);
    linux_call(__NR_close, first);
  }
  constexpr long ring = abi::ring_descriptor;
  const std::uint64_t queues_size = made.cq_off.cqes + made.cq_entries * sizeof(io_uring_cqe);
  const std::uint64_t entries_size = made.sq_entries * sizeof(io_uring_sqe);
  if ((made.features & IORING_FEAT_SINGLE_MMAP) != 0 && restrict_and_enable(devices, ring)) {
    const long queues = map(ring, queues_size, IORING_OFF_SQ_RING);
    const long submissions = failed(queues) ? queues : map(ring, entries_size, IORING_OFF_SQES);
    if (!failed(submissions)) {
      const auto base = static_cast<std::uint64_t>(queues);
      out = {.entries = static_cast<std::uint64_t>(submissions),
             .submission_tail = base + made.sq_off.tail,
             .submission_array = base + made.sq_off.array,
             .completion_head = base + made.cq_off.head,
             .completion_tail = base + made.cq_off.tail,
             .completions = base + made.cq_off.cqes,
             .submission_mask = made.sq_entries - 1,
             .completion_mask = made.cq_entries - 1};
      return;
    }
    if (!failed(queues)) linux_call(__NR_munmap, queues, queues_size);
  }
  linux_call(__NR_close, ring);
}

}  // namespace aster::host::sandbox
