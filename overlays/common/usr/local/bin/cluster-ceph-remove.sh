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

readonly COPY_PAUSE=10      # seconds between two looks at the copying
readonly COPY_PATIENCE=1800 # seconds in which not one object was copied

LOST='' NODE='' OSDS='' MONITOR='' KEYS='' TREE=''

say() { printf 'cluster-ceph-remove.sh: %s\n' "$1" >&2; }

refuse() {
  say "$1; nothing was changed"
  exit 1
}

# ask COMMAND...: the answer as JSON. order COMMAND...: what it prints matters only when it fails.
ask() { ceph_as client.admin "$@" --format json 2>/dev/null; }
order() {
  local output
  if ! output=$(ceph_as client.admin "$@" 2>&1); then
    say "ceph $* failed: $(last_line "$output"); call again when this is solved"
    exit 1
  fi
}

look_at_osds() { TREE=$(ask osd tree) || refuse "the monitors do not answer"; }
has_host() { jq -e --arg node "$NODE" 'any(.nodes[]; .type == "host" and .name == $node)' <<<"$TREE" >/dev/null; }
osds_up() { jq -r --argjson osds "[${OSDS// /,}]" '[.nodes[] | select(.status == "up") | .id | select(IN($osds[]))] | join(" ")' <<<"$TREE"; }

find_osd() {
  if [[ ! $1 =~ ^[0-9]+$ ]]; then
    refuse "\"$1\" is not the number of an OSD"
  fi
  OSDS=$1
  if ! jq -e --argjson id "$1" 'any(.nodes[], .stray[]; .id == $id)' <<<"$TREE" >/dev/null; then
    refuse "there is no osd.$1"
  fi
}

# find_node: everything of the node that the cluster knows.
find_node() {
  local monitors entities
  if [[ $NODE == "$NODE_NAME" ]]; then
    refuse "$NODE is this node; call the script on another one with the administrator's key"
  fi
  OSDS=$(jq -r --arg node "$NODE" '[.nodes[] | select(.type == "host" and .name == $node) | .children[]] | join(" ")' <<<"$TREE")
  monitors=$(ask mon dump) || refuse "the monitors do not answer"
  entities=$(ask auth ls) || refuse "the monitors do not answer"
  MONITOR=$(jq -r --arg node "$NODE" '.mons[] | select(.name == $node) | .name' <<<"$monitors")
  KEYS=$(jq -r --arg node "$NODE" '[.auth_dump[].entity | select(. == "mgr.\($node)" or . == "mds.\($node)")] | join(" ")' <<<"$entities")
  if [[ -z $OSDS$MONITOR$KEYS ]] && ! has_host; then
    refuse "the Ceph cluster knows nothing of $NODE"
  fi
}

# check: refuses what would cost data, or the majority of the monitors.
check() {
  local up output
  if [[ -n $MONITOR ]] && ! output=$(ceph_as client.admin mon ok-to-rm "$NODE" 2>&1); then
    refuse "the other monitors would be no majority: $(last_line "$output")"
  fi
  if [[ -z $OSDS ]]; then
    return
  fi
  up=$(osds_up)
  if [[ $LOST == yes && -n $up ]]; then
    refuse "these OSDs are not lost, they are up: $up. Call without --lost"
  fi
  if [[ $LOST != yes ]]; then
    check_places
  fi
}

# check_places: whether the copies of each pool have enough hosts (or OSDs) without these OSDs. Otherwise the copying never ends.
check_places() {
  local pools rules short
  pools=$(ask osd pool ls detail) || refuse "the monitors do not answer"
  rules=$(ask osd crush rule dump) || refuse "the monitors do not answer"
  short=$(jq -r --argjson pools "$pools" --argjson rules "$rules" --argjson gone "[${OSDS// /,}]" '
    [.nodes[] | select(.type == "osd" and .reweight > 0) | .id] - $gone | . as $left
    | { osd: length, host: [$tree.nodes[] | select(.type == "host" and any(.children[]; IN($left[])))] | length } as $places
    | [$pools[] | . as $pool | $rules[] | select(.rule_id == $pool.crush_rule) | [.steps[].type // empty][0] as $kind
      | select($places[$kind] != null and $places[$kind] < $pool.size) | "\($pool.pool_name) (\($pool.size) copies, \($places[$kind]) \($kind)s)"]
    | join(", ")' --argjson tree "$TREE" <<<"$TREE")
  if [[ -n $short ]]; then
    refuse "too few places would be left for the copies of $short; first add a node or an OSD, or lower \`replicas\`"
  fi
}

health() { ceph_as client.admin health 2>/dev/null | head -n 1 || printf 'unknown\n'; }

confirm() {
  local answer='' word=${NODE:-osd.$OSDS} parts='' now
  if [[ -n $OSDS ]]; then
    parts="osd.${OSDS// /, osd.}"
  fi
  parts+=${MONITOR:+${parts:+, }mon.$MONITOR}
  parts+=${KEYS:+${parts:+, }${KEYS// /, }}
  printf '%s will be removed from the Ceph cluster for good.\n' "${parts:-$NODE}"
  if [[ $LOST == yes ]]; then
    now=$(health)
    printf 'Their data is NOT copied first: what only they have is lost. The cluster now: %s\n' "$now"
  fi
  read -r -p "Type $word to go on: " answer || true
  if [[ $answer != "$word" ]]; then
    refuse "not confirmed"
  fi
}

copies_left() {
  ask status | jq -r '.pgmap | ((.misplaced_objects // 0) + (.degraded_objects // 0)) as $left | (.recovering_objects_per_sec // 0) as $rate
    | "\($left) copies of objects are left" + (if $rate > 0 then ", about \($left / $rate / 60 | ceil) minutes" else "" end)'
}

# copy_data: until no data of the OSDs is needed any more.
copy_data() {
  local last='' since=$SECONDS progress
  # shellcheck disable=SC2086 # numbers
  order osd out $OSDS
  # shellcheck disable=SC2086 # numbers
  until ceph_as client.admin osd safe-to-destroy $OSDS >/dev/null 2>&1; do
    progress=$(copies_left) || progress=$last
    if [[ $progress != "$last" ]]; then
      say "copying: $progress"
      last=$progress since=$SECONDS
    elif ((SECONDS - since > ${COLDSTART_DEADLINE:-$COPY_PATIENCE})); then
      say "nothing was copied for $(((SECONDS - since) / 60)) minutes: $(health). See 'ceph health detail', and call again; 'ceph osd in $OSDS' takes the removal back"
      exit 75
    fi
    sleep "$COPY_PAUSE"
  done
}

are_down() {
  local up
  TREE=$(ask osd tree) || return
  up=$(osds_up) || return
  [[ -z $up ]]
}

remove_osds() {
  local id
  local -a force=()
  if [[ $LOST == yes ]]; then
    force=(--force)
  else
    copy_data
    # shellcheck disable=SC2086 # numbers
    order osd ok-to-stop $OSDS
    # shellcheck disable=SC2086 # numbers
    order osd stop $OSDS
  fi
  if ! wait_until "$CEPH_UP" are_down; then
    say "OSDs do not stop; switch off their node, and call again"
    exit 1
  fi
  for id in $OSDS; do
    order osd purge "$id" "${force[@]}" --yes-i-really-mean-it
    say "removed osd.$id"
  done
}

# remove_daemons: the manager and the metadata server hand over to those of other nodes, and their keys end.
remove_daemons() {
  local entity active
  for entity in $KEYS; do
    active=$(ask mgr dump | jq -r .active_name) || active=''
    if [[ $entity == "mgr.$active" ]]; then
      order mgr fail "$NODE"
    fi
    if [[ $entity == mds.* ]]; then
      order mds fail "$NODE"
    fi
    order auth rm "$entity"
    say "removed $entity"
  done
  order config-key rm "mgr/dashboard/$NODE/crt"
  order config-key rm "mgr/dashboard/$NODE/key"
  let_one_do
}

# let_one_do: with one metadata server there is no standby, so Ceph must not warn about it.
let_one_do() {
  local servers
  if [[ $CEPH_CEPHFS == yes ]]; then
    servers=$(ask auth ls | jq '[.auth_dump[].entity | select(startswith("mds."))] | length') || return
    if ((servers == 1)); then
      order fs set "$CEPH_FS_NAME" standby_count_wanted 0
    fi
  fi
}

retire_node() {
  look_at_osds
  if has_host; then
    order osd crush rm "$NODE"
  fi
  if [[ -n $MONITOR ]]; then
    order mon rm "$NODE"
    say "removed mon.$NODE"
  fi
  if [[ -n $KEYS ]]; then
    remove_daemons
  fi
  say "done; switch off $NODE, and remove it from the definition. Do not boot its image again: it would join as a new node"
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
  refuse "this node has no administrator's key (ceph.admin_nodes)"
fi
look_at_osds
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
