# The tour of the README is a program that builds, and answers.
. "$(dirname "$0")/begin.sh"
readme=$(dirname "$0")/../../../README.md

# block LANGUAGE: the README's first piece of code in that language.
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$readme" | sed '1d;$d'; }
block cpp >main.cpp
block cmake >CMakeLists.txt
says 'build/shop' "$ASTER" build

port=20080
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
"$ASTER" run -q --on sandbox -p "$port:80" >log 2>&1 &
run=$!
curl -sL --retry 20 --retry-connrefused --retry-delay 0 --retry-max-time 10 -m 5 "http://127.0.0.1:$port/" >answer || true
kill "$run"
wait "$run" || true
grep -q '<h1>Hello, stranger!</h1><p>Visitor 1.</p>' answer || fail "answer: $(cat answer log)"
