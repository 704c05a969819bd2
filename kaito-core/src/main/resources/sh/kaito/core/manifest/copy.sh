# Copies the content of directory $1 into directory $2, where file $3 must then be, if one is named.
set -eu
mkdir -p -- "$2"
cp -r "$1/." "$2"
if [ -n "$3" ] && [ ! -f "$2/$3" ]; then
  echo "the image has no file $1/$3" >&2
  exit 1
fi
