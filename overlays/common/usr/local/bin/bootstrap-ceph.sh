#!/bin/bash
#
# bootstrap-ceph.sh: starts the Ceph services of this node at each boot: monitor, manager, OSDs, pools and file systems. No
# node waits for a certain other node, and nothing waits for Kubernetes.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

INCOMPLETE=''

# part ROLE STEP COMMAND: on nodes with the role. A failure is in the ledger of its step; it does not stop the other parts.
part() {
  if has_role "$1" && ! "$3" && [[ " $INCOMPLETE" != *" $2"* ]]; then
    INCOMPLETE+=" $2"
  fi
}

await_any_monitor() {
  if ! has_role ceph-mon; then
    ledger monitor running '' "asking the monitors"
    await_monitors
    ledger monitor 'done' '' "the monitors answer"
  fi
}

end_ceph() {
  local since
  since=$(read_state ceph-bootstrapped)
  if [[ -z $since ]]; then
    since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    write_state ceph-bootstrapped "$since"
  fi
  if [[ $BOOT_ROLE == storage ]]; then
    end_role joined
  fi
  systemctl start --no-block cluster-ceph-monitors.timer rbdmap.service
  ledger ceph 'done' '' "$NODE_NAME is part of the Ceph cluster: $(ceph_health)"
}

guard ceph
load_node
if ! has_ceph_role; then
  exit 0
fi
load_ceph
known_monitors | name_monitors
ledger ceph running '' "joining the Ceph cluster"
check_preconditions ceph
if has_role ceph-mon; then
  start_monitor
fi
await_any_monitor
part ceph-mon monitor admit_entities
part ceph-mgr manager begin_manager
part ceph-osd osd begin_osds
part ceph-mon pools offer_services
part ceph-mgr manager await_manager
part ceph-osd osd await_osds
if [[ $CEPH_DASHBOARD == yes ]]; then
  part ceph-mon pools offer_dashboard
fi
if [[ -n $INCOMPLETE ]]; then
  stop ceph ceph-incomplete "not all Ceph services of this node work, see the steps:$INCOMPLETE" "do what these steps say; this node keeps trying"
fi
end_ceph
