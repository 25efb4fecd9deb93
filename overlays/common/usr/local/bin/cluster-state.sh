#!/bin/bash
#
# cluster-state.sh: the node's state files, after /var has been mounted. Creates missing files, keeps existing ones, and stops if
# the state on the disk belongs to another role.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

guard state
load_node
if has_state_disk && ! var_is_state_disk; then
  stop state state-disk-missing "/var is in memory because the state disk is not mounted; the node does not take part in the cluster" \
    "see the step disk; systemctl status cluster-disk var.mount"
fi
missing=$(missing_data_mounts '')
if [[ -n $missing ]]; then
  stop state data-disk-missing "not mounted from a data disk: ${missing//$'\n'/, }; the node does not take part in the cluster" \
    "see the step data; systemctl status cluster-data-disks; to start without the disk, remove it from hardware.data_disks, build and boot the new image"
fi
persist_ledger
ledger state running '' "reading $STATE_DIR"

role=$(read_state node-role) || stop state state-damaged "$STATE_DIR/node-role does not hold one word" "reset-bootstrap.sh, then restart"
if [[ -n $role && ${role%-*} != "${BOOT_ROLE%-*}" ]]; then
  stop state role-changed "the state disk was used by a $role, but the image is for a $BOOT_ROLE" \
    "boot the image of the disk; to start again with this image: reset-bootstrap.sh, then restart"
fi
state=$(bootstrap_state) || stop state state-damaged "$STATE_DIR/bootstrap-state contains no known state" "reset-bootstrap.sh, then restart"
# Another master may be the first one now: the first in the definition was removed. Both are the same kind of member.
if [[ $role != "$BOOT_ROLE" ]]; then
  write_state node-role "$BOOT_ROLE"
fi
if [[ ! -s $STATE_DIR/bootstrap-state ]]; then
  write_state bootstrap-state "$state"
fi

if has_state_disk; then
  ledger state 'done' '' "$NODE_NAME is a $BOOT_ROLE, $state"
else
  ledger state 'done' no-state-disk "$NODE_NAME is a $BOOT_ROLE, $state; it has no state disk, so its state is lost when it is switched off" \
    "to keep the state, set hardware.state_disk in the configuration"
fi
