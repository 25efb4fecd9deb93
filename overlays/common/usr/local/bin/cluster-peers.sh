#!/bin/bash
#
# cluster-peers.sh [--apply | --once]: watches what the cluster says of its nodes and masters, and applies it: routes to pods, names of
# nodes, the masters that haproxy and keepalived use. It keeps what it heard last when no master answers. `--apply` only applies that;
# `--once` asks once.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly MOST_PAUSE=60      # seconds between two tries
readonly SILENCE=60         # seconds without a master until those are tried again that were said to be none
readonly SILENCE_TOLD=900   # seconds until the ledger says so

# The last part of a pipe changes what is below.
shopt -s lastpipe

# Seconds of the next pause, when a master was heard last, and whether the present watch has said anything.
PAUSE=1 HEARD=0 NEWS=no

# follow: takes each change until the API server ends the watch. What is no event, or says nothing that can be used, is passed over.
follow() {
  local text config time=$((WATCH_TIME + RANDOM % WATCH_TIME))
  config=$(kubelet_config) || return
  if [[ ! -e $config ]]; then
    # Not a member yet: nobody is asked, so nobody is silent.
    PAUSE=2 HEARD=$SECONDS
    return
  fi
  stream_api "$config" "${PEERS_PATH%/*}?watch=true&fieldSelector=metadata.name%3D${PEERS_PATH##*/}&timeoutSeconds=$time" "$((time + 30))" |
    jq -R -r --unbuffered 'fromjson? | select(.type == "ADDED" or .type == "MODIFIED") | .object.data["peers.json"]? | strings | split("\n") | join(" ")' |
    while IFS= read -r text; do
      heard "$text"
    done
}

heard() {
  if take_peers "$1"; then
    NEWS=yes
    apply_peers
    apply_share || true
    say_heard
  else
    printf 'coldstart: what the cluster says of its nodes is not usable: %s\n' "${1:0:200}" >&2
  fi
}

# say_heard, say_silence: only a trouble is worth a step in the ledger.
say_heard() {
  if [[ $(step_state peers) == waiting ]]; then
    ledger peers 'done' '' "the cluster says again which nodes it has"
  fi
}

say_silence() {
  if ((SECONDS - HEARD >= SILENCE_TOLD)) && [[ $(step_state peers) != waiting ]]; then
    ledger peers waiting peers-not-heard "the cluster has not said for $((SILENCE_TOLD / 60)) minutes which nodes it has; this node goes on with what it heard last" \
      "check the masters' consoles; on a master: systemctl status cluster-nodes.service; this node keeps trying"
  fi
}

ask_once() {
  local config text
  config=$(kubelet_config) || return
  if [[ -e $config ]] && ask_api "$config" "$PEERS_PATH"; then
    text=$(jq -r '.data["peers.json"]? | strings' <<<"$BODY") || return
    heard "$text"
  fi
}

load_node
case "${1:-}" in
  --apply)
    apply_peers
    exit
    ;;
  --once)
    ask_once
    exit
    ;;
  '') ;;
  *)
    printf 'usage: cluster-peers.sh [--apply | --once]\n' >&2
    exit 64
    ;;
esac
apply_peers
while true; do
  began=$SECONDS NEWS=no
  follow || true
  if [[ $NEWS == yes ]] || ((SECONDS - began >= WATCH_TIME)); then
    # The watch was answered until now, also if it had nothing more to say.
    HEARD=$SECONDS PAUSE=2
  elif ((SECONDS - HEARD >= SILENCE)); then
    reopen_balancer || true
    say_silence
  fi
  sleep "$((PAUSE + RANDOM % (PAUSE + 1)))"
  PAUSE=$((PAUSE * 2 < MOST_PAUSE ? PAUSE * 2 : MOST_PAUSE))
done
