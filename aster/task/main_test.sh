#!/bin/sh
# A program that is told to stop unwinds through all destructors and exits with 0; what else leaves main by
# an exception does not.
set -u
program=$1
output=$(mktemp)
trap 'rm -f "$output"' EXIT
fail() { echo "main_test: $1"; cat "$output"; exit 1; }

"$program" > "$output" 2>&1 &
pid=$!
tries=0
until grep -q working "$output"; do
  tries=$((tries + 1))
  [ $tries -lt 500 ] || { kill -KILL $pid; fail "did not start"; }
  sleep 0.02
done
kill -TERM $pid
wait $pid
status=$?
[ $status -eq 0 ] || fail "exit code $status after SIGTERM"
[ "$(cat "$output")" = "working
one unwound
two unwound
main unwound" ] || fail "not all has unwound, or not in order"

"$program" return > "$output" 2>&1
[ $? -eq 7 ] || fail "the value of main is lost"
for how in throw cancel; do
  "$program" $how > "$output" 2>&1
  [ $? -ge 128 ] || fail "an uncaught exception ($how) did not end in a panic"
done

"$program" overflow > "$output" 2>&1
[ $? -ne 0 ] || fail "an overflow of the stack went unnoticed"
grep -q 'AddressSanitizer' "$output" || {
  grep -q 'stack overflow' "$output" || fail "an overflow of the stack is not called so"
  grep -q 'bottomless' "$output" || fail "an overflow of the stack does not name the fiber"
}
