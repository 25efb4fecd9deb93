#!/bin/bash
#
# boot-container.sh ROOT TREE SCRATCH SECONDS DISK NIC...: boots ROOT with TREE laid over it in a container, as a node would
# boot: its own network with the cards NIC (`name=mac`, with `@seconds` until its cable is plugged in), the image DISK (or `none`) as a disk at /dev/test-disk. Ends when the
# node powers itself off, or after SECONDS. The node's console is on standard output; what it wrote stays in SCRATCH/upper.
# With RACK, a network namespace with the bridge `lan`, its cables end there. DISK may be a block device already; OSD_DISKS are
# further ones, at /dev/test-osd-1 and so on.
# Runs in `unshare --mount --net --pid --fork --kill-child --mount-proc`, so that everything ends with it.

set -euo pipefail
# shellcheck source=test/image/containers/loop-device.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/loop-device.sh"
if (($$ != 1)); then
  printf 'boot-container.sh: wants a process namespace of its own\n' >&2
  exit 1
fi
root=$1 tree=$2 scratch=$3 seconds=$4 disk=$5
shift 5

mount --make-rprivate /
# /sys is the outer network's until it is mounted anew; the control groups have to come along.
mkdir -p "$scratch"/{cgroup,upper,work,root}
mount --rbind /sys/fs/cgroup "$scratch/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$scratch/cgroup" /sys/fs/cgroup

# The other ends of the cables are in a network of their own, out of NetworkManager's reach.
rack=${RACK:-}
if [[ -n $rack ]]; then
  switch=$rack switch_net=/run/netns/$rack
else
  unshare --net sleep infinity &
  switch=$! switch_net=/proc/$!/ns/net
  until [[ $(readlink "$switch_net") != "$(readlink /proc/self/ns/net)" ]]; do
    sleep 0.1
  done
fi
plug_in() {
  if [[ -n $rack ]]; then
    nsenter --net="$switch_net" ip link set "$1" master lan
  fi
  nsenter --net="$switch_net" ip link set "$1" up
}

for nic in "$@"; do
  name=${nic%%=*} mac=${nic#*=}
  # The other end outlives a power cut for a moment.
  nsenter --net="$switch_net" ip link delete "$name-peer" 2>/dev/null || true
  ip link add "$name" address "${mac%@*}" type veth peer name "$name-peer" netns "$switch"
  if [[ $mac == *@* ]]; then
    { sleep "${mac#*@}" && plug_in "$name-peer"; } &
  else
    plug_in "$name-peer"
  fi
done

# A power cut ends systemd-nspawn, but not what it started. As process 1, this ends everything else in the namespace.
end_node() {
  kill -KILL -1 2>/dev/null || true
  wait
}

bind=()
loop=''
if [[ -b $disk ]]; then
  loop=$disk
  bind=(--bind=/dev/loop-control "--bind=$loop")
elif [[ $disk != none ]]; then
  loop=$(losetup --find --show "$disk")
  trap 'end_node; detach_loop "$loop"' EXIT
  bind=(--bind=/dev/loop-control "--bind=$loop")
fi
mount -t overlay overlay -o "lowerdir=$tree:$root,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root"
read -r -a osd_disks <<<"${OSD_DISKS:-}"
for device in "${osd_disks[@]}"; do
  bind+=("--bind=$device")
done
printf '%s\n' "$loop" "${osd_disks[@]}" >"$scratch/root/etc/test-disk"

export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
timeout --signal=KILL "$seconds" systemd-nspawn --quiet --register=no --keep-unit --boot --console=read-only \
  --capability=CAP_NET_ADMIN --machine=node --directory="$scratch/root" "${bind[@]}" </dev/null || printf 'container ended with status %s\n' "$?"
end_node
umount "$scratch/root"
