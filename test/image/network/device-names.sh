#!/bin/bash
#
# device-names.sh COUNT: starts D-Bus and NetworkManager, waits until as many bridges are connected, or for a while, and
# prints the names of all that are.

set -euo pipefail
shopt -s inherit_errexit

connected() {
  nmcli --terse --escape no --fields TYPE,STATE,DEVICE device 2>/dev/null | sed -n 's/^bridge:connected://p' || true
}

start_networkmanager
for _ in {1..150}; do
  if [[ $(connected | wc -l) -ge $1 ]]; then
    break
  fi
  sleep 0.2
done
# What comes late would be too many.
sleep 1
connected
