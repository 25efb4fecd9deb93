#!/bin/bash
#
# cluster-bootstrap-orchestrator.sh: runs the script of this node's boot role. Safe to run at any boot: each script checks
# the state first. Ceph has a separate service.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

# run_role SCRIPT: a script that fails writes the reason into the ledger; a script that is killed cannot do this.
run_role() {
  local status=0
  "$1" || status=$?
  if ((status == 1)); then
    end_quietly
  fi
  return "$status"
}

guard bootstrap
load_node
role=$(am-i-first-master.sh)
case $role in
  master-first) run_role bootstrap-first-master.sh ;;
  master-additional) run_role join-additional-master.sh ;;
  worker) run_role join-worker.sh ;;
  storage) ledger bootstrap 'done' '' "$NODE_NAME is only for storage and does not run Kubernetes" ;;
  *)
    stop bootstrap unknown-boot-role "\"$BOOT_ROLE\" is not a boot role" "the image is damaged; build it again"
    ;;
esac
