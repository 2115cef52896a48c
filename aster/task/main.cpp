// Where an orderly stop ends: the wrapper around the program's `main`.
//
// When the outside asks an image to stop, the root fiber is cancelled and `cancelled` unwinds `main` through
// all its destructors. C++ runs destructors of an exception only if somebody catches it, and that must happen
// above `main`; so images are linked with --wrap=main, and the start-up code's call of `main` comes here.
// A stop that was asked for is a success: exit code 0.
//
// Nothing else is caught: any other exception finds no handler, and std::terminate sees the stack of the
// throw, with the line that failed.
#include "aster/task/cancellation.hpp"
#include "aster/task/event.hpp"

extern "C" {
int __real_main(int argc, char** argv, char** environment);

int __wrap_main(int argc, char** argv, char** environment) {
  try {
    return __real_main(argc, argv, environment);
  } catch (const aster::task::cancelled&) {
    if (!aster::task::stopping()) throw;  // nobody asked: the program threw it itself
    return 0;
  }
}
}
