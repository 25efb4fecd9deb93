#!/bin/bash
#
# cluster-install.sh: copies the medium to slot A of the state disk and makes the disk bootable, once. Power may be cut at any time:
# until the boot loader is complete, firmware passes this disk by, and the next boot from the medium begins again.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"
source "$LIB_DIR/install/slot.sh"
source "$LIB_DIR/install/loader.sh"
source "$LIB_DIR/install/yield.sh"

readonly REPAIR="dmesg; smartctl; replace a disk that reports errors; a restart from the medium tries again"
readonly PARTITIONS_WAIT=30 # seconds

DISK='' ESP='' SLOT='' BIOS=''

found_partitions() {
  ESP=$(partition_of "$ESP_PARTLABEL") && SLOT=$(partition_of "$SLOT_A_PARTLABEL") && BIOS=$(partition_of "$BIOS_PARTLABEL")
}

# Disks that an earlier version prepared have no partition for the BIOS core. They stay as they are.
leave_old_layout() {
  ledger install skipped install-old-layout \
    "the state disk was prepared by a version of coldstart that did not install nodes, so this node runs from its medium as before" \
    "keep the medium in the machine; or save what you need of /var, run: cluster-disk.sh --clear DISK, and restart from the medium"
  exit 0
}

# Sets DISK, to which all partitions must belong: labels on a copied disk are the same.
find_disk() {
  local var partition disks
  var=$(readlink -e "$RUN_DIR/var-disk") || var=''
  disks=$(for partition in "$var" "$ESP" "$SLOT" "$BIOS"; do lsblk --noheadings --nodeps --output PKNAME "$partition" || exit; done | sort -u) || disks=''
  if [[ ! $disks =~ ^[a-z0-9_-]+$ ]]; then
    stop install install-disk-unknown "the partitions of this node are on different disks, or their disk is not known: ${disks//$'\n'/ }" \
      "lsblk --output NAME,PARTLABEL; remove a disk that is a copy; a restart tries again"
  fi
  DISK=$COLDSTART_ROOT/dev/$disks
}

say_slot() {
  { complete_boot_code "$DISK" "$BIOS" && forget_yielded "$ESP"; } || stop install install-loader-failed \
    "the boot loader could not be written to $DISK, from which this node runs" "$REPAIR"
  ledger install 'done' '' "this node runs from slot $1 of $DISK"
}

install_system() {
  local entry=''
  if ! files_of_medium >/dev/null; then
    ledger install skipped install-no-medium "this boot has no medium with kernel and layers, so nothing was copied to the disk" \
      "boot once from the ISO, a stick or virtual media"
    return 0
  fi
  fits_slot "$SLOT" || stop install install-too-large "the files of the medium do not fit slot A of $DISK" \
    "embed fewer container images, build again and boot the new image"
  ledger install running '' "copying this medium to slot A of $DISK"
  { block_boot "$DISK" "$ESP" && fill_slot "$SLOT" slot-a; } || stop install install-copy-failed \
    "the medium could not be copied to $SLOT, or was read back with other bytes" "$REPAIR"
  { write_core "$BIOS" && write_esp "$ESP" && write_boot_code "$DISK" "$BIOS"; } || stop install install-loader-failed \
    "the boot loader could not be written to $DISK" "$REPAIR"
  boot_entry "$DISK" "$NODE_NAME" || entry="; the firmware took no boot entry, so it must find the disk by itself"
  ledger install 'done' '' "this image is on slot A of $DISK; the medium can be removed$entry"
}

main() {
  local slot
  guard install
  load_node
  if ! has_state_disk; then
    exit 0
  fi
  load_state_disk
  if [[ $INSTALL != yes ]]; then
    exit 0
  fi
  if ! var_is_state_disk; then
    ledger install skipped state-disk-missing "/var is not on the state disk, so nothing is installed" "see the step disk"
    exit 0
  fi
  wait_until "$PARTITIONS_WAIT" found_partitions || leave_old_layout
  find_disk
  slot=$(kernel_argument rauc.slot)
  if [[ -n $slot ]]; then
    say_slot "$slot"
  elif is_installed "$DISK" "$ESP" && [[ $(kernel_argument coldstart.install) != again ]]; then
    ledger install skipped install-already "an installed system is on $DISK, but this boot came from a medium; the disk was not changed" \
      "restart without the medium; or choose \"install again\" in the medium's menu"
  else
    install_system
  fi
}

main
