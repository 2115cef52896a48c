# Wrong words on the command line: code 2, one line, and a hint.
. "$(dirname "$0")/begin.sh"

says 'Usage: aster COMMAND' "$ASTER"
says 'Usage: aster COMMAND' "$ASTER" --help
for command in new build run crunch inspect stats symbolize up down ps logs events restart scale deploy rollback \
  exec-console daemon version completion; do
  says "Usage: aster $command" "$ASTER" $command --help
  grep -q '^Examples:' out || fail "$command --help has no examples"
done

refused 2 "did you mean 'run'?" "$ASTER" rnu
refused 2 "unknown command 'frobnicate'" "$ASTER" frobnicate
refused 2 "did you mean '--net'?" "$ASTER" run --nte service=user
refused 2 "did you mean 'sandbox'?" "$ASTER" run --on sandbx "$IMAGE"
refused 2 'NAME is missing' "$ASTER" new
refused 2 "unexpected argument 'b'" "$ASTER" build a b
refused 2 '-m 8X: not an amount of memory' "$ASTER" run -m 8X "$IMAGE"
refused 2 '-p 99999:80' "$ASTER" run -p 99999:80 "$IMAGE"
refused 2 '-p 80' "$ASTER" run -p 80 "$IMAGE"
refused 2 '--net service' "$ASTER" run --net service "$IMAGE"
refused 2 '--ip nonsense' "$ASTER" run --ip nonsense "$SERVER"
refused 2 '-e =x: not a variable' "$ASTER" run -e =x "$IMAGE"
refused 2 'DIR is missing' "$ASTER" crunch
refused 2 '--pcap-ring: nothing is recorded' "$ASTER" run --pcap-ring 5 "$SERVER"
refused 2 '--pcap-snap x: not a number' "$ASTER" run --pcap f --pcap-snap x "$SERVER"
mkdir -m 700 run && XDG_RUNTIME_DIR=$PWD/run refused 1 'no image runs' "$ASTER" stats
refused 2 'write paste=3, or paste=auto' "$ASTER" scale paste
refused 2 'IMAGE is missing' "$ASTER" deploy paste
refused 2 'SERVICE is missing' "$ASTER" restart
refused 2 '--json goes with -d' "$ASTER" up --json
refused 2 'not both' "$ASTER" crunch . -f x
refused 2 '-s goes with -f' "$ASTER" crunch . -s
refused 2 '-c 257: a line has 1 to 256 bytes' "$ASTER" crunch -f x -c 257
refused 2 '-a, -l and -s exclude each other' "$ASTER" crunch -f x -a -l
refused 2 "did you mean '--checksums'?" "$ASTER" crunch -f x --checksum y
