// There are no shared objects in an image, so no symbol is ever found in one.
//
// The unwinder asks for a faster look-up by name, once. libc's dlsym would bring the whole dynamic linker into
// the image for that answer, and calls malloc, which a panic over a ruined heap cannot.
extern "C" void* dlsym(void*, const char*) noexcept { return nullptr; }  // NOLINT: libc's name
