# shellcheck shell=bash
#
# wait.sh: waiting for a condition, with a deadline. Who waits writes the reason to the ledger first.

# wait_until SECONDS COMMAND...: status 0 as soon as the command succeeds, 1 when the deadline has passed. The command
# runs in this shell, so what it sets stays.
wait_until() {
  local deadline=$((SECONDS + ${COLDSTART_DEADLINE:-$1}))
  shift
  until "$@"; do
    if ((SECONDS >= deadline)); then
      return 1
    fi
    sleep 1
  done
}

# settle_devices: udev has dealt with what the kernel has announced so far. Containers have no udev.
settle_devices() {
  udevadm settle --timeout="${COLDSTART_DEADLINE:-10}" 2>/dev/null || true
}
