#!/bin/sh
# Which medium is this? A part of live-boot in the initial RAM disk; it replaces three functions of 9990-misc-helpers.sh and
# 9990-initramfs-tools.sh. Only that medium is mounted whose image the boot loader chose: the id in its /boot/grub/node.cfg is the one
# on the kernel's command line. Without it, live-boot would take the first medium with this base layer, e.g. an old stick.
# shellcheck disable=SC2154 # devname, devuid and tailpid are variables of live-boot

MEDIA_SEEN=${COLDSTART_ROOT:-}/run/coldstart-media
# All consoles show what is written to the kernel's log, also with `quiet`; /dev/console is one of them.
say() { echo "<3>coldstart: $*" >>"${COLDSTART_ROOT:-}/dev/kmsg"; }

# argument NAME: its value on the kernel's command line, or nothing.
argument() {
  for word in ${LIVE_BOOT_CMDLINE}; do
    case $word in "$1="*) echo "${word#*=}" ;; esac
  done
}

# setting FOLDER NAME: a setting of the image on a medium, or nothing.
setting() { sed -n "s/^set $2='\(.*\)'\$/\1/p" "$1/boot/grub/node.cfg" 2>/dev/null; }

# live-boot asks this of each file system with live systems, on disks as well as in memory.
is_live_path() {
  ls "$1/$LIVE_MEDIA_PATH/"*.squashfs >/dev/null 2>&1 || return 1
  wanted=$(argument coldstart.image)
  found=$(setting "$1" node_image)
  [ -z "$wanted" ] || [ "$found" = "$wanted" ] && return
  note_other_medium "$1" "$found"
  # live-boot passes over a file system with the UUID of one that it tried; all images of a base layer have the same.
  [ -z "$devuid" ] || sed -i "/^$devuid\$/d" "${COLDSTART_ROOT:-}/var/lib/live/boot/devices-already-tried-to-mount"
  return 1
}

# Then of those on disks. Boot arrangements of a user's own may name no image: any medium with this base layer fits.
matches_uuid() {
  [ -n "$(argument coldstart.image)" ] || cmp -s "$1/.disk/coldstart" "${COLDSTART_ROOT:-}/conf/uuid.conf"
}

# note_other_medium FOLDER IMAGE: says it once.
note_other_medium() {
  other="another live system"
  [ -z "$2" ] || other="image $(short "$2") of node $(setting "$1" node_name)"
  grep -qsxF "$devname: $other" "$MEDIA_SEEN" && return
  echo "$devname: $other" >>"$MEDIA_SEEN"
  say "not used: $devname: $other; the boot loader chose $(chosen)"
}

short() { echo "$1" | cut -c 1-12; }
chosen() { echo "image $(short "$(argument coldstart.image)") of node $(argument coldstart.node)"; }

# After a minute of trying, and for all other reasons that end live-boot. The kernel argument panic= says when the machine restarts.
panic() {
  if [ -n "$tailpid" ]; then # live-boot has led its output to boot.log
    exec 1>&6 2>&7
    kill "$tailpid"
  fi
  case $* in
    "Unable to find a medium"*)
      say "no medium has $(chosen), which the boot loader chose"
      if [ -s "$MEDIA_SEEN" ]; then
        while read -r line; do say "found $line"; done <"$MEDIA_SEEN"
      else
        say "no medium with a live system was found; is the stick in, and does the virtual CD still answer?"
      fi
      ;;
    *) say "the system does not start: $*" ;;
  esac
  # shellcheck source=/dev/null
  . "${COLDSTART_ROOT:-}/scripts/functions"
  panic "$@"
}
