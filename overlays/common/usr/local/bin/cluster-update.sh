#!/bin/bash
#
# cluster-update.sh BUNDLE [--force]: writes an update into the other slot of this installed node; the next start tries it. BUNDLE is
# the file or URL of an update bundle of this node; `-` reads it from standard input, for a link whose token must not stand in a list
# of processes. Of the large files that nodes share, those that the running slot lacks are taken from where the bundle is. --force also
# installs an older release. The running slot stays as it is, whatever happens. It may be interrupted and called again at any time.
#
# --status: prints what runs and what the next start tries, as JSON. --start: restarts into the slot that waits for its try. --back:
# makes the other slot, which was good before, the next one; an update that waits for its try is given up instead. --again: an update
# that was given up waits for its try again. --live: the running system takes the files of the update that waits for its try, where each
# of them can be taken without a restart. --compare: reads the description of an image (update/live.sh), and prints as JSON whether that
# would do for it.

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

usage() {
  printf 'usage: cluster-update.sh BUNDLE|- [--force] | --status | --start | --back | --again | --live | --compare\n' >&2
  exit 2
}

# read_arguments ARGUMENT...: sets VERB, SOURCE and FORCE.
read_arguments() {
  VERB='' SOURCE='' FORCE=''
  local word
  for word in "$@"; do
    case $word in
      --force) FORCE=yes ;;
      --status | --start | --back | --again | --live | --compare) VERB+=${word#--} ;;
      -) VERB+="write" ;;
      -*) usage ;;
      *) VERB+="write" SOURCE=$word ;;
    esac
  done
  case $VERB$FORCE in
    write | writeyes | status | start | back | again | live | compare) ;;
    *) usage ;;
  esac
  if [[ $VERB == write && -z $SOURCE ]]; then
    IFS= read -r SOURCE || [[ -n $SOURCE ]] || usage
  fi
  # These have a meaning for curl's notation of settings, and none in a URL.
  if [[ $SOURCE == http*://* && $SOURCE == *[[:space:][:cntrl:]\"\\]* ]]; then
    usage
  fi
}

# Two updates at a time would write the same slot.
be_alone() {
  mkdir -p "$RUN_DIR"
  exec 8>"$RUN_DIR/update.lock"
  if ! flock --nonblock 8; then
    printf 'cluster-update.sh: another update is running\n' >&2
    exit 1
  fi
}

write_update() {
  local former
  SHOWN=$(shown "$SOURCE")
  ledger update running '' "$SHOWN is being checked"
  fetch_bundle "$SOURCE"
  read_bundle
  check_identity
  check_release
  obtain_files "${SOURCE%/*}"
  former=$(slot_release)
  ledger update running '' "release $RELEASE is being written to slot $(other_slot)"
  survey_health
  begin_record "$(other_slot)" "$RELEASE" "$former"
  rm -f "$LIVE_IMAGE"
  install_bundle
  write_record written
  rm -rf "$UPDATE_DIR"
  ledger update 'done' '' "slot $(other_slot) holds release $RELEASE; the next start tries it"
}

start_update() {
  if ! is_pending; then
    stop update nothing-to-try "no update waits for its try in slot $(other_slot)" "write one first: cluster-update.sh BUNDLE"
  fi
  ledger update running '' "this node restarts and tries release $RECORD_RELEASE in slot $RECORD_SLOT"
  systemctl reboot
}

go_back() {
  local other slot
  slot=$(booted_slot)
  other=$(other_slot)
  if is_pending; then
    choose_slot booted "$slot"
    write_record given-up
    if ! undo_live; then
      stop update update-not-live "the update in slot $other is given up, but the running system still has files of it: $WHY" \
        "restart this node; it then runs slot $slot as it is"
    fi
    ledger update 'done' '' "the update in slot $other is given up; slot $slot stays the next one"
    return
  fi
  if [[ $(boot_variable "${other}_OK") != 1 || $RECORD_SLOT != "$slot" || -z $RECORD_FORMER ]]; then
    stop update no-way-back "slot $other holds no system that was good before" "write the release that you want: cluster-update.sh BUNDLE --force"
  fi
  survey_health
  begin_record "$other" "$RECORD_FORMER" "$(slot_release)"
  choose_slot other "$other"
  write_record written
  ledger update 'done' '' "slot $other with release $RECORD_RELEASE is the next one; the next start tries it"
}

try_again() {
  if [[ $RECORD_STATE != given-up || $RECORD_SLOT == "$(booted_slot)" ]]; then
    stop update nothing-to-try "no update was given up in slot $(other_slot)" "write one first: cluster-update.sh BUNDLE"
  fi
  survey_health
  begin_record "$RECORD_SLOT" "$RECORD_RELEASE" "$(slot_release)"
  choose_slot other "$RECORD_SLOT"
  write_record written
  ledger update 'done' '' "slot $RECORD_SLOT holds release $RECORD_RELEASE; the next start tries it"
}

take_live() {
  if ! is_pending; then
    stop update nothing-to-try "no update waits for its try in slot $(other_slot)" "write one first: cluster-update.sh BUNDLE"
  fi
  ledger update running '' "this node takes release $RECORD_RELEASE without a restart"
  if ! apply_live; then
    stop update update-not-live "this node cannot take release $RECORD_RELEASE without a restart: $WHY" \
      "correct the definition and update again; or restart into the release: cluster-update.sh --start"
  fi
  ledger update 'done' '' "this node has taken release $RECORD_RELEASE without a restart; the next start tries it in slot $RECORD_SLOT"
}

read_arguments "$@"
if [[ $VERB == status ]]; then
  load_node
  update_status
  exit
fi
be_alone
load_node
if [[ $VERB == compare ]]; then
  compare_image
  exit
fi
guard update
if [[ -e $CONFIG_DIR/ceph.env ]]; then
  load_ceph
fi
load_fetch
require_slots
read_record
case $VERB in
  write) write_update ;;
  start) start_update ;;
  back) go_back ;;
  again) try_again ;;
  live) take_live ;;
esac
