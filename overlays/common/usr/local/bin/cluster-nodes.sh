#!/bin/bash
#
# cluster-nodes.sh [--watch | --renew NODE | --remove NODE | --refuse NODE|SERIAL | --readmit NODE|SERIAL]: checks that all masters are in one
# cluster, tells all nodes which nodes and masters there are, sets the labels that only masters may set, and ends the tokens of nodes that
# are present; those of missing nodes it makes, unless nodes ask for theirs. `--watch` tells of nodes as soon as they change, until it is ended.
# `--renew` gives a node that did not join in time another hour. `--remove` ends a node's part in the cluster, and refuses it. `--refuse` lets a
# node join no more by the certificates that it has by now, or by the one with this serial number; `--readmit` takes that back.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

load_node
case "${1:-}" in
  '') ;;
  --watch)
    while true; do
      watch_nodes || true
      sleep "$((3 + RANDOM % 5))"
    done
    ;;
  --renew) renew_node "${2:?cluster-nodes.sh --renew NODE}" ;;
  --remove)
    if ! remove_node "${2:?cluster-nodes.sh --remove NODE}"; then
      printf 'cluster-nodes.sh: %s was not removed: %s\n' "$2" "$WHY" >&2
      exit 1
    fi
    ;;
  --refuse) refuse "${2:?cluster-nodes.sh --refuse NODE|SERIAL}" ;;
  --readmit) readmit "${2:?cluster-nodes.sh --readmit NODE|SERIAL}" ;;
  *)
    printf 'usage: cluster-nodes.sh [--watch | --renew NODE | --remove NODE | --refuse NODE|SERIAL | --readmit NODE|SERIAL]\n' >&2
    exit 64
    ;;
esac
watch_clusters
if ! list_nodes; then
  printf 'cluster-nodes.sh: the nodes are not listed: %s\n' "$WHY" >&2
  exit 1
fi
nodes=$NODES
if ! publish_peers "$nodes" "$MEMBERS"; then
  printf 'cluster-nodes.sh: the nodes are not published: %s\n' "$WHY" >&2
fi
if ! label_own_node && [[ $STATUS != 404 ]]; then
  printf 'cluster-nodes.sh: this node is not labelled: %s\n' "$WHY" >&2
fi
label_nodes "$nodes" "$MEMBERS"
case $TOKEN_DISTRIBUTION in
  # cluster-join.sh creates a token when a node asks for it.
  http) end_tokens "$nodes" ;;
  external)
    load_join
    publish_tokens "$nodes"
    ;;
  *) keep_tokens "$nodes" ;;
esac
