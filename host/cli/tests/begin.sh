# What every test of the command begins with: a folder of its own, gone at the end, and ways to say what is
# expected. ASTER, IMAGE (01-hello) and SERVER (02-server) come from ctest.
set -eu
export LC_ALL=C
unset NO_COLOR
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# refused CODE TEXT COMMAND…: it ends with that code, says nothing on standard output, and one line on standard
# error that begins with "aster: " and holds TEXT.
refused() {
  local code=$1 text=$2 status=0
  shift 2
  "$@" >out 2>err </dev/null || status=$?
  [ "$status" -eq "$code" ] || fail "$*: exit code $status, not $code: $(cat err)"
  [ ! -s out ] || fail "$*: standard output: $(cat out)"
  [ "$(wc -l <err)" -eq 1 ] || fail "$*: not one line: $(cat err)"
  grep -q '^aster: ' err || fail "$*: $(cat err)"
  grep -qF -- "$text" err || fail "$*: '$text' is not in: $(cat err)"
}

# says TEXT COMMAND…: it succeeds, and standard output holds TEXT.
says() {
  local text=$1
  shift
  "$@" >out 2>err </dev/null || fail "$*: exit code $?: $(cat err)"
  grep -qF -- "$text" out || fail "$*: '$text' is not in: $(cat out)"
}
