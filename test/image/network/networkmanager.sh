#!/bin/bash
#
# networkmanager.sh UUID...: starts D-Bus and NetworkManager, prints each connection with all its settings as nmcli knows
# them (`nmcli --terse`, a line `== UUID` in front), then the file that each loaded connection came from.

set -euo pipefail
shopt -s inherit_errexit

start_networkmanager
for uuid in "$@"; do
  printf '== %s\n' "$uuid"
  nmcli --terse --escape no --fields all connection show "$uuid"
done
printf '== files\n'
nmcli --terse --escape no --fields UUID,FILENAME connection show
