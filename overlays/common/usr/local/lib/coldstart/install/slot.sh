# shellcheck shell=bash
#
# install/slot.sh: a slot of the state disk, a file system with what a medium of this node holds.

readonly MEDIUM=$COLDSTART_ROOT/run/live/medium
readonly SLOT_MOUNT=$RUN_DIR/slot
# Without the kernel a medium cannot be copied: after a boot from the network.
readonly SLOT_FILES=(.disk/coldstart .disk/info live/vmlinuz live/initrd.img live/filesystem.module boot/grub/node.cfg)
# Path, SHA-256 and bytes of each file, separated by tabs, as update bundles have it (src/builder/update/slot.ts).
readonly FILES_TABLE=live/files.tsv
# As RAUC makes a slot (templates/etc/rauc/system.conf.ejs): GRUB 2.12 reads it.
readonly SLOT_FEATURES=^metadata_csum_seed,^orphan_file

# kernel_argument NAME: its value on the kernel's command line, or nothing.
kernel_argument() {
  local word words
  read -r -a words <"$PROC_DIR/cmdline" || true
  for word in "${words[@]}"; do
    if [[ $word == "$1="* ]]; then
      printf '%s\n' "${word#*=}"
    fi
  done
}

# partition_of LABEL: its device.
partition_of() { readlink -e "$DISK_LINK_DIR/by-partlabel/$1"; }

# files_of_medium: what a slot needs of the medium, one path a line; status 1 where one is missing. The layers are listed by the medium.
files_of_medium() {
  local file layers
  for file in "${SLOT_FILES[@]}"; do
    if [[ ! -s $MEDIUM/$file ]]; then
      return 1
    fi
    printf '%s\n' "$file"
  done
  layers=$(<"$MEDIUM/live/filesystem.module") || return
  while IFS= read -r file; do
    if [[ ! -s $MEDIUM/live/$file ]]; then
      return 1
    fi
    printf 'live/%s\n' "$file"
  done <<<"$layers"
}

# fill_slot DEVICE LABEL: makes the file system anew, copies the medium to it, and reads it back. Status 1 where a byte differs.
fill_slot() {
  local device=$1 label=$2 files
  files=$(files_of_medium) || return
  umount "$SLOT_MOUNT" 2>/dev/null || true
  mkdir -p "$SLOT_MOUNT" || return
  mkfs.ext4 -q -F -m 0 -O "$SLOT_FEATURES" -L "$label" "$device" || return
  _with_slot "$device" rw _copy_files "$files" || return
  # What is read after this comes from the disk, not from memory.
  blockdev --flushbufs "$device" && _with_slot "$device" ro _compare_files "$files"
}

# _with_slot DEVICE MODE COMMAND...: what the command wrote is on the disk afterwards.
_with_slot() {
  local device=$1 mode=$2 status=0
  shift 2
  mount -o "$mode,noatime" "$device" "$SLOT_MOUNT" || return
  { "$@" && sync -f "$SLOT_MOUNT"; } || status=1
  umount "$SLOT_MOUNT" || return
  return "$status"
}

# _copy_files FILES: the table of files is what was read from the medium. The node layer holds keys.
_copy_files() {
  local file sum size
  mkdir -p "$SLOT_MOUNT/live" || return
  while IFS= read -r file; do
    mkdir -p "$SLOT_MOUNT/${file%/*}" || return
    sum=$(umask 077 && tee "$SLOT_MOUNT/$file" <"$MEDIUM/$file" | sha256sum) || return
    size=$(stat -c %s "$SLOT_MOUNT/$file") || return
    printf '%s\t%s\t%s\n' "$file" "${sum%% *}" "$size" >>"$SLOT_MOUNT/$FILES_TABLE" || return
  done <<<"$1"
}

# _compare_files FILES: all are there, with the bytes of the medium.
_compare_files() {
  local path digest size sum files=''
  while IFS=$'\t' read -r path digest size; do
    sum=$(sha256sum <"$SLOT_MOUNT/$path") || return
    [[ ${sum%% *} == "$digest" ]] || return
    files+=${files:+$'\n'}$path
  done <"$SLOT_MOUNT/$FILES_TABLE" || return
  [[ $files == "$1" ]]
}

# fits_slot DEVICE: whether the files of the medium fit, with a twentieth for the file system itself.
fits_slot() {
  local files size room
  files=$(files_of_medium) || return
  size=$(cd "$MEDIUM" && xargs -d '\n' du --apparent-size --block-size=1 --total <<<"$files" | tail -n 1 | cut -f 1) || return
  room=$(disk_size "$1") || return
  ((size <= room * 19 / 20))
}
