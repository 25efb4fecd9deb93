# shellcheck shell=bash
#
# etcd/etcd.sh: reads the state of the masters' common etcd. It changes nothing; etcd/join.sh does.

ETCD_DIR=$COLDSTART_ROOT/var/lib/etcd
ETCD_PKI=$COLDSTART_ROOT/etc/kubernetes/pki/etcd
ETCD_START=$RUN_DIR/etcd.env # read by etcd.service when it has no data yet
readonly ETCD_DIR ETCD_PKI ETCD_START
readonly TOLD_FILE=etcd-other-masters # in STATE_DIR: where the cluster is that this node is about to join instead of its own

# Another master whose etcd answers for the whole cluster, and the members as `etcdctl member list` has them.
PEER='' MEMBERS=''
# What probe_master saw: `cluster ID`, `silent`, `foreign` (its certificate is of another secrets store) or `absent`. The members that an
# etcd names are lines: name, tab, URL for peers.
PROBE='' NAMED=''

# Addresses of masters that a master of another cluster has told this one (etcd/one-cluster.sh).
TOLD=''

# Below this key, masters whose etcd has an address of its own say where their API server is: by their names (kubernetes/publish.sh).
readonly API_KEY=coldstart/api-addresses

# etcd itself looks at the same folder to tell a new member from an old one.
etcd_has_data() { [[ -d $ETCD_DIR/member/wal ]]; }

etcdctl_at() {
  local url=$1
  shift
  etcdctl --endpoints "$url" --cacert "$ETCD_PKI/ca.crt" --cert "$ETCD_PKI/healthcheck-client.crt" \
    --key "$ETCD_PKI/healthcheck-client.key" --dial-timeout 3s --command-timeout 6s "$@"
}

# etcd_url ADDRESS PORT
etcd_url() {
  case $1 in
    *:*) printf 'https://[%s]:%s\n' "$1" "$2" ;;
    *) printf 'https://%s:%s\n' "$1" "$2" ;;
  esac
}

# url_address URL: of etcd_url.
url_address() {
  local address=${1#https://}
  address=${address%:*}
  printf '%s\n' "${address//[\[\]]/}"
}

# other_masters: the addresses of their etcd, one a line: as the cluster said last, and as this node's own etcd names its members, which it does also
# without quorum. The list of the image may be older than a master that came, moved or went: it counts for a node that knows no other.
other_masters() {
  local named others='' address
  named=$(named_by "$ETCD_IP") || named=''
  others=$(awk -F '\t' -v name="$NODE_NAME" '$1 != name { print $2 }' <<<"$named") || return
  {
    known_members || return
    if [[ -z $others ]]; then
      # shellcheck disable=SC2086 # a list
      printf '%s\n' $ETCD_MASTER_IPS
    fi
    for address in $others; do
      url_address "$address" || return
    done
    if [[ -s $STATE_DIR/$TOLD_FILE ]]; then
      cat "$STATE_DIR/$TOLD_FILE" || return
    fi
    printf '%s\n' "$TOLD"
  } | awk -v own="$ETCD_IP" '$0 != "" && $0 != own && !seen[$0]++'
}

# named_by ADDRESS: the members as the etcd there names them; nothing where none is asked.
named_by() {
  probe_master "$1"
  printf '%s' "$NAMED"
}

# probe_master ADDRESS: sets PROBE and NAMED. Asks the port for peers: it answers also while etcd has no quorum, when the port for
# clients does not. As etcd's own members do, by HTTP/1.1: Debian's etcd 3.5.16 offers HTTP/2, and once it has run for some
# minutes closes each such connection without an answer.
probe_master() {
  local answer status=0
  NAMED=''
  answer=$(curl --silent --http1.1 --noproxy '*' --connect-timeout 3 --max-time 6 --cacert "$ETCD_PKI/ca.crt" --cert "$ETCD_PKI/peer.crt" \
    --key "$ETCD_PKI/peer.key" --include --write-out '\nconnected %{time_connect} %{http_code}\n' \
    "$(etcd_url "$1" 2380)/members") || status=$?
  if ((status == 0)) && grep -q '^connected [^ ]* 200$' <<<"$answer"; then
    PROBE="cluster $(awk 'tolower($1) == "x-etcd-cluster-id:" { gsub(/\r/, ""); print $2 }' <<<"$answer")" || PROBE=silent
    NAMED=$(sed -n '/^\[/p' <<<"$answer" | jq -r '.[] | .name as $name | .peerURLs[]? | "\($name // "")\t\(.)"' 2>/dev/null) || NAMED=''
  elif grep -q '^connected 0\.000000 ' <<<"$answer"; then
    PROBE=absent
  elif ((status == 60)); then # its certificate is not believed: curl(1)
    PROBE=foreign
  else
    PROBE=silent
  fi
}

# reach_cluster: another master's etcd that has quorum; sets PEER and MEMBERS.
reach_cluster() {
  local address others
  PEER='' MEMBERS=''
  others=$(other_masters) || return
  for address in $others; do
    if [[ -s $STATE_DIR/$GIVEN_UP_FILE ]]; then
      probe_master "$address"
      if is_given_up "${PROBE#cluster }"; then
        continue
      fi
    fi
    # Learners and members without quorum refuse to answer.
    if MEMBERS=$(etcdctl_at "$(etcd_url "$address" 2379)" member list 2>/dev/null) && [[ -n $MEMBERS ]]; then
      PEER=$(etcd_url "$address" 2379)
      return 0
    fi
  done
  return 1
}

# own_member FIELD: `id`, `url`, `learner` of the members that are this node's, one a line: by name, or by address while they have no name
# yet. A member of another name may have had this address before it moved.
own_member() {
  awk -F ', ' -v field="$1" -v name="$NODE_NAME" -v url="$(etcd_url "$ETCD_IP" 2380)" '
    BEGIN { column["id"] = 1; column["url"] = 4; column["learner"] = 6 }
    $3 == name || $3 == "" && $4 == url { print $column[field] }' <<<"$MEMBERS"
}

# Number of another master's learner that has not been promoted yet: `id<TAB>peer url`.
other_learner() {
  awk -F ', ' -v name="$NODE_NAME" -v url="$(etcd_url "$ETCD_IP" 2380)" '$6 == "true" && $3 != name && $4 != url { print $1 "\t" $4 }' <<<"$MEMBERS" | head -n 1
}

# local_member FIELD: `"MemberID"` or `"ClusterID"` of the etcd of this node, in hexadecimal digits; a learner says it, too.
local_member() {
  local number
  number=$(etcdctl_at https://127.0.0.1:2379 endpoint status --write-out fields 2>/dev/null | awk -F ' : ' -v field="\"$1\"" '$1 == field { print $2; exit }') || number=''
  if [[ $number =~ ^[0-9]+$ ]]; then
    printf '%x\n' "$number"
  fi
}
