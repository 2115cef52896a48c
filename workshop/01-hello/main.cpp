#include <print>

int main() { std::println("Hello, world"); }
