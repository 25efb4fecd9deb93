# shellcheck shell=bash
#
# common/service.sh: starts services in order. A service's unit decides when it is ready; this file only waits for it, with a
# deadline.

# begin_unit UNIT: starts it without waiting. Does nothing if it already runs.
begin_unit() {
  systemctl reset-failed "$1" 2>/dev/null || true
  systemctl start --no-block "$1"
}

# start_unit UNIT SECONDS: status 1 when it is not ready by then; it goes on trying.
start_unit() {
  begin_unit "$1" || return
  wait_until "$2" unit_is_active "$1"
}

unit_is_active() { systemctl is-active --quiet "$1"; }

# stays_up SERVICE: whether it runs, and did not end more than once since it was begun.
stays_up() {
  local restarts
  unit_is_active "$1" || return
  restarts=$(systemctl show --property NRestarts --value "$1") || return
  ((restarts < 2))
}

# last_words SERVICE: for the message about its failure, the signal that ended it, else what it wrote last, else what systemd did.
last_words() {
  local unit=${1%.service}.service words=''
  if ! unit_is_active "$unit"; then
    words=$(_last_line --unit "$unit" --grep 'Main process exited, code=(killed|dumped)')
  fi
  words=${words:-$(_last_line "_SYSTEMD_UNIT=$unit")}
  words=${words:-$(_last_line --unit "$unit")}
  printf '%s\n' "${words:0:300}"
}

_last_line() { journalctl --boot --quiet --lines 1 --output cat --no-pager "$@" 2>/dev/null || true; }
