#!/bin/bash
#
# cluster-hooks.sh WHEN: runs the user's scripts for WHEN (after-network, before-bootstrap, after-join) in the order of their
# names. It stops at the first failure. Their output goes to the journal.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly HOOKS_DIR=$COLDSTART_ROOT/etc/coldstart/hooks

# why_not STATUS SCRIPT: how a script ended, or why it could not be started.
why_not() {
  local first='' interpreter=''
  IFS= read -r first <"$2" || true
  read -r interpreter _ <<<"${first#'#!'}" || true
  if (($1 != 126 && $1 != 127)); then
    printf 'ended with status %s' "$1"
  elif [[ $first == *$'\r' ]]; then
    printf 'cannot be started: its lines end with CR LF, as on Windows'
  elif [[ $first == '#!'* && ! -x $interpreter ]]; then
    printf 'cannot be started: the node has no %s' "${interpreter:-interpreter}"
  else
    printf 'ended with status %s: a command in it does not exist or cannot be run' "$1"
  fi
}

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
      stop "$step" hook-failed "${hook##*/} $(why_not "$status" "$hook")" "read its output: journalctl -b -u cluster-hooks@$when; correct the hook in the configuration"
    fi
    count=$((count + 1))
  fi
done
if ((count > 0)); then
  ledger "$step" 'done' '' "$count run"
fi
