# shellcheck shell=bash
#
# etcd/one-cluster.sh: makes sure that all masters are in one etcd cluster. A first master that is installed again while all others are
# off or unreachable founds a second cluster: it cannot know of the first, and a cluster must be able to start with one machine.
# Masters detect this at each start and once a minute, and correct it if it is clear which cluster to keep.
#
# An image of a master may be older than the addresses of all others. Then it cannot find them, but they find it, and tell it where they are:
# by a key in its etcd.

GIVEN_UP_DIR=$ETCD_DIR-given-up
# Which start of the script of the boot role has looked for other clusters: systemd's id of it.
LOOKED_FILE=$RUN_DIR/looked-for-clusters
readonly GIVEN_UP_DIR LOOKED_FILE
readonly TOLD_KEY=coldstart/masters-of-another-cluster TOLD_TIME=600 # seconds

# Masters that another cluster has and their number, and how many there are of this node's, itself included.
FOREIGN='' STRANGERS=0 KIN=0

# see_clusters ID: ID is the cluster of this node.
see_clusters() {
  local cluster=$1 address others
  FOREIGN='' STRANGERS=0 KIN=1
  hear_told
  others=$(other_masters) || return
  for address in $others; do
    probe_master "$address"
    case $PROBE in
      "cluster $cluster") KIN=$((KIN + 1)) ;;
      cluster*) FOREIGN+=" $address" STRANGERS=$((STRANGERS + 1)) ;;
    esac
  done
}

# check_one_cluster ID: at a start. The master in the cluster with fewer masters stops.
check_one_cluster() {
  see_clusters "$1"
  write_file "$LOOKED_FILE" 0644 <<<"${INVOCATION_ID:-}"
  if [[ -z $FOREIGN ]]; then
    say_one_cluster
  elif restored_elsewhere; then
    give_up_for_restored "$1"
  elif is_latest_restore || ((KIN > STRANGERS)); then
    say_two_clusters
  elif own_cluster_is_a_mistake; then
    give_up_own_cluster "$1"
  else
    stop etcd etcd-two-clusters "masters in another etcd cluster than this node:$FOREIGN" \
      "keep the cluster that has the data; on each master of the other one: reset-bootstrap.sh, then restart"
  fi
}

# watch_clusters: while the node runs. What is to be done about a mistake is a matter of the script of the boot role.
watch_clusters() {
  local cluster
  cluster=$(local_member ClusterID)
  if [[ -z $cluster ]]; then
    return
  fi
  see_clusters "$cluster"
  if [[ -z $FOREIGN ]]; then
    say_one_cluster
  elif restored_elsewhere || { ! is_latest_restore && own_cluster_is_a_mistake; }; then
    begin_role_again
  else
    tell_strangers
    say_two_clusters
  fi
}

# begin_role_again: a script that has yet to look comes to the same decision; on a slow machine it would never get there otherwise. One that
# has looked may wait for an API server for a quarter of an hour.
begin_role_again() {
  local state start looked
  state=$(systemctl show --property ActiveState --value cluster-bootstrap)
  start=$(systemctl show --property InvocationID --value cluster-bootstrap)
  looked=$(cat "$LOOKED_FILE" 2>/dev/null) || looked=''
  if [[ $state != activating || -n $start && $start == "$looked" ]]; then
    systemctl restart --no-block cluster-bootstrap
  fi
}

# tell_strangers: the masters of the other cluster learn the addresses of this one's. Their etcd knows our certificates.
tell_strangers() {
  local address url lease masters
  masters=$(other_masters) || return 0
  for address in $FOREIGN; do
    url=$(etcd_url "$address" 2379) || continue
    if lease=$(etcdctl_at "$url" lease grant "$TOLD_TIME" 2>/dev/null); then
      lease=${lease#lease }
      etcdctl_at "$url" put --lease "${lease%% *}" "$TOLD_KEY" "$ETCD_IP ${masters//$'\n'/ }" >/dev/null 2>&1 || true
    fi
  done
}

# hear_told: sets TOLD.
hear_told() {
  local told address
  TOLD=''
  told=$(etcdctl_at https://127.0.0.1:2379 get --print-value-only "$TOLD_KEY" 2>/dev/null) || return 0
  for address in $told; do
    if [[ $address =~ ^[0-9a-f.:]+$ ]]; then
      TOLD+=$address$'\n'
    fi
  done
}

say_two_clusters() {
  ledger clusters failed etcd-two-clusters "masters in another etcd cluster than this node:$FOREIGN" \
    "if this does not end: keep the cluster that has the data; on each master of the other one: reset-bootstrap.sh, then restart"
}

say_one_cluster() {
  local state
  state=$(step_state clusters)
  if [[ $state == failed ]]; then
    ledger clusters 'done' '' "no master belongs to another etcd cluster any more"
  fi
}

# own_cluster_is_a_mistake: only a first master founds clusters, and only without data; so any other cluster is older than the one
# that it is in. Where that one has its majority, and nobody has joined this one, this one is not wanted.
own_cluster_is_a_mistake() {
  [[ $BOOT_ROLE == master-first ]] && is_only_member && reach_cluster
}

is_only_member() {
  local members
  members=$(etcdctl_at https://127.0.0.1:2379 member list 2>/dev/null) && [[ $members != *$'\n'* ]]
}

# give_up_own_cluster ID: a first master that has founded it by mistake.
give_up_own_cluster() {
  ledger etcd running '' "leaving the cluster that this node has founded without reaching the older cluster of:$FOREIGN"
  leave_for "$1" "$FOREIGN"
}

# give_up_for_restored ID: any master. It must not come back to others of the same cluster that have yet to leave it.
give_up_for_restored() {
  ledger etcd running '' "leaving a cluster in whose place another one was restored from a snapshot, of:$RESTORED"
  note_given_up "$1"
  leave_for "$1" "$RESTORED"
}

# leave_for ID MASTERS: the next attempt finds a node that has never been in a cluster.
leave_for() {
  # The image may not have their addresses, and the key in etcd is gone with the data.
  printf '%s\n' "${2# }" | tr ' ' '\n' | write_file "$STATE_DIR/$TOLD_FILE" 0644
  write_state bootstrap-state uninitialized
  stop_cluster_services
  put_data_aside "$1"
  clear_etcd_data
  end_quietly
}
