# shellcheck shell=bash
#
# etcd/start.sh: makes sure that the etcd of this master runs, is the right member, votes, and that the others have its address
# (etcd/moved.sh).

readonly ETCD_WAIT=300      # seconds until a member is ready; it goes on waiting for the others on its own
readonly ETCD_TODO="switch on the other masters; with all of them on: journalctl -b -u etcd; this node keeps trying"

start_etcd() {
  ledger etcd running '' "$1"
  begin_unit etcd
  if ! wait_until 20 unit_is_active etcd && ! await "$ETCD_WAIT" say_etcd_not_ready etcd_is_ready; then
    if has_moved; then
      stop_missing
    fi
    stop etcd etcd-not-ready "etcd is not ready: $(last_words etcd)" "$ETCD_TODO"
  fi
  ledger etcd running '' "etcd is ready; asking which member it is"
  check_member
  await "$LEARNER_WAIT" say_not_voting member_votes || stop_missing
  if ! wait_until 60 tell_restored; then
    stop etcd etcd-not-ready "etcd does not take the number of its restore" "$ETCD_TODO"
  fi
  if ! wait_until 60 tell_api_address; then
    stop etcd etcd-not-ready "etcd does not take the address of this master's API server" "$ETCD_TODO"
  fi
  await "$LEARNER_WAIT" say_old_address address_is_noted || stop_missing
  if ! wait_until 60 drop_api_address; then
    stop etcd etcd-not-ready "etcd does not forget the former address of this master's API server" "$ETCD_TODO"
  fi
  ledger etcd 'done' '' "member $(read_state etcd-member-id) of the etcd of the masters"
}

# etcd_is_ready: once a master has moved, the others may be the only ones who can bring it into their circle.
etcd_is_ready() {
  if ! unit_is_active etcd && has_moved; then
    others_note_address || true
  fi
  unit_is_active etcd
}

say_etcd_not_ready() {
  if has_moved; then
    say_old_address
    return
  fi
  missing etcd etcd-not-ready "etcd is not ready; it waits for a majority of the masters" "$ETCD_TODO"
}

# check_member: compares this member with the id that was saved when it joined (erratum 20).
check_member() {
  local known state
  if ! wait_until 60 local_etcd_answers; then
    stop etcd etcd-not-ready "etcd runs, but does not answer: $(last_words etcd)" "journalctl -b -u etcd; this node keeps trying"
  fi
  known=$(read_state etcd-member-id) || known=damaged
  state=$(bootstrap_state)
  if [[ -n $known && $known != "$MEMBER_ID" && $state != uninitialized ]]; then
    stop etcd etcd-member-mismatch "the data of etcd is member $MEMBER_ID, but this node joined as $known" \
      "the state disk was restored or swapped: insert the right one; or reset-bootstrap.sh, then restart"
  fi
  learn_restored
  check_one_cluster "$CLUSTER_ID"
  if [[ $known != "$MEMBER_ID" ]]; then
    write_state etcd-member-id "$MEMBER_ID"
  fi
  write_state etcd-cluster-id "$CLUSTER_ID"
  note_etcd_authority
  if [[ -e $STATE_DIR/$TOLD_FILE ]]; then
    rm -f "$STATE_DIR/$TOLD_FILE"
  fi
}

# local_etcd_answers: sets MEMBER_ID and CLUSTER_ID.
local_etcd_answers() {
  MEMBER_ID=$(local_member MemberID)
  CLUSTER_ID=$(local_member ClusterID)
  [[ -n $MEMBER_ID && -n $CLUSTER_ID ]]
}

# tell_api_address: nodes look for the API server where the member of etcd is, unless the master says that it is elsewhere. It says so before
# the others note where its etcd is, and takes it back after.
tell_api_address() {
  [[ $ETCD_IP == "$NODE_IP" ]] || etcdctl_at https://127.0.0.1:2379 put "$API_KEY/$NODE_NAME" "$NODE_IP" >/dev/null 2>&1
}

drop_api_address() {
  [[ $ETCD_IP != "$NODE_IP" ]] || etcdctl_at https://127.0.0.1:2379 del "$API_KEY/$NODE_NAME" >/dev/null 2>&1
}

# member_votes: true for a voting member; a learner is promoted as soon as it is in sync. Sets CAUSE and WHY where it does not.
member_votes() {
  local id learner
  if etcdctl_at https://127.0.0.1:2379 endpoint health >/dev/null 2>&1; then
    return 0
  fi
  CAUSE=etcd-no-cluster
  reach_cluster || return
  CAUSE=etcd-not-ready
  id=$(read_state etcd-member-id) || return
  learner=$(own_member learner) || return
  if [[ $learner == false ]]; then
    return 1
  fi
  CAUSE=etcd-not-promoted
  WHY=$(etcdctl_at "$PEER" member promote "$id" 2>&1) || WHY=$(last_line "$WHY")
  return 1
}

say_not_voting() {
  case $CAUSE in
    etcd-no-cluster) say_no_cluster ;;
    etcd-not-ready) missing etcd etcd-not-ready "this node's etcd is a voter, but does not reach a majority of the masters" "$ETCD_TODO" ;;
    *) missing etcd etcd-not-promoted "this node's etcd has not caught up with the others: $WHY" "journalctl -b -u etcd; this node keeps trying" ;;
  esac
}
