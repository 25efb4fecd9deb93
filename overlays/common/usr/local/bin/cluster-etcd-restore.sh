#!/bin/bash
#
# cluster-etcd-restore.sh SNAPSHOT: for administrators, when the data of the cluster is lost or wrong. On one master, the other ones switched
# off: it asks, then makes a cluster of this master alone from the snapshot. The other masters join it when they are switched on, with
# blank disks or with their own: a master leaves a cluster in whose place another one was restored (etcd/restored.sh). Former data is kept
# in /var/lib/etcd-given-up.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

# Watches and caches of clients know later revisions than the snapshot has; the next one must be later still
# (https://etcd.io/docs/v3.5/op-guide/recovery/#restoring-with-revision-bump).
readonly REVISION_BUMP=1000000000
readonly NEW=$ETCD_DIR-restored

say() { printf 'cluster-etcd-restore.sh: %s\n' "$1" >&2; }

refuse() {
  say "$1; nothing was changed"
  exit 1
}

check_node() {
  if ! has_role master || ! has_cluster_secrets; then
    refuse "$NODE_NAME is no master with certificates"
  fi
  if has_state_disk && ! var_is_state_disk; then
    refuse "/var is not on the state disk"
  fi
}

# Kubernetes writes the name of the key in front of what it encrypts. Pages that are no longer in use may name former keys.
check_encryption() {
  local used used_here known
  used=$({ grep --text --only-matching -E 'k8s:enc:secretbox:v1:key-[0-9a-f]{8}' "$SNAPSHOT" || true; } | sed 's/.*://' | sort -u)
  known=$(grep -o 'key-[0-9a-f]\{8\}' "$KUBERNETES_DIR/encryption-config.yaml" | sort -u) || known=''
  used_here=$(comm -12 <(printf '%s\n' "$used") <(printf '%s\n' "$known") | grep . || true)
  if [[ -n $used && -z $used_here ]]; then
    refuse "the Secrets in $SNAPSHOT are encrypted with a key that this image does not have (${used//$'\n'/, }): boot an image from the secrets store of that cluster"
  fi
}

# Masters that answer would go on with the former data until they notice the new cluster.
check_others() {
  local others address up=''
  others=$(other_masters)
  for address in $others; do
    probe_master "$address"
    if [[ $PROBE != absent ]]; then
      up+=" $address"
    fi
  done
  if [[ -n $up ]]; then
    refuse "the etcd of other masters runs:$up; switch them off, or on each: systemctl stop cluster-bootstrap etcd (and start cluster-bootstrap afterwards)"
  fi
}

confirm() {
  local answer=''
  printf 'The cluster %s becomes what it was in %s: %s keys, revision %s. What was written since then is lost, on all masters.\n' \
    "$CLUSTER_NAME" "$SNAPSHOT" "$SNAPSHOT_KEYS" "$SNAPSHOT_REVISION"
  read -r -p "Type the node's name ($NODE_NAME) to go on: " answer || true
  if [[ $answer != "$NODE_NAME" ]]; then
    refuse "not confirmed"
  fi
}

# make_data: beside the present data, which is still in use.
make_data() {
  local url output life
  url=$(etcd_url "$ETCD_IP" 2380)
  life=$(cat "$PROC_DIR/sys/kernel/random/uuid")
  rm -rf "$NEW"
  # A new token, so that the cluster is no second one with the same id.
  if ! output=$(etcdutl snapshot restore "$SNAPSHOT" --data-dir "$NEW" --name "$NODE_NAME" --initial-cluster "$NODE_NAME=$url" \
    --initial-advertise-peer-urls "$url" --initial-cluster-token "$CLUSTER_NAME-$life" --bump-revision "$REVISION_BUMP" --mark-compacted 2>&1); then
    rm -rf "$NEW"
    refuse "etcdutl failed: $(last_line "$output")"
  fi
  chown -R etcd:etcd "$NEW"
  sync -f "$NEW"
}

# use_data: a power cut before the last line leaves a master without data; then this script is run again.
use_data() {
  local former number now
  former=$(read_state etcd-cluster-id) || former=''
  number=$(own_restore)
  now=$(date +%s)
  systemctl stop cluster-bootstrap 2>/dev/null || true
  stop_cluster_services
  if [[ -n $former ]]; then
    note_given_up "$former"
  fi
  if [[ -e $ETCD_DIR/member ]]; then
    put_data_aside "${former:-unknown}"
  fi
  clear_etcd_data
  note_etcd_authority
  # Later than any restore before, also when the clock is not.
  write_state "$RESTORED_FILE" "$((now > number ? now : number + 1))"
  install -d -m 0700 "$ETCD_DIR"
  chown etcd:etcd "$ETCD_DIR"
  rm -f "$ETCD_START"
  mv -T "$NEW/member" "$ETCD_DIR/member"
  sync "$ETCD_DIR"
  rm -rf "$NEW"
}

if (($# != 1)) || [[ $1 == -* ]]; then
  printf 'usage: cluster-etcd-restore.sh SNAPSHOT\n' >&2
  exit 64
fi
SNAPSHOT=$1
load_node
check_node
if ! verify_snapshot "$SNAPSHOT"; then
  refuse "$SNAPSHOT cannot be used: $WHY"
fi
check_encryption
check_others
confirm
make_data
guard etcd
ledger etcd running '' "restoring the data of etcd from ${SNAPSHOT##*/}"
use_data
systemctl start --no-block cluster-bootstrap
say "done; wait until check-bootstrap-status.sh says that this node is a member, then switch on the other masters: they join by themselves"
