# An image cut short is recognised through the command too (image_on_disk_test tries every length).
. "$(dirname "$0")/begin.sh"

size=$(stat -c %s "$IMAGE")
for length in 1 3 4 16 63 64 512 1023 4096 65536 $((size / 2)) $((size - 4096)) $((size - 1)); do
  head -c "$length" "$IMAGE" >cut
  refused 125 'cut: cut short' "$ASTER" run cut
  refused 1 'cut: cut short' "$ASTER" inspect cut
done
