#!/bin/bash
#
# cluster-hooks.sh WHEN: runs the user's scripts of one moment (after-network, before-bootstrap, after-join) in the order of
# their names. The first failure ends it; what they print goes to the journal.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly HOOKS_DIR=$COLDSTART_ROOT/etc/coldstart/hooks

when=${1:?cluster-hooks.sh WHEN}
step=hooks-$when
guard "$step"
load_node
count=0
for hook in "$HOOKS_DIR/$when"/*; do
  if [[ -f $hook && -x $hook ]]; then
    ledger "$step" running '' "running ${hook##*/}"
    status=0
    "$hook" || status=$?
    if ((status != 0)); then
      stop "$step" hook-failed "${hook##*/} ended with status $status" "read its output: journalctl -b -u cluster-hooks@$when; correct the hook in the configuration"
    fi
    count=$((count + 1))
  fi
done
if ((count > 0)); then
  ledger "$step" 'done' '' "$count run"
fi
