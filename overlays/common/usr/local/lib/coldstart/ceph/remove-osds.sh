# shellcheck shell=bash
#
# ceph/remove-osds.sh: takes OSDs out of the cluster for good, after their data was copied to others (cluster-ceph-remove.sh).

readonly COPY_PAUSE=10      # seconds between two looks at the copying
readonly COPY_PATIENCE=1800 # seconds in which not one object was copied

# The OSDs, separated by blanks; yes when they do not come back; the answer of `ceph osd tree`.
OSDS='' LOST='' TREE=''

say_removal() { printf 'cluster-ceph-remove.sh: %s\n' "$1" >&2; }

# refuse_removal REASON: before the first action.
refuse_removal() {
  say_removal "$1; nothing was changed"
  exit 1
}

# ask_admin COMMAND...: the answer as JSON. order_ceph COMMAND...: what it prints matters only when it fails.
ask_admin() { ceph_as client.admin "$@" --format json 2>/dev/null; }
order_ceph() {
  local output
  if ! output=$(ceph_as client.admin "$@" 2>&1); then
    say_removal "ceph $* failed: $(last_line "$output"); call again when this is solved"
    exit 1
  fi
}

look_at_osds() { TREE=$(ask_admin osd tree); }
osds_up() { jq -r --argjson osds "[${OSDS// /,}]" '[.nodes[] | select(.status == "up") | .id | select(IN($osds[]))] | join(" ")' <<<"$TREE"; }

# check_places: whether the copies of each pool have enough hosts (or OSDs) without these OSDs. Otherwise the copying never ends.
check_places() {
  local pools rules short
  pools=$(ask_admin osd pool ls detail) || refuse_removal "the monitors do not answer"
  rules=$(ask_admin osd crush rule dump) || refuse_removal "the monitors do not answer"
  short=$(jq -r --slurpfile pools <(printf '%s' "$pools") --slurpfile rules <(printf '%s' "$rules") --argjson gone "[${OSDS// /,}]" '
    . as $tree | [.nodes[] | select(.type == "osd" and .reweight > 0) | .id] - $gone | . as $left
    | { osd: length, host: [$tree.nodes[] | select(.type == "host" and any(.children[]; IN($left[])))] | length } as $places
    | [$pools[0][] | . as $pool | $rules[0][] | select(.rule_id == $pool.crush_rule) | [.steps[].type // empty][0] as $kind
      | select($places[$kind] != null and $places[$kind] < $pool.size) | "\($pool.pool_name) (\($pool.size) copies, \($places[$kind]) \($kind)s)"]
    | join(", ")' <<<"$TREE") || return
  if [[ -n $short ]]; then
    refuse_removal "too few places would be left for the copies of $short; first add a node or an OSD, or lower \`replicas\`"
  fi
}

ceph_health() { ceph_as client.admin health 2>/dev/null | head -n 1 || printf 'unknown\n'; }

copies_left() {
  ask_admin status | jq -r '.pgmap | ((.misplaced_objects // 0) + (.degraded_objects // 0)) as $left | (.recovering_objects_per_sec // 0) as $rate
    | "\($left) copies of objects are left" + (if $rate > 0 then ", about \($left / $rate / 60 | ceil) minutes" else "" end)'
}

# copy_data: until no data of the OSDs is needed any more.
copy_data() {
  local last='' since=$SECONDS progress state
  # shellcheck disable=SC2086 # numbers
  order_ceph osd out $OSDS
  # shellcheck disable=SC2086 # numbers
  until ceph_as client.admin osd safe-to-destroy $OSDS >/dev/null 2>&1; do
    progress=$(copies_left) || progress=$last
    if [[ $progress != "$last" ]]; then
      say_removal "copying: $progress"
      last=$progress since=$SECONDS
    elif ((SECONDS - since > ${COLDSTART_DEADLINE:-$COPY_PATIENCE})); then
      state=$(ceph_health) || state=unknown
      say_removal "nothing was copied for $(((SECONDS - since) / 60)) minutes: $state. See 'ceph health detail', and call again; 'ceph osd in $OSDS' takes the removal back"
      exit 75
    fi
    sleep "$COPY_PAUSE"
  done
}

osds_are_down() {
  local up
  look_at_osds || return
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
    order_ceph osd ok-to-stop $OSDS
    # shellcheck disable=SC2086 # numbers
    order_ceph osd stop $OSDS
  fi
  if ! wait_until "$CEPH_UP" osds_are_down; then
    say_removal "OSDs do not stop; switch off their node, and call again"
    exit 1
  fi
  for id in $OSDS; do
    order_ceph osd purge "$id" "${force[@]}" --yes-i-really-mean-it
    say_removal "removed osd.$id"
  done
}
