#!/bin/bash
#
# cluster-rollout.sh: the nodes' part of `coldstart update`, which calls it by SSH. Whatever is done may be done again.
#
#   take NAME BYTES       stores standard input as an update bundle (NAME.raucb) or as a shared file of one (files/SHA256)
#   lacks                 reads `SHA256 BYTES` of shared files, one a line, and prints the digests of those that are not on this node
# On a master, or, in a cluster without Kubernetes, on its first node:
#   lock HOLDER SECONDS   takes or renews the lease of rollouts; status 3 while another holder has it
#   unlock HOLDER         gives the lease back, if HOLDER has it
# On a master:
#   marked                the nodes that `drain` has taken out of service, one a line
#   spare NODE            whether etcd keeps its majority without this master
#   drain NODE SECONDS    no new pods for the node; its pods are moved, as far as PodDisruptionBudgets allow it
#   release NODE          ends what `drain` did. A node that somebody else has cordoned stays so
# On a node with the administrator's key of Ceph:
#   held                  the nodes that `hold` has marked, one a line
#   hold NODE [--force]   if monitors and data can do without the node: keeps Ceph from copying the data of its OSDs elsewhere
#   free NODE             ends what `hold` did

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

# shellcheck source=update/bundle.sh
source "$LIB_DIR/update/bundle.sh"
# shellcheck source=update/files.sh
source "$LIB_DIR/update/files.sh"

# shellcheck source=update/lease.sh
source "$LIB_DIR/update/lease.sh"

readonly MARK=coldstart/rollout # the annotation of a node that this script has cordoned

usage() {
  sed -n '/^#   take/,/^$/ s/^# \{0,3\}//p' "${BASH_SOURCE[0]}" >&2
  exit 64
}

refuse() {
  printf '%s\n' "$1" >&2
  exit 1
}

admin() { kubectl_as admin "$@"; }

take() {
  local target=$UPDATE_DIR/$1 free size
  [[ $1 =~ ^(files/[0-9a-f]{64}|[a-z0-9.-]+\.raucb)$ && $2 =~ ^[0-9]{1,15}$ ]] || usage
  mkdir -p "${target%/*}"
  free=$(room)
  if (($2 > free)); then
    refuse "/var has room for $((free >> 20)) MiB, and $1 has $(($2 >> 20)) MiB"
  fi
  cat >"$target.sent" || refuse "/var does not take $1"
  size=$(stat --format=%s "$target.sent")
  if [[ $size != "$2" ]] || { [[ $1 == files/* ]] && ! has_content "$target.sent" "${1#files/}" "$2"; }; then
    rm -f "$target.sent"
    refuse "$1 did not arrive whole"
  fi
  sync -- "$target.sent"
  mv -- "$target.sent" "$target"
}

lacks() {
  local digest size file found
  while read -r digest size; do
    found=''
    for file in "$UPDATE_DIR/files/$digest" "$RUNNING_FILES"/*; do
      if has_content "$file" "$digest" "$size"; then
        found=yes
        break
      fi
    done
    if [[ -z $found ]]; then
      printf '%s\n' "$digest"
    fi
  done
}

lock() {
  local status=0
  [[ $1 =~ ^[[:graph:]]{1,200}$ && $2 =~ ^[0-9]{1,4}$ ]] || usage
  take_lease "$1" "$2" || status=$?
  if ((status != 0)); then
    printf '%s\n' "$WHY" >&2
    exit "$status"
  fi
}

unlock() { give_lease_back "$1" || refuse "$WHY"; }

node_json() { admin get node "$1" --output json 2>/dev/null || refuse "the API server does not answer, or does not know the node $1"; }

marked() {
  admin get nodes --output json | jq -r --arg mark "$MARK" '.items[] | select(.metadata.annotations[$mark]) | .metadata.name'
}

# spare NODE: a majority of the voting members, or, where they are only two, the other one.
spare() {
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

release() {
  local node
  node=$(node_json "$1")
  if jq -e --arg mark "$MARK" '.metadata.annotations[$mark]' <<<"$node" >/dev/null; then
    admin uncordon "$1" >/dev/null || refuse "the node $1 cannot be uncordoned"
    admin annotate node "$1" "$MARK-" >/dev/null || refuse "the mark of $1 cannot be removed"
  fi
}

held() { ceph_as client.admin osd dump --format json | jq -r '.crush_node_flags // {} | to_entries[] | select(.value | index("noout")) | .key'; }

# monitors_can_spare NODE: a majority of them, or, where they are only two, the other one.
monitors_can_spare() {
  ceph_as client.admin quorum_status --format json 2>/dev/null | jq -e --arg node "$1" '[.monmap.mons[].name] as $all | ($all - [$node]) as $others
    | ([.quorum_names[] | select(. != $node)] | length) >= ([($all | length) / 2 | floor + 1, ($others | length)] | min)' >/dev/null
}

hold() {
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

free() {
  local all
  all=$(held) || refuse "Ceph does not answer"
  if grep -qxF -- "$1" <<<"$all"; then
    ceph_as client.admin osd unset-group noout "$1" >/dev/null 2>&1 || refuse "Ceph keeps the flag noout of $1"
  fi
}

VERB=${1:-} ARGUMENT=${2:-} LIMIT=${3:-} FORCE=''
if [[ $VERB/$#/$LIMIT == hold/3/--force ]]; then
  FORCE=yes
  set -- hold "$ARGUMENT"
fi
load_node
case $VERB/$# in
  take/3) take "$ARGUMENT" "$LIMIT" ;;
  lacks/1) lacks ;;
  lock/3) lock "$ARGUMENT" "$LIMIT" ;;
  unlock/2) unlock "$ARGUMENT" ;;
  marked/1) marked ;;
  spare/2) spare "$ARGUMENT" ;;
  drain/3) move_pods "$ARGUMENT" "$LIMIT" ;;
  release/2) release "$ARGUMENT" ;;
  held/1) held ;;
  hold/2) hold "$ARGUMENT" ;;
  free/2) free "$ARGUMENT" ;;
  *) usage ;;
esac
