# shellcheck shell=bash
#
# update/slots.sh: the two slots of an installed node, as RAUC and the boot loader know them: A and B. The boot loader says on the
# kernel's command line which one it chose.

readonly ESP_DIR=$RUN_DIR/esp
readonly GRUB_ENVIRONMENT=$ESP_DIR/boot/grub/grubenv

booted_slot() {
  local word
  for word in $(<"$PROC_DIR/cmdline"); do
    if [[ $word == rauc.slot=[AB] ]]; then
      printf '%s\n' "${word#*=}"
    fi
  done
}

other_slot() {
  if [[ $(booted_slot) == A ]]; then
    printf 'B\n'
  else
    printf 'A\n'
  fi
}

# require_slots: the node is installed, and its image takes updates.
require_slots() {
  local slot
  if [[ ! -r $UPDATE_CONFIG ]] || ! has_state_disk; then
    stop update updates-not-built "the image of this node takes no updates" \
      "add \`update\` to cluster.image.formats, and start this node once from a new image"
  fi
  slot=$(booted_slot)
  if [[ -z $slot ]]; then
    stop update not-installed "this node runs from a medium, not from a slot of its state disk" \
      "put the new image on its medium; or install the node"
  fi
  open_environment
  mkdir -p "$COLDSTART_ROOT/var/lib/rauc" "$UPDATE_DIR"
}

# The EFI system partition of the state disk stays mounted: RAUC changes the boot loader's environment there.
open_environment() {
  local device
  if [[ -e $GRUB_ENVIRONMENT ]]; then
    return
  fi
  load_state_disk
  device=$DISK_LINK_DIR/by-partlabel/esp-${VAR_PARTLABEL#var-}
  mkdir -p "$ESP_DIR"
  if ! mount -t vfat -o umask=0077,sync "$device" "$ESP_DIR" || [[ ! -e $GRUB_ENVIRONMENT ]]; then
    stop update boot-loader-missing "$device holds no environment of the boot loader" \
      "dmesg; check the disk; install this node again from its medium"
  fi
}

# install_bundle: RAUC marks the other slot as not bootable, writes it, and makes it the next one.
install_bundle() {
  local options=() said
  if [[ $FORCE == yes ]]; then
    options=(--ignore-version-limit)
  fi
  if ! said=$(rauc install "${options[@]}" "$BUNDLE" 2>&1); then
    stop_if_full
    stop update update-failed "slot $(other_slot) could not be written: $(last_line "$said")" \
      "journalctl -u rauc; the running slot is unchanged; call cluster-update.sh again"
  fi
}
