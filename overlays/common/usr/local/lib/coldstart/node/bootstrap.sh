# shellcheck shell=bash
#
# node/bootstrap.sh: what the scripts of the boot roles have in common: the beginning, the masters' part, and the end.

# begin_role WHAT EXPECTED_ROLE DONE_STATE: the preconditions. A node that is a member already has its services started
# like at any boot; without certificates in the image nothing is to do then.
begin_role() {
  local what=$1 expected=$2 done_state=$3 state
  guard bootstrap
  load_node
  if [[ $BOOT_ROLE != "$expected" ]]; then
    stop bootstrap wrong-boot-role "this is for $expected, but $NODE_NAME is $BOOT_ROLE" "run cluster-bootstrap-orchestrator.sh, which runs the right script"
  fi
  if has_cluster_secrets; then
    check_earlier_life
  fi
  state=$(bootstrap_state) || stop bootstrap state-damaged "$STATE_DIR/bootstrap-state contains no known state" "reset-bootstrap.sh, then restart"
  # A master that was a further one may be the first one now, and the other way round.
  if [[ $state != uninitialized ]] && { [[ $state == "$done_state" ]] || has_role master; }; then
    if ! has_cluster_secrets; then
      ledger bootstrap 'done' '' "this node is already $state"
      exit 0
    fi
    what="this node is $state; starting its services"
    # It can free room on a full disk, where nothing else may be able to start; it needs none of the others.
    if ! watch_var; then
      begin_unit kubelet
    fi
    # The earlier the others hear from this member, the better they know that there is a cluster.
    if etcd_has_data; then
      begin_unit etcd
    fi
  fi
  ledger bootstrap running '' "$what"
  open_steps_again
  check_preconditions bootstrap
}

# open_steps_again: what an attempt before this one said of its steps is not known any more until it is their turn.
open_steps_again() {
  local step
  for step in etcd join api token request approval certificate controllers node; do
    if [[ $(step_state "$step") == @(failed|waiting) ]]; then
      ledger "$step" running '' "the step runs again in its turn"
    fi
  done
}

formation_is_missing() {
  ledger bootstrap skipped formation-not-available \
    "$NODE_NAME is ready as $BOOT_ROLE, but the image contains no certificates, so it cannot join a cluster; the state stays $(bootstrap_state)" \
    "build the image again"
}

# run_master: all that a master does once its etcd is a member. What others wait for comes first: the add-ons hold their
# permissions, and the timer makes their tokens known. Controllers and kubelet need nothing of each other to start.
run_master() {
  start_api_server
  if [[ $BOOT_ROLE == master-first ]]; then
    appoint_administrators
  fi
  ledger 'api' 'done' '' "the API server answers"
  systemctl start --no-block cluster-addons.service cluster-nodes.timer cluster-etcd-snapshot.timer
  if [[ $TOKEN_DISTRIBUTION == http ]]; then
    systemctl start --no-block cluster-join.socket
  fi
  if [[ -e $COLDSTART_ROOT/etc/systemd/system/cluster-lock.socket ]]; then
    systemctl start --no-block cluster-lock.socket
  fi
  start_controllers
  start_node
  await_controllers
}

# The administrators' certificates are worth what this binding says; only the first master has one that needs none.
appoint_administrators() {
  if ! wait_until "$API_WAIT" administrators_are_appointed; then
    stop api api-not-working "the API server does not accept the administrators' permissions: $WHY" "journalctl -b -u kube-apiserver; this node keeps trying"
  fi
}

administrators_are_appointed() {
  WHY=$(apply_as super-admin --filename "$KUBERNETES_DIR/addons/00-admins.yaml" 2>&1 >/dev/null) || return 1
}

# end_role STATE: writes the state, which is true by now. Further nodes join by their own images, without a command
# (docs/ORIGINS.md, erratum 15).
end_role() {
  local state=$1 before todo=''
  # Masters do it once a minute, with more rights: cluster-nodes.sh. A storage node is none of Kubernetes' nodes.
  if [[ $BOOT_ROLE == worker ]]; then
    await "$API_WAIT" say_unlabelled label_own_node || stop_missing
  fi
  if [[ $BOOT_ROLE != storage ]]; then
    take_share
  fi
  if [[ $(step_state node) == waiting ]]; then
    ledger node 'done' '' "${WAY_DONE[node]}"
  fi
  before=$(bootstrap_state)
  if [[ $before != "$state" ]]; then
    date -u +%Y-%m-%dT%H:%M:%SZ | write_file "$STATE_DIR/cluster-joined" 0644
    write_state bootstrap-state "$state"
  fi
  systemctl start --no-block cluster-hooks@after-join.service
  if [[ $BOOT_ROLE == master-first ]]; then
    todo="for more nodes: describe them in cluster.yaml, build, boot the images of the new ones; kubeadm join does not work here"
  fi
  if [[ $(step_state reset) == skipped ]]; then
    ledger reset 'done' '' "nothing was reset"
  fi
  ledger bootstrap 'done' '' "$NODE_NAME is a member of the cluster $CLUSTER_NAME" "$todo"
}

# leave_cluster: nothing of the node's part in the cluster is left on its disk, and the other masters do not count on it any
# more (erratum 24). Status 1 when they cannot do without it; nothing has changed then.
leave_cluster() {
  systemctl stop cluster-bootstrap 2>/dev/null || true
  if has_role master && ! leave_etcd; then
    systemctl start --no-block cluster-bootstrap || true
    return 1
  fi
  stop_cluster_services || exit
  if has_role master; then
    clear_etcd_data || exit
  fi
  rm -rf "$KUBELET_DIR/kubelet.conf" "$KUBELET_DIR/pki" || exit
}

# stop_cluster_services: a worker has not all of them. An etcd that runs must not lose its data.
stop_cluster_services() {
  systemctl stop cluster-etcd-snapshot.timer cluster-nodes.timer kube-proxy kubelet kube-scheduler kube-controller-manager kube-apiserver 2>/dev/null || true
  if has_role master; then
    systemctl stop etcd
  fi
}
