#!/bin/bash
#
# cluster-watch.sh: looks again at what the ledger shows of a script that has ended, so that no cause is shown longer than it is
# true. All other causes are looked at by the services that wrote them, as these go on trying.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

# begin_again: what ended because /var took nothing, and has no service that tries again. All that takes part in the cluster begins
# with the state.
begin_again() {
  local ended
  ended=$(jq -r '[.steps[] | select(.state == "failed" and (.cause | test("^disk-(full|read-only|errors)$"))).step] | join(" ")' "$RUN_DIR/status.json")
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
      say_identity "$nics"
      ;;
    time-not-synchronised | time-service-missing) say_time ;;
    disk-full | disk-read-only | disk-errors)
      if watch_var; then
        begin_again
      fi
      ;;
  esac
done
