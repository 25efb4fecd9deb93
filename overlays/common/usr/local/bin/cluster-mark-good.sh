#!/bin/bash
#
# cluster-mark-good.sh: tells the boot loader whether the slot that runs is good. In the try of an update it waits until this node does
# again what it did before; if that takes too long, it notes the reason and restarts, and the boot loader takes the former slot, which
# shows the reason. At all other starts the slot is good as soon as the state disk is there.
#
# --hangs: notes what a try waits for that has not come so far; cluster-try.service restarts the machine then.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"
# shellcheck source=update/bundle.sh
source "$LIB_DIR/update/bundle.sh"
# shellcheck source=update/slots.sh
source "$LIB_DIR/update/slots.sh"
# shellcheck source=update/record.sh
source "$LIB_DIR/update/record.sh"
# shellcheck source=update/health.sh
source "$LIB_DIR/update/health.sh"

# Seconds; a slow machine reads all its layers and programs anew. cluster-try.timer ends what takes longer than fifty minutes.
TRY_WAIT=$(boot_argument coldstart.try_wait)
TRY_WAIT=${TRY_WAIT:-1800}
readonly TRY_WAIT
readonly REPAIR="journalctl -b -u rauc; dmesg; replace a disk that reports errors; this node keeps trying"

# mark HOW SLOT: good, bad or active; SLOT is booted or other, as RAUC names them.
mark() {
  local said
  if ! said=$(rauc status "mark-$1" "$2" 2>&1); then
    stop update slot-not-marked "the boot loader cannot be told that the $2 slot is $1: $(last_line "$said")" "$REPAIR"
  fi
}

# confirm: the boot loader counts a start until it hears that it was good.
confirm() {
  local slot
  slot=$(booted_slot)
  if [[ $(boot_variable "${slot}_OK") != 1 || $(boot_variable "${slot}_TRY") != 0 ]]; then
    mark good booted
  fi
  systemctl stop cluster-try.timer
}

try_update() {
  local boot
  boot=$(_boot_id)
  if [[ $RECORD_BOOT != "$boot" ]]; then
    RECORD_BOOT=$boot
    write_record trying
  fi
  if ! await "$TRY_WAIT" say_missing does_its_work; then
    give_up
  fi
  confirm
  write_record good
  ledger update 'done' '' "release $RECORD_RELEASE in slot $RECORD_SLOT is good"
}

does_its_work() {
  HEALTH=''
  came_up && is_healthy
}

# surveyed: a survey takes long on a busy machine; that of is_healthy tells the reasons, too.
surveyed() { [[ -n $HEALTH ]] || survey_health; }

say_missing() {
  local reasons
  surveyed || return
  reasons=$(unhealthy_reasons) || return
  missing update update-is-tried "release $RECORD_RELEASE in slot $RECORD_SLOT is not good yet: $reasons" \
    "nothing: without this, the node returns to slot $(other_slot) by itself"
}

give_up() {
  local reasons
  surveyed
  reasons=$(unhealthy_reasons)
  write_record trying "not healthy within $TRY_WAIT s: ${reasons:-the checks took too long}" || true
  ledger update failed update-not-good "release $RECORD_RELEASE in slot $RECORD_SLOT is not good: $reasons" \
    "nothing: this node restarts and returns to slot $(other_slot)"
  # The boot loader has counted the try; this holds also where it has not.
  rauc status mark-bad booted || true
  systemctl reboot
  exit 0
}

note_hang() {
  local jobs
  jobs=$(timeout 20 systemctl list-jobs --plain --no-legend | awk '$4 == "running" { print $2 }' | head -n 10 | paste -s -d ,) || jobs=''
  write_record trying "it hangs; systemd waits for ${jobs:-nothing}"
  ledger update failed update-not-good "release $RECORD_RELEASE in slot $RECORD_SLOT hangs" "nothing: this node restarts and returns to slot $(other_slot)"
}

# The slot that has failed is not tried again.
note_return() {
  local reason
  reason=$(return_reason)
  write_record returned "$reason"
  if [[ $(boot_variable "${RECORD_SLOT}_OK") != 0 ]] || ! slot_is_first "$(booted_slot)"; then
    mark active booted
    mark bad other
  fi
  ledger update failed update-returned "this node has returned to slot $(booted_slot): release $RECORD_RELEASE in slot $RECORD_SLOT did not become good: $reason" \
    "journalctl --boot=-1 shows that start if it came so far; correct the definition, build, and update again"
}

slot_is_first() { [[ $(boot_variable ORDER) == "$1 "* ]]; }

load_node
read_record
if [[ ${1:-} == --hangs ]]; then
  note_hang
  exit
fi
guard update
systemctl stop cluster-try-start.timer
if [[ -e $CONFIG_DIR/ceph.env ]]; then
  load_ceph
fi
require_slots
if is_try; then
  try_update
elif has_returned; then
  note_return
  confirm
else
  confirm
fi
