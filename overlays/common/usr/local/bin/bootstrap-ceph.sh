#!/bin/bash
#
# bootstrap-ceph.sh: this node's part of the Ceph cluster. Says that it is not here yet.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

load_node
if has_role ceph-mon || has_role ceph-mgr || has_role ceph-osd; then
  check_preconditions
  ledger ceph skipped ceph-not-available "forming the Ceph cluster is not part of this version of coldstart yet" \
    "nothing; a later version of the image continues from here"
fi
