#!/bin/bash
#
# am-i-first-master.sh: prints the node's boot role, master-first, master-additional, worker or storage. It was decided
# when the image was built, for all nodes at once; here nothing is sorted or guessed.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

load_node
printf '%s\n' "$BOOT_ROLE"
