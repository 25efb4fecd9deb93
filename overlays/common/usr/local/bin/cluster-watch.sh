#!/bin/bash
#
# cluster-watch.sh: checks again the causes in the ledger whose scripts have ended, so that no outdated cause is shown. All other
# causes are checked by the services that wrote them, because these try again. It also looks for data disks that are nearly full and, once an
# hour, for certificates that end soon.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

# begin_again: restarts the scripts that ended because /var was not writable or without a reason, and whose services do not try again. All
# services of the cluster start with the state.
begin_again() {
  local ended
  ended=$(jq -r '[.steps[] | select(.state == "failed" and (.cause | test("^(disk-(full|read-only|errors)|unexpected-end)$"))).step] | join(" ")' "$RUN_DIR/status.json")
  if [[ " $ended " == *' state '* ]]; then
    systemctl start --no-block cluster-state.service cluster-bootstrap.service cluster-ceph.service
  fi
  if [[ " $ended " == *' ssh-keys '* ]]; then
    systemctl start --no-block cluster-ssh-keys.service ssh.service
  fi
}

load_node
causes=$(shown_causes)
for cause in $causes; do
  case $cause in
    nic-missing)
      nics=$(list_nics)
      take_late_nics "$nics"
      say_identity "$nics"
      ;;
    time-not-synchronised | time-service-missing) say_time ;;
    disk-full | disk-read-only | disk-errors)
      if watch_var; then
        begin_again
      fi
      ;;
    unexpected-end) begin_again ;;
    certificate-expiring) say_expiry ;;
  esac
done
say_data_room
if expiry_is_due; then
  say_expiry
fi
