#!/bin/sh
# Ends the try of an update that hangs in the initial RAM disk: the boot loader then takes the former slot. At the begin of the RAM disk
# (init-top) it starts a clock, at its end (init-bottom) it stops the clock. A watchdog of the hardware also ends what the clock cannot:
# a kernel that hangs. systemd goes on with it (RuntimeWatchdogSec=); until then it keeps running.
if [ "${1:-}" = prereqs ]; then
  case $0 in */init-top/*) echo udev ;; esac
  exit 0
fi

LONGEST=600 # seconds; a start of a slot takes some
ROOT=${COLDSTART_ROOT:-}
CLOCK=$ROOT/run/coldstart-try

tried=
read -r line <"$ROOT/proc/cmdline"
for word in $line; do
  case $word in
    coldstart.try=yes) tried=yes ;;
    coldstart.try_wait=*) LONGEST=${word#*=} ;;
  esac
done
[ -n "$tried" ] || exit 0

# clock: asks the watchdog for patience as long as the start may take. Its driver may come late.
clock() {
  left=$LONGEST
  watchdog=
  while [ "$left" -gt 0 ]; do
    if [ -z "$watchdog" ] && [ -c "$ROOT/dev/watchdog" ]; then
      watchdog=open
      exec 3>"$ROOT/dev/watchdog"
    fi
    [ -z "$watchdog" ] || echo >&3
    sleep 5
    left=$((left - 5))
  done
  echo "<2>coldstart: the start hangs in the initial RAM disk; the machine restarts and takes the former slot" >"$ROOT/dev/kmsg"
  sleep 1
  echo b >"$ROOT/proc/sysrq-trigger"
}

case $0 in
  */init-top/*)
    clock &
    echo $! >"$CLOCK"
    ;;
  *)
    kill "$(cat "$CLOCK")"
    rm -f "$CLOCK"
    ;;
esac
