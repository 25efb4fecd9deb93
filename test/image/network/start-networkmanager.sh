# shellcheck shell=bash
#
# start-networkmanager.sh: stands in front of the scripts that ask NetworkManager (networkmanager.ts puts it there).

# start_networkmanager: with D-Bus; returns once it answers, and fails when it does not within a minute.
start_networkmanager() {
  mkdir -p /run/dbus
  dbus-daemon --system --fork --nopidfile
  NetworkManager --no-daemon 2>/run/networkmanager.log &
  for _ in {1..300}; do
    if nmcli --terse general >/dev/null 2>&1; then
      return 0
    fi
    sleep 0.2
  done
  printf 'NetworkManager does not answer\n' >&2
  return 1
}
