#!/bin/bash
#
# am-i-first-master.sh: prints the node's boot role, master-first, master-additional, worker or storage. The build has
# decided it for all nodes; this script only reads it.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

load_node
printf '%s\n' "$BOOT_ROLE"
