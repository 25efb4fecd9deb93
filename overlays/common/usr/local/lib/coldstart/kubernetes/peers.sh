# shellcheck shell=bash disable=SC2016 # filters of jq
#
# kubernetes/peers.sh: what this node knows of the other nodes. The image names a few masters, the first guess; the running cluster says the
# rest (`peers.json`, kubernetes/peers.jq), and the node remembers what it heard last. Masters publish it, every member watches it.

readonly PEERS=peers.json
readonly PEERS_PATH=/api/v1/namespaces/kube-system/configmaps/coldstart-peers
readonly NO_PEERS='{"masters": [], "nodes": []}'
readonly ROUTE_PROTOCOL=202 # of ip-route(8): marks the routes that this node has set, so that it removes no others
readonly HOSTS_MARK='# The lines below are from the cluster: cluster-peers.service.'
POD_NETWORK=$KUBERNETES_DIR/pod-network.conflist
CNI_CONFIG=$COLDSTART_ROOT/etc/cni/net.d/10-coldstart.conflist
BALANCER_CONFIG=$COLDSTART_ROOT/etc/haproxy/haproxy.cfg
BALANCER_SOCKET=$COLDSTART_ROOT/run/haproxy/admin.sock
VIRTUAL_PEERS=$RUN_DIR/keepalived-peers.conf
readonly POD_NETWORK CNI_CONFIG BALANCER_CONFIG BALANCER_SOCKET VIRTUAL_PEERS

# known_masters: the addresses of the masters, one a line: as the cluster said last; the first guess of the image when it has not said any yet.
# A guess that is newer than what was heard (`guess` is the guess of the image at that time) is added: the masters may have moved meanwhile.
known_masters() { _known "$MASTER_IPS" .address; }

# known_members: the same, where their etcd is.
known_members() { _known "$ETCD_MASTER_IPS" '(.etcd // .address)'; }

# _known GUESS FIELD
_known() {
  local file
  for file in "$RUN_DIR/$PEERS" "$STATE_DIR/$PEERS"; do
    if [[ -s $file ]] &&
      jq -e -r --arg guess "$MASTER_GUESS" --arg own "$1" '
        [(.masters[] | '"$2"'), (select(.guess != $guess) | $own | split(" ")[])] | select(length > 0)
        | reduce .[] as $address ([]; if index($address) then . else . + [$address] end) | .[]' "$file" 2>/dev/null; then
      return 0
    fi
  done
  # shellcheck disable=SC2086 # a list
  printf '%s\n' $1
}

# known_peers: what the cluster said last, as JSON.
known_peers() {
  local file
  for file in "$RUN_DIR/$PEERS" "$STATE_DIR/$PEERS"; do
    if [[ -s $file ]] && jq -c -e 'select(.masters and .nodes)' "$file" 2>/dev/null; then
      return 0
    fi
  done
  printf '%s\n' "$NO_PEERS"
}

# with_peers FILTER ARGUMENT...: jq on what is known, with the functions of kubernetes/peers.jq.
with_peers() {
  local filter=$1 peers
  shift
  peers=$(known_peers) || return
  jq -r -L "$LIB_DIR/kubernetes" "$@" "include \"peers\"; $filter" <<<"$peers"
}

# take_peers TEXT: what the cluster says now. Status 1, and nothing changes, when that names no master.
take_peers() {
  local peers before
  peers=$(jq -s -c -e -L "$LIB_DIR/kubernetes" --arg guess "$MASTER_GUESS" \
    'include "peers"; select(length == 1)[0] | valid_peers | select(.masters != []) | .guess = $guess' <<<"$1" 2>/dev/null) || return
  before=$(cat "$RUN_DIR/$PEERS" 2>/dev/null) || before=''
  if [[ $peers != "$before" ]]; then
    printf '%s\n' "$peers" | write_file "$RUN_DIR/$PEERS" 0644 || return
  fi
  before=$(cat "$STATE_DIR/$PEERS" 2>/dev/null) || before=''
  if [[ $peers != "$before" ]]; then
    # A full disk does not keep it.
    printf '%s\n' "$peers" | write_file "$STATE_DIR/$PEERS" 0644 || true
  fi
}

# apply_peers: each part for itself; one that fails does not stop the others, and is tried again with the next change.
apply_peers() {
  local part
  for part in apply_pod_network apply_hosts apply_balancer apply_virtual_peers; do
    "$part" || printf 'coldstart: %s failed\n' "$part" >&2
  done
}

# apply_pod_network: routes to the pods of the other nodes, and the addresses that know the way back to a pod. One route that cannot be
# set does not stop the others.
apply_pod_network() {
  local four six changes masters sources
  if [[ ! -e $POD_NETWORK ]]; then
    return 0
  fi
  four=$(ip -j -4 route show proto "$ROUTE_PROTOCOL") || return
  six=$(ip -j -6 route show proto "$ROUTE_PROTOCOL" 2>/dev/null) || six='[]' # a kernel without IPv6
  changes=$(with_peers "route_changes(\$own; \$present | add; $ROUTE_PROTOCOL)" --arg own "$NODE_NAME" \
    --slurpfile present <(printf '%s\n' "${four:-[]}" "${six:-[]}")) || return
  if [[ -n $changes ]]; then
    ip -force -batch - <<<"$changes" || true
  fi
  masters=$(known_masters) || return
  sources=$(with_peers 'known_sources($others)' --arg others "$NODE_IPS $masters") || return
  nft --file - <<<"$sources"
}

# apply_hosts: names of the other nodes in /etc/hosts.
apply_hosts() {
  local file=$COLDSTART_ROOT/etc/hosts before after
  before=$(cat "$file") || return
  after=$(with_peers 'hosts($own; $text; $mark)' --arg own "$NODE_NAME" --rawfile text "$file" --arg mark "$HOSTS_MARK") || return
  if [[ $after != "$before" ]]; then
    printf '%s\n' "$after" | write_file "$file" 0644
  fi
}

# ask_balancer COMMANDS: lines.
ask_balancer() { timeout 10 socat -t 5 - "UNIX-CONNECT:$BALANCER_SOCKET" <<<"${1//$'\n'/;}"; }

# apply_balancer: haproxy uses exactly the masters that there are. It knows only those of the first guess when it starts.
apply_balancer() {
  local state defaults changes answer
  if [[ ! -e $BALANCER_SOCKET ]]; then
    return 0
  fi
  state=$(ask_balancer 'show servers state masters') || return
  defaults=$(sed -n 's/^ *default-server //p' "$BALANCER_CONFIG") || return
  changes=$(with_peers 'server_changes($port; $state; $defaults; .guess == $guess)' --arg port "$API_PORT" --arg state "$state" \
    --arg defaults "$defaults" --arg guess "$MASTER_GUESS") || return
  if [[ -n $changes ]]; then
    answer=$(ask_balancer "$changes" | tr -s '\n') || return
    printf 'haproxy: %s\n' "${changes//$'\n'/; }" "$answer"
  fi
}

# reopen_balancer: no master answers, so those that were said to be none are tried again: what this node heard last may be old.
reopen_balancer() {
  local state commands
  if [[ ! -e $BALANCER_SOCKET ]]; then
    return 0
  fi
  state=$(ask_balancer 'show servers state masters') || return
  commands=$(awk '$2 == "masters" && $7 % 2 == 1 { print "set server masters/" $4 " state ready" }' <<<"$state") || return
  if [[ -n $commands ]]; then
    ask_balancer "$commands" >/dev/null
  fi
}

# apply_virtual_peers: the masters between which the virtual address moves.
apply_virtual_peers() {
  local others before after=''
  if [[ ! -e $COLDSTART_ROOT/etc/keepalived/keepalived.conf ]]; then
    return 0
  fi
  others=$(known_masters | grep -vxF "$NODE_IP") || others=''
  if [[ -n $others ]]; then
    after=$(printf 'unicast_peer {\n%s\n}\n' "$others")
  fi
  before=$(cat "$VIRTUAL_PEERS" 2>/dev/null && printf 'end') || before=''
  if [[ $before != "$after"$'\n'end ]]; then
    printf '%s\n' "$after" | write_file "$VIRTUAL_PEERS" 0644 || return
    if unit_is_active keepalived; then
      systemctl reload keepalived
    fi
  fi
}
