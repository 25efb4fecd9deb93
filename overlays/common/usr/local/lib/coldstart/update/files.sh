# shellcheck shell=bash
#
# update/files.sh: the large files that nodes share. A bundle names them by their digests. The hook of the bundle copies them from
# the running slot, or from the folder that is filled here.

readonly RUNNING_FILES=$COLDSTART_ROOT/run/live/medium/live

# obtain_files WHERE: all files of the manifest that the running slot lacks, from WHERE/files/DIGEST (the folder of a build) or
# WHERE/NAME (coldstart serve).
obtain_files() {
  local rows name digest size missing=() bytes=0 row
  rows=$(jq -r '.meta.shared // {} | to_entries[] | [(.key | sub("-(?<end>[a-z]+)$"; ".\(.end)"))] + (.value / " ") | @tsv' <<<"$MANIFEST")
  while IFS=$'\t' read -r name digest size; do
    if [[ -z $name ]] || has_content "$RUNNING_FILES/$name" "$digest" "$size" ||
      has_content "$UPDATE_DIR/files/$digest" "$digest" "$size"; then
      continue
    fi
    missing+=("$name $digest $size")
    bytes=$((bytes + size))
  done <<<"$rows"
  require_room "$bytes"
  for row in "${missing[@]}"; do
    read -r name digest size <<<"$row"
    ledger update running '' "$name ($((size >> 20)) MiB) is being fetched"
    obtain_file "$1" "$name" "$digest" "$size"
  done
}

obtain_file() {
  local where=$1 name=$2 digest=$3 size=$4 target=$UPDATE_DIR/files/$3 reason=''
  if ! bring "$where/files/$digest" "$target" "$size"; then
    reason=$WHY
    if ! bring "$where/$name" "$target" "$size"; then
      stop_if_full
      reason=${WHY:-$reason}
      stop update base-missing "the update needs $name (SHA-256 ${digest:0:16}…), which is neither in the running slot nor beside $SHOWN: ${reason:-no such file}" \
        "put the folder files of the build beside the bundle, or take the bundle from coldstart serve"
    fi
  fi
  if ! has_content "$target" "$digest" "$size"; then
    rm -f "$target"
    stop update base-damaged "$name beside $SHOWN has another SHA-256 than the signed one; it is not used" \
      "copy the folder files of the build again; coldstart verify finds what is damaged"
  fi
}

# has_content FILE DIGEST SIZE
has_content() {
  local found
  found=$(stat --format=%s -- "$1" 2>/dev/null) || return
  [[ $found == "$3" ]] || return
  found=$(sha256sum <"$1") || return
  [[ ${found%% *} == "$2" ]] || return
}

# require_room BYTES: before anything is fetched.
require_room() {
  local free
  free=$(room)
  if (($1 > free)); then
    stop update disk-full "/var has room for $((free >> 20)) MiB, and the update needs $(($1 >> 20)) MiB" \
      "df /var; remove what is not needed; then call cluster-update.sh again"
  fi
}
