# What is no image, or a damaged one: one line that names the file, the cause and the mend. `inspect` ends with
# 1, `run` with 125, since nothing was started.
. "$(dirname "$0")/begin.sh"

bad() {
  refused 1 "$1: $2" "$ASTER" inspect "$1"
  refused 1 "$1: $2" "$ASTER" symbolize "$1"
  refused 125 "$1: $2" "$ASTER" run "$1"
}

# poke FILE OFFSET HEX: overwrites bytes.
poke() {
  python3 - "$@" <<'PYTHON'
import sys
path, offset, data = sys.argv[1], int(sys.argv[2]), bytes.fromhex(sys.argv[3])
with open(path, "r+b") as file:
    file.seek(offset)
    file.write(data)
PYTHON
}
# note_at FILE TYPE: offset of the description of the first Asterism note of that type.
note_at() {
  python3 - "$@" <<'PYTHON'
import struct, sys
data = open(sys.argv[1], "rb").read()
mark = struct.pack("<I", int(sys.argv[2])) + b"Asterism\0"
print(data.index(mark) + 4 + 12)
PYTHON
}

bad missing 'no such file; build the image first'
bad /etc 'a directory; give the image itself'
bad /dev/null 'not a regular file'
: >empty
bad empty 'empty file'
echo hello >text
bad text 'not an ELF file'
printf '#!/bin/sh\n' >script
bad script 'a script, not an ELF file'
bad /bin/sh 'built for Linux, not with asterism_image()'
bad "$IMAGE.debug" 'holds debug information only'

cp "$IMAGE" arm
poke arm 18 b700
bad arm 'built for another machine'
cp "$IMAGE" narrow
poke narrow 4 01
bad narrow 'a 32-bit program'

cp "$IMAGE" newer
poke newer "$(note_at newer 1)" 02000000
bad newer 'built for version 2 of the image interface, this aster knows 1; install a newer Asterism'
cp "$IMAGE" astray
poke astray $(($(note_at astray 1) + 4)) ffffff7f
bad astray 'corrupt manifest: the sandbox entry lies outside of the code'

device=$(note_at "$SERVER" 2)
cp "$SERVER" kind
poke kind "$device" 63000000
bad kind "corrupt manifest: device 'service' is of unknown kind 99"
cp "$SERVER" name
poke name $((device + 4)) 53455256
bad name 'corrupt manifest: a device name is not'
cp "$SERVER" endless
poke endless $((device + 4)) "$(printf '61%.0s' $(seq 32))"
bad endless 'corrupt manifest: a device name is not'
cp "$SERVER" size
poke size $((device - 20)) 20000000
bad size 'corrupt'
