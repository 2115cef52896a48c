# What is wrong with a program or a project is shown as the tools say it, without the noise around it.
. "$(dirname "$0")/begin.sh"

says 'is made' "$ASTER" new hello
cd hello

echo 'int main() { return nonsense; }' >main.cpp
status=0
"$ASTER" build >out 2>err || status=$?
[ "$status" -eq 1 ] || fail "exit code $status"
grep -q "main.cpp:1:21: error: use of undeclared identifier 'nonsense'" err || fail "$(cat err)"
grep -q '^aster: build: the build failed' err || fail "$(cat err)"
! grep -qE 'clang\+\+|ninja|FAILED' err || fail "noise: $(cat err)"
! grep -q "$(printf '\033')" err || fail 'colours in a file'

echo 'nonsense(' >>CMakeLists.txt
rm -r build
status=0
"$ASTER" build >out 2>err || status=$?
[ "$status" -eq 1 ] || fail "exit code $status"
grep -q 'CMake Error' err || fail "$(cat err)"
grep -q 'cannot be configured; see above' err || fail "$(cat err)"
