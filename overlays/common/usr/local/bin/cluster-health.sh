#!/bin/bash
#
# cluster-health.sh [--json]: whether this node does what its roles say. The exit status is 0 when it does, else 1. In the start that
# tries an update, what failed already before the update is shown, but does not count.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"
# shellcheck source=update/record.sh
source "$LIB_DIR/update/record.sh"
# shellcheck source=update/health.sh
source "$LIB_DIR/update/health.sh"

human() {
  jq -r '.checks[] | "\(.name): \(if .healthy then "healthy" else .reason + (if .known then " (since before the update)" else "" end) end)"' <<<"$1"
}

case "${1:-}" in
  '' | --json) ;;
  *)
    printf 'usage: cluster-health.sh [--json]\n' >&2
    exit 64
    ;;
esac
load_node
if [[ -e $CONFIG_DIR/ceph.env ]]; then
  load_ceph
fi
read_record
survey_health
health=$(health_json)
if [[ ${1:-} == --json ]]; then
  printf '%s\n' "$health"
else
  human "$health"
fi
jq -e .healthy <<<"$health" >/dev/null
