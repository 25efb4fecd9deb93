#!/bin/bash
#
# cluster-bootstrap-orchestrator.sh: runs the script of this node's boot role, then Ceph's part where the node has one. Safe
# to run at any boot: each script looks at the state first.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

guard bootstrap
load_node
case $(am-i-first-master.sh) in
  master-first) bootstrap-first-master.sh ;;
  master-additional) join-additional-master.sh ;;
  worker) join-worker.sh ;;
  storage) ledger bootstrap 'done' '' "$NODE_NAME is for storage alone and takes no part in Kubernetes" ;;
  *)
    stop bootstrap unknown-boot-role "\"$BOOT_ROLE\" is no boot role" "the image is damaged; build it again"
    ;;
esac
bootstrap-ceph.sh
