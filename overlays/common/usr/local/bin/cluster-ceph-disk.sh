#!/bin/bash
#
# cluster-ceph-disk.sh: for administrators: the disks of this node's OSDs.
#
#   cluster-ceph-disk.sh               lists the disks that the definition selects, and their content
#   cluster-ceph-disk.sh --take DISK   shows the content of the disk, asks, makes it blank, and lets it become an OSD

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

is_selected() { survey_osd_disks | jq -e --arg disk "$1" '.disks | index($disk)' >/dev/null; }

runs_an_osd() {
  local folder disk
  for folder in "$CEPH_VAR"/osd/ceph-*; do
    disk=$(readlink -e "$folder/block") || disk=''
    if [[ $disk == "$1" ]] && unit_is_active "ceph-osd@${folder##*/ceph-}"; then
      return 0
    fi
  done
  return 1
}

list_disks() {
  local disks disk state id
  disks=$(osd_disks)
  for disk in $disks; do
    state=$(osd_disk_state "$disk") || state='cannot be read'
    id=$(osd_label "$disk" | jq -r 'if .whoami then ", osd.\(.whoami)" else "" end') || id=''
    printf '%s: %s%s\n' "$disk" "$state" "$id"
  done
}

take_disk() {
  local disk
  disk=$(readlink -e "$1") || {
    printf 'cluster-ceph-disk.sh: there is no %s\n' "$1" >&2
    exit 1
  }
  if ! is_selected "$disk"; then
    printf 'cluster-ceph-disk.sh: no selector of hardware.osd_disks matches %s; nothing was changed\n' "$disk" >&2
    exit 1
  fi
  if runs_an_osd "$disk"; then
    printf 'cluster-ceph-disk.sh: an OSD of this node uses %s; nothing was changed\n' "$disk" >&2
    exit 1
  fi
  clear_disk cluster-ceph-disk.sh "$disk" || exit 1
  systemctl restart --no-block cluster-ceph.service
  printf '%s is blank now and becomes an OSD; see check-bootstrap-status.sh\n' "$disk"
}

load_node
load_ceph
case "${1:-}" in
  '') list_disks ;;
  --take) take_disk "${2:?cluster-ceph-disk.sh --take DISK}" ;;
  *)
    printf 'usage: cluster-ceph-disk.sh [--take DISK]\n' >&2
    exit 64
    ;;
esac
