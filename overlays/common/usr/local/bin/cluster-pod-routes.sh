#!/bin/bash
#
# cluster-pod-routes.sh: sets the routes to the pods of all other nodes. It may run repeatedly. It also runs whenever an
# interface comes up, because the kernel removes the routes of an interface that goes down.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

load_node
table=$CONFIG_DIR/pod-routes.tsv
if [[ ! -e $table ]]; then
  exit 0
fi
# A route that cannot be set does not stop the others.
while IFS=$'\t' read -r node pods via; do
  if [[ $node != "$NODE_NAME" ]]; then
    printf 'route replace %s via %s\n' "$pods" "$via"
  fi
done <"$table" | ip -force -batch -
