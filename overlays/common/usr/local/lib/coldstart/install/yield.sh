# shellcheck shell=bash
#
# install/yield.sh: a boot from a medium, where another image of this node is installed on its disk. The boot loader of the medium starts
# what is installed, unless firmware hides the disk from it: UEFI may prepare only the device from which it boots.

readonly YIELDED=boot/grub/yielded

# yields_to_installed DISK: whether this boot must not go on, with the image of the disk in INSTALLED_IMAGE.
yields_to_installed() {
  local esp slot
  if [[ -z $ESP_PARTLABEL ]] || ! esp=$(partition_of "$ESP_PARTLABEL"); then
    return 1
  fi
  if [[ -n $(kernel_argument rauc.slot) || -n $(kernel_argument coldstart.install) || -n $(kernel_argument coldstart.medium) ]]; then
    return 1
  fi
  # The server of a boot from the network has chosen this image now; it is no stick that was forgotten.
  files_of_medium >/dev/null || return
  is_installed "$1" "$esp" || return
  slot=$(_with_esp "$esp" _next_slot) || return
  INSTALLED_IMAGE=$(_image_of_slot "$slot") || return
  [[ -n $INSTALLED_IMAGE && $INSTALLED_IMAGE != "$(kernel_argument coldstart.image)" ]]
}

# _next_slot: its label; the first good one, as the boot loader chooses (install/grub.cfg).
_next_slot() {
  local order slot=A ok try
  order=$(_boot_variable ORDER) || return
  for slot in $order; do
    ok=$(_boot_variable "${slot}_OK") && try=$(_boot_variable "${slot}_TRY") || return
    if [[ $ok == 1 && $try == 0 ]]; then
      break
    fi
  done
  if [[ $slot == B ]]; then
    printf '%s\n' "$SLOT_B_PARTLABEL"
  else
    printf '%s\n' "$SLOT_A_PARTLABEL"
  fi
}
_boot_variable() { sed -n "s/^$1=//p" "$ESP_MOUNT/boot/grub/grubenv"; }

_image_of_slot() {
  local device
  device=$(partition_of "$1") && mkdir -p "$SLOT_MOUNT" || return
  _with_slot "$device" ro sed -n "s/^set node_image='\(.*\)'\$/\1/p" "$SLOT_MOUNT/boot/grub/node.cfg"
}

# start_installed NODE: asks UEFI once to start the disk at the next boot. Status 1 where it cannot, or was asked before in vain.
start_installed() {
  local esp number
  esp=$(partition_of "$ESP_PARTLABEL") && number=$(entries_of "$1") || return
  number=${number%%$'\n'*}
  [[ -n $number ]] && _with_esp "$esp" _note_yielded && efibootmgr --quiet --bootnext "$number"
}

_note_yielded() { [[ ! -e $ESP_MOUNT/$YIELDED ]] && : >"$ESP_MOUNT/$YIELDED"; }
# forget_yielded ESP: the disk has started.
forget_yielded() { _with_esp "$1" rm -f "$ESP_MOUNT/$YIELDED"; }
