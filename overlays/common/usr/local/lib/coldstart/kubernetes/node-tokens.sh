# shellcheck shell=bash
#
# kubernetes/node-tokens.sh: the tokens of the masters' table that they make known to the API, and for how long (token_distribution: embedded,
# external). Tokens pass through pipes only.

TOKEN_TABLE=$KUBERNETES_DIR/bootstrap-tokens.tsv
readonly TOKEN_TABLE
readonly NO_SECRETS='{"items": []}'

# plan_tokens NODES PRESENT RANDOM: standard input is a table like TOKEN_TABLE; what kubernetes/node-tokens.jq says.
plan_tokens() {
  local nodes=$1 present=$2 random=$3 cluster refused
  cluster=$(_object namespaces/kube-system) || return
  refused=$(refusals) || return
  jq -c -L "$LIB_DIR/kubernetes" --rawfile table /dev/stdin --rawfile cluster <(printf '%s' "$cluster") \
    --rawfile present <(printf '%s' "$present") --rawfile random <(printf '%s' "$random") --rawfile refused <(printf '%s' "$refused") \
    --arg ttl "$TOKEN_TTL" -f "$LIB_DIR/kubernetes/node-tokens.jq" <(printf '%s' "$nodes")
}

# random_secrets COUNT: sixteen letters or digits for each; of the bytes read, an eighth is enough.
random_secrets() { head -c $((128 * $1 + 1024)) /dev/urandom | tr -d -c 'a-z0-9' | cut -c "1-$((16 * $1))"; }

# keep_tokens NODES: the API holds the tokens of exactly those nodes that may need theirs.
keep_tokens() {
  local plan count
  if [[ ! -e $TOKEN_TABLE ]]; then
    return # nobody joins with a token
  fi
  plan=$(plan_tokens "$1" "$NO_SECRETS" '' <"$TOKEN_TABLE")
  count=$(jq '.keep.items | length' <<<"$plan")
  if ((count > 0)); then
    jq -c .keep <<<"$plan" | apply_as admin --filename - >/dev/null
  fi
  drop_tokens "$plan"
}

drop_tokens() {
  local names
  names=$(jq -r '.remove | join(" ")' <<<"$1")
  if [[ -n $names ]]; then
    # shellcheck disable=SC2086 # a list of names
    kubectl_as admin delete secret --namespace kube-system --ignore-not-found $names >/dev/null
  fi
}

# publish_tokens NODES: new tokens for nodes that miss one, and into the store with what is not there yet. The API decides
# which master's token it is, and each master may be the one that writes it into the store.
publish_tokens() {
  local nodes=$1 plan present count random
  if [[ ! -e $TOKEN_TABLE ]]; then
    return
  fi
  present=$(_token_secrets)
  count=$(wc -l <"$TOKEN_TABLE")
  random=$(random_secrets "$count")
  plan=$(plan_tokens "$nodes" "$present" "$random" <"$TOKEN_TABLE")
  _send_tokens create '.metadata.resourceVersion == null' <<<"$plan"
  _send_tokens replace '.metadata.resourceVersion != null' <<<"$plan"
  drop_tokens "$plan"
  _fill_store
}

_token_secrets() {
  ask_api admin '/api/v1/namespaces/kube-system/secrets?fieldSelector=type=bootstrap.kubernetes.io/token' || return 1
  printf '%s\n' "$BODY"
}

# Another master may have been faster; the result is the same.
_send_tokens() {
  local verb=$1 condition=$2 list
  list=$(jq -c ".keep | .items |= map(select($condition)) | select(.items != [])")
  if [[ -n $list ]]; then
    kubectl_as admin "$verb" --filename - <<<"$list" >/dev/null || true
  fi
}

_fill_store() {
  local secrets unpublished node name version token before failed=''
  secrets=$(_token_secrets)
  unpublished=$(_unpublished <<<"$secrets")
  while IFS=$'\t' read -r node name version; do
    if [[ -z $node ]]; then
      continue
    fi
    token=$(jq -c --arg name "$name" -f "$LIB_DIR/kubernetes/token-of-secret.jq" <<<"$secrets")
    if put_into_store "$node" "$token"; then
      kubectl_as admin annotate secret --namespace kube-system --resource-version "$version" "$name" "$PUBLISHED=yes" >/dev/null || true
    else
      failed+=" $node ($WHY)"
    fi
  done <<<"$unpublished"
  before=$(step_state store)
  if [[ -n $failed ]]; then
    ledger store waiting store-not-written "the store does not accept the token of:$failed" \
      "allow the masters' credentials to write there, or store the tokens there yourself; the masters try again every minute"
  elif [[ $before != 'done' ]]; then
    ledger store 'done' '' "the store contains the tokens of all nodes that may still join"
  fi
}

readonly PUBLISHED=published.coldstart/token

# Lines `node<TAB>secret<TAB>version` of what is not in the store yet.
_unpublished() {
  jq -r --rawfile table "$TOKEN_TABLE" --arg mark "$PUBLISHED" '
    (.items | INDEX(.metadata.name)) as $secrets
    | $table | split("\n")[] | select(. != "") | split("\t") | .[0] as $node
    | $secrets["bootstrap-token-\(.[1] | split(".")[0])"] | values
    | select(.metadata.annotations[$mark]? == null)
    | [$node, .metadata.name, .metadata.resourceVersion] | @tsv'
}
