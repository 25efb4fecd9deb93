#!/bin/bash
#
# volatile-containers.sh [MOUNT-UNIT]: mounts the unit, if given, starts the node's containerd and has it make a snapshot on top of another,
# as each pod's root is one. Runs in the root of a node (enter.sh); ends with 0 when the snapshot could be mounted.

set -euo pipefail

if [[ -n ${1:-} ]]; then
  value() { sed -n "s/^$1=//p" "$unit"; }
  unit=/etc/systemd/system/$1
  mkdir -p "$(value Where)"
  mount -t "$(value Type)" -o "$(value Options)" "$(value What)" "$(value Where)"
fi
containerd >/run/containerd.log 2>&1 &
for _ in {1..300}; do
  if ctr version >/dev/null 2>&1; then
    break
  fi
  sleep 0.1
done

snapshots() { ctr --namespace k8s.io snapshots --snapshotter overlayfs "$@"; }

mkdir /tmp/lower /tmp/upper
snapshots prepare --target /tmp/lower below | bash -e
echo below >/tmp/lower/file
umount /tmp/lower
snapshots commit image below
snapshots prepare --target /tmp/upper container image | bash -e
cat /tmp/upper/file
