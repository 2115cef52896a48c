# The completion scripts are valid in their shells, and bash's completes.
. "$(dirname "$0")/begin.sh"

for shell in bash zsh fish; do
  "$ASTER" completion $shell >script
  if command -v $shell >/dev/null; then $shell -n script; fi
done
refused 2 "did you mean 'bash'?" "$ASTER" completion bsh

# completes WORD… EXPECTED: what bash offers for the last word.
completes() {
  bash -c '
    source <("$0" completion bash)
    compopt() { COMPREPLY=(files); }
    expected=${*: -1}
    COMP_WORDS=("${@:1:$#-1}")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _aster
    [ "${COMPREPLY[*]}" = "$expected" ] || { echo "${COMP_WORDS[*]}: ${COMPREPLY[*]}, not $expected"; exit 1; }
  ' "$ASTER" "$@" || fail "completion"
}
completes aster ru run
completes aster run --on qemu-q qemu-q35
completes aster run --str --strace
completes aster run '' files
completes aster new shop --template s server
completes aster new shop --template w web
completes aster completion z zsh
completes aster cru crunch
completes aster crunch --with --with-comments
completes aster crunch '' files
completes aster crunch -f '' files
completes aster crunch --depfile '' files
completes aster run --live '' files
completes aster crunch --name '' ''
mkdir -p -m 700 run/asterism && touch run/asterism/shop.812 && XDG_RUNTIME_DIR=$PWD/run completes aster stats sh shop
