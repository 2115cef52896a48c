# `aster version` tells what this machine can do.
. "$(dirname "$0")/begin.sh"

says 'aster 0.' "$ASTER" version
cp out long
says 'aster 0.' "$ASTER" --version
cmp -s out long || fail '--version differs from version'
"$ASTER" version --json | python3 -c '
import json, sys
report = json.load(sys.stdin)
names = [t["name"] for t in report["targets"]]
assert names == ["sandbox", "qemu-microvm", "qemu-q35", "process"], names
assert report["default_target"] in names
assert report["abi"] == 1
'
PATH=/nonexistent "$ASTER" version >out
grep -q 'qemu-system-x86_64 is not installed' out || fail "$(cat out)"
