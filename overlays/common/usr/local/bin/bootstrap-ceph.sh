#!/bin/bash
#
# bootstrap-ceph.sh: this node's part of the Ceph cluster, at first boot and at every other: monitor, manager, OSDs, and what
# the cluster offers. No node waits for a particular other one, and nothing waits for Kubernetes.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

INCOMPLETE=''

# part ROLE STEP COMMAND: on nodes with the role. One part's failure, which stands in its step, does not hold up the others.
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
  ledger ceph 'done' '' "$NODE_NAME is part of the Ceph cluster: $(ceph_health)"
}

guard ceph
load_node
if ! has_ceph_role; then
  exit 0
fi
load_ceph
ledger ceph running '' "taking part in the Ceph cluster"
check_preconditions ceph
if has_role ceph-mon; then
  start_monitor
fi
await_any_monitor
part ceph-mon monitor admit_entities
part ceph-mgr manager begin_manager
part ceph-mgr manager begin_mds
part ceph-osd osd begin_osds
part ceph-mon pools offer_services
part ceph-mgr manager await_manager
part ceph-osd osd await_osds
if [[ $CEPH_DASHBOARD == yes ]]; then
  part ceph-mon pools offer_dashboard
fi
if [[ -n $INCOMPLETE ]]; then
  stop ceph ceph-incomplete "not all of this node's part works, see the steps:$INCOMPLETE" "what these steps say; this node keeps trying"
fi
end_ceph
