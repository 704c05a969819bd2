# Pushes the adapter in $OUTPUT_DIR as image $OUTPUT_IMAGE: one layer with the adapter below /data
# and one with a shell and cp, so that a container of the image can copy its own data.
set -eu
export LC_ALL=C
umask 022
fail() {
  echo "$1" >&2
  exit 1
}
[ -f "$OUTPUT_DIR/fine_tuning_completed.txt" ] || fail "training did not complete; nothing is pushed"
work=$(mktemp -d)
mkdir -p "$work/files/data"
for file in adapter_config.json adapter_model.safetensors; do
  [ -s "$OUTPUT_DIR/$file" ] || fail "training left no $file"
  cp "$OUTPUT_DIR/$file" "$work/files/data/"
done
cd "$work"
layer=application/vnd.oci.image.layer.v1.tar+gzip
ids=
set --
add() {
  tar -C files -cf "$1.tar" $2
  ids="$ids${ids:+,}\"sha256:$(sha256sum "$1.tar" | cut -d ' ' -f 1)\""
  gzip -9 "$1.tar"
}
root=${TOOLS_ROOT:-}
shell=$(readlink -f "$root/bin/sh")
if [ "${shell##*/}" = busybox ]; then
  mkdir -p files/bin files/lib files/tmp
  chmod 1777 files/tmp
  cp "$shell" files/bin/busybox
  for tool in sh cp mkdir ls cat; do
    ln -s busybox "files/bin/$tool"
  done
  for library in "$root"/lib/ld-musl-*.so.1 "$root"/lib/libc.musl-*.so.1; do
    [ ! -e "$library" ] || cp "$library" files/lib/
  done
  add tools 'bin lib tmp'
  set -- "tools.tar.gz:$layer"
else
  echo "no busybox here: the image holds data only and needs a pull secret to be used" >&2
fi
add data data
case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) architecture=$(uname -m) ;;
esac
printf '{"architecture":"%s","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
  "$architecture" "$ids" >config.json
attempt=1
until oras push --config config.json:application/vnd.oci.image.config.v1+json \
  --annotation "sh.kaito.model.name=$MODEL_NAME" \
  -- "$OUTPUT_IMAGE" "$@" "data.tar.gz:$layer"; do
  [ "$attempt" -lt "${ATTEMPTS:-10}" ] || fail "could not push in $attempt attempts"
  attempt=$((attempt + 1))
  sleep "${RETRY_SECONDS:-30}"
done
echo "pushed $OUTPUT_IMAGE"
