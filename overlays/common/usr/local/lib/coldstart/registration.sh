# shellcheck shell=bash
#
# registration.sh: this node's way into the API server's list, in the steps that a person would ask about. Of a worker without a
# certificate: is its token accepted (step token), has its kubelet asked for a certificate (request), is that approved (approval) and
# issued (certificate). Of every node: is it listed (node).

readonly REQUESTS=/apis/certificates.k8s.io/v1/certificatesigningrequests
readonly REQUEST_TODO="on a master: kubectl get csr; systemctl status kube-controller-manager; this node keeps trying"
declare -A WAY_DONE=(
  [token]="the masters accept this node's token" [request]="the kubelet has asked for its certificate"
  [approval]="the request for a certificate is approved" [certificate]="the certificate is issued" [node]="the API server lists this node"
)
readonly WAY_DONE

# The steps of this node's way, and what was said last of each in this attempt.
WAY=''
declare -A SAID=()

await_registration() {
  WAY=node SAID=()
  if is_joining || [[ -n $(step_state token) ]]; then
    WAY='token request approval certificate node'
  fi
  await "$NODE_WAIT" say_unregistered node_is_registered || stop_missing
}

end_registration() {
  local step
  for step in $WAY; do
    _say_reached "$step"
  done
}

# is_joining: a worker that has to ask with its token.
is_joining() { ! has_role master && [[ -e $KUBERNETES_DIR/bootstrap-kubelet.conf ]] && ! has_certificate; }

# node_is_registered: the API server knows the kubelet of this very start of the machine (erratum 21). An entry that an earlier life
# of the node has left says nothing.
node_is_registered() {
  local config listed booted
  config=$(kubelet_config) || return
  STATUS=none
  if [[ ! -e $config ]] || ! ask_api "$config" "/api/v1/nodes/$NODE_NAME"; then
    return 1
  fi
  listed=$(jq -r .status.nodeInfo.bootID <<<"$BODY") || return
  booted=$(_boot_id) || return
  [[ $listed == "$booted" ]]
}

say_unregistered() {
  if is_joining; then
    say_joining
    return
  fi
  case $STATUS in
    200) missing_on_way node not-registered "the API server lists what this node was before its last start" "journalctl -b -u kubelet; this node keeps trying" ;;
    404 | none) missing_on_way node not-registered "the API server does not list this node yet" "journalctl -b -u kubelet; this node keeps trying" ;;
    401 | 403) missing_on_way node certificate-refused "the masters do not take the certificate of this node's kubelet: $WHY" \
      "build the images of the masters and of this node from the same secrets store; this node keeps trying" ;;
    *) missing_on_way node api-unreachable "no master's API server answers" "look at the masters' consoles; this node keeps trying" ;;
  esac
}

# say_joining: the kubelet itself only says that it is not authorized, or nothing.
say_joining() {
  local name
  # The kubelet may be writing its key just now.
  name=$(request_name) || name='node-csr-'
  ask_with_token "$REQUESTS/$name"
  case $STATUS in
    200) say_request ;;
    401) say_refused_token ;;
    403) missing_on_way request certificate-not-permitted "the masters know this node's token, but do not let it ask for a certificate yet" \
      "on a master: check-bootstrap-status.sh, step addons; this node keeps trying" ;;
    404) missing_on_way request certificate-not-requested "this node's kubelet has not asked for its certificate yet" "journalctl -b -u kubelet; this node keeps trying" ;;
    *) missing_on_way token api-unreachable "no master's API server answers" "look at the masters' consoles; this node keeps trying" ;;
  esac
}

say_refused_token() {
  if token_has_had_its_chance; then
    stop token token-refused "the masters do not know the token that this node was given, or no more" "this node asks for another one by itself"
  fi
  missing_on_way token token-refused "the masters do not know this node's token, not yet or no more" \
    "in a new cluster, and for a node that was a member, they do within minutes; for one that never joined in time: cluster-nodes.sh --renew $NODE_NAME on a master"
}

# say_request: what has become of the request in BODY.
say_request() {
  local told name state
  told=$(jq -r '[.status.conditions[]?.type] as $is | .metadata.name + " "
    + if $is | index("Denied") then "denied" elif $is | index("Failed") then "failed" elif $is | index("Approved") | not then "pending"
      elif .status.certificate then "issued" else "approved" end' <<<"$BODY") || return
  read -r name state <<<"$told"
  case $state in
    pending) missing_on_way approval certificate-not-approved "no controller manager has approved this node's request for a certificate yet; one does, once it leads" "$REQUEST_TODO" ;;
    denied) missing_on_way approval certificate-denied "this node's request for a certificate was denied" "if that was a mistake, on a master: kubectl delete csr $name; then here: systemctl restart kubelet" ;;
    approved) missing_on_way certificate certificate-not-issued "the request is approved, but no controller manager has issued the certificate yet" "$REQUEST_TODO" ;;
    failed) missing_on_way certificate certificate-not-issued "the controller manager could not issue the certificate" "$REQUEST_TODO" ;;
    *) missing_on_way node not-registered "the certificate is issued, but the kubelet has not fetched it yet" "journalctl -b -u kubelet; this node keeps trying" ;;
  esac
}

# missing_on_way STEP CAUSE MESSAGE TODO: what lies before the step is done; what lies behind it has to wait for its turn again.
missing_on_way() {
  local step place=before
  for step in $WAY; do
    if [[ $step == "$1" ]]; then
      place=behind
    elif [[ $place == before ]]; then
      _say_reached "$step"
    elif [[ ${SAID[$step]:-} == waiting ]]; then
      ledger "$step" running '' "see the step $1"
      SAID[$step]=running
    fi
  done
  SAID[$1]=waiting
  missing "$@"
}

_say_reached() {
  if [[ ${SAID[$1]:-} != 'done' ]]; then
    ledger "$1" 'done' '' "${WAY_DONE[$1]}"
    SAID[$1]='done'
  fi
}

# ask_with_token PATH: as the kubelet of a node that joins. The header is read from a pipe: arguments are for everyone to see.
ask_with_token() {
  local token
  token=$(awk '$1 == "token:" { print $2; exit }' "$KUBERNETES_DIR/bootstrap-kubelet.conf") || token=''
  request --noproxy '*' --max-time 5 --cacert "$KUBERNETES_DIR/pki/ca.crt" --header @<(printf 'Authorization: Bearer %s\n' "$token") \
    "https://127.0.0.1:$API_PORT$1"
}

# request_name: as kubelets of the supported versions name theirs, by key, subject and usages; a token may not look for it otherwise
# but by listing those of all nodes. https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/kubelet/certificate/bootstrap/bootstrap.go
request_name() {
  local key=$KUBELET_DIR/pki/kubelet-client-current.pem word
  if [[ ! -e $key ]]; then
    key=$KUBELET_DIR/pki/kubelet-client.key.tmp
  fi
  printf 'node-csr-'
  if [[ -e $key ]]; then
    {
      openssl pkey -in "$key" -pubout -outform DER 2>/dev/null | _base64url || return
      for word in "system:node:$NODE_NAME" system:nodes 'digital signature' 'client auth'; do
        printf '%s' "$word" | _base64url || return
      done
    } | openssl dgst -sha512-256 -binary | _base64url | tr -d '|'
  fi
}

_base64url() {
  base64 --wrap 0 | tr '+/' '-_' | tr -d '=' || return
  printf '|'
}
