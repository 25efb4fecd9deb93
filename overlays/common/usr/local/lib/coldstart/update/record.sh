# shellcheck shell=bash
#
# update/record.sh: what this node remembers of its last update, in one file of the state disk: update.json. Both slots read it, so
# the slot that runs after a failed try knows why it failed. Which slot is next, only the boot loader's memory says (update/slots.sh).

readonly RECORD=$STATE_DIR/update.json

# RECORD_STATE: writing (the slot is not whole), written (it waits for its try), trying, good, returned, given-up; empty when there was
# no update yet. RECORD_SLOT and RECORD_RELEASE are what was written, RECORD_FORMER the release that ran then. RECORD_BOOT is the
# boot of the try. RECORD_KNOWN lists the checks of cluster-health.sh that failed already before the update, as JSON.
RECORD_STATE='' RECORD_SLOT='' RECORD_RELEASE='' RECORD_FORMER='' RECORD_BOOT='' RECORD_REASON='' RECORD_KNOWN='[]'

# read_record: a damaged file is as none.
read_record() {
  local text
  RECORD_STATE='' RECORD_SLOT='' RECORD_RELEASE='' RECORD_FORMER='' RECORD_BOOT='' RECORD_REASON='' RECORD_KNOWN='[]'
  text=$(jq -r '[.state, .slot, .release, .former, .boot, (.reason | gsub("[\u001f\n]"; " ")), (.known | tojson)] | map(tostring) | join("\u001f")' \
    "$RECORD" 2>/dev/null) || return 0
  IFS=$'\x1f' read -r RECORD_STATE RECORD_SLOT RECORD_RELEASE RECORD_FORMER RECORD_BOOT RECORD_REASON RECORD_KNOWN <<<"$text"
}

# begin_record SLOT RELEASE FORMER: before the slot is written. survey_health has been called.
begin_record() {
  RECORD_SLOT=$1 RECORD_RELEASE=$2 RECORD_FORMER=$3 RECORD_BOOT=''
  RECORD_KNOWN=$(health_json | jq -c '[.checks[] | select(.healthy | not).name]')
  write_record writing
}

# write_record STATE [REASON]
write_record() {
  RECORD_STATE=$1 RECORD_REASON=${2:-}
  jq -n --arg state "$1" --arg slot "$RECORD_SLOT" --arg release "$RECORD_RELEASE" --arg former "$RECORD_FORMER" --arg boot "$RECORD_BOOT" \
    --arg reason "$RECORD_REASON" --argjson known "$RECORD_KNOWN" '$ARGS.named' | write_file "$RECORD" 0644
}

# is_pending: the other slot holds an update that the next start tries.
is_pending() {
  [[ $RECORD_STATE == written && $RECORD_SLOT != "$(booted_slot)" ]] && slot_is_next "$RECORD_SLOT"
}

# is_try: this start is the try of an update that is not good yet.
is_try() { [[ $RECORD_STATE == @(written|trying) && $RECORD_SLOT == "$(booted_slot)" ]]; }

# has_returned: the try has ended in the other slot, and this slot runs again.
has_returned() {
  if [[ $RECORD_SLOT == "$(booted_slot)" ]]; then
    return 1
  fi
  case $RECORD_STATE in
    returned | trying) ;;
    # The boot loader has started it; it did not come so far as to write anything.
    written) [[ $(boot_variable "${RECORD_SLOT}_TRY") != 0 ]] ;;
    *) return 1 ;;
  esac
}

# return_reason: why the try has failed.
return_reason() {
  if [[ -n $RECORD_REASON ]]; then
    printf '%s\n' "$RECORD_REASON"
  elif [[ -n $RECORD_BOOT ]]; then
    printf 'it started, and ended before it was good, without a word: it hung, its kernel failed, or power was cut\n'
  else
    printf 'its start did not reach multi-user.target: its kernel, its initial RAM disk or systemd hung or failed, or power was cut\n'
  fi
}

# update_status: the answer of cluster-update.sh --status.
update_status() {
  local slot state=good reason='' pending='{}' release image live
  slot=$(booted_slot)
  read_record
  if [[ -z $slot ]]; then
    state=medium
  else
    mount_environment 2>/dev/null || true
    if is_try; then
      state=trying
    elif is_pending; then
      state=pending
    elif has_returned; then
      state=returned
      reason=$(return_reason)
    fi
  fi
  if [[ $state == pending ]]; then
    pending=$(jq -n --arg slot "$RECORD_SLOT" --arg release "$RECORD_RELEASE" '{slot: $slot, release: ($release | tonumber)}')
  fi
  release=$(running_release)
  image=$(boot_argument coldstart.image)
  live=$(cat "$LIVE_IMAGE" 2>/dev/null) || live=''
  jq -n -c --arg node "$NODE_NAME" --arg cluster "$CLUSTER_NAME" --arg image "$image" --arg slot "$slot" --arg release "$release" \
    --arg kubernetes "$KUBERNETES_VERSION" --arg state "$state" --arg reason "$reason" --argjson pending "$pending" --arg live "$live" '
    def known: if . == "" then null else . end;
    {$node, $cluster, image: ($image | known), slot: ($slot | known), release: ($release | if . == "" then null else tonumber end),
      kubernetes: ($kubernetes | known), $state, pending: (if $pending == {} then null else $pending end), reason: ($reason | known), live: ($live | known)}'
}
