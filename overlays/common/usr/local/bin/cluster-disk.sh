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

readonly DISK_LINK=$RUN_DIR/var-disk # what var.mount mounts; not there, /var stays in memory
# Exists since the first attempt of a boot. Units that need /var later would start this unit again, and a /var that is mounted
# then would hide files that were written to memory. So a second attempt needs a restart of the machine.
readonly ATTEMPTED=$RUN_DIR/disk-attempted
DISK_STEP=disk DISK_WORDS='the state disk' DISK_SETTING=hardware.state_disk DISK_UNIT=cluster-disk

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
  need_var_partition
  check_ext4 "$VAR_DEVICE" || stop disk var-damaged "the file system check of /var on $VAR_DEVICE ended with status $CHECK_STATUS: it needs a decision" \
    "run: e2fsck $VAR_DEVICE, then restart"
  finish_layout
  need_var_partition
  ln -sfn "$VAR_DEVICE" "$DISK_LINK"
  ledger disk 'done' '' "/var is on $VAR_DEVICE"
}

need_var_partition() {
  wait_for_var_partition || stop disk var-partition-missing "$DISK is this node's, but has no partition labelled $VAR_PARTLABEL" \
    "the partition table is damaged and the data may be intact: restore the table with sgdisk or testdisk, or delete the data with: cluster-disk.sh --clear $DISK"
}

prepare() {
  local device
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
  find_selected_disk
  own_disk
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
