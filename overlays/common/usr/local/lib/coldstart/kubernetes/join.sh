# shellcheck shell=bash
#
# kubernetes/join.sh: gets the token for this node's certificate request, if the image contains none: from a master
# (token_distribution: http), or from the user's store (external; kubernetes/store.sh).

export JOIN_PORT='' STORE_TYPE='' STORE_URL='' STORE_REGION=''
readonly JOIN_TRIES=4
readonly TOKEN_FORM='^[a-z0-9]{6}\.[a-z0-9]{16}$'
# A master may learn of a new token later than another master.
readonly TOKEN_GRACE='60 seconds ago'

load_join() {
  # shellcheck source=/dev/null
  source "$CONFIG_DIR/join.env"
}

# obtain_join_information: anew at each attempt, as a token is good for minutes. A node that has a certificate needs none.
obtain_join_information() {
  if [[ $TOKEN_DISTRIBUTION == embedded ]] || has_certificate; then
    if [[ -n $(step_state join) ]]; then
      ledger join 'done' '' "this node no longer needs a token"
    fi
    return
  fi
  load_join
  TOKEN=''
  case $TOKEN_DISTRIBUTION in
    http)
      ledger join running '' "asking the masters for a token"
      with_pauses "$JOIN_TRIES" ask_masters || true
      [[ -n $TOKEN ]] || stop_without_masters
      ;;
    external)
      ledger join running '' "asking the token store for this node's token"
      with_pauses "$JOIN_TRIES" ask_store || true
      [[ -n $TOKEN ]] || stop_without_store
      ;;
  esac
  write_join_information
  ledger join 'done' '' "this node has a token"
}

has_certificate() {
  local state
  [[ -e $KUBELET_DIR/kubelet.conf ]] || return
  state=$(certificate_state "$KUBELET_CERTIFICATE") || return
  [[ $state == good ]]
}

# write_join_information: what the kubelet asks with. One that runs already has read the one before.
write_join_information() {
  write_file "$KUBERNETES_DIR/bootstrap-kubelet.conf" 0600 <<EOF
apiVersion: v1
kind: Config
clusters:
- name: $CLUSTER_NAME
  cluster:
    certificate-authority: /etc/kubernetes/pki/ca.crt
    server: https://127.0.0.1:$API_PORT
contexts:
- name: $CLUSTER_NAME
  context:
    cluster: $CLUSTER_NAME
    user: kubelet-bootstrap
current-context: $CLUSTER_NAME
users:
- name: kubelet-bootstrap
  user:
    token: $TOKEN
EOF
  systemctl try-restart --no-block kubelet
}

# token_has_had_its_chance: the token was requested, and all masters know it by now.
token_has_had_its_chance() {
  local fresh
  [[ $TOKEN_DISTRIBUTION != embedded ]] || return
  fresh=$(find "$KUBERNETES_DIR/bootstrap-kubelet.conf" -newermt "$TOKEN_GRACE") || return
  [[ -z $fresh ]]
}

# ask_masters: one after the other, until one lets the node in; sets TOKEN, or STATUS and WHY as the last one said that
# answered at all. A refusal is an answer, which another try would not change. Nodes begin with different masters: hundreds may start
# together.
ask_masters() {
  local known sum first status=000 why='' ip
  local -a addresses
  known=$(known_masters) || return
  mapfile -t addresses <<<"$known"
  sum=$(cksum <<<"$NODE_NAME") || return
  first=$((${sum%% *} % ${#addresses[@]}))
  for ip in "${addresses[@]:first}" "${addresses[@]:0:first}"; do
    if ask_master "$ip"; then
      return 0
    fi
    if [[ $STATUS != 000 || $status == 000 ]]; then
      status=$STATUS
      why=$WHY
    fi
  done
  STATUS=$status
  WHY=$why
  [[ $STATUS == 401 || $STATUS == 403 || $STATUS == 409 || $STATUS == 410 ]]
}

# ask_master ADDRESS: the master shows a certificate of the cluster's authority for its address, this node one that lets it join.
ask_master() {
  local host=$1 pki=$KUBERNETES_DIR/pki
  if [[ $host == *:* ]]; then
    host="[$host]"
  fi
  request --noproxy '*' --cacert "$pki/ca.crt" --cert "$pki/join-client.crt" --key "$pki/join-client.key" \
    --request POST "https://$host:$JOIN_PORT/v1/join"
  case $STATUS in
    200) take_token ;;
    000)
      # TLS tells by an alert that the master does not take the certificate (RFC 8446, section 6.2).
      if [[ $WHY == *alert*@(certificate|'unknown ca')* ]]; then
        STATUS=401
      fi
      return 1
      ;;
    *)
      WHY=$(first_line "$BODY")
      return 1
      ;;
  esac
}

# take_token: sets TOKEN from BODY: JSON as masters and Vault (v1 and v2) answer, or the bare token.
take_token() {
  local found=$BODY
  if [[ ! $found =~ $TOKEN_FORM ]]; then
    found=$(jq -r '[.data?.data?, .data?, .] | map(.token? | strings) | first // ""' <<<"$BODY" 2>/dev/null) || found=''
  fi
  if [[ ! $found =~ $TOKEN_FORM ]]; then
    WHY='the answer contains no token'
    return 1
  fi
  TOKEN=$found
}

stop_without_masters() {
  case $STATUS in
    000)
      stop join join-unreachable "no master's join service answers on port $JOIN_PORT: $WHY" \
        "switch on a master; on it: systemctl status cluster-join.socket haproxy; this node keeps trying"
      ;;
    401)
      stop join join-not-recognised "the masters do not take this node's certificate: $WHY" \
        "build the images of the masters and of this node from the same secrets store; this node keeps trying"
      ;;
    403)
      stop join join-refused "somebody refused this node or its certificate" \
        "if that was a mistake: cluster-nodes.sh --readmit $NODE_NAME on a master; otherwise give it a new certificate: coldstart secrets rotate certificates/nodes/$NODE_NAME, and a new image; this node keeps trying"
      ;;
    410)
      stop join join-too-late "the time for this node to join is over" \
        "cluster-nodes.sh --renew $NODE_NAME on a master; this node keeps trying"
      ;;
    409)
      stop join join-member-already "the cluster already has a ready node $NODE_NAME" \
        "switch off the other machine; if this node was installed again just now, do nothing; this node keeps trying"
      ;;
    *)
      stop join join-service-busy "a master answers with $STATUS: $WHY" \
        "on that master: journalctl -b -t cluster-join -u haproxy; this node keeps trying"
      ;;
  esac
}
