# From nothing to a running image: `aster new`, `aster build`, `aster run`, with the project's own test, for each
# template. $1: the name of a folder to install to first; without it, aster is used where it was built.
. "$(dirname "$0")/begin.sh"

if [ "${1:-}" = installed ]; then
  cmake --install "$BUILD" --prefix "$folder/prefix" >/dev/null
  ASTER=$folder/prefix/bin/aster
fi

says 'aster build' "$ASTER" new hello
[ ! -e hello/build ] || fail 'something is built already'
refused 1 'hello is there already' "$ASTER" new hello
refused 1 'use letters' "$ASTER" new 'two words'
refused 125 'this directory is no project' "$ASTER" run
refused 1 'inspect: this directory is no project' "$ASTER" inspect
refused 1 'symbolize: this directory is no project' "$ASTER" symbolize 0x1
refused 1 'has no CMakeLists.txt; make a project' "$ASTER" build
(
  cd hello
  refused 125 "has no image yet; build it with 'aster build'" "$ASTER" run
  says 'build/hello' "$ASTER" build
  says 'Hello, world!' "$ASTER" run
  says 'Hello, Vega!' "$ASTER" run -q --on sandbox build/hello -- Vega
  says 'build/hello' "$ASTER" inspect
  says '0x1' "$ASTER" symbolize 0x1
  [ "$(build/hello Vega)" = 'Hello, Vega!' ] || fail 'the image as a plain process'
  ctest --test-dir build --output-on-failure >log || fail "its tests: $(cat log)"
)

says 'aster run -p 8080:80' "$ASTER" new shop --template server
says 'build/shop' "$ASTER" build shop
ctest --test-dir shop/build --output-on-failure >log || fail "the server's tests: $(cat log)"

says 'aster run -p 8080:80' "$ASTER" new site --template web
says 'build/site' "$ASTER" build site
ctest --test-dir site/build --output-on-failure >log || fail "the web site's tests: $(cat log)"
