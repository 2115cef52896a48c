# A project with asterism_crunch: what changes in the folder is in the next build. $1: as in new_build_run.sh.
. "$(dirname "$0")/begin.sh"

if [ "${1:-}" = installed ]; then
  cmake --install "$BUILD" --prefix "$folder/prefix" >/dev/null
  ASTER=$folder/prefix/bin/aster
fi

says 'is made' "$ASTER" new shop
cd shop
mkdir -p site/css
echo 'one' >site/css/style.css
cat >main.cpp <<'CODE'
#include <print>
#include "assets.hpp"
int main() {
  for (const auto& file : assets::all) std::println("{} {}", file.path, file.content);
  std::print("{}", assets::css::style_css.content);
}
CODE
echo 'asterism_crunch(shop site)' >>CMakeLists.txt

says 'build/shop' "$ASTER" build
"$ASTER" run -q --on sandbox >out
[ "$(cat out)" = "$(printf '/css/style.css one\n\none')" ] || fail "$(cat out)"

echo 'two' >site/css/style.css
says 'build/shop' "$ASTER" build
says '/css/style.css two' "$ASTER" run -q --on sandbox

echo 'new' >site/css/new.css
mkdir site/img
echo 'dot' >site/img/dot.svg
says 'build/shop' "$ASTER" build
says '/css/new.css new' "$ASTER" run -q --on sandbox
grep -q '^/img/dot.svg dot' out || fail "$(cat out)"

rm -r site/img site/css/new.css
says 'build/shop' "$ASTER" build
"$ASTER" run -q --on sandbox >out
[ "$(cat out)" = "$(printf '/css/style.css two\n\ntwo')" ] || fail "$(cat out)"
cmake --build build | grep -q 'no work to do' || fail 'it is built again without a reason'

# What the program names must be there.
mv site/css/style.css site/css/other.css
status=0
"$ASTER" build >out 2>err || status=$?
[ "$status" -eq 1 ] || fail "a file that is gone still builds"
grep -q "main.cpp:5:33: error: no member named 'style_css' in namespace 'assets::css'" err || fail "$(cat err)"
