// Says what it was given: arguments, environment, standard input. Ends as it is told to.
//
//   arguments.. show ARG…      prints each argument and variable in brackets
//   arguments.. return N | exit N | quick_exit N | _exit N
//   arguments.. copy           copies standard input to output, and says to the error output how much
//   arguments.. lines          answers each line of input as soon as it comes
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

extern char** environ;

namespace {

struct destroyed {
  const char* what;
  ~destroyed() {
    std::printf("%s destroyed\n", what);
    std::fflush(stdout);
  }
};
destroyed global{"global"};

int show(int count, char** words) {
  for (int i = 0; i < count; ++i) std::printf("argument [%s]\n", words[i]);
  for (char** variable = environ; *variable; ++variable) std::printf("variable [%s]\n", *variable);
  return 0;
}

int copy() {
  std::size_t total = 0;
  char block[4096];
  for (;;) {
    const ssize_t n = read(0, block, sizeof block);
    if (n < 0) return 1;
    if (n == 0) break;
    total += std::fwrite(block, 1, static_cast<std::size_t>(n), stdout);
  }
  std::fprintf(stderr, "%zu bytes\n", total);
  return read(0, block, sizeof block) == 0 ? 0 : 2;  // the end stays the end
}

int lines() {
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) std::cout << "got [" << line << "]" << std::endl;
  std::cout << "end" << std::endl;
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view what = count > 1 ? words[1] : "";
  const int code = count > 2 ? std::atoi(words[2]) : 0;
  if (what == "copy") return copy();
  if (what == "lines") return lines();
  if (what == "show") return show(count, words);
  destroyed local{"local"};
  if (what == "exit") std::exit(code);
  if (what == "_exit") _exit(code);
  if (what == "quick_exit") std::quick_exit(code);
  return code;
}
