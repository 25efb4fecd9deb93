# shellcheck shell=bash
#
# ceph/mon.sh: this node's monitor. All monitors make the same first map from the image, so that they agree on one cluster
# in any order. A monitor without a store joins the cluster that others stand behind; it founds one only where this node has
# no sign of an earlier one.

STORE_FSID=''

mon_store() { printf '%s/mon/ceph-%s\n' "$CEPH_VAR" "$NODE_NAME"; }

start_monitor() {
  ledger monitor running '' "starting the monitor"
  if [[ ! -d $(mon_store) ]]; then
    make_monitor
  elif ! mon_store_is_ours; then
    stop monitor ceph-store-of-another-cluster "the monitor's store on the state disk belongs to the Ceph cluster $STORE_FSID, but this image to $CEPH_FSID; it was not changed" \
      "boot an image from the secrets store of the disk; if its data is no longer needed: reset-bootstrap.sh, then restart"
  fi
  renew_monitor_key
  start_ceph_unit "ceph-mon@$NODE_NAME"
  await_own_monitor
  ledger monitor 'done' '' "$NODE_NAME is one of the monitors $(quorum_names | tr '\n' ' ')"
}

# mon_store_is_ours: compares the id in the store's map; sets STORE_FSID. If the store cannot be read, the monitor reports it.
mon_store_is_ours() {
  local store map # the map lies where the daemons' user may write
  store=$(mon_store) || return
  map=$store/present.monmap
  STORE_FSID=''
  if ! unit_is_active "ceph-mon@$NODE_NAME" &&
    ceph-mon --id "$NODE_NAME" --mon-data "$store" --extract-monmap "$map" --setuser ceph --setgroup ceph >/dev/null 2>&1; then
    STORE_FSID=$(monmaptool --print "$map" | awk '$1 == "fsid" { print $2 }') || return
  fi
  rm -f "$map" || return
  [[ -z $STORE_FSID || $STORE_FSID == "$CEPH_FSID" ]]
}

# make_monitor: the store of a monitor, complete before it has its name.
make_monitor() {
  local map=$RUN_DIR/ceph.monmap new=$CEPH_VAR/mon/new
  if ! get_present_map "$map"; then
    if knows_of_a_cluster; then
      await_present_map "$map"
    else
      make_first_map "$map"
    fi
  fi
  rm -rf "$new"
  mkdir -p "$new"
  chown ceph:ceph "$map"
  owned_by_ceph "$new"
  if ! WHY=$(ceph-mon --mkfs --id "$NODE_NAME" --mon-data "$new" --monmap "$map" --keyring "$CEPH_ETC/ceph.mon.keyring" --setuser ceph --setgroup ceph 2>&1); then
    stop monitor ceph-monitor-not-made "the monitor's store cannot be created: $(last_line "$WHY")" \
      "check the free space and the health of the state disk (df /var, dmesg); this node keeps trying"
  fi
  sync -f "$new"
  mv -T "$new" "$(mon_store)"
  sync "$CEPH_VAR/mon"
}

# get_present_map FILE: the monitors' map as the cluster has it now; status 1 when nobody answers. A map of the image may
# name monitors that are not there any more, or not yet: two blank ones could take themselves for a majority of it.
get_present_map() {
  local others
  others=$(reachable_monitors) || return
  if [[ -z $others ]]; then
    return 1
  fi
  CEPH_PATIENCE=5 ceph_as mon. mon getmap --out-file "$1" >/dev/null 2>&1
}

# Signs of an existing cluster when the store is missing: this node was part of it, or has its data.
knows_of_a_cluster() {
  local since
  since=$(read_state ceph-bootstrapped) || exit
  [[ -n $since ]] || holds_data_of_the_cluster
}

await_present_map() {
  await "$QUORUM_WAIT" say_no_store get_present_map "$1" || stop_missing
  ledger monitor running '' "creating the monitor's store again from the other monitors"
}

say_no_store() {
  missing monitor ceph-store-missing "this node was part of the cluster, but the store of its monitor is lost, and no majority of the other monitors answers$(_monitors_seen); a new cluster would not restore the data" \
    "switch on the nodes with the other monitors; if their stores are lost, too: cluster-ceph-recover.sh; this node keeps trying"
}

make_first_map() {
  local monitors name address
  local -a arguments=()
  monitors=$(image_monitors) || return
  while IFS=$'\t' read -r name _ address; do
    arguments+=(--addv "$name" "$address")
  done <<<"$monitors"
  monmaptool --create --clobber --fsid "$CEPH_FSID" "${arguments[@]}" "$1" >/dev/null
}

# own_monitor_address: as the image says it.
own_monitor_address() { image_monitors | awk -F '\t' -v name="$NODE_NAME" '$1 == name { print $3 }'; }

# The monitors' common key is read from the store's key ring; the image's is the one that counts.
renew_monitor_key() {
  local ring
  ring=$(mon_store)/keyring
  if ! ring_section mon. <"$CEPH_ETC/ceph.mon.keyring" | cmp -s - "$ring"; then
    ring_section mon. <"$CEPH_ETC/ceph.mon.keyring" | write_file "$ring" 0600
    owned_by_ceph "$ring"
  fi
}

# ring_section ENTITY, ring_rest ENTITY: a key ring with this entity only, or with all others.
ring_section() { awk -v header="[$1]" '/^\[/ { on = ($0 == header) } on'; }
ring_rest() { awk -v header="[$1]" '/^\[/ { on = ($0 != header) } on'; }

quorum_names() { ceph_as mon. quorum_status --format json 2>/dev/null | jq -r '.quorum_names[]'; }

monitor_is_in_quorum() {
  local names
  names=$(quorum_names) || return
  grep -qxF "$NODE_NAME" <<<"$names"
}

# require_own_monitor: on a node with a monitor, reports a monitor that ends repeatedly, regardless of the other monitors.
require_own_monitor() {
  if has_role ceph-mon && ! stays_up "ceph-mon@$NODE_NAME"; then
    stop monitor ceph-monitor-down "this node's monitor keeps ending: $(last_words "ceph-mon@$NODE_NAME")" \
      "journalctl -b -u ceph-mon@$NODE_NAME; this node keeps trying"
  fi
}

await_own_monitor() {
  await_monitors
  if ! wait_until "$CEPH_UP" monitor_is_in_quorum; then
    require_own_monitor
    stop monitor ceph-monitor-outside "the other monitors work, but this node's monitor is not in the quorum: $(last_words "ceph-mon@$NODE_NAME")" \
      "journalctl -b -u ceph-mon@$NODE_NAME; a damaged store: reset-bootstrap.sh, then restart; this node keeps trying"
  fi
}

# import_entities: what the image says of keys and capabilities is what holds; so new pools and keys are known to the cluster
# once a monitor has the new image. Entities that are right already are left alone.
import_entities() {
  local ring=$RUN_DIR/ceph.entities known
  WHY='the keys cannot be compared'
  ring_rest mon. <"$CEPH_ETC/ceph.mon.keyring" | write_file "$ring" 0600 || return
  known=$(ceph_as mon. auth export 2>/dev/null | ring_lines) || return
  if ! ring_lines <"$ring" | is_part_of "$known"; then
    WHY=$(ceph_as mon. auth import --in-file "$ring" 2>&1 >/dev/null) || return
  fi
  rm -f "$ring"
}

# ring_lines: `entity setting value` for each setting, whatever the spaces.
ring_lines() {
  awk '/^\[/ { entity = $0; next } NF { sub(/^[ \t]+/, ""); sub(/[ \t]*=[ \t]*/, " "); gsub(/"/, ""); print entity, $0 }' | sort
}

# is_part_of TEXT: whether the text contains every line of standard input.
is_part_of() {
  local others
  others=$(comm -23 - <(printf '%s\n' "$1")) || return
  [[ -z $others ]]
}

# monitors_let_go: whether the others are a majority without this node's monitor; WHY says what is against it. The only
# monitor of a cluster may go: its store is kept.
monitors_let_go() {
  local status names
  names=$(known_monitor_names) || return
  if [[ ! -d $(mon_store) || $names == "$NODE_NAME" ]] || ! mon_store_is_ours; then
    return 0
  fi
  if ! status=$(ceph_as mon. quorum_status --format json 2>/dev/null); then
    WHY="the monitors have no majority now"
    return 1
  fi
  WHY=$(jq -r --arg name "$NODE_NAME" '(.quorum_names | map(select(. != $name))) as $others | (.monmap.mons | length) as $all
    | if ($others | length) * 2 > $all then "" else "without \($name) only \($others | length) of \($all) monitors would be left" end' <<<"$status") || return
  [[ -z $WHY ]]
}

# forget_ceph: stops this node's daemons and renames its monitor's store; OSDs keep their data and are used again later.
forget_ceph() {
  systemctl stop cluster-ceph.service ceph.target 2>/dev/null || true
  if [[ -d $(mon_store) ]]; then
    rm -rf "$CEPH_VAR/mon/before-reset"
    mv -T "$(mon_store)" "$CEPH_VAR/mon/before-reset"
    sync "$CEPH_VAR/mon"
  fi
}
