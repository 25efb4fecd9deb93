#!/bin/bash
#
# cluster-ceph-recover.sh: for administrators, when the majority of the monitors is lost permanently. It asks before each action,
# and keeps the old store beside the new one.
#
#   cluster-ceph-recover.sh --survivor      this node's monitor continues alone; the others join it when they are started with
#                                           blank state disks
#   cluster-ceph-recover.sh --collect DIR   no store is left: adds the data of this node's OSDs to DIR. Run it on each node with
#                                           OSDs in turn; copy DIR from one node to the next
#   cluster-ceph-recover.sh --rebuild DIR   creates this node's monitor from DIR; it runs alone, as after --survivor

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

say() { printf 'cluster-ceph-recover.sh: %s\n' "$1" >&2; }

confirm() {
  local answer=''
  printf '%s\n' "$1"
  read -r -p "Type the node's name ($NODE_NAME) to go on: " answer || true
  if [[ $answer != "$NODE_NAME" ]]; then
    say "nothing was changed"
    exit 1
  fi
}

need_monitor_role() {
  if ! has_role ceph-mon; then
    say "$NODE_NAME has no monitor"
    exit 1
  fi
}

refuse_with_quorum() {
  if monitors_answer; then
    say "a majority of the monitors answers; nothing was changed"
    exit 1
  fi
}

# keep_old FOLDER: under a name of this moment.
keep_old() {
  local kept
  kept=$CEPH_VAR/mon/kept-$(date -u +%Y%m%dT%H%M%SZ)
  cp -a "$1" "$kept"
  say "the old store is kept in $kept"
}

# leave_alone FOLDER: this monitor becomes the only one of the map in the store.
leave_alone() {
  local store=$1 map=$1/present.monmap names name address # where the daemons' user may write
  attempt ceph-mon --id "$NODE_NAME" --mon-data "$store" --extract-monmap "$map" --setuser ceph --setgroup ceph
  names=$(monmaptool --print "$map" | sed -n 's/.* mon\.//p')
  for name in $names; do
    attempt monmaptool "$map" --rm "$name"
  done
  address=$(own_monitor_address)
  attempt monmaptool "$map" --addv "$NODE_NAME" "$address"
  chown ceph:ceph "$map"
  attempt ceph-mon --id "$NODE_NAME" --mon-data "$store" --inject-monmap "$map" --setuser ceph --setgroup ceph
  rm -f "$map"
}

# attempt COMMAND...: what it prints matters only when it fails.
attempt() {
  local output
  if ! output=$("$@" 2>&1); then
    say "$1 failed: $(tail -n 3 <<<"$output")"
    exit 1
  fi
}

stop_ceph() {
  systemctl stop cluster-ceph.service "ceph-mon@$NODE_NAME.service" "$@"
}

survive() {
  need_monitor_role
  if [[ ! -d $(mon_store) ]]; then
    say "this node's monitor has no store"
    exit 1
  fi
  refuse_with_quorum
  confirm "The monitor of $NODE_NAME continues alone with its own data. Data that only the lost monitors had is lost; never start them again with their old state disks."
  stop_ceph
  keep_old "$(mon_store)"
  leave_alone "$(mon_store)"
  systemctl start --no-block cluster-ceph.service
  say "done; start the other monitors' nodes with blank state disks: they join this one"
}

collect() {
  local folder=$1 disks disk state osd count=0
  refuse_with_quorum
  confirm "The OSDs of $NODE_NAME are stopped, and their copies of the cluster's maps are added to $folder."
  stop_ceph ceph-osd.target
  mkdir -p "$folder"
  disks=$(osd_disks)
  for disk in $disks; do
    state=$(osd_disk_state "$disk")
    if [[ $state != finished ]]; then
      continue
    fi
    attempt ceph-volume raw activate --no-systemd --no-tmpfs --device "$disk"
    osd=$(osd_label "$disk" | jq -r .whoami)
    attempt ceph-objectstore-tool --no-mon-config --data-path "$CEPH_VAR/osd/ceph-$osd" --op update-mon-db --mon-store-path "$folder"
    count=$((count + 1))
  done
  say "$count OSDs are collected in $folder; go on with the next node, or with --rebuild on a monitor's node"
}

rebuild_monitor() {
  local folder=$1 store new=$CEPH_VAR/mon/new
  need_monitor_role
  store=$(mon_store)
  if [[ ! -d $folder/store.db ]]; then
    say "$folder contains no data of --collect"
    exit 1
  fi
  refuse_with_quorum
  confirm "The monitor of $NODE_NAME is created again from $folder. Settings that no OSD has are lost: those of 'ceph config' and 'ceph config-key'."
  stop_ceph
  # What was collected stays as it is, for another attempt.
  rm -rf "$new"
  mkdir -p "$CEPH_VAR/mon"
  cp -a "$folder" "$new"
  # The tool makes a map of the monitors in ceph.conf, and wants a name for each.
  image_monitors | name_monitors
  # shellcheck disable=SC2086 # names of nodes
  attempt ceph-monstore-tool "$new" rebuild -- --keyring "$CEPH_ETC/ceph.mon.keyring" --mon-ids $CEPH_MONS
  # A store that was part of no quorum yet waits for all of mon_initial_members, whatever its map says (Monitor::preinit).
  attempt ceph-kvstore-tool rocksdb "$new/store.db" set monitor joined ver 1
  owned_by_ceph "$new"
  leave_alone "$new"
  if [[ -d $store ]]; then
    keep_old "$store"
    rm -rf "$store"
  fi
  mv -T "$new" "$store"
  sync "$CEPH_VAR/mon"
  systemctl start --no-block cluster-ceph.service
  say "done; start the other monitors' nodes with blank state disks: they join this one"
}

load_node
load_ceph
case "${1:-}" in
  --survivor) survive ;;
  --collect) collect "${2:?cluster-ceph-recover.sh --collect DIR}" ;;
  --rebuild) rebuild_monitor "${2:?cluster-ceph-recover.sh --rebuild DIR}" ;;
  *)
    printf 'usage: cluster-ceph-recover.sh --survivor | --collect DIR | --rebuild DIR\n' >&2
    exit 64
    ;;
esac
