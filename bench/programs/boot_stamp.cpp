// Says at which time stamp main was reached: with QEMU's `-icount shift=0` that is how many instructions the
// machine has executed since it was switched on.
#include <x86intrin.h>

#include <cstdio>

int main() {
  const unsigned long long stamp = __rdtsc();
  std::printf("main at %llu\n", stamp);
}
