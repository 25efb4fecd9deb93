# shellcheck shell=bash
#
# service.sh: starting services in the order of their readiness. What ready means is the service's own business (its unit
# says so); here it is only waited for, with a deadline.

# begin_unit UNIT: starts it without waiting. One that runs already is left alone.
begin_unit() {
  systemctl reset-failed "$1" 2>/dev/null || true
  systemctl start --no-block "$1"
}

# start_unit UNIT SECONDS: status 1 when it is not ready by then; it goes on trying.
start_unit() {
  begin_unit "$1"
  wait_until "$2" unit_is_active "$1"
}

unit_is_active() { systemctl is-active --quiet "$1"; }

# last_words UNIT: what it wrote last, for the message about its failure.
last_words() { journalctl --boot --unit "$1" --lines 1 --output cat --no-pager 2>/dev/null | cut -c 1-300; }
