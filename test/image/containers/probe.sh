#!/bin/bash
#
# probe.sh: the last thing that a node does in a test: leaves what it knows in /probe and switches itself off.

set -euo pipefail
# getty waits until all jobs are done; then it takes a moment to print.
until pgrep --exact agetty >/dev/null; do
  sleep 0.2
done
sleep 1
mkdir -p /probe
cp -a /run/cluster /run/issue.d /probe/
mkdir -p /probe/state
cp -a /var/lib/cluster-state/. /probe/state/ 2>/dev/null || true
hostname >/probe/hostname
findmnt --noheadings --output FSTYPE --mountpoint /var >/probe/var || true
ip -json address show >/probe/addresses.json
systemctl --failed --plain --no-legend --no-pager | awk '{ print $1 }' >/probe/failed
for unit in ssh chrony containerd etcd NetworkManager systemd-logind cluster-bootstrap; do
  printf '%s %s\n' "$unit" "$(systemctl is-active "$unit" || true)"
done >/probe/active
ctr version >/probe/containerd || true
check-bootstrap-status.sh >/probe/status || true
sync
systemctl poweroff --no-block
