#!/bin/bash
#
# check-bootstrap-status.sh [--json]: shows the state of the node's steps and their problems, from the ledger. The exit status is
# 0 without problems, 1 when a step failed, 2 when a step waits or runs.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly STATUS=$RUN_DIR/status.json

human() {
  local joined end
  jq -r '
    "Node: \(.node) of cluster \(.cluster), \(.boot_role)", "State: \(.state)", "Health: \(.health)", "Steps:",
    (.steps[] | "  \(.step): \(.state)" + (if .cause == "" then "" else " (\(.cause))" end) + " since \(.since)",
      (.message | select(. != "") | split("\n")[] | "    " + .), (.todo | select(. != "") | "    what to do: " + .))' "$STATUS"
  if [[ -s $STATE_DIR/cluster-joined ]]; then
    joined=$(read_state cluster-joined) || joined=unknown
    printf 'Joined at: %s\n' "$joined"
  fi
  end=$(certificate_ends | awk -F '\t' 'NR == 1 { print $1 }') || end=''
  if [[ -n $end ]]; then
    end=$(date -u --date "@$end" +%F) || end=unknown
    printf 'The first certificate ends on: %s\n' "$end"
  fi
  if [[ -e $CONFIG_DIR/ceph.env ]]; then
    load_node
    printf 'Ceph: %s\n' "$(ceph_health | grep . || printf 'the monitors do not answer\n')"
  fi
}

if [[ ! -s $STATUS ]]; then
  printf 'check-bootstrap-status.sh: no step has run since the machine was started; systemctl status cluster-detect\n' >&2
  exit 1
fi
case "${1:-}" in
  '') human ;;
  --json) cat "$STATUS" ;;
  *)
    printf 'usage: check-bootstrap-status.sh [--json]\n' >&2
    exit 64
    ;;
esac
health=$(jq -r .health "$STATUS")
case $health in
  ok) exit 0 ;;
  failed) exit 1 ;;
  *) exit 2 ;;
esac
