#!/bin/bash
#
# cluster-fetch.sh: looks for an update of this node in the folder that the definition names, in its hours, and updates this node when a
# master says that it is its turn (update/fetch.sh, cluster-lock.sh). cluster-fetch.timer calls it again and again; it first brings to its
# end what an earlier call has begun, also outside of the hours.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"
# shellcheck source=update/bundle.sh
source "$LIB_DIR/update/bundle.sh"
# shellcheck source=update/files.sh
source "$LIB_DIR/update/files.sh"
# shellcheck source=update/slots.sh
source "$LIB_DIR/update/slots.sh"
# shellcheck source=update/record.sh
source "$LIB_DIR/update/record.sh"
# shellcheck source=update/health.sh
source "$LIB_DIR/update/health.sh"
# shellcheck source=update/live.sh
source "$LIB_DIR/update/live.sh"
# shellcheck source=update/fetch.sh
source "$LIB_DIR/update/fetch.sh"

# report VERB: until a master has noted it; otherwise the next call goes on from here.
report() {
  if ! ask_until 600 "$1"; then
    say_fetch "the masters do not know yet how release $FETCH_RELEASE ended here ($1): $WHY"
    end_quietly
  fi
  if [[ $1 == @(failed|ill) ]]; then
    printf '%s\n' "$FETCH_RELEASE" | write_file "$FETCH_FAILED" 0644
  elif [[ $1 == good ]]; then
    rm -f "$FETCH_FAILED"
  fi
  rm -f "$FETCH_RECORD"
}

# take_back: before the restart; the node runs as before.
take_back() {
  read_record
  if is_pending; then
    cluster-update.sh --back || end_quietly
  fi
  report withdraw
}

has_verdict() {
  read_record
  [[ $RECORD_STATE != @(written|trying) ]]
}

# settle: after the restart. The node itself decides whether the update is good (cluster-mark-good.sh).
settle() {
  local release verb=failed
  if ! wait_until "$VERDICT_WAIT" has_verdict; then
    end_quietly
  fi
  release=$(running_release)
  if [[ $RECORD_STATE == good ]] && ((${release:-0} >= FETCH_RELEASE)); then
    verb=good
  fi
  if ! wait_until "$HEALTH_WAIT" is_healthy; then
    verb=ill
  fi
  report "$verb"
}

finish() {
  local boot
  boot=$(_boot_id)
  if [[ $boot != "$FETCH_BOOT" ]] && { [[ $FETCH_PHASE == restarting ]] || is_try || has_returned; }; then
    settle
  elif [[ -e $LIVE_IMAGE ]] && is_pending; then
    report good
  else
    take_back
  fi
}

# tell_failure: this release has failed here already, perhaps at another's hand.
tell_failure() {
  if [[ $(cat "$FETCH_FAILED" 2>/dev/null || true) != "$FETCH_RELEASE" ]]; then
    report failed
  fi
}

# tell_recovery: what failed here is overcome, by whomever.
tell_recovery() {
  local failed
  failed=$(cat "$FETCH_FAILED" 2>/dev/null) || return 0
  FETCH_RELEASE=$1 FETCH_VERSION=$KUBERNETES_VERSION
  if (($1 > failed)) && is_healthy; then
    report good
  fi
}

write_update() {
  if [[ $RECORD_STATE == given-up && $RECORD_RELEASE == "$FETCH_RELEASE" && $RECORD_SLOT != "$(booted_slot)" ]]; then
    cluster-update.sh --again
  else
    cluster-update.sh "$FETCH_URL/$NODE_NAME.raucb"
  fi
}

# begin_update: the lease, and then the other slot.
begin_update() {
  local status=0 keeper
  write_fetch_record begun
  ask_turn begin || status=$?
  if ((status != 0)); then
    rm -f "$FETCH_RECORD"
    if ((status == 1)); then
      stop update masters-silent "no master says whether this node may update itself: ${WHY:-none answers}" \
        "on a master: systemctl status cluster-lock.socket haproxy; this node asks again in a while"
    fi
    say_fetch "release $FETCH_RELEASE waits: $WHY"
    exit 0
  fi
  keep_turn 7>&- &
  keeper=$!
  write_update || status=$?
  kill "$keeper" 2>/dev/null || true
  wait "$keeper" 2>/dev/null || true
  read_record
  if ((status != 0)) || ! is_pending || [[ $RECORD_RELEASE != "$FETCH_RELEASE" ]]; then
    take_back
    end_quietly
  fi
}

update_live() {
  if cluster-update.sh --live; then
    report good
    return
  fi
  cluster-update.sh --back || end_quietly
  report failed
  end_quietly
}

update_by_restart() {
  if [[ -e $SNAPSHOT_ENV ]] && ! cluster-etcd-snapshot.sh --now; then
    take_back
    say_fetch "release $FETCH_RELEASE waits: no snapshot of etcd can be made before it"
    end_quietly
  fi
  if ! ask_until "$SPARE_WAIT" leave; then
    local why=$WHY
    take_back
    say_fetch "release $FETCH_RELEASE waits: $why"
    end_quietly
  fi
  write_fetch_record restarting
  cluster-update.sh --start
}

load_node
load_fetch
if [[ -z $FETCH_URL || -z $(booted_slot) ]]; then
  exit 0
fi
mkdir -p "$RUN_DIR"
exec 7>"$RUN_DIR/fetch.lock"
flock --nonblock 7 || exit 0
guard update
if [[ -e $CONFIG_DIR/ceph.env ]]; then
  load_ceph
fi
require_slots
read_record
read_fetch_record
if [[ -n $FETCH_PHASE ]]; then
  finish
fi
now=$(date +%H:%M)
if ! is_in_hours "$now" || ! look_for_update; then
  exit 0
fi
# shellcheck disable=SC2034 # read_bundle reads it
BUNDLE=$FETCHED
read_bundle
check_identity
FORCE=yes check_release
FETCH_RELEASE=$RELEASE
FETCH_VERSION=$(jq -r --arg own "$KUBERNETES_VERSION" '.meta.kubernetes.version? // $own' <<<"$MANIFEST")
present=$(running_release)
if ((RELEASE <= present)); then
  tell_recovery "$present"
  ledger update 'done' '' "release $present runs, and $SHOWN has none that is newer"
  exit 0
fi
if has_returned && [[ $RECORD_RELEASE == "$RELEASE" ]]; then
  tell_failure
  exit 0
fi
if ! is_healthy; then
  reasons=$(unhealthy_reasons)
  say_fetch "release $RELEASE waits until this node is healthy: $reasons"
  exit 0
fi
begin_update
if pending_is_live; then
  update_live
else
  update_by_restart
fi
