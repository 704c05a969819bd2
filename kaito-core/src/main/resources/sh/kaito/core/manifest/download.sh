# Downloads every URL that is given as an argument into $DATA_DIR.
set -eu
export LC_ALL=C
umask 022
[ "$#" -gt 0 ] || { echo "no URL to download" >&2; exit 1; }
cd "$DATA_DIR"
number=0
taken='|'
for url in "$@"; do
  number=$((number + 1))
  name=${url%%[?#]*}
  name=$(printf '%s' "${name##*/}" | tr -c 'A-Za-z0-9._-' '_' | tail -c 200)
  case $name in
    '' | .* | -*) name=data-$number$name ;;
  esac
  case $taken in
    *"|$name|"*) name=$number-$name ;;
  esac
  taken="$taken$name|"
  attempt=1
  # Protocols are named, so that a redirect cannot read files of the container. curl's own messages
  # do not show the URL, which may hold a token.
  until code=$(curl --silent --show-error --fail --location --globoff \
    --proto =http,https --proto-redir =http,https --max-redirs 10 \
    --connect-timeout 30 --speed-limit 1024 --speed-time 60 \
    --output "$name.part" --write-out '%{http_code}' -- "$url") &&
    [ "$code" = 200 ] && [ -s "$name.part" ]; do
    rm -f -- "$name.part"
    if [ "$attempt" -ge "${ATTEMPTS:-3}" ]; then
      echo "URL $number ($name): gave up after $attempt attempts" >&2
      exit 1
    fi
    attempt=$((attempt + 1))
    sleep "${RETRY_SECONDS:-2}"
  done
  mv -f -- "$name.part" "$name"
  echo "URL $number: $name"
done
