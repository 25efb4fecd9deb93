# shellcheck shell=bash
#
# update/lease.sh: the lease of rollouts, so that two of them never work on the cluster at the same time: a Lease of Kubernetes, or, in a
# cluster without Kubernetes, a file of its first node in the same form. A holder renews it; one that does not is done with after a while.
#
# A node that fetches its update is the holder node/NAME/RELEASE. If it fails, an annotation says so: {node, release, reason, time} as JSON.

readonly LEASE_NAME=coldstart-rollout
readonly LEASE_FILE=$STATE_DIR/rollout-lease.json
readonly LEASE_TRIES=5
readonly AWAY_SECONDS=5400 # how long a node that restarts has it; the node's own limit for a try is shorter
readonly FAILURE=coldstart/failed

# take_lease HOLDER SECONDS: takes or renews it. Status 3 and WHY where another holder has it, 1 where it cannot be asked.
take_lease() { _change_lease _taken "$@"; }

# read_lease: as JSON; null if there is none yet.
read_lease() {
  local lease
  lease=$(kubectl_as admin get lease "$LEASE_NAME" --namespace kube-system --ignore-not-found --output json 2>/dev/null) || return
  printf '%s\n' "${lease:-null}"
}

# shown_turn LEASE: {fetching: {node, release, since, until}, failed: {node, release, reason, time}}, null for what is not. A node that has not come
# back in time has failed.
shown_turn() {
  _jq_lease "$1" '$lease | if . then lost("") else {} end | (.metadata.annotations[$failure]? // "null" | fromjson) as $failed
    | ([owner] | first) as $own
    | {fetching: (if $own and ($failed.node? != $own.node or $failed.release? != $own.release) then
        $own + {since: (.spec.acquireTime | seconds | todate), until: ((.spec.renewTime | seconds) + .spec.leaseDurationSeconds | todate)} else null end), $failed}'
}

# note_missing NODE: if another node that was let restart has not come back in time, this is a failure of its update.
note_missing() { _change_lease _with_missing "$1"; }

# end_turn HOLDER [REASON]: gives the lease back, and notes that the holder's update has failed; without a reason, a note about the same node
# ends. end_note: ends any.
end_turn() { _change_lease _ended "$@"; }
end_note() { _change_lease _without_note; }

# give_lease_back HOLDER: what another one holds stays.
give_lease_back() { _change_lease _given_back "$1"; }

# _change_lease HOW ARGUMENT...: with the answer of HOW, which gets the present lease before its arguments. Another writer may be faster.
_change_lease() {
  local how=$1 present new try status
  shift
  if ! has_role master; then
    mkdir -p "$RUN_DIR" || return
    # shellcheck disable=SC2094 # the lock is another file
    (flock 7 && _change_lease_file "$how" "$@") 7>"$RUN_DIR/rollout-lease.lock"
    return
  fi
  for ((try = 0; try < LEASE_TRIES; try++)); do
    WHY="the API server does not answer"
    present=$(kubectl_as admin get lease "$LEASE_NAME" --namespace kube-system --ignore-not-found --output json 2>/dev/null) || return 1
    status=0
    new=$("$how" "${present:-null}" "$@") || status=$?
    if ((status != 0)); then
      WHY=$new
      return "$status"
    fi
    if [[ -z $new ]] || _write_lease "${present:+replace}" <<<"$new"; then
      return 0
    fi
  done
  WHY="the lease of rollouts cannot be written"
  return 1
}

# _write_lease replace|'': the API server refuses it where it has changed meanwhile.
_write_lease() { kubectl_as admin "${1:-create}" --filename - >/dev/null 2>&1; }

_change_lease_file() {
  local how=$1 present new status=0
  shift
  present=$(jq -c . "$LEASE_FILE" 2>/dev/null) || present=''
  new=$("$how" "${present:-null}" "$@") || status=$?
  if ((status != 0)); then
    printf '%s\n' "$new" >&2
    return "$status"
  fi
  if [[ -n $new ]]; then
    write_file "$LEASE_FILE" 0644 <<<"$new"
  fi
}

# What the changes below have in common: `owner` is the node that has the lease, `lost($node)` notes that it has not come back.
# shellcheck disable=SC2016 # jq
readonly LEASE_JQ='
def seconds: sub("\\.[0-9]+"; "") | fromdate;
def owner: (.spec.holderIdentity? // "") | capture("^node/(?<node>[^/]+)/(?<release>[0-9]+)$") | .release |= tonumber;
def note($who; $reason): .metadata.annotations[$failure] = ($who + {$reason, time: (now | floor | todate)} | tojson);
def lost($node): ([owner | select(.node != $node)] | first) as $who
  | if $who and .spec.leaseDurationSeconds == $away and (.spec.renewTime | seconds) + $away <= now then note($who; "it did not come back") else . end;'

# _jq_lease LEASE ARGUMENT...: jq with these definitions.
_jq_lease() { jq -n -c --argjson lease "$1" --arg failure "$FAILURE" --argjson away "$AWAY_SECONDS" "${@:2:$#-2}" "$LEASE_JQ ${*: -1}"; }

# _taken LEASE HOLDER SECONDS: the lease for this holder; status 3, and a sentence instead, where another one has it.
_taken() {
  local answer
  answer=$(_jq_lease "$1" --arg holder "$2" --argjson seconds "$3" --arg name "$LEASE_NAME" '
    ($lease.spec // {}) as $spec | now as $now | ($now | floor | todate | sub("Z$"; ".000000Z")) as $time
    | ($spec.holderIdentity // "") as $has
    | if $has != "" and $has != $holder and ($spec.renewTime | seconds) + $spec.leaseDurationSeconds > $now
      then {held: "\($has) updates this cluster since \($spec.acquireTime | seconds | todate); if that has ended, wait until \(($spec.renewTime | seconds) + $spec.leaseDurationSeconds | todate)"}
      else (if $lease then $lease | lost($holder | split("/")[1]) else {apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: {$name, namespace: "kube-system"}} end)
        | .spec = {holderIdentity: $holder, leaseDurationSeconds: $seconds, renewTime: $time,
            acquireTime: (if $has == $holder then $spec.acquireTime else $time end),
            leaseTransitions: (($spec.leaseTransitions // 0) + (if $has == $holder then 0 else 1 end))} end') || return 1
  if [[ $answer == '{"held":'* ]]; then
    jq -r .held <<<"$answer" || return
    return 3
  fi
  printf '%s\n' "$answer"
}

# _given_back LEASE HOLDER: nothing where another one has it.
_given_back() { jq -n -c --argjson lease "$1" --arg holder "$2" '$lease | select(.spec.holderIdentity? == $holder) | .spec.holderIdentity = ""'; }

_with_missing() { _jq_lease "$1" --arg node "$2" '$lease | select(.) | lost($node) as $new | select($new != .) | $new | .spec.holderIdentity = ""'; }

_ended() {
  _jq_lease "$1" --arg holder "$2" --arg reason "${3:-}" '
    $lease | select(.spec.holderIdentity? == $holder) | owner as $own
    | (.metadata.annotations[$failure]? // "null" | fromjson) as $noted
    | if $reason != "" then note($own; $reason) elif $noted.node? == $own.node then del(.metadata.annotations[$failure]) else . end
    | .spec.holderIdentity = ""'
}

_without_note() { _jq_lease "$1" '$lease | select(.metadata.annotations[$failure]?) | del(.metadata.annotations[$failure])'; }
