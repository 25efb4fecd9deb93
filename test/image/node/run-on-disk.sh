#!/bin/bash
#
# run-on-disk.sh ROOT TREE SCRATCH DISK SNAPSHOTS PROGRAM: runs PROGRAM on the image DISK in ROOT with TREE laid over it, and
# prints the node's ledger. With a folder SNAPSHOTS, copies of the image are taken all the while: what a machine finds after a
# power cut is what had reached the disk by then. Runs in `unshare --mount --pid --fork --kill-child`.

set -euo pipefail
# shellcheck source=test/image/containers/loop-device.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../containers/loop-device.sh"
root=$1 tree=$2 scratch=$3 disk=$4 snapshots=$5 program=$6

mount --make-rprivate /
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/root"
node=$scratch/root
mount -t overlay overlay -o "lowerdir=$tree:$root,upperdir=$scratch/upper,workdir=$scratch/work" "$node"
mount -t proc proc "$node/proc"
mount -t sysfs sysfs "$node/sys"
mount -t tmpfs tmpfs "$node/run"
mount -t tmpfs tmpfs "$node/tmp"
mount -t tmpfs tmpfs "$node/dev"
mknod "$node/dev/null" c 1 3
mknod "$node/dev/zero" c 1 5
mknod "$node/dev/urandom" c 1 9
mknod "$node/dev/loop-control" c 10 237

loop=$(losetup --find --show "$disk")
trap 'detach_loop "$loop"' EXIT
printf '%s\n' "$loop" >"$node/etc/test-disk"

take_snapshots() {
  local number=0
  while true; do
    number=$((number + 1))
    cp --sparse=always "$disk" "$snapshots/$(printf '%03d' "$number").img"
    sleep 0.03
  done
}
if [[ -n $snapshots ]]; then
  take_snapshots &
fi

env -i PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root COLDSTART_DEADLINE=2 \
  chroot "$node" "/usr/local/bin/$program" >&2 || true
if [[ -n $snapshots ]]; then
  kill %1
fi
# The file system of /var as it will be mounted: sound, and with the image's folders in it.
if [[ -e $node/run/cluster/var-disk ]]; then
  chroot "$node" e2fsck -fn /run/cluster/var-disk >&2
  chroot "$node" debugfs -R 'stat /lib/chrony' /run/cluster/var-disk 2>/dev/null | grep 'Type: directory' >/dev/null
fi
for link in "$node"/run/cluster/data-disks/*; do
  if [[ -L $link ]]; then
    chroot "$node" e2fsck -fn "/run/cluster/data-disks/${link##*/}" >&2
  fi
done
cat "$node/run/cluster/ledger.jsonl"
