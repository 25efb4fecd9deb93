#!/bin/bash
#
# cluster-join.sh: answers one request of a node that wants to join (token_distribution: http), on standard input and output.
# Each connection has its own process (cluster-join@.service) behind haproxy, which terminates TLS, refuses slow, large and
# too many requests, and passes the address of the client.
#
#   GET  /v1/join/NODE   a challenge, valid once and for one minute
#   POST /v1/join/NODE   "CHALLENGE PROOF", the proof being the HMAC of "NODE CHALLENGE" with the node's join-token: a new
#                        token as {"token": ..., "expires": ...}
#
# Refusals are one line of text. The log contains no challenge, proof or token.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly CHALLENGES=$COLDSTART_ROOT/run/cluster-join
readonly CHALLENGE_LIFE='60 seconds ago'
readonly TOKEN_LIFE=900 # seconds; longer than a node takes from here to its certificate
readonly READ_WAIT=10   # seconds; haproxy has the whole request before it passes it on
readonly MOST_BODY=256  # bytes

# read_request: sets METHOD, NODE, CLIENT and BODY.
read_request() {
  local line path length=0 count
  IFS=' ' read -r -t "$READ_WAIT" -n 1024 METHOD path _ || refuse_request
  for ((count = 0; ; count++)); do
    IFS= read -r -t "$READ_WAIT" -n 1024 line || refuse_request
    line=${line%$'\r'}
    case ${line,,} in
      '') break ;;
      content-length:*) length=${line#*:} ;;
      x-forwarded-for:*) CLIENT=${line#*:} ;;
    esac
    if ((count == 50)); then
      refuse_request
    fi
  done
  CLIENT=${CLIENT// /}
  length=${length// /}
  if [[ ! $path =~ ^/v1/join/([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)$ ]]; then
    refuse_request
  fi
  NODE=${BASH_REMATCH[1]}
  if [[ ! $length =~ ^[0-9]{1,3}$ ]] || ((10#$length > MOST_BODY)); then
    refuse_request
  fi
  if ((10#$length > 0)); then
    IFS= read -r -t "$READ_WAIT" -N "$length" BODY || refuse_request
  fi
}

# The whole request must be read: otherwise closing the connection resets it, and the client loses the answer (unix(7),
# ECONNRESET).
refuse_request() {
  read -r -t 0.2 -N 65536 _ || true
  reply 400 'this is not a request to join'
}

# reply STATUS TEXT: ends the script.
reply() {
  local status=$1 text=$2
  printf 'HTTP/1.1 %s .\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n' \
    "$status" "$((${#text} + 1))" "$text"
  if [[ $status == 200 ]]; then
    text="${METHOD/#GET/asked}"
    text="${text/#POST/was let in}"
  fi
  printf '%s from %s: %s %s\n' "$NODE" "$CLIENT" "$status" "$text" >&2
  exit
}

give_challenge() {
  local challenge
  mkdir -p "$CHALLENGES"
  find "$CHALLENGES" -type f ! -newermt "$CHALLENGE_LIFE" -delete
  challenge=$(random_hex 32)
  : >"$CHALLENGES/$challenge"
  reply 200 "$challenge"
}

# Removing the file uses the challenge up; a second process finds no file.
use_up_challenge() {
  local file=$CHALLENGES/$1 fresh
  [[ $1 =~ ^[0-9a-f]{64}$ && -e $file ]] || return
  fresh=$(find "$file" -newermt "$CHALLENGE_LIFE") || return
  [[ -n $fresh ]] && rm "$file" 2>/dev/null
}

# An unknown node takes as much time as a known one. The proof is different for each challenge, and a challenge is valid only
# once, so the duration of the comparison reveals nothing useful.
check_proof() {
  local secret expected proof=$1
  secret=$(awk -F '\t' -v node="$NODE" '$1 == node { print $2 }' "$TOKEN_TABLE") || return
  secret=${secret:-$(random_hex 16)} || return
  expected=$(printf '%s %s' "$NODE" "$CHALLENGE" | hmac "$secret") || return
  [[ $proof == "$expected" ]]
}

let_in() {
  local random plan state count answer
  random=$(random_secrets 1)
  if ! ask_api admin /api/v1/nodes ||
    ! plan=$(awk -F '\t' -v node="$NODE" '$1 == node' "$TOKEN_TABLE" | plan_tokens "$BODY" "$NO_SECRETS" "$TOKEN_LIFE" "$random"); then
    reply 503 'this master cannot reach its API server'
  fi
  state=$(jq -r --arg node "$NODE" '.states[$node]' <<<"$plan")
  if [[ $state == ready ]]; then
    reply 409 'the cluster already has a ready node of this name'
  fi
  count=$(jq '.keep.items | length' <<<"$plan")
  if ((count == 0)); then
    reply 403 'the time for this node to join is over'
  fi
  if ! jq -c .keep <<<"$plan" | apply_as admin --filename - >/dev/null; then
    reply 503 'this master cannot write to its API server'
  fi
  answer=$(jq -c '.keep.items[0].stringData | {token: "\(."token-id").\(."token-secret")", expires: .expiration}' <<<"$plan")
  reply 200 "$answer"
}

METHOD='?' NODE='?' CLIENT='?' BODY='' CHALLENGE=''
load_node
read_request
case $METHOD in
  GET) give_challenge ;;
  POST)
    read -r CHALLENGE proof _ <<<"$BODY" || true
    if ! use_up_challenge "$CHALLENGE"; then
      reply 410 'this challenge was used, is older than a minute, or is not from this master; ask for another one'
    fi
    if ! check_proof "$proof"; then
      reply 401 'this is not the proof of a node of this cluster'
    fi
    let_in
    ;;
  *) reply 405 'only GET and POST are supported' ;;
esac
