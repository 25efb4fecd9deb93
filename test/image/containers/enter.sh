#!/bin/bash
#
# enter.sh ROOT TREE SCRATCH PROGRAM [ARGUMENT...]: runs a program in ROOT with TREE laid over it, as a node would see them.
# Runs in namespaces of its own (`unshare --mount --net --pid --uts --fork`), so that everything ends with it.

set -euo pipefail
root=$1 tree=$2 scratch=$3
shift 3

mount --make-rprivate /
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/root"
mount -t overlay overlay -o "lowerdir=$tree:$root,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root"
mount -t proc proc "$scratch/root/proc"
mount -t sysfs sysfs "$scratch/root/sys"
mount --rbind /dev "$scratch/root/dev"
mount -t tmpfs tmpfs "$scratch/root/run"
mount -t tmpfs tmpfs "$scratch/root/tmp"
# What the running machine's library and shell would pass on.
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root chroot "$scratch/root" "$@"
