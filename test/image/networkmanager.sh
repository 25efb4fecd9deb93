#!/bin/bash
#
# networkmanager.sh UUID...: starts D-Bus and NetworkManager, prints each connection with all its settings as nmcli knows
# them (`nmcli --terse`, a line `== UUID` in front), then the file that each loaded connection came from.

set -euo pipefail
shopt -s inherit_errexit

mkdir -p /run/dbus
dbus-daemon --system --fork --nopidfile
NetworkManager --no-daemon 2>/run/networkmanager.log &
for _ in {1..100}; do
  if nmcli --terse general >/dev/null 2>&1; then
    break
  fi
  sleep 0.2
done
nmcli --terse general >/dev/null
for uuid in "$@"; do
  printf '== %s\n' "$uuid"
  nmcli --terse --escape no --fields all connection show "$uuid"
done
printf '== files\n'
nmcli --terse --escape no --fields UUID,FILENAME connection show
