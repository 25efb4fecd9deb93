# shellcheck shell=bash
#
# kubernetes/registration.sh: this node's way into the API server's list, in the steps that a person would ask about. Of a worker without a
# certificate: is its token accepted (step token), has its kubelet asked for a certificate (request), is that approved (approval) and
# issued (certificate). Of every node: is it listed (node).

readonly REQUESTS=/apis/certificates.k8s.io/v1/certificatesigningrequests
readonly REQUEST_TODO="on a master: kubectl get csr; systemctl status kube-controller-manager; this node keeps trying"
declare -A WAY_DONE=(
  [token]="the masters accept this node's token" [request]="the kubelet has asked for its certificate"
  [approval]="the request for a certificate is approved" [certificate]="the certificate is issued" [node]="the API server lists this node"
)
readonly WAY_DONE

# The steps of the registration, and the last message of each in this attempt.
WAY=''
declare -A SAID=()

# The name of the request for a certificate, once it is known, and the public part of the token.
REQUEST='' TOKEN_ID=''

await_registration() {
  WAY=node SAID=() REQUEST=''
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
  if is_joining || [[ ! -e $config ]] || ! ask_api "$config" "/api/v1/nodes/$NODE_NAME"; then
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
    200) missing_on_way node not-registered "the API server lists this node with its state before its last start" "journalctl -b -u kubelet; this node keeps trying" ;;
    404 | none) missing_on_way node not-registered "the API server does not list this node yet" "journalctl -b -u kubelet; this node keeps trying" ;;
    401 | 403) missing_on_way node certificate-refused "the masters do not accept the certificate of this node's kubelet: $WHY" \
      "build the images of the masters and of this node from the same secrets store; this node keeps trying" ;;
    *) missing_on_way node api-unreachable "no master's API server answers" "check the masters' consoles; this node keeps trying" ;;
  esac
}

# say_joining: reports the reason, because the kubelet logs only that it is not authorized, or nothing.
say_joining() {
  ask_request || return
  case $STATUS in
    200) say_request ;;
    401) say_refused_token ;;
    403) missing_on_way request certificate-not-permitted "the masters know this node's token, but do not permit its request for a certificate yet" \
      "on a master: check-bootstrap-status.sh, step addons; this node keeps trying" ;;
    404) missing_on_way request certificate-not-requested "this node's kubelet has not asked for its certificate yet" "journalctl -b -u kubelet; this node keeps trying" ;;
    *) missing_on_way token api-unreachable "no master's API server answers" "check the masters' consoles; this node keeps trying" ;;
  esac
}

say_refused_token() {
  if token_has_had_its_chance; then
    stop token token-refused "the masters do not know the token that this node got, or it is no longer valid" "this node asks for another one automatically"
  fi
  missing_on_way token token-refused "the masters do not know this node's token yet, or it is no longer valid" \
    "in a new cluster, and for a former member, wait a few minutes; for a node that did not join in time: cluster-nodes.sh --renew $NODE_NAME on a master"
}

# say_request: reports the state of the request in BODY.
say_request() {
  local told name state
  told=$(jq -r '[.status.conditions[]?.type] as $is | .metadata.name + " "
    + if $is | index("Denied") then "denied" elif $is | index("Failed") then "failed" elif $is | index("Approved") | not then "pending"
      elif .status.certificate then "issued" else "approved" end' <<<"$BODY") || return
  read -r name state <<<"$told"
  if [[ $state != pending && $state != approved ]]; then
    REQUEST='' # the kubelet may ask once more
  fi
  case $state in
    pending) missing_on_way approval certificate-not-approved "no controller manager has approved this node's request for a certificate yet; the leading one will do it" "$REQUEST_TODO" ;;
    denied) missing_on_way approval certificate-denied "this node's request for a certificate was denied" "if that was a mistake, on a master: kubectl delete csr $name; then here: systemctl restart kubelet" ;;
    approved) missing_on_way certificate certificate-not-issued "the request is approved, but no controller manager has issued the certificate yet" "$REQUEST_TODO" ;;
    failed) missing_on_way certificate certificate-not-issued "the controller manager could not issue the certificate" "$REQUEST_TODO" ;;
    *) missing_on_way node not-registered "the certificate is issued, but the kubelet has not fetched it yet" "journalctl -b -u kubelet; this node keeps trying" ;;
  esac
}

# missing_on_way STEP CAUSE MESSAGE TODO: marks the steps before STEP as done; the steps after it wait again.
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
  TOKEN_ID=${token%%.*}
  request --noproxy '*' --max-time 20 --max-filesize 0 --cacert "$KUBERNETES_DIR/pki/ca.crt" --header @<(printf 'Authorization: Bearer %s\n' "$token") \
    "https://127.0.0.1:$API_PORT$1"
}

# ask_request: the newest request of this node's kubelet, in BODY; STATUS 404 where there is none. The API server draws its name; as long
# as it is not known, those of all nodes are listed, which the token may do.
ask_request() {
  local item requests
  if [[ -n $REQUEST ]]; then
    ask_with_token "$REQUESTS/$REQUEST"
    if [[ $STATUS != 404 ]]; then
      return
    fi
    REQUEST=''
  fi
  ask_with_token "$REQUESTS?fieldSelector=spec.signerName%3Dkubernetes.io/kube-apiserver-client-kubelet"
  if [[ $STATUS != 200 ]]; then
    return
  fi
  requests=$(jq -c --arg user "system:bootstrap:$TOKEN_ID" \
    '.items | sort_by(.metadata.creationTimestamp) | reverse[] | select(.spec.username == $user)' <<<"$BODY") || return
  STATUS=404
  while IFS= read -r item; do
    if [[ -n $item ]] && is_of_this_node "$item"; then
      STATUS=200 BODY=$item
      REQUEST=$(jq -r .metadata.name <<<"$item") || return
      return 0
    fi
  done <<<"$requests"
}

# is_of_this_node REQUEST: needed because all nodes may share the user's own token.
is_of_this_node() {
  local subject
  subject=$(jq -r .spec.request <<<"$1" | base64 --decode | openssl req -noout -subject -nameopt RFC2253 2>/dev/null) || return
  [[ ,${subject#subject=}, == *",CN=system:node:$NODE_NAME,"* ]]
}
