# shellcheck shell=bash
#
# common/wait.sh: waiting for a condition, with a deadline. The ledger always shows what the script waits for at the moment.

# What the wait of now waits for, as the ledger has it: STEP CAUSE MESSAGE TODO; and for how many seconds at most.
MISSING=() AWAITED=0

# wait_until SECONDS COMMAND...: status 0 as soon as the command succeeds, 1 when the deadline has passed. The command
# runs in this shell, so what it sets stays. Pauses last a second, and on a slow machine as long as the command did, within the
# deadline: what is waited for needs the processor, too.
wait_until() {
  local deadline=$((SECONDS + ${COLDSTART_DEADLINE:-$1})) began pause left
  shift
  while began=$SECONDS && ! "$@"; do
    left=$((deadline - SECONDS)) pause=$((SECONDS - began > 1 ? SECONDS - began : 1))
    if ((left <= 0)); then
      return 1
    fi
    sleep "$((pause < left ? pause : left))" || return
  done
}

# await SECONDS SAY COMMAND...: as wait_until. Each time that the command has failed, SAY looks why and tells it by `missing`, so that
# no cause is shown longer than it is true.
await() {
  AWAITED=$1 MISSING=()
  wait_until "$1" _holds_or_say "${@:2}"
}

_holds_or_say() {
  if "${@:2}"; then
    return 0
  fi
  "$1" || true
  return 1
}

# missing STEP CAUSE MESSAGE [TODO]: what is waited for just now. As long as it is the same, nothing is written.
missing() {
  if [[ $* != "${MISSING[*]}" ]]; then
    MISSING=("$@")
    ledger "$1" waiting "$2" "$3; waiting up to $AWAITED s" "${4:-}"
  fi
}

# stop_missing: the deadline has passed, and this is still missing. fail_missing: as well, but the script goes on.
stop_missing() { stop "${MISSING[@]}"; }
fail_missing() {
  ledger "${MISSING[0]}" failed "${MISSING[@]:1}"
  return 1
}

# with_pauses TRIES COMMAND...: the command, until it succeeds; pauses of 1, 2, 4, ... seconds between the tries. Status 1 after
# the last one; systemd, which starts the script again and again, makes longer ones then.
with_pauses() {
  local tries=$1 try
  shift
  for ((try = 1; ; try++)); do
    if "$@"; then
      return 0
    fi
    if ((try == tries)); then
      return 1
    fi
    wait_until "$((2 ** (try - 1)))" false || true
  done
}

# settle_devices: udev has dealt with what the kernel has announced so far. Containers have no udev.
settle_devices() {
  udevadm settle --timeout="${COLDSTART_DEADLINE:-10}" 2>/dev/null || true
}
