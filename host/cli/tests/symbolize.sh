# Addresses become functions with file and line, as arguments and within text.
. "$(dirname "$0")/begin.sh"

address=$(nm "$IMAGE.debug" | sed -n 's/^0*\([0-9a-f]*\) T \(main\|__wrap_main\|__real_main\)$/\1/p' | head -n 1)
says 'main' "$ASTER" symbolize "$IMAGE" "0x$address"
grep -qE '(main\.cpp|aster/task/main\.cpp):[0-9]+' out || fail "no line: $(cat out)"

printf 'before\nat image+0x%s, twice image+0x%s; image+0xzz\n' "$address" ffffffffff | "$ASTER" symbolize "$IMAGE" >out
head -n 1 out | grep -qx before || fail "$(cat out)"
grep -qE "^at image\+0x$address \(.*main.*\.cpp:[0-9:]+\), twice image\+0xffffffffff; image\+0xzz$" out || fail "$(cat out)"

refused 2 "'12g' is no offset" "$ASTER" symbolize "$IMAGE" 12g
