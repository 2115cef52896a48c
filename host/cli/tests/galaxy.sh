# The commands for a galaxy, against one that is up (an invented one, behind the API that every galaxy has).
. "$(dirname "$0")/begin.sh"
export XDG_RUNTIME_DIR=$PWD/run
mkdir -m 700 run
mkdir -p -m 700 run/asterism-galaxies/sample place/below

# Which galaxy is meant.
refused 1 'no galaxy.toml in this folder or above it' "$ASTER" ps
refused 1 "galaxy sample is not up; bring it up with 'aster up'" "$ASTER" ps --galaxy sample
refused 1 "--galaxy ../x: no galaxy's name" "$ASTER" ps --galaxy ../x
refused 1 'leave one out' "$ASTER" ps --galaxy sample --file x
printf 'name = "sample"\n[service.paste]\nimage = "paste"\nmemroy = "1M"\n' >place/galaxy.toml
status=0
(cd place/below && "$ASTER" up -d >../../out 2>../../err) || status=$?
[ $status -eq 1 ] || fail "up with a mistake: $status"
grep -q '^../galaxy.toml:4:1: .*no key `memroy`; did you mean `memory`?' err || fail "$(cat err)"
grep -q '^aster: up: galaxy.toml has 1 mistake; nothing was started' err || fail "$(cat err)"
printf 'name = "sample"\n[service.paste]\nsource = "nothing"\n' >place/galaxy.toml
(cd place && refused 1 'service paste: ' "$ASTER" up -d)
"$ASTER" down --file place 2>err || fail "down of what is not up: $(cat err)"
grep -q 'galaxy sample is not up' err || fail "$(cat err)"

"$TRIAL" run/asterism-galaxies/sample >url &
trial=$!
trap 'kill $trial 2>/dev/null; rm -rf "$folder"' EXIT
for _ in $(seq 200); do [ ! -s url ] || break; sleep 0.05; done

cd place/below
says 'shortener  well' "$ASTER" ps
grep -qF "$(cat "$folder/url")" out || fail "ps: no star map: $(cat out)"
says 'shortener-2' "$ASTER" ps --instances
says '"name":"sample"' "$ASTER" ps --json
says 'crash loop' "$ASTER" ps --galaxy sample
says 'terminate: an exception' "$ASTER" logs status
grep -q '^status-1   | ' out || fail "logs: $(cat out)"
says '{"instance":"status-1","text":"terminate' "$ASTER" logs --json --lines 1 status-1
refused 1 'there is no service shop; there are edge, shortener' "$ASTER" logs shop
says 'edge-1          well         after 2 ms' "$ASTER" events
says '"kind":"well"' "$ASTER" events --json --lines 1000
says 'links has 3 instances' "$ASTER" scale links=3
says 'links-3' "$ASTER" ps -iq
says 'as many instances as requests need' "$ASTER" scale links=auto
refused 1 'links has at most 5 instances' "$ASTER" scale links=9
says 'chat restarts' "$ASTER" restart chat
refused 1 'there is no shop' "$ASTER" restart shop
cp "$IMAGE" new-image
says 'chat gets version 2' "$ASTER" deploy chat new-image
says '{"version":3}' "$ASTER" rollback chat --json
refused 1 'paste has no version before' "$ASTER" rollback paste
refused 1 'No such file' "$ASTER" deploy chat nothing

says 'shortener-2' "$ASTER" stats
says '"requests"' "$ASTER" stats --galaxy sample --json
says 'aster_service_wanted{galaxy="sample",service="links"} 0' "$ASTER" stats --galaxy sample --prometheus
refused 1 'galaxy other is not up' "$ASTER" stats --galaxy other

# What is typed reaches the instance's pipe, what it says comes back; a service with one instance stands for it.
mkfifo "$folder/run/asterism-galaxies/sample/console-chat-1"
cat "$folder/run/asterism-galaxies/sample/console-chat-1" >"$folder/heard" &
reader=$!
echo status | "$ASTER" exec-console chat >out 2>err || fail "exec-console: $(cat err)"
wait $reader
[ "$(cat "$folder/heard")" = status ] || fail "exec-console: heard $(cat "$folder/heard")"
echo x | refused 1 'shortener has several instances; name one' "$ASTER" exec-console shortener
echo x | refused 1 'paste-9' "$ASTER" exec-console paste-9

# Followed until Ctrl-C.
timeout -s INT 3 "$ASTER" logs -f chat >out 2>err || status=$?
[ "$(grep -c '^chat-1' out)" -gt 2 ] || fail "logs -f: $(cat out err)"
