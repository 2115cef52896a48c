// Tries to get out: one way per run, named by the first argument, through libc or by the bare instruction as the
// second one says. Says what came of it: the name of the error, or what it got.
//
//   escapes list                      the names, one a line, with the doors that each has
//   escapes "open a file" libc
//   escapes "open a file" instruction
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sched.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "aster/task.hpp"

namespace {

/// A system call without libc; a failure is a negated error number.
long instruction(long number, const std::array<long, 6>& a) {
  long result;
  register long r10 asm("r10") = a[3];
  register long r8 asm("r8") = a[4];
  register long r9 asm("r9") = a[5];
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

long answer(long result) { return result == -1 ? -errno : result; }
long at(const void* pointer) { return reinterpret_cast<long>(pointer); }

const char outside_file[] = "/etc/passwd";
const char new_file[] = "/tmp/asterism-was-here";
const char program[] = "/bin/true";
char* const words[] = {const_cast<char*>(program), nullptr};
char* const nothing[] = {nullptr};
const sockaddr_in loopback{.sin_family = AF_INET, .sin_port = 0x1600, .sin_addr = {0x0100007f}, .sin_zero = {}};  // port 22
char buffer[256];
const iovec into{buffer, sizeof buffer};
const iovec from{reinterpret_cast<void*>(0x400000), sizeof buffer};
const timespec moment{0, 1};

struct attempt {
  std::string_view name;
  long (*by_libc)();  // null: libc has no such function
  long number;
  std::array<long, 6> arguments{};
};

const attempt all[] = {
    // Files.
    {"open a file", [] { return answer(open(outside_file, O_RDONLY)); }, SYS_open, {at(outside_file), O_RDONLY}},
    {"open it by openat", nullptr, SYS_openat, {AT_FDCWD, at(outside_file), O_RDONLY}},
    {"make a file", [] { return answer(creat(new_file, 0600)); }, SYS_open, {at(new_file), O_CREAT | O_WRONLY, 0600}},
    {"read /proc/self/maps", [] { return answer(open("/proc/self/maps", O_RDONLY)); }, SYS_open, {at("/proc/self/maps"), O_RDONLY}},
    {"write /proc/self/mem", [] { return answer(open("/proc/self/mem", O_RDWR)); }, SYS_open, {at("/proc/self/mem"), O_RDWR}},
    {"open /dev/kvm", [] { return answer(open("/dev/kvm", O_RDWR)); }, SYS_open, {at("/dev/kvm"), O_RDWR}},
    {"list the root", [] { return answer(open("/", O_RDONLY | O_DIRECTORY)); }, SYS_open, {at("/"), O_RDONLY | O_DIRECTORY}},
    {"stat a file", [] {
       struct stat s;
       return answer(stat(outside_file, &s));
     }, SYS_stat, {at(outside_file), at(buffer)}},
    {"link to a file", [] { return answer(symlink(outside_file, new_file)); }, SYS_symlink, {at(outside_file), at(new_file)}},
    {"remove a file", [] { return answer(unlink(outside_file)); }, SYS_unlink, {at(outside_file)}},
    {"make a folder", [] { return answer(mkdir(new_file, 0700)); }, SYS_mkdir, {at(new_file), 0700}},
    {"open by handle", nullptr, SYS_open_by_handle_at, {AT_FDCWD, at(buffer), O_RDONLY}},
    {"change the root", [] { return answer(chroot("/")); }, SYS_chroot, {at("/")}},
    {"mount", [] { return answer(mount("none", "/tmp", "tmpfs", 0, "")); }, SYS_mount, {at("none"), at("/tmp"), at("tmpfs")}},
    {"make a memory file", [] { return answer(memfd_create("x", 0)); }, SYS_memfd_create, {at("x"), 0}},

    // The network.
    {"make a socket", [] { return answer(socket(AF_INET, SOCK_STREAM, 0)); }, SYS_socket, {AF_INET, SOCK_STREAM}},
    {"make a unix socket", [] { return answer(socket(AF_UNIX, SOCK_STREAM, 0)); }, SYS_socket, {AF_UNIX, SOCK_STREAM}},
    {"make a packet socket", [] { return answer(socket(AF_PACKET, SOCK_RAW, 0)); }, SYS_socket, {AF_PACKET, SOCK_RAW}},
    {"make a netlink socket", [] { return answer(socket(AF_NETLINK, SOCK_RAW, 0)); }, SYS_socket, {AF_NETLINK, SOCK_RAW}},
    {"make a socket pair", [] {
       int pair[2];
       return answer(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
     }, SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, at(buffer)}},
    {"connect a descriptor", [] {
       return answer(connect(4, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback));
     }, SYS_connect, {4, at(&loopback), sizeof loopback}},
    {"send a descriptor away", [] {
       msghdr message{};
       return answer(sendmsg(4, &message, 0));
     }, SYS_sendmsg, {4, at(buffer), 0}},

    // Processes.
    {"fork", [] { return answer(fork()); }, SYS_fork},
    {"vfork", nullptr, SYS_vfork},
    {"clone a process", nullptr, SYS_clone, {SIGCHLD}},
    {"clone with a namespace", nullptr, SYS_clone, {CLONE_NEWUSER | SIGCHLD}},
    {"clone3", nullptr, SYS_clone3, {at(buffer), 88}},
    {"run a program", [] { return answer(execve(program, words, nothing)); }, SYS_execve, {at(program), at(words), at(nothing)}},
    {"spawn a program", [] {
       pid_t child;
       return -static_cast<long>(posix_spawn(&child, program, nullptr, nullptr, words, nothing));
     }, SYS_execveat, {AT_FDCWD, at(program), at(words), at(nothing), 0}},
    {"ask the shell", [] { return std::system("true") == 0 ? 0L : -long{ENOSYS}; }, SYS_wait4, {-1, 0, WNOHANG}},
    {"signal process 1", [] { return answer(kill(1, 0)); }, SYS_kill, {1, 0}},
    {"signal everybody", nullptr, SYS_kill, {-1, 0}},
    {"open a process", nullptr, SYS_pidfd_open, {1, 0}},
    {"take a descriptor of another process", nullptr, SYS_pidfd_getfd, {4, 0, 0}},
    {"trace", [] { return answer(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }, SYS_ptrace, {PTRACE_TRACEME}},
    {"attach to process 1", nullptr, SYS_ptrace, {PTRACE_SEIZE, 1}},
    {"read another process", [] { return answer(process_vm_readv(1, &into, 1, &from, 1, 0)); }, SYS_process_vm_readv, {1, at(&into), 1, at(&from), 1, 0}},
    {"write another process", [] { return answer(process_vm_writev(1, &into, 1, &from, 1, 0)); }, SYS_process_vm_writev, {1, at(&into), 1, at(&from), 1, 0}},
    {"compare processes", nullptr, SYS_kcmp, {1, 1, 0, 0, 0}},
    {"share memory", [] { return answer(shmget(IPC_PRIVATE, 4096, 0600 | IPC_CREAT)); }, SYS_shmget, {IPC_PRIVATE, 4096, 0600 | IPC_CREAT}},
    {"open a message queue", [] { return answer(mq_open("/x", O_CREAT | O_RDWR, 0600, nullptr)); }, SYS_mq_open, {at("x"), O_CREAT | O_RDWR, 0600}},

    // Rights and namespaces.
    {"become root", [] { return answer(setuid(0)); }, SYS_setuid, {0}},
    {"unshare namespaces", [] { return answer(unshare(CLONE_NEWUSER | CLONE_NEWNET)); }, SYS_unshare, {CLONE_NEWUSER | CLONE_NEWNET}},
    {"enter a namespace", [] { return answer(setns(0, 0)); }, SYS_setns, {0, 0}},
    {"raise a limit", nullptr, SYS_setrlimit, {0, at(buffer)}},
    {"load another filter", nullptr, SYS_seccomp, {1, 0, at(buffer)}},
    {"loosen by prctl", nullptr, SYS_prctl, {22, 2, at(buffer)}},  // PR_SET_SECCOMP
    {"set capabilities", nullptr, SYS_capset, {at(buffer), at(buffer)}},

    // Deep into the kernel.
    {"map executable memory", [] {
       return mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -long{errno} : 0L;
     }, SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}},
    {"make memory executable", [] {
       alignas(4096) static char page[4096];
       return answer(mprotect(page, sizeof page, PROT_READ | PROT_EXEC));
     }, SYS_mprotect, {0, 4096, PROT_READ | PROT_EXEC}},
    {"set up an io_uring", nullptr, SYS_io_uring_setup, {1, at(buffer)}},
    {"load a BPF program", nullptr, SYS_bpf, {5, at(buffer), 120}},
    {"count events", nullptr, SYS_perf_event_open, {at(buffer), 0, -1, -1, 0}},
    {"handle page faults", nullptr, SYS_userfaultfd, {0}},
    {"use a key ring", nullptr, SYS_keyctl, {0, -1, 0}},
    {"change segments", nullptr, SYS_modify_ldt, {0, at(buffer), 16}},
    {"use ports", nullptr, SYS_iopl, {3}},
    {"load a module", nullptr, SYS_init_module, {at(buffer), 16, at("")}},
    {"restart the machine", [] { return answer(reboot(RB_DISABLE_CAD)); }, SYS_reboot, {0xfee1dead, 672274793, 0}},
    {"set the clock", [] { return answer(clock_settime(CLOCK_REALTIME, &moment)); }, SYS_clock_settime, {CLOCK_REALTIME, at(&moment)}},

    // Descriptors that somebody may have left open, and the terminal.
    {"read descriptor 5", [] { return answer(read(5, buffer, 1)); }, SYS_read, {5, at(buffer), 1}},
    {"write descriptor 9", [] { return answer(write(9, "x", 1)); }, SYS_write, {9, at("x"), 1}},
    {"write descriptor 16", [] { return answer(write(16, "x", 1)); }, SYS_write, {16, at("x"), 1}},
    {"type into the terminal", [] { return answer(ioctl(0, TIOCSTI, "x")); }, SYS_ioctl, {0, TIOCSTI, at("x")}},
    {"copy a descriptor", [] { return answer(dup(3)); }, SYS_dup, {3}},
    {"splice", [] { return answer(splice(0, nullptr, 1, nullptr, 1, 0)); }, SYS_splice, {0, 0, 1, 0, 1, 0}},
    {"watch files", [] { return answer(inotify_init()); }, SYS_inotify_init},
    {"make an epoll", [] { return answer(epoll_create1(0)); }, SYS_epoll_create1, {0}},
    {"a call that does not exist", nullptr, 999},
};

int say(long result) {
  // Only answers that fit an error number are errors; an address is a success.
  if (result < 0 && result > -4096) std::printf("%s\n", strerrorname_np(static_cast<int>(-result)) ?: "unknown error");
  else std::printf("got %ld\n", result);
  return 0;
}

/// The same call under the numbers of 32-bit Linux: getpid is 20.
int by_the_old_gate() {
  long result = 20;
  asm volatile("int $0x80" : "+a"(result)::"memory", "r8", "r9", "r10", "r11");
  return say(result);
}
int by_x32() { return say(instruction(0x40000000 + SYS_getpid, {})); }

int write_in_a_fiber() {
  aster::task::scope writers{"writers"};
  writers.spawn("scribe", [] { static_cast<void>(write(1, "from a fiber\n", 13)); });
  writers.join();
  return 0;
}

/// What a program can learn of the machine it runs on.
int look_around() {
  char folder[64] = "";
  std::printf("process %d of %d, user %d\n", getpid(), getppid(), static_cast<int>(getuid()));
  std::printf("folder %s\n", getcwd(folder, sizeof folder) ? folder : "none");
  gethostname(buffer, sizeof buffer);
  std::printf("host %s\n", buffer);
  std::printf("processors %ld\n", sysconf(_SC_NPROCESSORS_ONLN));
  std::printf("memory %ld MiB\n", sysconf(_SC_PHYS_PAGES) / 256);
  std::fflush(stdout);
  for (int byte = 0; byte != EOF;) byte = std::getchar();  // stays for the test to look at it
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view wanted = count > 1 ? arguments[1] : "list", door = count > 2 ? arguments[2] : "";
  if (wanted == "look around") return look_around();
  if (wanted == "write in a fiber") return write_in_a_fiber();
  if (wanted == "int 0x80") return by_the_old_gate();
  if (wanted == "x32") return by_x32();
  if (wanted == "list") {
    for (const attempt& a : all) std::printf("%s:%s\n", a.name.data(), a.by_libc ? " libc" : "");
    return 0;
  }
  for (const attempt& a : all) {
    if (a.name != wanted) continue;
    if (door == "instruction") return say(instruction(a.number, a.arguments));
    if (a.by_libc) return say(a.by_libc());
  }
  return 2;
}
