#!/bin/bash
#
# cluster-data-disks.sh: finds the data disks of this node and prepares them for their mount units, as cluster-disk.sh does it
# for the state disk: a blank disk is claimed, partitioned and formatted once; a disk with anything else is refused.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly DATA_DISKS=$CONFIG_DIR/data-disks.tsv

DISK_STEP=data DISK_UNIT=cluster-data-disks

# all_partitions_are_there NAME: leaves the mount points without a partition in LACKING.
all_partitions_are_there() {
  LACKING=$(
    data_mounts "$1" | while IFS=$'\t' read -r _ label _ mount; do
      labelled_partition "$label" >/dev/null || printf '%s ' "$mount"
    done
  ) || return
  [[ -z $LACKING ]]
}

need_partitions() {
  settle_devices
  wait_until "$PARTITION_WAIT" all_partitions_are_there "$1" ||
    stop data data-partition-missing "$DISK is $DISK_WORDS, but has no partition for: ${LACKING% }; it was not changed" \
      "partitions are made once: correct hardware.data_disks; a damaged table can be restored with sgdisk or testdisk; to make the disk anew without its data: cluster-disk.sh --clear $DISK, then restart"
}

# XFS repairs itself when it is mounted (xfs_repair(8)).
check_partition() {
  local device=$1 filesystem=$2
  if [[ $filesystem == ext4 ]]; then
    check_ext4 "$device" || stop data data-damaged "the file system check of $DISK_WORDS on $device ended with status $CHECK_STATUS: it needs a decision" \
      "run: e2fsck $device, then restart"
  fi
}

offer_partitions() {
  local name=$1 parts label filesystem device
  parts=$(data_mounts "$name")
  mkdir -p "$DATA_LINKS"
  while IFS=$'\t' read -r _ label filesystem _; do
    device=$(labelled_partition "$label")
    check_partition "$device" "$filesystem"
    ln -sfn "$device" "$DATA_LINKS/$label"
  done <<<"$parts"
}

prepare_disk() {
  local name=$1
  DISK_KIND=data DISK_OWNER=$CLUSTER_NAME/$NODE_NAME/$name DISK_DEFINITIONS=$CONFIG_DIR/data-disks/$name
  DISK_WORDS="the data disk $name" DISK_SETTING="hardware.data_disks[$name].disk"
  ledger data running '' "looking for $DISK_WORDS"
  find_selected_disk
  own_disk
  need_partitions "$name"
  finish_layout
  # udev reads the table again after such a write.
  need_partitions "$name"
  offer_partitions "$name"
}

guard data
load_node
disks=$(cat "$DATA_DISKS")
while IFS=$'\t' read -r name by_id wwn serial model path min_size max_size rotational; do
  DATA_SELECTOR=("$by_id" "$wwn" "$serial" "$model" "$path" "$min_size" "$max_size" "$rotational")
  # A disk that is mounted is in use, and would not be found again.
  missing=$(missing_data_mounts "$name")
  if [[ -n $missing ]]; then
    prepare_disk "$name"
  fi
done <<<"$disks"
ledger data 'done' '' "the data disks are ready: $(cut -f 1 <<<"$disks" | tr '\n' ' ' | sed 's/ $//')"
