# shellcheck shell=bash
#
# disk/layout.sh: the partitions of a disk, by systemd-repart and the definitions in DISK_DEFINITIONS, and their file systems.

readonly LAYOUT_LOG=$RUN_DIR/layout.log
readonly PARTITION_WAIT=30 # seconds for udev to show the new partitions

# smallest_disk: bytes; the least that the definitions ask for, 1 GiB for a partition that names no size, and the edges.
smallest_disk() {
  local file sizes=0 least
  for file in "$DISK_DEFINITIONS"/*.conf; do
    least=$(sed -n 's/^SizeMinBytes=//p' "$file" | tail -n 1)
    sizes=$((sizes + $(numfmt --from=iec "${least:-1G}")))
  done
  printf '%s\n' $((sizes + 2 * EDGE))
}

# make_layout DISK: partition table and file systems from nothing. systemd-repart formats first and writes the partitions
# last. Discarding would take the claim with it. What it says goes to the console as well as to LAYOUT_LOG.
make_layout() {
  pass_boot_on "$1" && _make_empty_table "$1" 2>&1 | tee "$LAYOUT_LOG" && SYSTEMD_LOG_TARGET=console systemd-repart --dry-run=no \
    --empty=refuse --discard=no --pretty=no --definitions="$DISK_DEFINITIONS" "$1" 2>&1 | tee -a "$LAYOUT_LOG" && sync "$1"
}

# systemd-repart would begin a table with zeros instead of boot code; sfdisk keeps the code (sfdisk(8), "NOTES").
_make_empty_table() { printf 'label: gpt\n' | sfdisk --quiet --wipe never --no-reread --no-tell-kernel "$1"; }

# pass_boot_on DISK: a BIOS that asks this disk before the node's medium finds the signature of the protective MBR and runs
# the code in front of it; zeros would hang it. INT 18h hands over to the next device (BIOS Boot Specification 1.01). So the
# code is there before the signature: a power cut between the two would leave a machine that no longer starts.
pass_boot_on() {
  if cmp -s -n 2 "$1" /dev/zero; then
    printf '\xcd\x18' | dd of="$1" bs=2 count=1 conv=notrunc,fsync status=none
  fi
}

# var_partition: the device of /var, by its label.
var_partition() { labelled_partition "$VAR_PARTLABEL"; }

# labelled_partition LABEL: its device.
labelled_partition() { readlink -e "$DISK_LINK_DIR/by-partlabel/$1"; }

# wait_for_var_partition: leaves its device in VAR_DEVICE. udev reads the partition table again whenever somebody has written
# to the whole disk, and its links are gone for that moment: so after each such write, not only after partitioning.
wait_for_var_partition() {
  settle_devices
  wait_until "$PARTITION_WAIT" _var_partition_is_there
}

# shellcheck disable=SC2034 # cluster-disk.sh reads it
_var_partition_is_there() { VAR_DEVICE=$(var_partition); }

# check_ext4 DEVICE: repairs what needs no decision, as at any boot, and leaves e2fsck's status in CHECK_STATUS. From 4 on a
# person has to decide (4: errors were left, 8: it could not be checked); below that all is well. See e2fsck(8).
check_ext4() {
  CHECK_STATUS=0
  e2fsck -p "$1" || CHECK_STATUS=$?
  ((CHECK_STATUS < 4))
}
