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
#   turn                  which node fetches its update, and whose has failed, as JSON
#   forgive               ends the note of a failure: nodes fetch again
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
# shellcheck source=update/service.sh
source "$LIB_DIR/update/service.sh"

usage() {
  sed -n '/^#   take/,/^$/ s/^# \{0,3\}//p' "${BASH_SOURCE[0]}" >&2
  exit 64
}

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

turn() {
  local lease
  lease=$(read_lease) || refuse "the API server does not answer"
  shown_turn "$lease"
}

marked() {
  admin get nodes --output json | jq -r --arg mark "$MARK" '.items[] | select(.metadata.annotations[$mark]) | .metadata.name'
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
  turn/1) turn ;;
  forgive/1) end_note || refuse "$WHY" ;;
  marked/1) marked ;;
  spare/2) spare_node "$ARGUMENT" ;;
  drain/3) move_pods "$ARGUMENT" "$LIMIT" ;;
  release/2) release_node "$ARGUMENT" ;;
  held/1) held_nodes ;;
  hold/2) hold_node "$ARGUMENT" ;;
  free/2) free_node "$ARGUMENT" ;;
  *) usage ;;
esac
