#!/bin/bash
#
# cluster-pod-routes.sh: sets the ways to the pods of all other nodes. Setting them again changes nothing, so it also runs
# whenever an interface comes up: the kernel forgets the routes of one that went down.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

load_node
table=$CONFIG_DIR/pod-routes.tsv
if [[ ! -e $table ]]; then
  exit 0
fi
# One that cannot be set does not keep the others from it.
while IFS=$'\t' read -r node pods via; do
  if [[ $node != "$NODE_NAME" ]]; then
    printf 'route replace %s via %s\n' "$pods" "$via"
  fi
done <"$table" | ip -force -batch -
