# shellcheck shell=bash
#
# update/slots.sh: the two slots of an installed node, as RAUC and the boot loader know them: A and B. The boot loader says on the
# kernel's command line which one it chose.

readonly ESP_DIR=$RUN_DIR/esp
readonly GRUB_ENVIRONMENT=$ESP_DIR/boot/grub/grubenv

# boot_argument NAME: its value on the kernel's command line, or nothing.
boot_argument() {
  local word words
  read -r -d '' -a words <"$PROC_DIR/cmdline" || true
  for word in "${words[@]}"; do
    if [[ $word == "$1="* ]]; then
      printf '%s\n' "${word#*=}"
      return
    fi
  done
}

booted_slot() {
  local slot
  slot=$(boot_argument rauc.slot)
  if [[ $slot == [AB] ]]; then
    printf '%s\n' "$slot"
  fi
}

other_slot() {
  if [[ $(booted_slot) == A ]]; then
    printf 'B\n'
  else
    printf 'A\n'
  fi
}

# running_release: the release number of what runs, or nothing.
running_release() { sed -n 's/^min-bundle-version=\([0-9]\{1,9\}\)$/\1/p' "$UPDATE_CONFIG" 2>/dev/null || true; }

# slot_release: of the slot that runs. A change that was taken without a restart is not in it.
slot_release() { cat "$LIVE_RELEASE" 2>/dev/null || running_release; }

# require_slots: the node is installed, and its image takes updates.
require_slots() {
  if [[ ! -r $UPDATE_CONFIG ]] || ! has_state_disk; then
    stop update updates-not-built "the image of this node takes no updates" \
      "add \`update\` to cluster.image.formats, and start this node once from a new image"
  fi
  if [[ -z $(booted_slot) ]]; then
    stop update not-installed "this node runs from a medium, not from a slot of its state disk" \
      "put the new image on its medium; or install the node"
  fi
  if ! mount_environment; then
    stop update boot-loader-missing "the state disk holds no environment of the boot loader" \
      "dmesg; check the disk; install this node again from its medium"
  fi
  mkdir -p "$COLDSTART_ROOT/var/lib/rauc" "$UPDATE_DIR"
}

# mount_environment: the EFI system partition of the state disk stays mounted: RAUC changes the boot loader's environment there.
mount_environment() {
  local device
  if [[ -e $GRUB_ENVIRONMENT ]]; then
    return 0
  fi
  load_state_disk || return
  device=$DISK_LINK_DIR/by-partlabel/esp-${VAR_PARTLABEL#var-}
  mkdir -p "$ESP_DIR" || return
  mount -t vfat -o umask=0077,sync "$device" "$ESP_DIR" || return
  [[ -e $GRUB_ENVIRONMENT ]]
}

# boot_variable NAME: of the boot loader's environment, or nothing.
boot_variable() { sed -n "s/^$1=//p" "$GRUB_ENVIRONMENT" 2>/dev/null || true; }

# slot_is_next SLOT: the next start takes it.
slot_is_next() {
  local order ok try
  order=$(boot_variable ORDER)
  ok=$(boot_variable "$1_OK")
  try=$(boot_variable "$1_TRY")
  [[ ${order%% *} == "$1" && $ok == 1 && $try == 0 ]]
}

# choose_slot booted|other SLOT: the next start takes it.
choose_slot() {
  local said
  open_try "$2"
  if ! said=$(rauc status mark-active "$1" 2>&1); then
    stop update slot-not-marked "the boot loader cannot be told that slot $2 is the next one: $(last_line "$said")" \
      "journalctl -b -u rauc; dmesg; replace a disk that reports errors; call this command again"
  fi
}

# open_try SLOT: the boot loader's next start of this slot is a try; without that, it starts a slot as one that was good (install/grub.cfg).
open_try() {
  if [[ $(boot_variable "$1_TRIED") != 0 ]]; then
    grub-editenv "$GRUB_ENVIRONMENT" set "$1_TRIED=0"
  fi
}

# install_bundle: RAUC marks the other slot as not bootable, writes it, and makes it the next one.
install_bundle() {
  local options=() said
  if [[ $FORCE == yes ]]; then
    options=(--ignore-version-limit)
  fi
  open_try "$(other_slot)"
  if ! said=$(rauc install "${options[@]}" "$BUNDLE" 2>&1); then
    stop_if_full
    stop update update-failed "slot $(other_slot) could not be written: $(last_line "$said")" \
      "journalctl -u rauc; the running slot is unchanged; call cluster-update.sh again"
  fi
}
