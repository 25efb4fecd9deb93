#!/bin/bash
#
# cluster-nodes.sh [--renew NODE | --refuse NODE|SERIAL | --readmit NODE|SERIAL]: checks that all masters are in one cluster, sets the
# labels of the definition on the nodes that have joined, and ends the tokens of nodes that are present; those of missing nodes it makes, unless
# nodes ask for theirs. `--renew` gives a node that did not join in time another hour. `--refuse` lets a node join no more by the certificates
# that it has by now, or by the one with this serial number; `--readmit` takes that back.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

label_nodes() {
  local nodes=$1 node label missing
  local -a labels
  missing=$(jq -r --rawfile table "$KUBERNETES_DIR/node-labels.tsv" -f "$LIB_DIR/kubernetes/node-labels.jq" <<<"$nodes")
  while IFS=$'\t' read -r node label; do
    if [[ -z $node ]]; then
      continue
    fi
    IFS=, read -r -a labels <<<"$label"
    kubectl_as admin label node "$node" --overwrite "${labels[@]}" >/dev/null
  done <<<"$missing"
}

load_node
case "${1:-}" in
  '') ;;
  --renew) renew_node "${2:?cluster-nodes.sh --renew NODE}" ;;
  --refuse) refuse "${2:?cluster-nodes.sh --refuse NODE|SERIAL}" ;;
  --readmit) readmit "${2:?cluster-nodes.sh --readmit NODE|SERIAL}" ;;
  *)
    printf 'usage: cluster-nodes.sh [--renew NODE | --refuse NODE|SERIAL | --readmit NODE|SERIAL]\n' >&2
    exit 64
    ;;
esac
watch_clusters
if ! ask_api admin /api/v1/nodes; then
  printf 'cluster-nodes.sh: the API server does not list the nodes: %s\n' "$WHY" >&2
  exit 1
fi
nodes=$BODY
label_nodes "$nodes"
case $TOKEN_DISTRIBUTION in
  # cluster-join.sh creates a token when a node asks for it.
  http) end_tokens "$nodes" ;;
  external)
    load_join
    publish_tokens "$nodes"
    ;;
  *) keep_tokens "$nodes" ;;
esac
