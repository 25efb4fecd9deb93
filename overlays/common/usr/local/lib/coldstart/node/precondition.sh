# shellcheck shell=bash
#
# node/precondition.sh: what must hold before a node takes part in anything. Each check stops with its own cause.

readonly ORPHAN_STRATUM=10 # as in chrony.conf; nodes that only follow each other are there, or above
readonly TIME_WAIT=5    # seconds; with a time server chrony needs two or three
readonly CLOCK_WAIT=600 # seconds, where nothing works before the clock is right
readonly CLOCK_TODO="check: chronyc sources; correct networking.ntp; in a network without a time server, set the clock in the firmware"

# check_preconditions STEP: of what the step begins.
check_preconditions() {
  local step=$1
  check_identified "$step"
  check_addresses "$step"
  check_state_disk "$step"
  if [[ $step == bootstrap ]]; then
    check_containerd
  fi
  check_time
}

check_identified() {
  local step=$1
  if [[ $(cat "$RUN_DIR/identified" 2>/dev/null || true) != "$NODE_NAME" ]]; then
    stop "$step" not-identified "this machine is not identified as $NODE_NAME" "see the report of the step detect; systemctl status cluster-detect"
  fi
}

check_addresses() {
  local step=$1 missing
  missing=$(missing_addresses)
  if [[ -n $missing ]]; then
    stop "$step" address-missing "not up: ${missing//$'\n'/, }" "see the step network; systemctl status cluster-network"
  fi
}

check_state_disk() {
  local step=$1
  if has_state_disk && ! var_is_state_disk; then
    stop "$step" state-disk-missing "/var is not on the state disk" "see the step disk; systemctl status cluster-disk var.mount"
  fi
}

var_is_state_disk() {
  local wanted mounted
  wanted=$(readlink -e "$RUN_DIR/var-disk") || return
  mounted=$(findmnt -n -o SOURCE --mountpoint "$COLDSTART_ROOT/var") || return
  mounted=$(readlink -e "$mounted") || return
  [[ $mounted == "$wanted" ]]
}

check_containerd() {
  if ! command -v containerd >/dev/null; then
    stop bootstrap containerd-missing "the image has no containerd" "build the image again; the roles master and worker add containerd"
  fi
}

# A closed network may have no time server, and a cluster that cannot start for want of one is worse than a clock that is a
# little off. One that is outside the life of the cluster's certificates is another matter: nobody would believe them.
check_time() {
  if ! clock_suits_certificates; then
    await_right_clock
  fi
  if time_service_runs; then
    ledger time running '' "asking chrony"
    wait_until "$TIME_WAIT" time_server_answers || true
  fi
  say_time
}

# say_time: what is known of the clock just now. It is asked again as long as something is to be said (cluster-watch.sh).
say_time() {
  if ! time_service_runs; then
    ledger time skipped time-service-missing "chrony does not run; continuing without a checked clock" \
      "systemctl status chrony; in a container do nothing: it uses the clock of the host"
  elif time_server_answers; then
    ledger time 'done' '' "the clock is synchronised"
  else
    ledger time skipped time-not-synchronised "no time server has answered yet; continuing without a checked clock" "$CLOCK_TODO"
  fi
}

time_service_runs() { systemctl is-active --quiet chrony; }

time_server_answers() {
  local stratum
  chronyc -n waitsync 1 >/dev/null 2>&1 || return
  stratum=$(chronyc -c -n tracking | cut -d , -f 3) || return
  ((stratum < ORPHAN_STRATUM))
}

await_right_clock() {
  if [[ $CLOCK_CAUSE == clock-* ]]; then
    ledger time waiting "$CLOCK_CAUSE" "$CLOCK_WHY; waiting up to $CLOCK_WAIT s for a time server" "$CLOCK_TODO"
    wait_until "$CLOCK_WAIT" clock_is_decided || true
  fi
  case $CLOCK_CAUSE in
    '') ;;
    clock-behind) stop time clock-behind "$CLOCK_WHY; no time server has corrected it" "$CLOCK_TODO" ;;
    clock-ahead) stop time clock-ahead "$CLOCK_WHY; no time server confirms the clock" \
      "$CLOCK_TODO; if the clock is right, the certificate has expired: coldstart secrets rotate certificates, build, boot the new image" ;;
    certificate-early) stop time certificate-early "$CLOCK_WHY; the clock of the build machine was ahead when it made the certificate" \
      "correct the clock of the build machine; coldstart secrets rotate certificates, build, boot the new image" ;;
    *) stop time certificate-ended "$CLOCK_WHY" "coldstart secrets rotate certificates, build, boot the new image" ;;
  esac
}

# Either all is well, or it is known that not the clock is wrong.
clock_is_decided() { clock_suits_certificates || [[ $CLOCK_CAUSE == certificate-* ]]; }
