#!/bin/bash
#
# hook.sh slot-post-install: RAUC calls this hook of an update bundle when it has unpacked the node's own files into the other slot.
# Adds the large files that nodes share (live/files.tsv: path, SHA-256, bytes): from the running slot, or from where
# cluster-update.sh has put what that slot lacks. Reads back every large file. Fails if one is missing or damaged: then RAUC does
# not activate the slot.

set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C.UTF-8

readonly RUNNING=/run/live/medium
readonly FETCHED=/var/lib/cluster-update/files

# holds FILE DIGEST SIZE: whether the disk has this file with this content.
holds() {
  local file=$1 digest=$2 size=$3 found
  found=$(stat --format=%s -- "$file" 2>/dev/null) && [[ $found == "$size" ]] || return
  # Forget what is in memory, so that the digest is that of the disk.
  sync -- "$file" && dd if="$file" iflag=nocache count=0 status=none || return
  found=$(sha256sum <"$file") && [[ ${found%% *} == "$digest" ]] || return
}

place() {
  local target=$1/$2 digest=$3 size=$4 source
  if holds "$target" "$digest" "$size"; then
    return
  fi
  for source in "$RUNNING/$2" "$FETCHED/$digest"; do
    if [[ -f $source ]] && cp -- "$source" "$target" && holds "$target" "$digest" "$size"; then
      return
    fi
  done
  printf 'hook.sh: %s (SHA-256 %s) is in no place, or cannot be written\n' "$2" "$digest" >&2
  return 1
}

if [[ ${1:-} == slot-post-install ]]; then
  while IFS=$'\t' read -r path digest size; do
    place "$RAUC_SLOT_MOUNT_POINT" "$path" "$digest" "$size" || exit
  done <"$RAUC_SLOT_MOUNT_POINT/live/files.tsv"
  sync --file-system -- "$RAUC_SLOT_MOUNT_POINT"
fi
