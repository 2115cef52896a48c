# `aster crunch -f`: single files as constants, in each form; they compile and hold the bytes.
. "$(dirname "$0")/begin.sh"

printf 'foo\n' >foo.txt
printf 'a\\\n\377\0b"' >odd.bin
: >empty
head -c 70000 "$ASTER" >large

"$ASTER" crunch -f foo.txt >out
grep -qF 'inline constexpr std::array<std::string_view, 1> foo_txt{' out || fail "$(cat out)"
grep -qF 'std::string_view{"\x66\x6f\x6f\x0a", 4},' out || fail "$(cat out)"
"$ASTER" crunch --file contents:foo.txt -s -u --with-comments -o - >out
grep -qF 'inline constexpr std::string_view contents{' out || fail "$(cat out)"
grep -qF '"\x66\x6F\x6F\x0A",  // foo.' out || fail "$(cat out)"
cp foo.txt 'a:b.txt'
says ' a_b_txt{' "$ASTER" crunch -f '-:a:b.txt'

# check KIND OPTIONS…: what is written in that form holds the bytes of the files.
cat >check.cpp <<'CODE'
#include <cstdio>
#include "files.hpp"
void write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void write(const auto& pieces) { for (std::string_view piece : pieces) write(piece); }
int main() { write(odd); write(empty); write(large); write(foo_txt); }
CODE
cat odd.bin large foo.txt >expected
check() {
  rm -f files.hpp
  "$ASTER" crunch -f odd:odd.bin -f empty -f large -f foo.txt -o files.hpp "$@"
  "$CXX" -std=c++23 -stdlib=libc++ -Wall -Wextra -Wpedantic -Werror -fuse-ld=lld check.cpp -o check
  ./check >out
  cmp out expected || fail "$*: not the same bytes"
}
check
check --array --cols 1 --with-comments
check --list -c 7 -u
check --string --cols 256 --with-comments

# Digests, in the same form.
"$ASTER" crunch -f foo.txt -s -c 256 -o foo.hpp --checksums sums.hpp --checksums md5:md5.hpp
for which in sha256:sums.hpp md5:md5.hpp; do
  digest=$(openssl dgst -"${which%%:*}" foo.txt | sed 's/.*= //;s/../\\x&/g')
  grep -qF "\"$digest\"" "${which#*:}" || fail "$which: $(cat "${which#*:}")"
done
rm foo.hpp
says '"size": 4' "$ASTER" crunch -f foo.txt -o foo.hpp --json

refused 1 'foo.hpp is there already; choose another name, or add --force' "$ASTER" crunch -f foo.txt -o foo.hpp
"$ASTER" crunch -f foo.txt -o foo.hpp --force
refused 1 'nowhere cannot be read: No such file' "$ASTER" crunch -f nowhere
refused 1 'there is a foo_txt already' "$ASTER" crunch -f foo.txt -f foo.txt
refused 1 "'1x' is no name in C++" "$ASTER" crunch -f 1x:foo.txt
refused 1 "'crc' is no digest" "$ASTER" crunch -f foo.txt -o another.hpp --checksums crc:sums
refused 2 '--json with -f needs -o FILE' "$ASTER" crunch -f foo.txt --json
