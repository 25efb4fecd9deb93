#!/bin/bash
#
# cluster-ceph-remove.sh: for administrators, on a node with the administrator's key: removes a node or an OSD from the Ceph cluster
# for good. It asks before the first action. It may be interrupted and called again at any time.
#
#   cluster-ceph-remove.sh NODE            the OSDs, monitor, manager and metadata server of the node. The data of its OSDs is first
#                                          copied to other OSDs, which takes hours for terabytes
#   cluster-ceph-remove.sh --osd N         one OSD
#   cluster-ceph-remove.sh --lost NODE     the same for a machine or a disk that does not come back: nothing can be copied
#   cluster-ceph-remove.sh --lost --osd N  from it, so the script does not wait

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

NODE='' MONITOR='' KEYS=''

has_host() { jq -e --arg node "$NODE" 'any(.nodes[]; .type == "host" and .name == $node)' <<<"$TREE" >/dev/null; }

find_osd() {
  if [[ ! $1 =~ ^[0-9]+$ ]]; then
    refuse_removal "\"$1\" is not the number of an OSD"
  fi
  OSDS=$1
  if ! jq -e --argjson id "$1" 'any(.nodes[], .stray[]; .id == $id)' <<<"$TREE" >/dev/null; then
    refuse_removal "there is no osd.$1"
  fi
}

# find_node: everything of the node that the cluster knows.
find_node() {
  local monitors entities
  if [[ $NODE == "$NODE_NAME" ]]; then
    refuse_removal "$NODE is this node; call the script on another one with the administrator's key"
  fi
  OSDS=$(jq -r --arg node "$NODE" '[.nodes[] | select(.type == "host" and .name == $node) | .children[]] | join(" ")' <<<"$TREE")
  monitors=$(ask_admin mon dump) || refuse_removal "the monitors do not answer"
  entities=$(ask_admin auth ls) || refuse_removal "the monitors do not answer"
  MONITOR=$(jq -r --arg node "$NODE" '.mons[] | select(.name == $node) | .name' <<<"$monitors")
  KEYS=$(jq -r --arg node "$NODE" '[.auth_dump[].entity | select(. == "mgr.\($node)" or . == "mds.\($node)")] | join(" ")' <<<"$entities")
  if [[ -z $OSDS$MONITOR$KEYS ]] && ! has_host; then
    refuse_removal "the Ceph cluster knows nothing of $NODE"
  fi
}

# check: refuses what would cost data, or the majority of the monitors.
check() {
  local up output
  if [[ -n $MONITOR ]] && ! output=$(ceph_as client.admin mon ok-to-rm "$NODE" 2>&1); then
    refuse_removal "the other monitors would be no majority: $(last_line "$output")"
  fi
  if [[ -z $OSDS ]]; then
    return
  fi
  up=$(osds_up)
  if [[ $LOST == yes && -n $up ]]; then
    refuse_removal "these OSDs are not lost, they are up: $up. Call without --lost"
  fi
  if [[ $LOST != yes ]]; then
    check_places
  fi
}

confirm() {
  local answer='' word=${NODE:-osd.$OSDS} parts='' now
  if [[ -n $OSDS ]]; then
    parts="osd.${OSDS// /, osd.}"
  fi
  parts+=${MONITOR:+${parts:+, }mon.$MONITOR}
  parts+=${KEYS:+${parts:+, }${KEYS// /, }}
  printf '%s will be removed from the Ceph cluster for good.\n' "${parts:-$NODE}"
  if [[ $LOST == yes ]]; then
    now=$(ceph_health)
    printf 'Their data is NOT copied first: what only they have is lost. The cluster now: %s\n' "$now"
  fi
  read -r -p "Type $word to go on: " answer || true
  if [[ $answer != "$word" ]]; then
    refuse_removal "not confirmed"
  fi
}

# remove_daemons: the manager and the metadata server hand over to those of other nodes, and their keys end.
remove_daemons() {
  local entity active
  for entity in $KEYS; do
    active=$(ask_admin mgr dump | jq -r .active_name) || active=''
    if [[ $entity == "mgr.$active" ]]; then
      order_ceph mgr fail "$NODE"
    fi
    if [[ $entity == mds.* ]]; then
      order_ceph mds fail "$NODE"
    fi
    order_ceph auth rm "$entity"
    say_removal "removed $entity"
  done
  order_ceph config-key rm "mgr/dashboard/$NODE/crt"
  order_ceph config-key rm "mgr/dashboard/$NODE/key"
  let_one_do
}

# let_one_do: with one metadata server there is no standby, so Ceph must not warn about it.
let_one_do() {
  local servers
  if [[ $CEPH_CEPHFS == yes ]]; then
    servers=$(ask_admin auth ls | jq '[.auth_dump[].entity | select(startswith("mds."))] | length') || return
    if ((servers == 1)); then
      order_ceph fs set "$CEPH_FS_NAME" standby_count_wanted 0
    fi
  fi
}

retire_node() {
  if ! look_at_osds; then
    say_removal "the monitors do not answer; call again when they do"
    exit 1
  fi
  if has_host; then
    order_ceph osd crush rm "$NODE"
  fi
  if [[ -n $MONITOR ]]; then
    order_ceph mon rm "$NODE"
    say_removal "removed mon.$NODE"
  fi
  if [[ -n $KEYS ]]; then
    remove_daemons
  fi
  say_removal "done; switch off $NODE, and remove it from the definition. Do not boot its image again: it would join as a new node"
}

usage() {
  printf 'usage: cluster-ceph-remove.sh [--lost] NODE | [--lost] --osd N\n' >&2
  exit 64
}

load_node
load_ceph
if [[ ${1:-} == --lost ]]; then
  LOST=yes
  shift
fi
case "$#:${1:-}" in
  2:--osd) ;;
  1:-* | 1:) usage ;;
  1:*) NODE=$1 ;;
  *) usage ;;
esac
if [[ ! -e $CEPH_ETC/ceph.client.admin.keyring ]]; then
  refuse_removal "this node has no administrator's key (ceph.admin_nodes)"
fi
look_at_osds || refuse_removal "the monitors do not answer"
if [[ -n $NODE ]]; then
  find_node
else
  find_osd "$2"
fi
check
confirm
if [[ -n $OSDS ]]; then
  remove_osds
fi
if [[ -n $NODE ]]; then
  retire_node
fi
