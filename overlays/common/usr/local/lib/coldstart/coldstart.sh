# shellcheck shell=bash
#
# coldstart.sh: every script of the node sources this file. It sets strict mode and paths, and sources the parts of the
# library, one concept per file. It has no effects; the scripts in /usr/local/bin have them.
#
# Two variables are for tests and for administrators who examine another root: COLDSTART_ROOT is put in front of every
# path, COLDSTART_DEADLINE replaces the number of seconds of every wait.

set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C.UTF-8

COLDSTART_ROOT=${COLDSTART_ROOT:-}
CONFIG_DIR=$COLDSTART_ROOT/etc/cluster-config
REPART_DIR=$COLDSTART_ROOT/etc/repart.d
RUN_DIR=$COLDSTART_ROOT/run/cluster
ISSUE_DIR=$COLDSTART_ROOT/run/issue.d
STATE_DIR=$COLDSTART_ROOT/var/lib/cluster-state
DISK_LINK_DIR=$COLDSTART_ROOT/dev/disk
SYS_DIR=$COLDSTART_ROOT/sys
PROC_DIR=$COLDSTART_ROOT/proc
LIB_DIR=$(readlink -f "${BASH_SOURCE[0]}")
LIB_DIR=${LIB_DIR%/*}
BIN_DIR=$(readlink -f "$LIB_DIR/../../bin")
PATH=$BIN_DIR:$PATH
readonly CONFIG_DIR REPART_DIR RUN_DIR ISSUE_DIR STATE_DIR DISK_LINK_DIR SYS_DIR PROC_DIR LIB_DIR BIN_DIR

source "$LIB_DIR/node/state.sh"
source "$LIB_DIR/ledger/ledger.sh"
source "$LIB_DIR/disk/trouble.sh"
# shellcheck source=disk/room.sh
source "$LIB_DIR/disk/room.sh"
source "$LIB_DIR/common/wait.sh"
source "$LIB_DIR/node/node.sh"
source "$LIB_DIR/node/nic.sh"
source "$LIB_DIR/node/match.sh"
source "$LIB_DIR/node/address.sh"
source "$LIB_DIR/disk/find.sh"
source "$LIB_DIR/disk/claim.sh"
source "$LIB_DIR/disk/layout.sh"
source "$LIB_DIR/disk/clear.sh"
source "$LIB_DIR/disk/prepare.sh"
source "$LIB_DIR/disk/data.sh"
source "$LIB_DIR/node/precondition.sh"
source "$LIB_DIR/common/service.sh"
source "$LIB_DIR/etcd/etcd.sh"
source "$LIB_DIR/etcd/join.sh"
source "$LIB_DIR/etcd/start.sh"
source "$LIB_DIR/etcd/moved.sh"
source "$LIB_DIR/etcd/one-cluster.sh"
source "$LIB_DIR/etcd/restored.sh"
source "$LIB_DIR/etcd/snapshot.sh"
source "$LIB_DIR/kubernetes/kubernetes.sh"
source "$LIB_DIR/etcd/snapshot-store.sh"
source "$LIB_DIR/kubernetes/peers.sh"
source "$LIB_DIR/kubernetes/shares.sh"
source "$LIB_DIR/common/certificate.sh"
source "$LIB_DIR/common/expiry.sh"
source "$LIB_DIR/common/request.sh"
source "$LIB_DIR/kubernetes/join.sh"
source "$LIB_DIR/kubernetes/store.sh"
source "$LIB_DIR/kubernetes/node-tokens.sh"
source "$LIB_DIR/kubernetes/admission.sh"
source "$LIB_DIR/kubernetes/registration.sh"
source "$LIB_DIR/kubernetes/successor.sh"
source "$LIB_DIR/kubernetes/node-labels.sh"
source "$LIB_DIR/kubernetes/publish.sh"
source "$LIB_DIR/node/earlier-life.sh"
source "$LIB_DIR/node/bootstrap.sh"
source "$LIB_DIR/ceph/ceph.sh"
source "$LIB_DIR/ceph/monitors.sh"
source "$LIB_DIR/ceph/mon.sh"
source "$LIB_DIR/ceph/disk.sh"
source "$LIB_DIR/ceph/osd.sh"
source "$LIB_DIR/ceph/remove-osds.sh"
source "$LIB_DIR/ceph/manager.sh"
source "$LIB_DIR/ceph/services.sh"
