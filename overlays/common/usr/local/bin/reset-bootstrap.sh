#!/bin/bash
#
# reset-bootstrap.sh [--yes]: removes the node from its cluster, so that the next boot starts again. Asks first; it may be
# repeated after an interruption.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

# Removes etcd-member-id and cluster-joined before the state, so that an interrupted reset can be repeated.
readonly FILES=(etcd-member-id etcd-cluster-id etcd-authority etcd-restored etcd-given-up cluster-joined ceph-bootstrapped pod-shares peers.json node-role)

needs_reset() {
  local name
  for name in "${FILES[@]}"; do
    if [[ -e $STATE_DIR/$name && $name != node-role ]]; then
      return 0
    fi
  done
  [[ $(bootstrap_state 2>/dev/null || printf 'damaged\n') != uninitialized ]] || role_differs
}

role_differs() {
  local role
  role=$(read_state node-role 2>/dev/null || printf 'damaged\n')
  [[ -n $role && ${role%-*} != "${BOOT_ROLE%-*}" ]]
}

confirm() {
  local answer=''
  printf 'This removes %s from cluster %s. The data of the cluster on its disk will not be used again.\n' "$NODE_NAME" "$CLUSTER_NAME"
  read -r -p "Type the node's name ($NODE_NAME) to go on: " answer || true
  [[ $answer == "$NODE_NAME" ]]
}

case "${1:-}" in
  '' | --yes) ;;
  *)
    printf 'usage: reset-bootstrap.sh [--yes]\n' >&2
    exit 64
    ;;
esac
load_node
if ! needs_reset; then
  printf 'reset-bootstrap.sh: %s is uninitialized, there is nothing to reset\n' "$NODE_NAME" >&2
  exit 1
fi
if [[ ${1:-} != --yes ]] && ! confirm; then
  printf 'reset-bootstrap.sh: nothing was changed\n' >&2
  exit 1
fi
guard reset
ledger reset running '' "resetting on request"
if has_ceph_role; then
  load_ceph
  if ! monitors_let_go; then
    ledger reset skipped reset-refused "the monitors of Ceph need this node: $WHY" \
      "first switch on the other monitors, or remove those that are lost (cluster-ceph-remove.sh); then repeat"
    end_quietly
  fi
fi
if has_cluster_secrets && ! leave_cluster; then
  ledger reset skipped reset-refused "the other masters would be too few without this node: $WHY" \
    "first switch on the other masters, or remove those that are lost (etcdctl member remove); then repeat"
  end_quietly
fi
if has_ceph_role; then
  forget_ceph
fi
for name in "${FILES[@]}"; do
  rm -f "$STATE_DIR/$name"
done
sync "$STATE_DIR"
write_state bootstrap-state uninitialized
ledger reset 'done' '' "this node is uninitialized; restart it to start again"
