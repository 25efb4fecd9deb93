#!/bin/bash
#
# cluster-nodes.sh [--renew NODE]: puts the labels of the definition on the nodes that have joined, and keeps the tokens: one
# for each node that is missing, none for those that are there. `--renew` lets a node that never joined do so for a further
# hour.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

label_nodes() {
  local nodes=$1 node label
  local -a labels
  while IFS=$'\t' read -r node label; do
    IFS=, read -r -a labels <<<"$label"
    kubectl_as admin label node "$node" --overwrite "${labels[@]}" >/dev/null
  done < <(jq -r --rawfile table "$KUBERNETES_DIR/node-labels.tsv" -f "$LIB_DIR/node-labels.jq" <<<"$nodes")
}

# Tokens are read from their file and handed on through pipes only.
keep_tokens() {
  local nodes=$1 renewed=$2 since plan names
  since=$(kubectl_as admin get namespace kube-system --output 'jsonpath={.metadata.creationTimestamp}')
  plan=$(jq -c --rawfile table "$KUBERNETES_DIR/bootstrap-tokens.tsv" --arg since "$since" --arg ttl "$TOKEN_TTL" --arg renewed "$renewed" \
    -f "$LIB_DIR/node-tokens.jq" <<<"$nodes")
  if [[ $(jq '.keep.items | length' <<<"$plan") != 0 ]]; then
    jq -c .keep <<<"$plan" | apply_as admin --filename - >/dev/null
  fi
  names=$(jq -r '.remove | join(" ")' <<<"$plan")
  if [[ -n $names ]]; then
    # shellcheck disable=SC2086 # a list of names
    kubectl_as admin delete secret --namespace kube-system --ignore-not-found $names >/dev/null
  fi
}

renewed=''
case "${1:-}" in
  '') ;;
  --renew) renewed=${2:?cluster-nodes.sh --renew NODE} ;;
  *)
    printf 'usage: cluster-nodes.sh [--renew NODE]\n' >&2
    exit 64
    ;;
esac
load_node
nodes=$(kubectl_as admin get nodes --output json)
label_nodes "$nodes"
# With token_distribution: http a token is made when a node asks for it.
if [[ $TOKEN_DISTRIBUTION != http ]]; then
  keep_tokens "$nodes" "$renewed"
fi
