# shellcheck shell=bash
#
# ceph/osd.sh: the OSDs of this node. Blank disks are prepared. Finished OSDs are started without changes, also if they were
# in another node before. All other disks are not changed and are reported. A problem with one disk does not stop the others.
#
# Preparing is what `ceph-volume raw prepare` does, with a UUID that is written down first: it draws a new one each time, so
# that a power cut would leave an OSD behind that is on no disk. Taking up is ceph-volume's own.

readonly LATE_OSD_DISKS=30 # seconds; disks spin up after udev is idle

OSD_SURVEY='' OSD_TROUBLE='' OSD_TROUBLE_TODO='' OSD_CAUSE='' OSD_UNITS=''

# osd_trouble CAUSE MESSAGE TODO: continues with the other disks. The step gets the first cause.
osd_trouble() {
  OSD_CAUSE=${OSD_CAUSE:-$1}
  OSD_TROUBLE+=${OSD_TROUBLE:+$'\n'}$2
  if [[ $OSD_TROUBLE_TODO != *"$3"* ]]; then
    OSD_TROUBLE_TODO+=${OSD_TROUBLE_TODO:+; }$3
  fi
}

# begin_osds: prepares and starts them; await_osds says how it ended.
begin_osds() {
  local twins disks disk
  ledger osd running '' "looking for the disks of the OSDs"
  settle_devices
  if ! wait_until "$LATE_OSD_DISKS" all_osd_disks_are_there; then
    osd_trouble osd-disk-missing "no disk matches a selector of hardware.osd_disks"$'\n'"$(jq -r '.missing[]' <<<"$OSD_SURVEY" | sort -u)" \
      "attach the disk or correct the selector"
  fi
  twins=$(jq -r '.twins[] | join(",")' <<<"$OSD_SURVEY") || return
  for disk in $twins; do
    osd_trouble osd-on-several-paths "${disk//,/ and } are one disk on several paths; it was not changed" \
      "leave only one path to the disk, or select one path below /dev/disk/by-path/ in hardware.osd_disks"
  done
  disks=$(jq -r '.disks - (.twins | add // []) | .[]' <<<"$OSD_SURVEY") || return
  for disk in $disks; do
    take_up_disk "$disk" || osd_trouble osd-disk-unreadable "$disk cannot be used: a command failed, see the journal" \
      "journalctl -b -u cluster-ceph; smartctl, dmesg; this node keeps trying"
  done
}

await_osds() {
  local id count=0
  for id in $OSD_UNITS; do
    if wait_until "$CEPH_UP" osd_is_up "$id"; then
      count=$((count + 1))
    else
      osd_trouble osd-not-up "osd.$id is not part of the cluster: $(last_words "ceph-osd@$id")" "journalctl -b -u ceph-osd@$id; smartctl, dmesg"
    fi
  done
  if [[ -n $OSD_CAUSE ]]; then
    ledger osd failed "$OSD_CAUSE" "running OSDs: $count; $OSD_TROUBLE" "$OSD_TROUBLE_TODO"
    return 1
  fi
  ledger osd 'done' '' "running OSDs: $count"
}

all_osd_disks_are_there() {
  OSD_SURVEY=$(survey_osd_disks) || return
  jq -e '.missing == []' <<<"$OSD_SURVEY" >/dev/null
}

# take_up_disk DISK: status 1 if a command failed whose failure has not been reported.
take_up_disk() {
  local disk=$1 state cluster
  state=$(osd_disk_state "$disk") || return
  case $state in
    finished) take_up_osd "$disk" ;;
    unfinished) make_osd "$disk" "preparing $disk again after an interruption" ;;
    blank) make_osd "$disk" "preparing the blank disk $disk" ;;
    other)
      cluster=$(osd_label "$disk" | jq -r '.ceph_fsid // "unfinished"') || return
      osd_trouble osd-of-another-cluster "$disk is an OSD of another cluster ($cluster); it was not changed" \
        "put it back into its machine; if its content is no longer needed: cluster-ceph-disk.sh --take $disk"
      ;;
    *)
      osd_trouble osd-foreign-disk "$disk contains data of something other than this cluster; it was not changed"$'\n'"$(describe_disk "$disk")" \
        "if its content is not needed: cluster-ceph-disk.sh --take $disk; otherwise correct the selector"
      ;;
  esac
}

# make_osd DISK WHAT
make_osd() {
  local prepared=''
  prepare_osd "$@" || return
  if [[ -n $prepared ]]; then
    take_up_osd "$1"
  fi
}

# take_up_osd DISK: starts a finished OSD if the cluster knows it. An OSD that was removed from the cluster, or whose cluster
# has lost its monitors, must not be treated as a blank disk.
take_up_osd() {
  local disk=$1 label id uuid
  label=$(osd_label "$disk") || return
  id=$(jq -r .whoami <<<"$label") || return
  uuid=$(jq -r .osd_uuid <<<"$label") || return
  if unit_is_active "ceph-osd@$id"; then
    OSD_UNITS+=" $id"
    return 0
  fi
  if ! osd_is_known "$id" "$uuid"; then
    osd_trouble osd-not-known "$disk is osd.$id ($uuid) of this cluster, but the monitors do not know it" \
      "if it was removed on purpose and its content is not needed: cluster-ceph-disk.sh --take $disk; if the monitors were created again, see ceph-store-missing"
    return 0
  fi
  ledger osd running '' "starting $disk as osd.$id"
  if ! WHY=$(ceph-volume raw activate --no-systemd --no-tmpfs --device "$disk" 2>&1); then
    osd_trouble osd-not-taken-up "$disk cannot be started as osd.$id: $(last_line "$WHY")" "smartctl, dmesg; ceph-bluestore-tool fsck"
    return 0
  fi
  start_ceph_unit "ceph-osd@$id" || return
  OSD_UNITS+=" $id"
}

osd_is_known() {
  ceph_as client.bootstrap-osd osd dump --format json 2>/dev/null |
    jq -e --argjson id "$1" --arg uuid "$2" '.osds[] | select(.osd == $id and .uuid == $uuid)' >/dev/null
}

# osd_is_up ID: by the OSD itself. Until the monitors have noticed that it was gone, they call it up as they did before a restart.
osd_is_up() {
  timeout --kill-after=5 "$CEPH_ANSWER" ceph daemon "osd.$1" status --format json 2>/dev/null | jq -e '.state == "active"' >/dev/null
}

# prepare_osd DISK WHAT: from a blank disk, or one whose preparation was cut off, to a finished OSD. Sets `prepared` once it is one.
prepare_osd() {
  local disk=$1 uuid id folder said=$RUN_DIR/osd-new.log
  ledger osd running '' "$2"
  uuid=$(claimed_uuid "$disk") || return
  if ! id=$(ceph_as client.bootstrap-osd osd new "$uuid" --in-file "$OSD_PREPARING/$uuid" 2>"$said"); then
    osd_trouble osd-not-prepared "the monitors do not give an OSD number to $disk: $(last_line "$(<"$said")")" "see the step monitor; this node keeps trying"
    return 0
  fi
  folder=$CEPH_VAR/osd/ceph-$id
  make_osd_folder "$disk" "$folder" || return
  if ! with_pauses 3 make_osd_files "$id" "$uuid" "$folder"; then
    osd_trouble osd-not-prepared "$disk cannot be prepared as osd.$id: $(last_line "$WHY")" \
      "a disk needs a few GiB and no input/output errors (smartctl, dmesg); this node keeps trying"
    return 0
  fi
  sync "$disk" || return
  rm -f "$OSD_PREPARING/$uuid" || return
  prepared=yes
}

# make_osd_folder DISK FOLDER: what ceph-osd finds before it makes its files.
make_osd_folder() {
  local disk=$1 folder=$2
  rm -rf "$folder" || return
  mkdir -p "$folder" || return
  ln -s "$disk" "$folder/block" || return
  ceph_as client.bootstrap-osd mon getmap --out-file "$folder/activate.monmap" >/dev/null || return
  chown -h ceph:ceph "$folder" "$folder/block" "$folder/activate.monmap" || return
  chown ceph:ceph "$disk"
}

# udev may examine the disk at the moment and hold its lock for a short time.
make_osd_files() {
  local id=$1 uuid=$2 folder=$3
  WHY=$(jq -r .cephx_secret "$OSD_PREPARING/$uuid" |
    ceph-osd --mkfs --osd-objectstore bluestore --id "$id" --monmap "$folder/activate.monmap" --keyfile - --osd-data "$folder" \
      --osd-uuid "$uuid" --setuser ceph --setgroup ceph 2>&1)
}

# claimed_uuid DISK: the UUID that the disk's OSD has or is to have. It is in /var before it is on the disk, and on the disk
# before anything else is; the label of an earlier attempt gives way to it.
claimed_uuid() {
  local disk=$1 uuid key
  uuid=$(osd_label "$disk" | jq -r '.osd_uuid // ""') || return
  uuid=${uuid:-$(osd_claim "$disk")} || return
  if [[ -z $uuid || ! -e $OSD_PREPARING/$uuid ]]; then
    uuid=$(<"$PROC_DIR/sys/kernel/random/uuid") || return
    key=$(ceph-authtool --gen-print-key) || return
    printf '{"cephx_secret": "%s"}\n' "$key" | write_file "$OSD_PREPARING/$uuid" 0600 || return
  fi
  printf 'coldstart-osd-disk v1 %s %s\n' "$CEPH_FSID" "$uuid" | _write_block "$disk" "$OSD_CLAIM_OFFSET" || return
  _write_block "$disk" 0 </dev/zero || return
  printf '%s\n' "$uuid"
}
