# shellcheck shell=bash
#
# etcd/join.sh: makes this master a member of the cluster's etcd: it founds it, joins it, or continues with its existing data.
# Every function may be repeated after a power cut at any line.

readonly CLUSTER_WAIT=600   # seconds for a first master
readonly LEARNER_WAIT=600   # seconds until it is this node's turn to join, or it has caught up
readonly LEAVE_WAIT=30      # seconds for the others to let this member go
readonly LEARNER_GRACE=180  # seconds after which a learner that does not answer stands in nobody's way any more

readonly FOREIGN_TODO="boot images of all masters from the same secrets store; this node keeps trying"

# The reason why the awaited condition is false: a cause of the ledger, and a text.
CAUSE='' WHY='' CLUSTER_IDS='' MEMBER_ID='' CLUSTER_ID='' DEAD_LEARNER='' DEAD_SINCE=0

# found_or_join_etcd: for the first master. Founds only if no other master knows a cluster (erratum 26).
found_or_join_etcd() {
  local life
  if etcd_has_data; then
    go_on_with_etcd
    return
  fi
  ledger etcd running '' "looking for a cluster on the other masters"
  await "$CLUSTER_WAIT" say_silent_master all_masters_are_clear || stop_missing
  if [[ -n $CLUSTER_IDS ]]; then
    join_etcd
    return
  fi
  clear_etcd_data
  note_etcd_authority
  life=$(cat "$PROC_DIR/sys/kernel/random/uuid")
  # etcd makes the ids of cluster and member out of token and addresses. With the same token once more, a second cluster would
  # be taken for the first.
  printf 'ETCD_INITIAL_CLUSTER="%s=%s"\nETCD_INITIAL_CLUSTER_STATE="new"\nETCD_INITIAL_CLUSTER_TOKEN="%s-%s"\n' \
    "$NODE_NAME" "$(etcd_url "$ETCD_IP" 2380)" "$CLUSTER_NAME" "$life" | write_file "$ETCD_START" 0644
  start_etcd "founding the etcd of the cluster"
}

# all_masters_are_clear: whether each other master either has a cluster or is off. A master that accepts connections but does
# not answer is neither.
all_masters_are_clear() {
  local address others
  WHY='' CLUSTER_IDS=''
  others=$(other_masters) || return
  for address in $others; do
    probe_master "$address"
    case $PROBE in
      cluster*) CLUSTER_IDS+="${PROBE#cluster }"$'\n' ;;
      silent) CAUSE=etcd-silent-master WHY="the etcd of $address accepts connections, but does not answer" ;;
      foreign) CAUSE=etcd-foreign-authority WHY="the etcd of $address shows a certificate of another secrets store" ;;
    esac
  done
  [[ -z $WHY || -n $CLUSTER_IDS ]]
}

say_silent_master() {
  if [[ $CAUSE == etcd-foreign-authority ]]; then
    missing etcd etcd-foreign-authority "$WHY" "$FOREIGN_TODO"
  else
    missing etcd etcd-silent-master "$WHY" "on that master: systemctl status etcd; this node founds no second cluster while that master may have the first"
  fi
}

# join_or_go_on_with_etcd: for a further master.
join_or_go_on_with_etcd() {
  if etcd_has_data; then
    go_on_with_etcd
  else
    join_etcd
  fi
}

# A member with this node's name, but without data here, is left from an earlier use of the node (errata 24 and 26).
join_etcd() {
  await "$CLUSTER_WAIT" say_no_cluster reach_cluster || stop_missing
  ledger etcd running '' "asking the other masters to add this node"
  await "$LEARNER_WAIT" say_not_added member_is_added || stop_missing
  start_etcd "joining the etcd of the other masters"
}

say_no_cluster() {
  local address others
  others=$(other_masters) || return
  for address in $others; do
    probe_master "$address"
    if [[ $PROBE == foreign ]]; then
      missing etcd etcd-foreign-authority "the etcd of $address shows a certificate of another secrets store" "$FOREIGN_TODO"
      return
    fi
  done
  missing etcd etcd-no-cluster "no other master has an etcd with quorum" \
    "switch on $FIRST_MASTER, or enough of the masters that were members for a majority; this node keeps trying"
}

# member_is_added: sets CAUSE and WHY if it is not.
member_is_added() {
  local ids id output
  CAUSE=etcd-no-cluster
  reach_cluster || return
  CAUSE=etcd-not-added
  ids=$(own_member id) || return
  for id in $ids; do
    ledger etcd running '' "removing the member $id, left from an earlier use of this node"
    WHY=$(etcdctl_at "$PEER" member remove "$id" 2>&1) || return
  done
  clear_etcd_data || exit
  note_etcd_authority || exit
  # One learner at a time is etcd's own rule, so any number of masters may try at once.
  if ! output=$(etcdctl_at "$PEER" member add "$NODE_NAME" --learner --peer-urls "$(etcd_url "$ETCD_IP" 2380)" 2>&1); then
    explain_refusal "$output" || return
    return 1
  fi
  grep -E '^ETCD_INITIAL_CLUSTER(_STATE)?=' <<<"$output" | write_file "$ETCD_START" 0644 || exit
}

explain_refusal() {
  WHY=$(last_line "$1")
  if [[ $1 == *"too many learner"* ]]; then
    CAUSE=etcd-learner-busy
    remove_dead_learner
  elif [[ $1 == *"Peer URLs already exists"* ]]; then
    WHY="$ETCD_IP is still the address of $(member_at "$ETCD_IP")" || return
  fi
}

say_not_added() {
  case $CAUSE in
    etcd-no-cluster) say_no_cluster ;;
    etcd-learner-busy) missing etcd etcd-learner-busy "another master is joining; one at a time, this one is next" \
      "nothing; one that is switched off meanwhile is removed after $((LEARNER_GRACE / 60)) minutes" ;;
    *) missing etcd etcd-not-added "the other masters did not add this node: $WHY" \
      "on a member: etcdctl member list; remove a member that is lost; this node keeps trying" ;;
  esac
}

# A master that was switched off permanently while it joined must not block the others. If it comes back and has been removed,
# its own script starts again.
remove_dead_learner() {
  local learner id address
  learner=$(other_learner) || learner=''
  id=${learner%%$'\t'*}
  address=${learner#*$'\t'}
  if [[ -z $id ]] || etcdctl_at "${address%:2380}:2379" endpoint status >/dev/null 2>&1; then
    DEAD_LEARNER=''
  elif [[ $id != "$DEAD_LEARNER" ]]; then
    DEAD_LEARNER=$id DEAD_SINCE=$SECONDS
  elif ((SECONDS - DEAD_SINCE >= ${COLDSTART_GRACE:-$LEARNER_GRACE})); then
    etcdctl_at "$PEER" member remove "$id" >/dev/null 2>&1 || true
    DEAD_LEARNER=''
  fi
}

# go_on_with_etcd: there is data. Data of a join that was never finished and that the others gave up is discarded; a member
# that took part and was removed is a matter for people.
go_on_with_etcd() {
  local state cluster
  if restored_elsewhere; then
    cluster=$(read_state etcd-cluster-id)
    give_up_for_restored "$cluster"
  fi
  if others_removed_this_member; then
    state=$(bootstrap_state)
    if [[ $state != uninitialized ]]; then
      stop etcd etcd-member-removed "the other masters have removed this node from their etcd" \
        "if it was removed for good, switch it off; otherwise reset-bootstrap.sh, then restart: the node joins again"
    fi
    ledger etcd running '' "starting again with an interrupted join, which the other masters have dropped"
    systemctl stop etcd
    clear_etcd_data
    join_etcd
    return
  fi
  start_etcd "starting etcd"
}

others_removed_this_member() {
  local ids ours own
  ours=$(read_state etcd-cluster-id) || return
  own=$(own_restore) || return
  # It was restored a moment ago; whoever answers is in the cluster before it.
  if [[ -z $ours ]] && ((own > 0)); then
    return 1
  fi
  reach_cluster || return
  ids=$(own_member id) || return
  [[ -z $ids ]] && peer_is_of_our_cluster
}

# A node that has not joined yet belongs to no cluster, so it accepts any.
peer_is_of_our_cluster() {
  local ours address
  ours=$(read_state etcd-cluster-id) || return
  address=$(url_address "$PEER") || return
  probe_master "$address"
  [[ -z $ours || $PROBE == "cluster $ours" ]]
}

# clear_etcd_data: what etcd wrote and what was written down about it. Gone for good, also if the power fails right after: with
# old data and a new entry at the others, etcd would never start again.
clear_etcd_data() {
  rm -f "$STATE_DIR/etcd-member-id" "$STATE_DIR/etcd-cluster-id" "$STATE_DIR/$RESTORED_FILE" || return
  if [[ -d $ETCD_DIR ]]; then
    rm -rf "$ETCD_DIR/member" || return
    # Also without data: an earlier attempt may have been interrupted between the two.
    sync "$ETCD_DIR"
  fi
}

# leave_etcd: the others let this member go. It still runs then: without its vote they may be too few to decide it. Status 1
# when they refuse, because they would be too few without it.
leave_etcd() {
  local others
  others=$(other_masters) || return
  if [[ -z $others ]] || wait_until "$LEAVE_WAIT" others_let_go; then
    return 0
  fi
  if [[ -n $WHY ]]; then
    return 1
  fi
  printf 'reset-bootstrap.sh: no other master was reached to remove this member; it is removed when this node joins again, or on a master with: etcdctl member remove\n' >&2
}

others_let_go() {
  local ids id
  WHY=''
  reach_cluster || return
  ids=$(own_member id) || return
  for id in $ids; do
    if ! WHY=$(etcdctl_at "$PEER" member remove "$id" 2>&1 >/dev/null); then
      WHY=$(last_line "$WHY")
      return 1
    fi
  done
}
