#!/bin/sh
# Installs the Debian packages that Asterism is built, tested or measured with. Says nothing and asks for
# nothing when they are all there.
#
#   cmake/setup.sh           what building needs
#   cmake/setup.sh test      and the browser that tests drive
#   cmake/setup.sh bench     and the peers to measure against
set -eu

packages="
  clang-19 lld-19 llvm-19 libc++-19-dev libc++abi-19-dev libunwind-19-dev libclang-rt-19-dev
  cmake ninja-build pkg-config binutils libc6-dev linux-libc-dev
  qemu-system-x86 libseccomp-dev libslirp-dev libdw-dev libelf-dev
  doctest-dev nlohmann-json3-dev libcli11-dev libtomlplusplus-dev
  zlib1g-dev libbrotli-dev nettle-dev libssl-dev libsqlite3-dev
  python3 python3-websockets python3-html5lib python3-scapy dnsmasq-base curl wrk nginx-light gdb iproute2 iputils-ping tcpdump ca-certificates
  libqrcodegen-dev libidn2-dev libunistring-dev
"
case "${1:-}" in
  test)
    packages="$packages chromium"
    # Whoever has them from elsewhere keeps them.
    command -v npm >/dev/null || packages="$packages nodejs npm"
    ;;
  bench) packages="$packages strace valgrind liblwip-dev libcpp-httplib-dev g++" ;;
esac

missing=
for package in $packages; do
  case "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" in
    installed) ;;
    *) missing="$missing $package" ;;
  esac
done
if [ -z "$missing" ]; then exit 0; fi

if ! command -v apt-get >/dev/null; then
  echo "Asterism builds on Debian 12. This machine has no apt-get; install what these packages hold:" >&2
  echo " $missing" >&2
  exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  echo "Some Debian packages are missing, and only root can install them. Please run this once, then make again:" >&2
  echo "  sudo apt-get install --no-install-recommends$missing" >&2
  exit 1
fi

echo "Installing$missing"

# nginx would start to serve port 80 as soon as it is installed; a policy forbids that meanwhile.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
  $as_root chmod 755 "$policy"
  trap '$as_root rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM
fi

log=$(mktemp)
install() {
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >"$log" 2>&1
}
# The package lists may be missing (a fresh machine) or too old to fetch by: then, and only then, renew them.
if ! install; then
  $as_root apt-get update -q >>"$log" 2>&1 || true
  if ! install; then
    tail -n 20 "$log" >&2
    echo "The packages could not be installed: the lines above say why." >&2
    rm -f "$log"
    exit 1
  fi
fi
rm -f "$log"
