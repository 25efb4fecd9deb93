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

readonly TOKEN_LIFE=900 # seconds; longer than a node takes from here to its certificate
readonly READ_WAIT=10   # seconds; haproxy has the whole request before it passes it on
readonly SUBJECTS='coldstart:joining:'

# read_request: sets CLIENT, and NODE, SERIAL and BEGINS as the certificate has them. haproxy sets each of these headers once.
read_request() {
  local line name value count
  IFS= read -r -t "$READ_WAIT" -n 1024 line || refuse_request
  if [[ $line != 'POST /v1/join HTTP/1.1'?($'\r') ]]; then
    refuse_request
  fi
  for ((count = 0; ; count++)); do
    IFS= read -r -t "$READ_WAIT" -n 1024 line || refuse_request
    line=${line%$'\r'}
    if [[ -z $line ]]; then
      break
    fi
    name=${line%%:*} value=${line#*:}
    value=${value# }
    case ${name,,} in
      x-forwarded-for) CLIENT=$value ;;
      x-join-name) SUBJECT=$value ;;
      x-join-serial) SERIAL=$value ;;
      x-join-not-before) BEGINS=$value ;;
    esac
    if ((count == 50)); then
      refuse_request
    fi
  done
  NODE=${SUBJECT#"$SUBJECTS"}
  if [[ $SUBJECT != "$SUBJECTS"* || ! $NODE =~ $NODE_FORM || ! $SERIAL =~ $SERIAL_FORM || ! $BEGINS =~ ^[0-9]{12}Z$ ]]; then
    refuse_request
  fi
}

# The whole request must be read: otherwise closing the connection resets it, and the client loses the answer (unix(7),
# ECONNRESET).
refuse_request() {
  read -r -t 0.2 -N 65536 _ || true
  NODE='?' SERIAL='?'
  reply 400 'this is not a request to join'
}

# reply STATUS TEXT: ends the script.
reply() {
  local status=$1 text=$2
  printf 'HTTP/1.1 %s .\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n' \
    "$status" "$((${#text} + 1))" "$text"
  if [[ $status == 200 ]]; then
    text='was let in'
  fi
  printf '%s (certificate %s) from %s: %s %s\n' "$NODE" "$SERIAL" "$CLIENT" "$status" "$text" >&2
  exit
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
  reply 200 "$answer"
}

NODE='?' SUBJECT='' SERIAL='?' BEGINS='?' CLIENT='?'
load_node
read_request
let_in
