#!/bin/sh
# Runs ctest over a build folder with the arguments given, and ends with one line that counts:
# "N passed, N failed" (and ", N skipped" where some were).
#
#   cmake/test.sh build -LE long
set -eu
build=$1
shift
report=$build/Testing/report.xml
mkdir -p "$build/Testing"
rm -f "$report"

status=0
ctest --test-dir "$build" --output-on-failure --no-tests=error --output-junit Testing/report.xml \
  --parallel "$(nproc)" "$@" </dev/null || status=$?

count() { sed -n "s/^.*[[:space:]]$1=\"\\([0-9]*\\)\".*\$/\\1/p" "$report" | head -n 1; }
if [ ! -e "$report" ]; then exit "$((status ? status : 1))"; fi
# The first lines of the report are <testsuite … tests="…" failures="…" …>, one attribute a line.
tests=$(count tests) failed=$(count failures) skipped=$(($(count skipped) + $(count disabled)))
line="$((tests - failed - skipped)) passed, $failed failed"
if [ "$skipped" -gt 0 ]; then line="$line, $skipped skipped"; fi
echo "$line"
exit "$status"
