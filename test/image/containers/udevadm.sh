#!/bin/bash
#
# udevadm.sh: stands in for udevadm in a container, where there is no udev. Shows the test's disks, the partitions of the first and their
# labels, as udev would; partx, because the machine that runs the tests may not know GPT by itself.

set -euo pipefail
# systemd calls it for itself, too: two at a time would make the same device node.
exec {lock}>/run/udevadm.lock
flock "$lock"
{
  read -r loop
  number=0
  while read -r osd_disk; do
    number=$((number + 1))
    ln -sf "$osd_disk" "/dev/test-osd-$number"
  done
} </etc/test-disk
if [[ -z $loop ]]; then
  exit 0
fi
ln -sf "$loop" /dev/test-disk
# systemd-repart takes loop devices for itself, and has the kernel remove them afterwards.
for number in {0..63}; do
  [[ -b /dev/loop$number ]] || mknod "/dev/loop$number" b 7 "$number"
done
partx --update "$loop" 2>/dev/null || true
mkdir -p /dev/disk/by-partlabel
for partition in "/sys/class/block/${loop##*/}/${loop##*/}"p*; do
  if [[ -e $partition/dev ]]; then
    node=/dev/${partition##*/}
    IFS=: read -r major minor <"$partition/dev"
    # partx may give them other numbers.
    rm -f "$node"
    mknod "$node" b "$major" "$minor"
    ln -sf "$node" "/dev/disk/by-partlabel/$(blkid --probe --match-tag PART_ENTRY_NAME --output value "$node")"
  fi
done
