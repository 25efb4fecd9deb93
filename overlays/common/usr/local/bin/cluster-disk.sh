#!/bin/bash
#
# cluster-disk.sh: finds the state disk and prepares it for /var. A blank disk is claimed, then partitioned. A disk that this
# node claimed before a power cut is completed. A complete disk is used. All other disks are refused and not changed.
#
#   cluster-disk.sh                for the unit
#   cluster-disk.sh --clear DISK   for administrators: shows the content of the disk, asks, and makes it blank

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"
source "$LIB_DIR/install/slot.sh"
source "$LIB_DIR/install/loader.sh"
source "$LIB_DIR/install/yield.sh"

readonly LATE_DISKS=30               # seconds; USB and SAS disks spin up after udev is idle
readonly DISK_LINK=$RUN_DIR/var-disk # what var.mount mounts; not there, /var stays in memory
# Exists since the first attempt of a boot. Units that need /var later would start this unit again, and a /var that is mounted
# then would hide files that were written to memory. So a second attempt needs a restart of the machine.
readonly ATTEMPTED=$RUN_DIR/disk-attempted
readonly CHOOSE="compare with hardware.state_disk in the configuration; attach the disk or correct the selector so that exactly one disk matches, build again and boot the new image"
readonly ONE_PATH="leave only one path to the disk (zoning, cabling); or set hardware.state_disk.path to one of them below /dev/disk/by-path/, build again and boot the new image"

DISK='' SURVEY=''

found_a_disk() {
  SURVEY=$(survey_disks) || return
  jq -e '.fitting != []' <<<"$SURVEY" >/dev/null
}

say_no_disk() { missing disk no-matching-disk "no disk matches the selector"; }

find_disk() {
  local count paths
  settle_devices
  await "$LATE_DISKS" say_no_disk found_a_disk || true
  count=$(jq '.fitting | length' <<<"$SURVEY")
  paths=$(jq '.twins[0] | length' <<<"$SURVEY")
  case $count in
    0) stop disk no-matching-disk "no disk matches the selector of the state disk"$'\n'"$(jq -r .report <<<"$SURVEY")" "$CHOOSE" ;;
    1) DISK=$(jq -r '.fitting[0]' <<<"$SURVEY") ;;
    "$paths") stop disk disk-on-several-paths "the state disk is visible on several paths"$'\n'"$(jq -r .report <<<"$SURVEY")" "$ONE_PATH" ;;
    *) stop disk several-disks "several disks match the selector of the state disk"$'\n'"$(jq -r .report <<<"$SURVEY")" "$CHOOSE" ;;
  esac
}

check_size() {
  local size smallest
  size=$(disk_size "$DISK")
  smallest=$(smallest_disk)
  if ((size < smallest)); then
    stop disk disk-too-small "$DISK has $(human_size "$size"), the state disk needs at least $(human_size "$smallest")" \
      "attach a larger disk, or select another one"
  fi
}

lay_out() {
  ledger disk running '' "$1"
  make_layout "$DISK" || stop disk layout-failed "$DISK could not be partitioned: $(tail -n 1 "$LAYOUT_LOG")" \
    "read the reason with: journalctl -b -u cluster-disk; replace the disk if it reports input/output errors; a restart tries again"
}

refuse_foreign() {
  stop disk foreign-disk "$DISK contains data that does not belong to this node; it was not changed"$'\n'"$(describe_disk "$DISK")" \
    "if its content is not needed: cluster-disk.sh --clear $DISK, then restart; otherwise correct the selector"
}

refuse_claimed() {
  local claim
  claim=$(read_claim "$DISK")
  stop disk claimed-disk "$DISK is the state disk of ${claim#coldstart-state-disk v1 } and was not changed; this node is $STATE_DISK_OWNER" \
    "put the disk back into that machine; if its content is no longer needed: cluster-disk.sh --clear $DISK, then restart"
}

# An old medium must not take an installed node back.
yield_to_installed() {
  local own
  own=$(kernel_argument coldstart.image)
  if start_installed "$NODE_NAME"; then
    ledger disk waiting installed-elsewhere "image ${INSTALLED_IMAGE:0:12} is installed on $DISK, and this medium has image ${own:0:12}; the node restarts from its disk"
    systemctl reboot || true
    end_quietly
  fi
  stop disk installed-elsewhere "image ${INSTALLED_IMAGE:0:12} is installed on $DISK, but the firmware started this medium with image ${own:0:12}; $DISK was not changed" \
    "remove the medium, or let the firmware start the disk first; to replace what is installed, choose \"install $NODE_NAME again\" in the medium's menu"
}

# In both cases the partition exists now, its file system was checked, and var.mount may continue.
offer_var() {
  local layout
  need_var_partition
  check_var "$VAR_DEVICE" || stop disk var-damaged "the file system check of /var on $VAR_DEVICE ended with status $CHECK_STATUS: it needs a decision" \
    "run: e2fsck $VAR_DEVICE, then restart"
  layout=$(read_layout_text "$DISK")
  if [[ $layout != "$(layout_text)" ]]; then
    write_layout_finished "$DISK"
    need_var_partition
  fi
  ln -sfn "$VAR_DEVICE" "$DISK_LINK"
  ledger disk 'done' '' "/var is on $VAR_DEVICE"
}

need_var_partition() {
  wait_for_var_partition || stop disk var-partition-missing "$DISK is this node's, but has no partition labelled $VAR_PARTLABEL" \
    "the partition table is damaged and the data may be intact: restore the table with sgdisk or testdisk, or delete the data with: cluster-disk.sh --clear $DISK"
}

prepare() {
  local state device
  guard disk
  load_node
  load_state_disk
  device=$(readlink -e "$DISK_LINK") || device=''
  if [[ -n $device && $(findmnt -n -o TARGET --source "$device" || true) == */var ]]; then
    ledger disk 'done' '' "/var is on $device"
    exit 0
  fi
  if [[ -e $ATTEMPTED ]]; then
    printf 'cluster-disk.sh: this ran once since the machine was started; restart the machine to try again\n' >&2
    end_quietly
  fi
  ledger disk running '' "looking for the state disk"
  touch "$ATTEMPTED"
  find_disk
  state=$(disk_state "$DISK") || stop disk disk-unreadable "$DISK cannot be read; nothing on it was changed" \
    "dmesg; smartctl; check cable and controller; replace a disk that reports errors; a restart tries again"
  case $state in
    finished) ;;
    blank)
      check_size
      write_claim "$DISK"
      lay_out "partitioning the blank disk $DISK"
      ;;
    unfinished)
      check_size
      lay_out "partitioning $DISK again after a power cut"
      ;;
    claimed) refuse_claimed ;;
    foreign) refuse_foreign ;;
  esac
  need_var_partition
  if yields_to_installed "$DISK"; then
    yield_to_installed
  fi
  offer_var
}

clear_for_restart() {
  clear_disk cluster-disk.sh "$1" || exit 1
  printf '%s is blank now; restart the machine\n' "$1"
}

case "${1:-}" in
  '') prepare ;;
  --clear) clear_for_restart "${2:?cluster-disk.sh --clear DISK}" ;;
  *)
    printf 'usage: cluster-disk.sh [--clear DISK]\n' >&2
    exit 64
    ;;
esac
