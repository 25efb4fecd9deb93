# shellcheck shell=bash
#
# update/service.sh: takes a node out of service for a restart, and back: pods, etcd and Ceph. For `coldstart update` and for nodes that
# fetch their updates. Each of these ends the shell with a sentence on standard error where it must not be.

readonly MARK=coldstart/rollout # the annotation of a node that was cordoned here

refuse() {
  printf '%s\n' "$1" >&2
  exit 1
}

admin() { kubectl_as admin "$@"; }

node_json() { admin get node "$1" --output json 2>/dev/null || refuse "the API server does not answer, or does not know the node $1"; }

# spare_node NODE: a majority of the voting members, or, where they are only two, the other one.
spare_node() {
  local members voters needed healthy=0 url name
  members=$(etcdctl_at https://127.0.0.1:2379 member list --write-out json 2>/dev/null) || refuse "etcd does not answer"
  voters=$(jq -r '.members[] | select(.isLearner | not) | "\(.name) \(.clientURLs[0] // "")"' <<<"$members")
  needed=$(awk -v node="$1" '{ all++; others += $1 != node } END { most = int(all / 2) + 1; print (most < others ? most : others) }' <<<"$voters")
  while read -r name url; do
    if [[ $name != "$1" && -n $url ]] && etcdctl_at "$url" endpoint health >/dev/null 2>&1; then
      healthy=$((healthy + 1))
    fi
  done <<<"$voters"
  if ((healthy < needed)); then
    refuse "without $1, $healthy of the other members of etcd are healthy, and $needed are needed"
  fi
}

move_pods() {
  local node said
  [[ $2 =~ ^[0-9]{1,5}$ ]] || usage
  node=$(node_json "$1")
  if jq -e --arg mark "$MARK" '(.spec.unschedulable | not) or .metadata.annotations[$mark]' <<<"$node" >/dev/null; then
    admin annotate node "$1" --overwrite "$MARK=cordoned" >/dev/null || refuse "the node $1 cannot be marked"
    admin cordon "$1" >/dev/null || refuse "the node $1 cannot be cordoned"
  fi
  if ! said=$(admin drain "$1" --ignore-daemonsets --delete-emptydir-data --timeout "$2s" 2>&1); then
    refuse "its pods cannot be moved: $(grep -i 'cannot\|error' <<<"$said" | tail -n 1 || last_line "$said")"
  fi
}

release_node() {
  local node
  node=$(node_json "$1")
  if jq -e --arg mark "$MARK" '.metadata.annotations[$mark]' <<<"$node" >/dev/null; then
    admin uncordon "$1" >/dev/null || refuse "the node $1 cannot be uncordoned"
    admin annotate node "$1" "$MARK-" >/dev/null || refuse "the mark of $1 cannot be removed"
  fi
}

held_nodes() { ceph_as client.admin osd dump --format json | jq -r '.crush_node_flags // {} | to_entries[] | select(.value | index("noout")) | .key'; }

# monitors_can_spare NODE: a majority of them, or, where they are only two, the other one.
monitors_can_spare() {
  ceph_as client.admin quorum_status --format json 2>/dev/null | jq -e --arg node "$1" '[.monmap.mons[].name] as $all | ($all - [$node]) as $others
    | ([.quorum_names[] | select(. != $node)] | length) >= ([($all | length) / 2 | floor + 1, ($others | length)] | min)' >/dev/null
}

hold_node() {
  local osds said
  if [[ $FORCE != yes ]] && ! monitors_can_spare "$1"; then
    refuse "too few of the other monitors of Ceph are in the quorum"
  fi
  osds=$(ceph_as client.admin osd ls-tree "$1" 2>/dev/null | tr '\n' ' ') || osds=''
  if [[ -z ${osds// /} ]]; then
    return
  fi
  # shellcheck disable=SC2086 # numbers
  if [[ $FORCE != yes ]] && ! said=$(ceph_as client.admin osd ok-to-stop $osds 2>&1); then
    refuse "Ceph needs the OSDs of $1 now: $(last_line "$said")"
  fi
  ceph_as client.admin osd set-group noout "$1" >/dev/null 2>&1 || refuse "Ceph does not take the flag noout for $1"
}

free_node() {
  local all
  all=$(held_nodes) || refuse "Ceph does not answer"
  if grep -qxF -- "$1" <<<"$all"; then
    ceph_as client.admin osd unset-group noout "$1" >/dev/null 2>&1 || refuse "Ceph keeps the flag noout of $1"
  fi
}
