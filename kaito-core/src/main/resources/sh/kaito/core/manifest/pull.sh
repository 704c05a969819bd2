# Unpacks /data of image $1 into directory $2, where file $3 must then be, if one is named. The files
# in directory $4 are registry credentials, tried one after the other.
set -eu
image=$1 target=$2 required=$3 credentials=$4
work=${WORK_DIR:-/tmp}/image
fail() {
  echo "$1" >&2
  exit 1
}
pull() {
  for file in "$credentials"/*; do
    [ -f "$file" ] || continue
    rm -rf -- "$work"
    mkdir -p -- "$work/blobs" "$work/root"
    if skopeo copy --authfile "$file" -- "docker://$image" "dir:$work/blobs"; then
      return 0
    fi
  done
  return 1
}
attempt=1
until pull; do
  [ "$attempt" -lt "${ATTEMPTS:-3}" ] || fail "could not pull the image in $attempt attempts"
  attempt=$((attempt + 1))
  sleep "${RETRY_SECONDS:-5}"
done
manifest=$(tr -d ' \t\r\n' <"$work/blobs/manifest.json")
layers=${manifest#*\"layers\":[}
[ "$layers" != "$manifest" ] || fail "the image's manifest has no layers"
case $layers in
  *\"urls\":*) fail "the image has layers that are not in its registry" ;;
esac
for digest in $(printf '%s' "${layers%%]*}" | grep -o 'sha256:[0-9a-f]*'); do
  blob=$work/blobs/${digest#sha256:}
  # Nothing but the data is unpacked; device files of a base image could not be made here.
  member=$(tar -tf "$blob" | grep -E '^(\./)?data/' | sed -n '1s|data/.*|data|p')
  [ -z "$member" ] || tar -xof "$blob" -C "$work/root" "$member"
done
if [ ! -d "$work/root/data" ] || [ -L "$work/root/data" ]; then
  fail "the image has no directory /data"
fi
mkdir -p -- "$target"
cp -r "$work/root/data/." "$target"
rm -rf -- "$work"
[ -z "$required" ] || [ -f "$target/$required" ] || fail "the image has no file /data/$required"
