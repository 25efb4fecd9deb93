# shellcheck shell=bash
#
# disk/find.sh: the disks of this machine that a selector matches.

# survey_disks: JSON {fitting: [paths], twins: [[paths]], report: text} for the selector of the state disk; see disk/find.jq.
survey_disks() {
  survey_disks_by "$STATE_DISK_BY_ID" "$STATE_DISK_WWN" "$STATE_DISK_SERIAL" "$STATE_DISK_MODEL" "$STATE_DISK_PATH" \
    "$STATE_DISK_MIN_SIZE" "$STATE_DISK_MAX_SIZE" "$STATE_DISK_ROTATIONAL" "$SLOT_A_PARTLABEL $SLOT_B_PARTLABEL"
}

# survey_disks_by BY_ID WWN SERIAL MODEL PATH MIN_SIZE MAX_SIZE ROTATIONAL [SLOTS]: empty where it is not asked for. SLOTS are the labels of
# partitions from which this node may run itself, so the disk is not in use by something else.
survey_disks_by() {
  lsblk --json --bytes --tree --output NAME,PATH,TYPE,SIZE,ROTA,MODEL,SERIAL,WWN,RO,MOUNTPOINTS,PARTLABEL |
    jq -c -f "$LIB_DIR/disk/find.jq" \
      --arg by_id "${1##*/}" --arg by_id_path "$(_resolved "$DISK_LINK_DIR/by-id/${1##*/}")" \
      --arg path "$5" --arg resolved_path "$(_resolved "$5")" \
      --arg wwn "$2" --arg serial "$3" --arg model "$4" --arg min_size "$6" --arg max_size "$7" --arg rotational "$8" --arg slots "${9:-}"
}

_resolved() { readlink -e "$1" || true; }

# disk_size DISK: bytes.
disk_size() { blockdev --getsize64 "$1"; }

human_size() { numfmt --to=iec-i --suffix=B --format=%.1f "$1"; }

# describe_disk DISK: describes its content by the signatures of the disk and of its partitions.
describe_disk() {
  local disk=$1 found
  found=$(
    lsblk --json --list --noheadings --output PATH "$disk" | jq -r '.blockdevices[].path' | while IFS= read -r device; do
      wipefs --no-act --json "$device" | jq -r --arg device "$device" '
        .signatures // [] | .[] | "\($device): \(.type)" + (if (.label // "") == "" then "" else " labelled \(.label | tojson)" end)' ||
        printf '%s: cannot be read\n' "$device"
    done | sort -u
  ) || found=''
  printf '%s\n' "${found:-$disk: data without a known signature}"
}
