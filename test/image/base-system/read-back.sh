#!/bin/bash
#
# read-back.sh [ARGUMENT...]: what systemd gave this service, into /oracle/out: its arguments, its environment, and the
# descriptions of the units text-*.service, each ended by a null byte.

set -euo pipefail
shopt -s inherit_errexit

printf '%s\0' "$@" >/oracle/out/arguments
env --null >/oracle/out/environment
for unit in /etc/systemd/system/text-*.service; do
  printf '%s=%s\0' "$(basename "$unit" .service)" "$(systemctl show --property=Description --value "$(basename "$unit")")"
done >/oracle/out/descriptions
