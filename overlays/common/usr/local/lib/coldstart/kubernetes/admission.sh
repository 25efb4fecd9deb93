# shellcheck shell=bash
#
# kubernetes/admission.sh: which nodes masters let join, and whom a person has refused or renewed. What is refused is kept in the API, in the
# ConfigMap coldstart-refused: keys `name.NODE` and `serial.SERIAL`, each with the time of the refusal.

readonly REFUSED=coldstart-refused
readonly NODE_FORM='^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
readonly SERIAL_FORM='^[0-9A-F]{32}$'
readonly ID_LETTERS=abcdefghijklmnopqrstuvwxyz0123456789

# admit NODE SERIAL BEGINS LIFE: prints what kubernetes/admission.jq says of a node with such a certificate. Status 1, and WHY, where the API
# server does not say whom it knows.
admit() {
  local name=$1 serial=$2 begins=$3 life=$4 cluster node refused id random
  cluster=$(_object namespaces/kube-system) || return
  node=$(_object "nodes/$name") || return
  refused=$(refusals) || return
  id=$(token_id "$name") || return
  random=$(random_secrets 1) || return
  jq -n -c -L "$LIB_DIR/kubernetes" --rawfile cluster <(printf '%s' "$cluster") --rawfile node <(printf '%s' "$node") \
    --rawfile refused <(printf '%s' "$refused") --rawfile random <(printf '%s' "$random") --arg ttl "$TOKEN_TTL" --arg id "$id" \
    --arg name "$name" --arg serial "$serial" --arg begins "$begins" --arg life "$life" -f "$LIB_DIR/kubernetes/admission.jq"
}

# _object PATH: as the API server has it, or null.
_object() {
  if ask_api admin "/api/v1/$1"; then
    printf '%s\n' "$BODY"
  elif [[ $STATUS == 404 ]]; then
    printf 'null\n'
  else
    return 1
  fi
}

# refusals: the ConfigMap, or null.
refusals() { _object "namespaces/kube-system/configmaps/$REFUSED"; }

# token_id NODE: the public part of its tokens: always the same, so that a new token replaces the one before.
token_id() {
  local digest number id=''
  digest=$(printf '%s' "$1" | sha256sum) || return
  number=$((16#${digest:0:12}))
  while ((${#id} < 6)); do
    id+=${ID_LETTERS:number % 36:1}
    number=$((number / 36))
  done
  printf '%s\n' "$id"
}

# end_tokens NODES: nobody can use the token of a node that is ready. Tokens that are too old end by themselves.
end_tokens() {
  local plan
  ask_api admin '/api/v1/namespaces/kube-system/secrets?labelSelector=joins.coldstart/node' || return
  plan=$(jq -c -L "$LIB_DIR/kubernetes" --slurpfile nodes <(printf '%s' "$1") 'include "window";
    (reduce ($nodes[0].items[] | select(ready)) as $node ({}; .[$node.metadata.name] = true)) as $ready
    | {remove: [.items[].metadata | select($ready[.labels["joins.coldstart/node"]]) | .name]}' <<<"$BODY") || return
  drop_tokens "$plan"
}

# refuse_node NODE: lets none join by this name whose certificate was made before now, nor by its token in the masters' table.
refuse_node() { _refuse_key "name.$1"; }

# refuse WHAT, readmit WHAT: a node by its name, or one certificate by its serial number, as openssl and the journal of the join service print it.
refuse() {
  local key
  key=$(_key_of "$1") || return
  _refuse_key "$key"
}
readmit() {
  local key
  key=$(_key_of "$1") || return
  _write_refusal "$key" null
}

_refuse_key() {
  local now
  now=$(date -u +%FT%TZ) || return
  _write_refusal "$1" "\"$now\""
}

_key_of() {
  local serial=${1//:/}
  serial=${serial^^}
  if [[ $serial =~ $SERIAL_FORM ]]; then
    printf 'serial.%s\n' "$serial"
  elif [[ $1 =~ $NODE_FORM ]]; then
    printf 'name.%s\n' "$1"
  else
    printf 'cluster-nodes.sh: %s is neither the name of a node nor the serial number of a certificate (32 hexadecimal digits)\n' "$1" >&2
    return 64
  fi
}

# A patch of one key: masters that write at the same time do not undo each other's.
_write_refusal() {
  kubectl_as admin create configmap --namespace kube-system "$REFUSED" >/dev/null 2>&1 || true
  kubectl_as admin patch configmap --namespace kube-system "$REFUSED" --type merge --patch "{\"data\": {\"$1\": $2}}" >/dev/null
}

# renew_node NODE: one that never joined may do so for a further hour, whichever master it asks.
renew_node() {
  local now refused
  if [[ -e $TOKEN_TABLE ]] && ! cut -f 1 "$TOKEN_TABLE" | grep -qxF -e "$1"; then
    printf 'cluster-nodes.sh: %s is not a node that joins with a token; the nodes are:\n' "$1" >&2
    cut -f 1 "$TOKEN_TABLE" >&2
    return 64
  fi
  if [[ ! $1 =~ $NODE_FORM ]]; then
    printf 'cluster-nodes.sh: %s is not the name of a node\n' "$1" >&2
    return 64
  fi
  refused=$(refusals) || return
  if jq -e --arg key "name.$1" '.data[$key]?' <<<"$refused" >/dev/null; then
    printf 'cluster-nodes.sh: %s is refused; if that is over: cluster-nodes.sh --readmit %s\n' "$1" "$1" >&2
    return 1
  fi
  now=$(date -u +%FT%TZ)
  kubectl_as admin annotate namespace kube-system --overwrite "renewed.coldstart/$1=$now" >/dev/null
}
