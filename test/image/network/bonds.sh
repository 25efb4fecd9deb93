#!/bin/bash
#
# bonds.sh: starts D-Bus and NetworkManager and prints `name<TAB>options` of each bond that it has loaded. None is set up:
# whether the kernel of this machine has bonds does not matter.

set -euo pipefail
shopt -s inherit_errexit

sed -i 's/^autoconnect=true$/autoconnect=false/' /etc/NetworkManager/system-connections/*
start_networkmanager
mapfile -t bonds < <(nmcli --terse --fields TYPE,UUID connection show | sed -n 's/^bond://p')
nmcli --terse --escape no --fields connection.id,bond.options connection show "${bonds[@]}" |
  sed -n 's/^connection\.id://p; s/^bond\.options://p' | paste - -
