#!/bin/bash
#
# cluster-support.sh [FILE | -]: packs information for people who help with problems of this node into one tar.gz, without
# secrets: the ledger, journals, units, network, disks, versions, and the configuration as the image has it. `-` is standard
# output. Works on a broken node, too: missing information is replaced by the reason.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"
# shellcheck source=ledger/scrub.sh
source "$LIB_DIR/ledger/scrub.sh"

readonly COMMAND_WAIT=30       # seconds for each command
readonly MOST_BYTES=$((8 << 20)) # of each file; the end of a log says more than its beginning
readonly UNITS=('cluster-*' etcd 'kube*' containerd haproxy keepalived 'ceph*' NetworkManager chrony ssh var.mount 'systemd-repart*' rauc)
# The packages of the node's services; the image has a list of all packages.
readonly PACKAGES=(systemd network-manager containerd runc containernetworking-plugins etcd-server haproxy keepalived chrony 'linux-image-*' 'ceph-*')

# note NAME COMMAND...: the command's output becomes the file NAME of the bundle; its failure is part of it.
note() {
  local file=$BUNDLE/$1 status=0
  shift
  mkdir -p "${file%/*}"
  {
    printf '$ %s\n' "$*"
    timeout --kill-after=5 "${COLDSTART_DEADLINE:-$COMMAND_WAIT}" "$@" 2>&1 </dev/null | tail -c "$MOST_BYTES" || status=${PIPESTATUS[0]}
    case $status in
      0) ;;
      124 | 137) printf '(no answer within %s s)\n' "${COLDSTART_DEADLINE:-$COMMAND_WAIT}" ;;
      *) printf '(status %s)\n' "$status" ;;
    esac
  } | scrub "$VALUES" >>"$file"
}

# keep PATH...: adds files under their own paths, but only files that every user may read.
keep() {
  local path readable copy
  for path in "$@"; do
    readable=$(find -L "$path" -maxdepth 0 -type f -perm -004 2>/dev/null) || readable=''
    if [[ -n $readable ]]; then
      copy=$BUNDLE/files${path#"$COLDSTART_ROOT"}
      mkdir -p "${copy%/*}"
      tail -c "$MOST_BYTES" "$path" | scrub "$VALUES" >"$copy"
    fi
  done
}

collect_state() {
  keep "$RUN_DIR"/* "$STATE_DIR"/* "$CONFIG_DIR"/* "$CONFIG_DIR"/nodes/*
  keep "$COLDSTART_ROOT"/etc/{hostname,hosts,os-release,machine-id,etcd/etcd.env,haproxy/haproxy.cfg,chrony/chrony.conf}
  keep "$KUBERNETES_DIR"/{kubelet,kube-proxy}.yaml "$COLDSTART_ROOT"/etc/cni/net.d/*.conflist
  note status.txt check-bootstrap-status.sh
  if [[ -e $COLDSTART_ROOT/etc/rauc/system.conf ]]; then
    note update.txt cluster-update.sh --status
    note update.txt cluster-health.sh
    note update.txt rauc status --detailed
  fi
  note certificates.txt find "$KUBERNETES_DIR/pki" "$KUBELET_DIR/pki" -name '*.crt' -print \
    -exec openssl x509 -in '{}' -noout -subject -issuer -dates -ext subjectAltName ';'
  note files.txt find "$KUBERNETES_DIR" "$CONFIG_DIR" "$STATE_DIR" "$COLDSTART_ROOT/var/lib/coldstart" -printf '%M %u:%g %8s %TY-%Tm-%Td %p\n'
}

collect_system() {
  note versions.txt uname -a
  note versions.txt cat "$PROC_DIR/cmdline"
  # shellcheck disable=SC2016 # dpkg's own variables
  note versions.txt dpkg-query --show --showformat '${db:Status-Abbrev} ${Package} ${Version}\n' "${PACKAGES[@]}"
  note versions.txt kubelet --version
  note versions.txt containerd --version
  note versions.txt runc --version
  note system.txt uptime
  note system.txt free --mebi
  # Without arguments, because these may contain secrets.
  note system.txt ps -e --sort=-rss -o pid,ppid,user,stat,etime,rss,comm
  note time.txt timedatectl
  note time.txt chronyc -n tracking
  note time.txt chronyc -n sources -v
  note disks.txt lsblk --output NAME,SIZE,TYPE,FSTYPE,PARTLABEL,MOUNTPOINTS,RO,SERIAL,WWN,MODEL
  note disks.txt findmnt --real
  note disks.txt df --human-readable
  note disks.txt df --inodes
}

collect_network() {
  local arguments
  for arguments in '-d address' '-s link' 'route show table all' '-6 route show table all' rule neighbour; do
    # shellcheck disable=SC2086 # words
    note network.txt ip $arguments
  done
  note network.txt nmcli device
  # Not `connection show NAME`, because it may show the key of a network.
  note network.txt nmcli connection
  note network.txt ss --tcp --udp --listening --numeric --processes
  note network.txt cat "$COLDSTART_ROOT/etc/resolv.conf"
  note nftables.txt nft list ruleset
}

collect_services() {
  local unit selection=()
  for unit in "${UNITS[@]}"; do
    selection+=(--unit "$unit")
  done
  note units.txt systemctl --no-pager --failed
  note units.txt systemctl --no-pager --all list-units "${UNITS[@]}"
  note units.txt systemctl --no-pager list-jobs
  note units.txt systemctl --no-pager list-timers --all
  note journal/this-boot.txt journalctl --no-pager --boot 0 --output short-iso --lines 20000 "${selection[@]}"
  note journal/boot-before.txt journalctl --no-pager --boot -1 --output short-iso --lines 5000 "${selection[@]}"
  note journal/kernel.txt journalctl --no-pager --boot 0 --output short-iso --lines 5000 --dmesg
  note journal/join-service.txt journalctl --no-pager --boot 0 --output short-iso --lines 2000 --identifier cluster-join
  note containers.txt ctr --namespace k8s.io images ls -q
  note containers.txt ctr --namespace k8s.io tasks ls
}

# Only lists of objects, because their content may be secret.
collect_cluster() {
  local what
  local etcdctl=(etcdctl --endpoints https://127.0.0.1:2379 --cacert "$ETCD_PKI/ca.crt" --cert "$ETCD_PKI/healthcheck-client.crt"
    --key "$ETCD_PKI/healthcheck-client.key" --dial-timeout 3s --command-timeout 6s)
  note cluster.txt "${etcdctl[@]}" member list --write-out table
  note cluster.txt "${etcdctl[@]}" endpoint status --write-out table
  for what in nodes 'pods --all-namespaces' 'deployments,daemonsets --all-namespaces' csr 'events --all-namespaces'; do
    # shellcheck disable=SC2086 # words
    note cluster.txt kubectl --kubeconfig "$KUBERNETES_DIR/admin.conf" --request-timeout 20s get --output wide $what
  done
}

write_bundle() {
  tar --create --gzip --owner=0 --group=0 --directory "$WORK" "${BUNDLE##*/}"
}

if (($# > 1)) || [[ ${1:-} == --* ]]; then
  printf 'usage: cluster-support.sh [FILE | -]\n' >&2
  exit 64
fi
if ((EUID != 0)) && [[ -z $COLDSTART_ROOT ]]; then
  printf 'cluster-support.sh: only root can remove the secrets from it; run: sudo cluster-support.sh\n' >&2
  exit 1
fi
umask 077
load_node 2>/dev/null || NODE_NAME=${NODE_NAME:-unknown}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
BUNDLE=$WORK/support-$NODE_NAME-$(date -u +%Y%m%dT%H%M%SZ)
VALUES=$WORK/values
mkdir "$BUNDLE"
secret_values >"$VALUES"
printf 'cluster-support.sh: collecting\n' >&2
collect_state
collect_system
collect_network
collect_services
if has_role master; then
  collect_cluster
fi
file=${1:-$COLDSTART_ROOT/var/tmp/${BUNDLE##*/}.tar.gz}
if [[ $file == - ]]; then
  write_bundle
  exit
fi
folder=$(dirname "$file")
mkdir -p "$folder"
if ! write_bundle >"$file"; then
  rm -f "$file"
  printf 'cluster-support.sh: %s cannot be written; for another file: cluster-support.sh FILE, or - for standard output\n' "$file" >&2
  exit 1
fi
# The file belongs to the user who called sudo, so that this user can copy it.
if [[ -n ${SUDO_UID:-} ]]; then
  chown "$SUDO_UID" "$file"
fi
printf '%s\n' "$file"
