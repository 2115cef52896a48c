// libc's messages are those of its source text: an image has no catalogues that translate them.
//
// strerror() and getopt() ask, and bring the reader of catalogues with its plural forms. A program's
// own gettext() gives its text back for the same reason.
extern "C" {  // NOLINTBEGIN: libc's names
char* __dcgettext(const char* domain, const char* message, int category) noexcept;
char* dcgettext(const char* domain, const char* message, int category) noexcept;

char* __dcgettext(const char*, const char* message, int) noexcept { return const_cast<char*>(message); }
char* dcgettext(const char*, const char* message, int) noexcept { return const_cast<char*>(message); }
}  // NOLINTEND
