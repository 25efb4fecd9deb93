# shellcheck shell=bash
#
# kubernetes/node-labels.sh: the labels and annotations of nodes. A kubelet may set most labels of its own Node, so each node sets its own. What only masters may
# set (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction): `worker` for every node that is
# no master, and the labels in RESTRICTED_LABELS.

OWN_LABELS=$KUBERNETES_DIR/own-labels
OWN_ANNOTATIONS=$KUBERNETES_DIR/own-annotations.json
RESTRICTED_LABELS=$KUBERNETES_DIR/restricted-labels.tsv
readonly OWN_LABELS OWN_ANNOTATIONS RESTRICTED_LABELS

# label_own_node: also removes those that an earlier image of this node has set. Status 1, and WHY, where the API server does not accept it.
label_own_node() {
  local config=admin patch table notes
  if ! has_role master; then
    config=$(kubelet_config) || return
  fi
  ask_api "$config" "/api/v1/nodes/$NODE_NAME" || return
  table=$(cat "$OWN_LABELS" 2>/dev/null) || table=''
  notes=$(cat "$OWN_ANNOTATIONS" 2>/dev/null) || notes='{}'
  patch=$(jq -c --arg table "$table" --argjson own "$notes" --arg hostname "$NODE_HOSTNAME" -f "$LIB_DIR/kubernetes/own-labels.jq" <<<"$BODY") || return
  if [[ -n $patch ]]; then
    ask_api "$config" "/api/v1/nodes/$NODE_NAME" --request PATCH --header 'Content-Type: application/merge-patch+json' --data-binary @- <<<"$patch"
  fi
}

say_unlabelled() {
  missing node labels-refused "the API server does not accept this node's labels: $WHY" "kubectl describe node $NODE_NAME; this node keeps trying"
}

# label_nodes NODES MEMBERS: what masters set. Those of masters are among their own labels.
label_nodes() {
  local node labels missing table
  local -a words
  if [[ -z $2 ]]; then
    return 0
  fi
  table=$(cat "$RESTRICTED_LABELS" 2>/dev/null) || table=''
  missing=$(jq -r --arg table "$table" --arg members "$2" -f "$LIB_DIR/kubernetes/node-labels.jq" <<<"$1") || return
  while IFS=$'\t' read -r node labels; do
    if [[ -z $node ]]; then
      continue
    fi
    IFS=, read -r -a words <<<"$labels"
    kubectl_as admin label node "$node" --overwrite "${words[@]}" >/dev/null || return
  done <<<"$missing"
}
