// The smallest program that says something.
#include <cstdio>

int main() { std::puts("Hello, world"); }
