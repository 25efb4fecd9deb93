#!/bin/bash
#
# cluster-watch.sh: looks again at what the ledger shows of a script that has ended, so that no cause is shown longer than it is
# true. All other causes are looked at by the services that wrote them, as these go on trying.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

load_node
causes=$(shown_causes)
for cause in $causes; do
  case $cause in
    nic-missing)
      nics=$(list_nics)
      say_identity "$nics"
      ;;
    time-not-synchronised | time-service-missing) say_time ;;
    disk-full | disk-read-only | disk-errors) watch_var || true ;;
  esac
done
