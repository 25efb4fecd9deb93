# shellcheck shell=bash
#
# disk-find.sh: the one disk of this machine that the state disk's selector means.

# survey_disks: JSON {fitting: [paths], report: text}; see disk-find.jq.
survey_disks() {
  lsblk --json --bytes --tree --output NAME,PATH,TYPE,SIZE,ROTA,MODEL,SERIAL,WWN,RO,MOUNTPOINTS |
    jq -c -f "$LIB_DIR/disk-find.jq" \
      --arg by_id "${STATE_DISK_BY_ID##*/}" --arg by_id_path "$(_resolved "$DISK_LINK_DIR/by-id/${STATE_DISK_BY_ID##*/}")" \
      --arg path "$STATE_DISK_PATH" --arg resolved_path "$(_resolved "$STATE_DISK_PATH")" \
      --arg wwn "$STATE_DISK_WWN" --arg serial "$STATE_DISK_SERIAL" --arg model "$STATE_DISK_MODEL" \
      --arg min_size "$STATE_DISK_MIN_SIZE" --arg max_size "$STATE_DISK_MAX_SIZE" --arg rotational "$STATE_DISK_ROTATIONAL"
}

_resolved() { readlink -e "$1" || true; }

# disk_size DISK: bytes.
disk_size() { blockdev --getsize64 "$1"; }

human_size() { numfmt --to=iec-i --suffix=B --format=%.1f "$1"; }

# describe_disk DISK: what is on it, in words, from the signatures of the disk and of its partitions.
describe_disk() {
  local disk=$1 found
  found=$(
    lsblk --json --list --noheadings --output PATH "$disk" | jq -r '.blockdevices[].path' | while IFS= read -r device; do
      wipefs --no-act --json "$device" | jq -r --arg device "$device" '
        .signatures // [] | .[] | "\($device): \(.type)" + (if (.label // "") == "" then "" else " labelled \(.label | tojson)" end)'
    done | sort -u
  )
  printf '%s\n' "${found:-$disk: data without a signature that is known}"
}
