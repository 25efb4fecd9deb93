# shellcheck shell=bash
#
# etcd/start.sh: makes sure that the etcd of this master runs, is the right member, votes, and that the others have its address.

readonly ETCD_WAIT=300      # seconds until a member is ready; it goes on waiting for the others on its own
readonly ETCD_TODO="switch on the other masters; with all of them on: journalctl -b -u etcd; this node keeps trying"

start_etcd() {
  ledger etcd running '' "$1"
  begin_unit etcd
  if ! wait_until 20 unit_is_active etcd && ! await "$ETCD_WAIT" say_etcd_not_ready unit_is_active etcd; then
    stop etcd etcd-not-ready "etcd is not ready: $(last_words etcd)" "$ETCD_TODO"
  fi
  ledger etcd running '' "etcd is ready; asking which member it is"
  check_member
  await "$LEARNER_WAIT" say_not_voting member_votes || stop_missing
  await "$LEARNER_WAIT" say_old_address others_know_address || stop_missing
  ledger etcd 'done' '' "member $(read_state etcd-member-id) of the etcd of the masters"
}

say_etcd_not_ready() {
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
  check_one_cluster "$CLUSTER_ID"
  if [[ $known != "$MEMBER_ID" ]]; then
    write_state etcd-member-id "$MEMBER_ID"
  fi
  write_state etcd-cluster-id "$CLUSTER_ID"
  note_etcd_authority
}

# local_etcd_answers: sets MEMBER_ID and CLUSTER_ID.
local_etcd_answers() {
  MEMBER_ID=$(local_member MemberID)
  CLUSTER_ID=$(local_member ClusterID)
  [[ -n $MEMBER_ID && -n $CLUSTER_ID ]]
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

# others_know_address: a master that an image has given another address is looked for at the old one until a majority has noted the
# new one. Its own etcd asks for that: it knows where the others are also where they are not at the addresses of this image yet, and
# reaches them before they reach it. https://etcd.io/docs/v3.5/op-guide/runtime-configuration/#update-advertise-peer-urls
others_know_address() {
  local members known own
  own=$(etcd_url "$NODE_IP" 2380) || return
  WHY='etcd does not list its members'
  members=$(etcdctl_at https://127.0.0.1:2379 member list 2>/dev/null) || return
  known=$(awk -F ', ' -v id="$MEMBER_ID" '$1 == id { print $4 }' <<<"$members") || return
  if [[ $known == "$own" ]]; then
    return 0
  fi
  if ! WHY=$(etcdctl_at https://127.0.0.1:2379 member update "$MEMBER_ID" --peer-urls "$own" 2>&1); then
    WHY=$(last_line "$WHY")
    return 1
  fi
  ledger etcd running '' "the masters now have the address $own for this member instead of $known"
}

say_old_address() {
  missing etcd etcd-old-address "the masters still have the old address of this member: $WHY" "$ETCD_TODO"
}
