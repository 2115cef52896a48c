#include <print>

int main(int argc, char** argv) {
  std::println("Hello, {}!", argc > 1 ? argv[1] : "world");
}
