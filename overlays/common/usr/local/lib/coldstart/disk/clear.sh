# shellcheck shell=bash
#
# disk/clear.sh: makes a disk blank on request.

# clear_disk PROGRAM DISK: shows its content, asks, and makes it blank; status 1 when nothing was changed.
clear_disk() {
  local program=$1 disk=$2 answer='' size mounted
  mounted=$(lsblk --noheadings --output MOUNTPOINTS "$disk" | tr -d '[:space:]') || return
  if [[ -n $mounted ]]; then
    printf '%s: %s is in use; nothing was changed\n' "$program" "$disk" >&2
    return 1
  fi
  describe_disk "$disk"
  read -r -p "This deletes everything on $disk. Type its name ($disk) to go on: " answer || true
  if [[ $answer != "$disk" ]]; then
    printf '%s: nothing was changed\n' "$program" >&2
    return 1
  fi
  size=$(disk_size "$disk") || return
  # Signatures of partitions first, or a later table with the same borders would bring them back.
  lsblk --json --list --output PATH "$disk" | jq -r '.blockdevices[].path' | tac | while IFS= read -r device; do
    wipefs --all --force "$device" || return
  done || return
  dd if=/dev/zero of="$disk" bs=64K iflag=count_bytes count="$EDGE" conv=notrunc,fsync status=none || return
  dd if=/dev/zero of="$disk" bs=64K iflag=count_bytes count="$EDGE" oflag=seek_bytes seek=$((size - EDGE)) conv=notrunc,fsync status=none
}
