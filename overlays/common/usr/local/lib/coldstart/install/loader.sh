# shellcheck shell=bash
#
# install/loader.sh: the boot loader of the state disk: Debian's signed shim and GRUB on the EFI system partition, and for BIOS a core in
# a partition of its own. Until the last write of each, firmware that prefers this disk passes on to the next device.

readonly ESP_MOUNT=$RUN_DIR/esp
readonly SHIM=$COLDSTART_ROOT/usr/lib/shim
readonly GRUB=$COLDSTART_ROOT/usr/lib/grub
readonly CORE=$COLDSTART_ROOT/usr/lib/coldstart/disk-core.img
readonly SECTOR=512 # bytes

# installed_mark: the file by which the boot loader of a medium finds the installed system of its own node (scripts/base-layer/grub.cfg).
installed_mark() { printf 'boot/grub/installed-%s\n' "${SLOT_A_PARTLABEL#slot-a-}"; }

# is_installed DISK ESP: whether the boot loader was completed once. The boot code is written last, and blocked first; a cut between
# it and the files on the ESP leaves these whole.
is_installed() {
  local mark found=1
  if ! _is_blocked "$1"; then
    return 0
  fi
  mark=$(installed_mark) || return
  mkdir -p "$ESP_MOUNT" && mount -t vfat -o ro "$2" "$ESP_MOUNT" 2>/dev/null || return
  if [[ -e $ESP_MOUNT/$mark && -e $ESP_MOUNT/EFI/BOOT/BOOTX64.EFI ]]; then
    found=0
  fi
  umount "$ESP_MOUNT" || return
  return "$found"
}

# block_boot DISK ESP: no firmware starts from this disk any more; the first thing of installing again.
block_boot() {
  printf '\xcd\x18' | dd of="$1" bs=2 count=1 conv=notrunc,fsync status=none && mkfs.vfat -n ESP "$2" >/dev/null && sync "$2"
}

# _is_blocked DISK: its boot code passes on to the next device (disk/layout.sh). A disk that cannot be read is not.
_is_blocked() { printf '\xcd\x18' | cmp -s -n 2 - "$1"; }

# write_esp ESP: all but the two files that make it count; the environment block says that slot A is good.
write_esp() {
  _with_esp "$1" _fill_esp && blockdev --flushbufs "$1" && _with_esp "$1" _complete_esp
}

# _with_esp ESP COMMAND...: what the command wrote is on the disk afterwards.
_with_esp() {
  local esp=$1 status=0
  shift
  mkdir -p "$ESP_MOUNT" && mount -t vfat "$esp" "$ESP_MOUNT" || return
  { "$@" && sync -f "$ESP_MOUNT"; } || status=1
  umount "$ESP_MOUNT" || return
  return "$status"
}

_fill_esp() {
  mkdir -p "$ESP_MOUNT/EFI/BOOT" "$ESP_MOUNT/boot/grub" || return
  cp "$GRUB/x86_64-efi-signed/gcdx64.efi.signed" "$ESP_MOUNT/EFI/BOOT/grubx64.efi" || return
  cp "$SHIM/mmx64.efi.signed" "$ESP_MOUNT/EFI/BOOT/mmx64.efi" || return
  cp "$SHIM/shimx64.efi.signed" "$ESP_MOUNT/EFI/BOOT/shim.new" || return
  _menu >"$ESP_MOUNT/boot/grub/grub.cfg" || return
  grub-editenv "$ESP_MOUNT/boot/grub/grubenv" create || return
  grub-editenv "$ESP_MOUNT/boot/grub/grubenv" set 'ORDER=A B' A_OK=1 A_TRY=0 A_TRIED=1 B_OK=0 B_TRY=0 B_TRIED=0
}

_menu() { sed "s/@SLOT_A@/$SLOT_A_PARTLABEL/; s/@SLOT_B@/$SLOT_B_PARTLABEL/" "$LIB_DIR/install/grub.cfg"; }

_esp_is_whole() {
  cmp -s "$GRUB/x86_64-efi-signed/gcdx64.efi.signed" "$ESP_MOUNT/EFI/BOOT/grubx64.efi" &&
    cmp -s "$SHIM/shimx64.efi.signed" "$ESP_MOUNT/EFI/BOOT/shim.new" && _menu | cmp -s - "$ESP_MOUNT/boot/grub/grub.cfg"
}

# The files are those that came back from the disk.
_complete_esp() {
  local mark
  _esp_is_whole || return
  mark=$(installed_mark) || return
  mv "$ESP_MOUNT/EFI/BOOT/shim.new" "$ESP_MOUNT/EFI/BOOT/BOOTX64.EFI" && : >"$ESP_MOUNT/$mark"
}

# write_core PARTITION: GRUB's core for BIOS. Its first sector loads the rest, from the sector after it on (GRUB, diskboot.S: the
# block list stands at the end of that sector, 12 bytes with the first sector in front).
write_core() {
  local start size
  start=$(_first_sector "$1") || return
  size=$(stat -c %s "$CORE") || return
  { _bytes "$CORE" 0 500 && little_endian $((start + 1)) && _bytes "$CORE" 508 "$size"; } | dd of="$1" bs=64K iflag=fullblock conv=fsync status=none || return
  blockdev --flushbufs "$1" || return
  cmp -s --ignore-initial=508 -n $((size - 508)) "$CORE" "$1"
}

# complete_boot_code DISK PARTITION: makes good a cut before the last write.
complete_boot_code() { ! _is_blocked "$1" || write_boot_code "$@"; }

# write_boot_code DISK PARTITION: the last write for BIOS, one sector. It keeps the table behind the code. The place of the core is at 0x5c,
# and two nops at 0x66 let GRUB trust the drive number only where it is one of a hard disk (GRUB, boot.S and util/setup.c).
write_boot_code() {
  local start code=$GRUB/i386-pc/boot.img
  start=$(_first_sector "$2") || return
  {
    _bytes "$code" 0 92 && little_endian "$start" && _bytes "$code" 100 2 && printf '\x90\x90' && _bytes "$code" 104 336 &&
      _bytes "$1" 440 72
  } | dd of="$1" bs="$SECTOR" count=1 iflag=fullblock conv=notrunc,fsync status=none
}

# _bytes FILE OFFSET COUNT: at most so many.
_bytes() { dd if="$1" bs=64K iflag=skip_bytes,count_bytes skip="$2" count="$3" status=none; }

# little_endian NUMBER: eight bytes.
little_endian() {
  local index bytes=''
  for ((index = 0; index < 8; index++)); do
    printf -v bytes '%s\\x%02x' "$bytes" $((($1 >> (8 * index)) & 255))
  done
  # shellcheck disable=SC2059 # the bytes are the format
  printf "$bytes"
}

_first_sector() {
  local name
  name=$(basename "$1") || return
  cat "$SYS_DIR/class/block/$name/start"
}

# entries_of NODE: the numbers of its boot entries.
entries_of() {
  local entries
  entries=$(efibootmgr) || return
  sed -n "s/^Boot\([0-9A-F]\{4\}\)[* ] coldstart $1\(\t.*\)\?$/\1/p" <<<"$entries"
}

# boot_entry DISK NODE: asks UEFI to start from this disk first. Status 1 where it does not take an entry: then it may find the default path.
boot_entry() {
  local disk=$1 label="coldstart $2" numbers number
  if [[ ! -d $SYS_DIR/firmware/efi/efivars ]]; then
    return 0
  fi
  numbers=$(entries_of "$2") || return
  for number in $numbers; do
    efibootmgr --quiet --bootnum "$number" --delete-bootnum || return
  done
  efibootmgr --quiet --create --disk "$disk" --part 2 --label "$label" --loader '\EFI\BOOT\BOOTX64.EFI'
}
