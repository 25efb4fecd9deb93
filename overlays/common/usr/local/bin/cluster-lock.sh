#!/bin/bash
#
# cluster-lock.sh: answers one request of a node that updates itself, on standard input and output. Each connection has its own process
# (cluster-lock@.service) behind haproxy, which lets in nobody without a kubelet's certificate. The node does nothing before it is told to:
#
#   POST /v1/update/VERB/RELEASE/KUBERNETES[/ceph]
#   begin      takes the lease of rollouts for the node, or renews it
#   leave      takes the node out of service, as far as it goes in a minute; 200: it may restart now
#   good       the node runs the release: back into service; other nodes fetch again if they waited for this
#   failed     it runs its former release, and takes part again: back into service; other nodes do not fetch
#   ill        it does not take part: it stays out of service; other nodes do not fetch
#   withdraw   it did not restart: back into service
#
# 200 is yes, 202 wait and ask again, 409 no; 501 and 503: ask another master. Each answer is one line of text.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"
# shellcheck source=common/answer.sh
source "$LIB_DIR/common/answer.sh"
# shellcheck source=update/lease.sh
source "$LIB_DIR/update/lease.sh"

readonly SUBJECTS='system:node:'
readonly REQUESTS_FORM='^/v1/update/(begin|leave|good|failed|ill|withdraw)/([0-9]{1,9})/([0-9]{1,3})\.([0-9]{1,3})\.[0-9]{1,3}(/ceph)?$'
readonly TURN=300      # seconds for which the lease is taken; the node renews it
readonly DRAIN_PART=40 # seconds of one request; haproxy waits for 90

# read_what: sets NODE, VERB, RELEASE, MINOR and CEPH.
read_what() {
  read_request "$REQUESTS_FORM"
  [[ $TARGET =~ $REQUESTS_FORM ]]
  VERB=${BASH_REMATCH[1]} RELEASE=${BASH_REMATCH[2]} MINOR=${BASH_REMATCH[4]} CEPH=${BASH_REMATCH[5]}
  NODE=${SUBJECT#"$SUBJECTS"}
  if [[ $SUBJECT != "$SUBJECTS"* || ! $NODE =~ $NODE_FORM || ! $SERIAL =~ ^[0-9A-F]{2,40}$ ]]; then
    refuse_request
  fi
  HOLDER=node/$NODE/$RELEASE
}

part() { "$BIN_DIR/cluster-rollout.sh" "$@" 2>&1; }

# or_wait COMMAND...: a refusal is a reason to ask again.
or_wait() {
  local said
  if ! said=$(part "$@"); then
    said=$(last_line "$said")
    reply 202 "$said"
  fi
}

check_node() {
  NODES=$(kubectl_as admin get nodes --output json 2>/dev/null) || reply 503 'this master cannot reach its API server'
  jq -e --arg node "$NODE" 'any(.items[]; .metadata.name == $node)' <<<"$NODES" >/dev/null || reply 409 "the cluster has no node $NODE"
  if [[ -n $CEPH && ! -e $CEPH_ETC/ceph.client.admin.keyring ]]; then
    reply 501 'this master has no key with which it could ask Ceph'
  fi
}

# check_failure: what failed on one node, others do not try. It ends with a newer release for that node.
check_failure() {
  local lease note node release reason
  note_missing "$NODE" || reply 503 "$WHY"
  lease=$(read_lease) || reply 503 'this master cannot reach its API server'
  note=$(jq -r --arg failure "$FAILURE" '.metadata.annotations[$failure]? // "" | if . == "" then . else fromjson | "\(.node) \(.release) \(.reason)" end' <<<"$lease") ||
    reply 503 'the lease of rollouts has a note that cannot be read'
  if [[ -z $note ]]; then
    return
  fi
  read -r node release reason <<<"$note"
  if [[ $node == "$NODE" ]]; then
    if ((RELEASE > release)); then
      return
    fi
    reply 409 "release $release has failed on this node: $reason"
  fi
  if ! jq -e --arg node "$node" 'any(.items[]; .metadata.name == $node)' <<<"$NODES" >/dev/null; then
    end_note || reply 503 "$WHY"
    return
  fi
  reply 409 "release $release has failed on $node: $reason; nodes fetch again when $node has a newer one"
}

# check_version: masters come first, and go up by one minor version. A kubelet must not be newer than an API server
# (https://kubernetes.io/releases/version-skew-policy/).
check_version() {
  local oldest most
  oldest=$(jq -r '[.items[] | select(.metadata.labels["node-role.kubernetes.io/control-plane"] != null) | .status.nodeInfo.kubeletVersion
    | capture("^v[0-9]+\\.(?<minor>[0-9]+)").minor | tonumber] | min // ""' <<<"$NODES") || oldest=''
  if [[ -z $oldest ]]; then
    reply 503 'the API server does not tell the versions of the masters'
  fi
  most=$oldest
  if jq -e --arg node "$NODE" 'any(.items[]; .metadata.name == $node and .metadata.labels["node-role.kubernetes.io/control-plane"] != null)' <<<"$NODES" >/dev/null; then
    most=$((oldest + 1))
  fi
  if ((MINOR > most)); then
    reply 409 "the oldest master runs Kubernetes 1.$oldest, so 1.$MINOR has to wait"
  fi
}

# hold_lease SECONDS
hold_lease() {
  local status=0
  take_lease "$HOLDER" "$1" || status=$?
  case $status in
    0) ;;
    3) reply 409 "$WHY" ;;
    *) reply 503 "$WHY" ;;
  esac
}

leave() {
  local count
  or_wait spare "$NODE"
  count=$(jq '.items | length' <<<"$NODES")
  if ((count > 1)); then
    or_wait drain "$NODE" "$DRAIN_PART"
  fi
  if [[ -n $CEPH ]]; then
    or_wait hold "$NODE"
  fi
  # Moving pods takes a while, in which another member may have failed.
  or_wait spare "$NODE"
  hold_lease "$AWAY_SECONDS"
  reply 200 'it may restart now'
}

return_to_service() {
  local said
  if ! said=$(part release "$NODE") || { [[ -n $CEPH ]] && ! said=$(part free "$NODE"); }; then
    said=$(last_line "$said")
    reply 503 "$said"
  fi
}

load_node
read_what
check_node
if [[ $VERB == @(begin|leave) ]]; then
  check_failure
  check_version
fi
hold_lease "$TURN"
case $VERB in
  begin) reply 200 'it is its turn' ;;
  leave) leave ;;
  good | failed | withdraw) return_to_service ;;
esac
case $VERB in
  good) end_turn "$HOLDER" || reply 503 "$WHY" ;;
  withdraw) give_lease_back "$HOLDER" || reply 503 "$WHY" ;;
  failed) end_turn "$HOLDER" 'it returned to its former release' || reply 503 "$WHY" ;;
  ill) end_turn "$HOLDER" 'it returned to its former release, and does not take part' || reply 503 "$WHY" ;;
esac
reply 200 'noted'
