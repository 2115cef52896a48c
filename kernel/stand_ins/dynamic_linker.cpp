// There are no shared objects in an image, so none is found in one, and nothing in any.
//
// libc asks for them on its own account: the unwinder for a faster look-up by name, the destructors of thread-local
// objects for the object that they lie in (the program itself, when there is no other), iconv and the name service
// for modules in files, and the start-up for the folders to search, the program's own among them. The answers of libc's own would bring
// the whole dynamic linker, 60 KB, and dlsym's would call malloc, which a panic over a ruined heap cannot. An image is the same everywhere: where it runs as a plain
// process, it opens no module either.
#include <cstdint>

extern "C" {  // NOLINTBEGIN: libc's names
int dladdr(const void*, void*) noexcept;
void* dlsym(void*, const char*) noexcept;
void* _dl_find_dso_for_object(std::uintptr_t) noexcept;
void* __libc_dlopen_mode(const char*, int);
void* __libc_dlsym(void*, const char*);
void* __libc_dlvsym(void*, const char*, const char*);
int __libc_dlclose(void*);
void _dl_init_paths(const char*, const char*, const char*, const char*);
const char* _dl_get_origin();

int dladdr(const void*, void*) noexcept { return 0; }
void* dlsym(void*, const char*) noexcept { return nullptr; }
void* _dl_find_dso_for_object(std::uintptr_t) noexcept { return nullptr; }
void* __libc_dlopen_mode(const char*, int) { return nullptr; }
void* __libc_dlsym(void*, const char*) { return nullptr; }
void* __libc_dlvsym(void*, const char*, const char*) { return nullptr; }
int __libc_dlclose(void*) { return 0; }
void _dl_init_paths(const char*, const char*, const char*, const char*) {}
const char* _dl_get_origin() { return reinterpret_cast<const char*>(-1); }  // unknown
}  // NOLINTEND
