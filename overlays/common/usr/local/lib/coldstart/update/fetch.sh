# shellcheck shell=bash
#
# update/fetch.sh: this node fetches its updates by itself, when it is its turn. What it has begun stands in fetch.json of the state disk, from
# before the master gives it the lease until a master knows how it ended.

FETCH_URL='' FETCH_HOURS='' LOCK_PORT=''
readonly FETCH_RECORD=$STATE_DIR/fetch.json
readonly FETCH_FAILED=$STATE_DIR/fetch-failed # the release of which the masters know that it failed here
readonly FETCHED=$RUN_DIR/fetch/update.raucb
readonly LARGEST_BUNDLE=$((256 << 20)) # bytes; a bundle has the node's own files

readonly SPARE_WAIT=1500  # seconds until the cluster can do without this node; a rollout waits as long
readonly VERDICT_WAIT=4200 # seconds until a try has ended; its own limits are shorter
readonly HEALTH_WAIT=1800

# FETCH_PHASE: begun, or restarting; empty when nothing is under way. FETCH_BOOT is the start of the machine that wrote it.
FETCH_PHASE='' FETCH_RELEASE='' FETCH_VERSION='' FETCH_BOOT=''

# The status of the last ask_turn.
ANSWER=1

# load_fetch: FETCH_URL stays empty on a node that does not fetch.
load_fetch() {
  if [[ -e $CONFIG_DIR/fetch.env ]]; then
    # shellcheck source=/dev/null
    source "$CONFIG_DIR/fetch.env" || return
  fi
}

# is_in_hours HH:MM: whether this time of the day is in one of FETCH_HOURS.
is_in_hours() {
  local part begin end
  for part in $FETCH_HOURS; do
    begin=${part%-*} end=${part#*-}
    if [[ $begin < $end && ! $1 < $begin && $1 < $end ]] || [[ $begin > $end && (! $1 < $begin || $1 < $end) ]]; then
      return 0
    fi
  done
  return 1
}

read_fetch_record() {
  local text
  FETCH_PHASE='' FETCH_RELEASE='' FETCH_VERSION='' FETCH_BOOT=''
  text=$(jq -r '"\(.phase) \(.release) \(.version) \(.boot)"' "$FETCH_RECORD" 2>/dev/null) || return 0
  read -r FETCH_PHASE FETCH_RELEASE FETCH_VERSION FETCH_BOOT <<<"$text"
}

# write_fetch_record PHASE
write_fetch_record() {
  FETCH_PHASE=$1
  FETCH_BOOT=$(_boot_id) || return
  jq -n --arg phase "$1" --arg release "$FETCH_RELEASE" --arg version "$FETCH_VERSION" --arg boot "$FETCH_BOOT" '$ARGS.named' | write_file "$FETCH_RECORD" 0644
}

# ask_turn VERB: a master after the other. Status 0 for yes, 3 for no, 4 for wait, 1 where none answers; WHY says more.
ask_turn() {
  local known config certificate key ip host tail=''
  if [[ $NODE_ROLES == *ceph-* ]]; then
    tail=/ceph
  fi
  known=$(known_masters) || return 1
  config=$(kubelet_config) || return 1
  WHY='this node has no certificate to show'
  certificate=$(_credential certificate "$config") || return 1
  key=$(_credential key "$config") || return 1
  for ip in $known; do
    host=$ip
    if [[ $host == *:* ]]; then
      host="[$host]"
    fi
    request --noproxy '*' --cacert "$KUBERNETES_DIR/pki/ca.crt" --cert <(printf '%s\n' "$certificate") --key <(printf '%s\n' "$key") \
      --request POST "https://$host:$LOCK_PORT/v1/update/$1/$FETCH_RELEASE/$FETCH_VERSION$tail"
    if [[ $STATUS != 000 ]]; then
      WHY=$(first_line "$BODY") || WHY=''
    fi
    case $STATUS in
      200) return 0 ;;
      202) return 4 ;;
      4??) return 3 ;;
    esac
  done
  return 1
}

# keep_turn: renews the lease until its parent ends it.
keep_turn() {
  while sleep 60; do
    ask_turn begin || true
  done
}

# ask_until SECONDS VERB: status 0 for yes. Only a yes or a no ends it before.
ask_until() {
  wait_until "$1" _is_answered "$2" || true
  return "$ANSWER"
}

_is_answered() {
  ANSWER=0
  ask_turn "$1" || ANSWER=$?
  if ((ANSWER == 0 || ANSWER == 3)); then
    return 0
  fi
  say_fetch "release $FETCH_RELEASE waits: $WHY"
  return 1
}

# say_fetch MESSAGE: nothing is wrong; the node waits, or has nothing to do.
say_fetch() { ledger update skipped '' "$1"; }

# look_for_update: sets RELEASE and FETCH_VERSION to what the folder of the definition has for this node. Status 1 where it has none.
look_for_update() {
  SHOWN=$(shown "$FETCH_URL/$NODE_NAME.raucb") || return
  mkdir -p "$UPDATE_DIR" "${FETCHED%/*}" || return
  WHY='this node has no certificate to show'
  rm -f "$FETCHED" "$FETCHED.partial" || return
  if ! prepare_trust "$FETCH_URL/" || ! bring "$FETCH_URL/$NODE_NAME.raucb" "$FETCHED" "$LARGEST_BUNDLE"; then
    if [[ -z $WHY ]]; then
      return 1
    fi
    stop update bundle-unreachable "$SHOWN cannot be read: $WHY" "check cluster.update in the definition, the network and the server; this node looks again in a while"
  fi
}
