#!/bin/bash
#
# cluster-ceph-monitors.sh: notes once an hour which monitors the Ceph cluster has, so that this node finds them at its next start
# even if none of its image is left.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

load_node
load_ceph
if remember_monitors; then
  known_monitors | name_monitors
fi
