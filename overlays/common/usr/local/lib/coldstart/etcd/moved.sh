# shellcheck shell=bash
#
# etcd/moved.sh: a master whose image gives it another address. The members of etcd look for each other at the addresses that a majority has
# noted. A member that moved finds those that did not, and has its new address noted by itself; no image of another master says it.
# https://etcd.io/docs/v3.5/op-guide/runtime-configuration/#update-advertise-peer-urls

readonly MOVED_TODO="switch on the other masters; if all of them moved at the same time, boot one of them from its former image, wait until the others are well, then boot its new image; this node keeps trying"

# The address that etcd has of this member, as etcd_url has it, while it is another one.
OLD_URL=''

# has_moved: whether the data of the etcd that runs here has this member at another address; sets OLD_URL. It tells that also without quorum.
has_moved() {
  local own named
  OLD_URL=''
  own=$(etcd_url "$ETCD_IP" 2380) || return
  named=$(named_by "$ETCD_IP") || return
  OLD_URL=$(awk -F '\t' -v name="$NODE_NAME" -v own="$own" '$1 == name && $2 != own { print $2; exit }' <<<"$named") || return
  [[ -n $OLD_URL ]]
}

# address_is_noted: whether a majority has noted the address of this member. This node's own etcd asks for that: it knows where the others are,
# and reaches them before they reach it.
address_is_noted() {
  OLD_URL='' WHY='etcd does not list its members'
  MEMBERS=$(etcdctl_at https://127.0.0.1:2379 member list 2>/dev/null) || return
  note_address https://127.0.0.1:2379 "$MEMBER_ID"
}

# others_note_address: as well, but while the own etcd reaches no majority: of two that moved at the same time, neither finds the other one.
# Those that did not move are a majority together with the first of them, and that is enough to bring in the second.
others_note_address() {
  local id
  WHY=''
  reach_cluster && peer_is_of_our_cluster || return
  id=$(read_state etcd-member-id) || return
  if [[ -z $id ]]; then
    id=$(own_member id) || return
  fi
  note_address "$PEER" "$id"
}

# note_address ENDPOINT ID: of the member in MEMBERS.
note_address() {
  local own known
  own=$(etcd_url "$ETCD_IP" 2380) || return
  known=$(awk -F ', ' -v id="$2" '$1 == id { print $4 }' <<<"$MEMBERS") || return
  if [[ $known == "$own" ]]; then
    return 0
  fi
  OLD_URL=$known
  if ! WHY=$(etcdctl_at "$1" member update "$2" --peer-urls "$own" 2>&1); then
    WHY=$(last_line "$WHY")
    if [[ $WHY == *"Peer URLs already exists"* ]]; then
      WHY="it is still the address of $(member_at "$ETCD_IP")" || return
    fi
    return 1
  fi
  ledger etcd running '' "the masters now have the address $own for this member instead of $known"
}

# member_at ADDRESS: the name of the member that etcd has there.
member_at() {
  awk -F ', ' -v url="$(etcd_url "$1" 2380)" '$4 == url { print ($3 == "" ? "another master" : $3); exit }' <<<"$MEMBERS"
}

say_old_address() {
  missing etcd etcd-old-address "the other masters look for this node at ${OLD_URL:-its old address}; no majority of them has noted $ETCD_IP yet${WHY:+: $WHY}" \
    "$MOVED_TODO"
}
