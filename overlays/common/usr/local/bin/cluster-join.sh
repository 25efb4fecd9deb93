#!/bin/bash
#
# cluster-join.sh: answers one request of a node that wants to join (token_distribution: http), on standard input and output.
# Each connection has its own process (cluster-join@.service) behind haproxy, which terminates TLS, refuses slow, large and
# too many requests and clients without a certificate for joining, and passes on what is in the certificate and the client's address.
#
#   POST /v1/join   a new token for the node that the certificate names, as {"token": ..., "expires": ...}
#
# Refusals are one line of text. The log contains no token.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"
# shellcheck source=common/answer.sh
source "$LIB_DIR/common/answer.sh"

readonly TOKEN_LIFE=900 # seconds; longer than a node takes from here to its certificate
readonly SUBJECTS='coldstart:joining:'

# read_certificate: sets NODE to the name in it.
read_certificate() {
  NODE=${SUBJECT#"$SUBJECTS"}
  if [[ $SUBJECT != "$SUBJECTS"* || ! $NODE =~ $NODE_FORM || ! $SERIAL =~ $SERIAL_FORM || ! $BEGINS =~ ^[0-9]{12}Z$ ]]; then
    refuse_request
  fi
}

let_in() {
  local verdict refusal answer
  if ! verdict=$(admit "$NODE" "$SERIAL" "$BEGINS" "$TOKEN_LIFE"); then
    reply 503 'this master cannot reach its API server'
  fi
  refusal=$(jq -r '.refusal // ""' <<<"$verdict")
  case $refusal in
    refused) reply 403 'somebody refused this node or its certificate' ;;
    ready) reply 409 'the cluster already has a ready node of this name' ;;
    late) reply 410 'the time for this node to join is over' ;;
  esac
  if ! jq -c .secret <<<"$verdict" | apply_as admin --filename - >/dev/null; then
    reply 503 'this master cannot write to its API server'
  fi
  answer=$(jq -c '.secret.stringData | {token: "\(."token-id").\(."token-secret")", expires: .expiration}' <<<"$verdict")
  reply 200 "$answer" 'was let in'
}

load_node
read_request '^/v1/join$'
read_certificate
let_in
