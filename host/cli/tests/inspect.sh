# `aster inspect` tells what an image is, to a person and to a program.
. "$(dirname "$0")/begin.sh"

says 'Targets     sandbox, qemu-microvm, qemu-q35, process' "$ASTER" inspect "$SERVER"
for part in 'Devices     service (net)' 'pvh +0x' 'W^X yes' 'static PIE yes' '.text' 'libc++' 'aster/net' 'kernel' 'Largest symbols'; do
  grep -qF "$part" out || fail "'$part' is missing: $(cat out)"
done
! grep -q "$(printf '\033')" out || fail 'colours in a file'

"$ASTER" inspect --json --symbols 3 "$SERVER" >json
python3 - "$SERVER" <<'PYTHON'
import json, os, sys
image = json.load(open("json"))
assert image["size"] == os.path.getsize(sys.argv[1])
assert image["devices"] == [{"name": "service", "kind": "net"}]
assert all(image["hardening"].values())
assert not any("w" in s["protection"] and "x" in s["protection"] for s in image["segments"])
assert len(image["symbols"]) == 3
# Every byte of the file belongs to something.
assert sum(l["in_file"] for l in image["libraries"]) + image["headers_and_gaps"] == image["size"]
PYTHON

status=0
"$ASTER" inspect "$SERVER" >/dev/full 2>err || status=$?
[ "$status" -eq 1 ] || fail "a full disk: exit code $status"
[ "$(cat err)" = 'aster: standard output cannot be written' ] || fail "$(cat err)"

# Away from its side files it still tells what it can.
cp "$SERVER" alone
says 'panics show addresses only' "$ASTER" inspect alone
grep -qF 'What makes it big is not known: alone.map is not there' out || fail "$(cat out)"
cp "$IMAGE.map" alone.map
says 'alone.map was written by another link' "$ASTER" inspect alone
