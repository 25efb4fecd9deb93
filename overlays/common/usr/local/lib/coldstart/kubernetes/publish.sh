# shellcheck shell=bash
#
# kubernetes/publish.sh: what masters tell all nodes of each other (kubernetes/peers.sh), and what a removed node leaves behind.

readonly WATCH_TIME=300 # seconds that a watch lasts, and up to twice as long, so that not all ask at the same time

# What the API has, while it is replaced.
PRESENT_PEERS=''

# The API server's list of nodes, as JSON; etcd's members are in MEMBERS (etcd/etcd.sh).
NODES=''

# API servers that are not where the member of etcd is (etcd/start.sh).
API_ADDRESSES=''

# note_published: before the nodes are asked, so that no older list replaces a newer one of another master.
note_published() {
  PRESENT_PEERS=''
  ask_api admin "$PEERS_PATH" || [[ $STATUS == 404 ]] || return
  if [[ $STATUS == 200 ]]; then
    PRESENT_PEERS=$BODY
  fi
}

# publish_peers NODES MEMBERS: the API server's list of nodes, and etcd's list of members with API_ADDRESSES, become the config map that all
# members watch. Written only when it is different; the API server refuses it when another master was faster.
publish_peers() {
  local list verb=replace
  list=$(jq -c -L "$LIB_DIR/kubernetes" --arg members "$2" --arg apart "$API_ADDRESSES" --arg ranges "$POD_CIDRS" --rawfile before <(printf '%s' "$PRESENT_PEERS") '
    include "peers"; published($members; $apart; $ranges) as $peers | ($before | fromjson? // null) as $before
    | select(($peers.masters | length > 0) and ($before.data["peers.json"] // "" | fromjson? // null) != $peers)
    | {apiVersion: "v1", kind: "ConfigMap", data: {"peers.json": ($peers | tojson)},
       metadata: ({name: "coldstart-peers", namespace: "kube-system"} + ($before.metadata // {} | with_entries(select(.key == "resourceVersion"))))}' <<<"$1") || return
  if [[ -z $list ]]; then
    return 0
  fi
  if [[ -z $PRESENT_PEERS ]]; then
    verb=create
  fi
  WHY=$(kubectl_as admin "$verb" --validate=false --filename - <<<"$list" 2>&1 >/dev/null)
}

# list_nodes: sets NODES and MEMBERS for publish_peers; status 1, and WHY, where the API server does not answer. MEMBERS are empty when etcd does
# not answer; then nothing is published.
list_nodes() {
  note_published || return
  ask_api admin /api/v1/nodes || return
  NODES=$BODY
  MEMBERS=$(etcdctl_at https://127.0.0.1:2379 member list 2>/dev/null) || MEMBERS=''
  API_ADDRESSES=$(etcdctl_at https://127.0.0.1:2379 get --prefix "$API_KEY/" 2>/dev/null) || MEMBERS=''
}

# watch_nodes: publishes as soon as a node comes, goes, or has another address or share. What a node says of itself every few minutes
# changes none of these. The caller repeats it.
watch_nodes() {
  local time=$((WATCH_TIME + RANDOM % WATCH_TIME))
  stream_api admin "/api/v1/nodes?watch=true&timeoutSeconds=$time" "$((time + 30))" |
    jq -R -r --unbuffered -L "$LIB_DIR/kubernetes" --arg ranges "$POD_CIDRS" 'include "peers"; fromjson? | select(.object.metadata.name? | is_name)
      | "\(.object.metadata.name)\t\(if .type == "DELETED" then "gone" else .object | peer($ranges) | tojson end)"' |
    _publish_changes
}

_publish_changes() {
  local name peer
  local -A known=()
  while IFS=$'\t' read -r name peer; do
    if [[ -z $name || ${known[$name]:-} == "$peer" ]]; then
      continue
    fi
    known[$name]=$peer
    # Nodes often come together.
    while IFS=$'\t' read -r -t 2 name peer; do
      if [[ -n $name ]]; then
        known[$name]=$peer
      fi
    done
    if ! list_nodes || ! publish_peers "$NODES" "$MEMBERS"; then
      printf 'coldstart: not published: %s\n' "$WHY" >&2
    fi
  done
}

# remove_node NODE: for good; it may join again with an image of a later certificate, or once it is readmitted. A master leaves etcd first: the
# others must not count on it any more. The Node goes last: as long as it is there, a removal that was cut off can be repeated.
remove_node() {
  local name=$1 ids id tokens
  if [[ $name == "$NODE_NAME" ]]; then
    WHY="this is $name; do it on another master, or use reset-bootstrap.sh"
    return 1
  fi
  list_nodes || return
  if [[ -z $MEMBERS ]]; then
    WHY='etcd does not list its members'
    return 1
  fi
  ids=$(awk -F ', ' -v name="$name" '$3 == name { print $1 }' <<<"$MEMBERS") || return
  if [[ -z $ids ]] && ! jq -e --arg name "$name" 'any(.items[]; .metadata.name == $name)' <<<"$NODES" >/dev/null; then
    WHY="the cluster has no node $name"
    # The removal of before ended, and its answer was lost.
    refusals | jq -e --arg key "name.$name" '.data[$key]? != null' >/dev/null
    return
  fi
  for id in $ids; do
    if ! WHY=$(etcdctl_at https://127.0.0.1:2379 member remove "$id" 2>&1 >/dev/null); then
      WHY="etcd does not let it go: $(last_line "$WHY")"
      return 1
    fi
  done
  WHY='etcd does not forget where its API server was'
  etcdctl_at https://127.0.0.1:2379 del "$API_KEY/$name" >/dev/null 2>&1 || return
  WHY='the API server does not take the refusal'
  refuse_node "$name" || return
  ask_api admin '/api/v1/namespaces/kube-system/secrets?fieldSelector=type=bootstrap.kubernetes.io/token' || return
  tokens=$(jq -r --arg name "$name" '.items[]
    | select((.data.description // "" | @base64d) == "lets join: \($name)" or .metadata.labels["joins.coldstart/node"]? == $name) | .metadata.name' <<<"$BODY") || return
  if [[ -n $tokens ]]; then
    # shellcheck disable=SC2086 # a list of names
    WHY=$(kubectl_as admin delete secret --namespace kube-system --ignore-not-found $tokens 2>&1 >/dev/null) || return
  fi
  WHY=$(kubectl_as admin delete node --ignore-not-found "$name" 2>&1 >/dev/null)
}
